// What a bundle knows of participants and of numbers: kimberlite.certificates.trust.

import { Problem, orNull } from "./problem.js";
import { decode } from "./cbor.js";
import { compare, joined, number, utf8 } from "./bytes.js";

const PARTICIPANTS = "certificates.participants";
const NUMBERS = "certificates.numbers";
const TRUTHS = ["no", "yes", "cannot-tell"];
const GOVERNS = ["arrival", "export"];
const ROW = 51; // prefix 2, serial 8, status 1, index 8, statement 32
const STATUSES = [
  "issued", "dispatched", "presented", "confirmed", "refused", "detained", "seized", "replaced",
  "void", "lost", "annulled",
];

/** Read the parts of a bundle; what is absent stays unknown. Throws Problem bundle.part. */
export function readSnapshot(parts) {
  const numbers = parts.get(NUMBERS) ?? new Uint8Array(0);
  if (numbers.length % ROW !== 0) throw new Problem("bundle.part", { part: NUMBERS });
  for (let at = 10; at < numbers.length; at += ROW) {
    if (numbers[at] >= STATUSES.length) throw new Problem("bundle.part", { part: NUMBERS });
  }
  const raw = parts.get(PARTICIPANTS);
  const traders = raw === undefined ? null : readTraders(raw);
  return { traders, number: (key) => find(numbers, key) };
}

function readTraders(raw) {
  const bad = new Problem("bundle.part", { part: PARTICIPANTS });
  const value = orNull(() => decode(raw));
  if (!Array.isArray(value)) throw bad;
  const found = new Map();
  for (const each of value) {
    if (!Array.isArray(each) || each.length !== 4) throw bad;
    const [code, out, into, governs] = each;
    const good = typeof code === "string" && [out, into].every((told) => [0, 1, 2].includes(told));
    if (!good || ![0, 1].includes(governs)) throw bad;
    const told = { mayExport: TRUTHS[out], mayImport: TRUTHS[into] };
    found.set(code, { ...told, expiryGoverns: GOVERNS[governs] });
  }
  return found;
}

function order(key) {
  if (!/^[A-Z]{2}[0-9]{1,12}$/.test(key)) return null;
  const serial = new Uint8Array(8);
  let rest = Number(key.slice(2));
  for (let at = 7; at >= 0; at--) {
    serial[at] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  return joined(utf8(key.slice(0, 2)), serial);
}

/** Find a number by its key ("XA123") among sorted rows: {status, index, statement} or null. */
function find(numbers, key) {
  const wanted = order(key);
  if (wanted === null) return null;
  let [low, high] = [0, numbers.length / ROW];
  while (low < high) {
    const middle = (low + high) >> 1;
    const place = numbers.subarray(middle * ROW, middle * ROW + 10);
    if (compare(place, wanted) < 0) low = middle + 1;
    else high = middle;
  }
  const row = numbers.subarray(low * ROW, (low + 1) * ROW);
  if (row.length === 0 || compare(row.subarray(0, 10), wanted) !== 0) return null;
  return {
    status: STATUSES[row[10]],
    index: number(row.subarray(11, 19)),
    statement: row.subarray(19),
  };
}
