// What a bundle knows of participants, ranges of numbers, and status: kimberlite.certificates.trust.

import { Problem, orNull } from "./problem.js";
import { decode } from "./cbor.js";
import { traderOf } from "./standing.js";
import { readChain } from "./status.js";

const PARTICIPANTS = "certificates.participants";
const RESTRICTIONS = "certificates.restrictions";
const RANGES = "certificates.ranges";
const STATUS = "certificates.status";

/** Read a bundle's parts and the status snapshots beside it; what is absent is null. */
export async function readSnapshot(bundle, beside = []) {
  const { parts } = bundle.contents;
  const within = parts.get(STATUS);
  const [traders, ranges, restrictions] = [PARTICIPANTS, RANGES, RESTRICTIONS].map((name) =>
    parts.get(name));
  return {
    traders: traders === undefined ? null : readTraders(traders),
    ranges: ranges === undefined ? null : readRanges(ranges),
    restrictions: restrictions === undefined ? [] : readRestrictions(restrictions),
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
    const [code, rows] = Array.isArray(each) && each.length === 2 ? each : [];
    const trader = traderOf(rows);
    if (typeof code !== "string" || trader === null) throw bad;
    found.set(code, trader);
  }
  return found;
}

function readRestrictions(raw) {
  const bad = new Problem("bundle.part", { part: RESTRICTIONS });
  return readList(raw, bad).map((each) => {
    if (!Array.isArray(each) || each.length !== 5) throw bad;
    const [id, country, jurisdiction, begins, ends] = each;
    if (![id, country, jurisdiction].every((told) => typeof told === "string")) throw bad;
    if (![begins, ends ?? 0].every(Number.isSafeInteger)) throw bad;
    return { id, country, jurisdiction, begins, ends };
  });
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
