// What a bundle knows of participants, ranges of numbers, and status: kimberlite.certificates.trust.

import { Problem, orNull } from "./problem.js";
import { decode } from "./cbor.js";
import { readChain } from "./status.js";

const PARTICIPANTS = "certificates.participants";
const RANGES = "certificates.ranges";
const STATUS = "certificates.status";
const TRUTHS = ["no", "yes", "cannot-tell"];
const GOVERNS = ["arrival", "export"];

/** Read a bundle's parts and the status snapshots beside it; what is absent is null. */
export async function readSnapshot(bundle, beside = []) {
  const { parts } = bundle.contents;
  const within = parts.get(STATUS);
  const [traders, ranges] = [parts.get(PARTICIPANTS), parts.get(RANGES)];
  return {
    traders: traders === undefined ? null : readTraders(traders),
    ranges: ranges === undefined ? null : readRanges(ranges),
    status: await readChain(within === undefined ? beside : [within, ...beside], bundle),
  };
}

function readList(raw, bad) {
  const value = orNull(() => decode(raw));
  if (!Array.isArray(value)) throw bad;
  return value;
}

function readTraders(raw) {
  const bad = new Problem("bundle.part", { part: PARTICIPANTS });
  const found = new Map();
  for (const each of readList(raw, bad)) {
    if (!Array.isArray(each) || each.length !== 4) throw bad;
    const [code, out, into, governs] = each;
    const good = typeof code === "string" && [out, into].every((told) => [0, 1, 2].includes(told));
    if (!good || ![0, 1].includes(governs)) throw bad;
    const told = { mayExport: TRUTHS[out], mayImport: TRUTHS[into] };
    found.set(code, { ...told, expiryGoverns: GOVERNS[governs] });
  }
  return found;
}

function readRanges(raw) {
  const bad = new Problem("bundle.part", { part: RANGES });
  return readList(raw, bad).map((each) => {
    if (!Array.isArray(each) || each.length !== 6) throw bad;
    const [holder, prefix, first, last, begins, ends] = each;
    const numbers = [first, last, begins, ...(ends === null ? [] : [ends])];
    if (typeof holder !== "string" || typeof prefix !== "string") throw bad;
    if (!numbers.every(Number.isSafeInteger)) throw bad;
    return { holder, prefix, first, last, begins, ends };
  });
}
