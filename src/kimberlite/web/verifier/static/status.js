// Status snapshots: where every certificate stands as of an entry. kimberlite.certificates.status
// and .status_form.

import { Problem, orNull } from "./problem.js";
import { decode, encode } from "./cbor.js";
import { hex, isBytes, joined, same, sha256 } from "./bytes.js";
import { split } from "./cose.js";
import { toBeSigned } from "./keys.js";
import { disowned, signs } from "./bundle.js";
import { openCheckpoint } from "./checkpoint.js";

const TYP = "kp-status+cose";
const LIMIT = 8 * 1024 * 1024;
const MOST = 64;
const MARK = 8;
const INFLATED = 24 * 1024 * 1024;
const MOMENT_MAX = 2 ** 33;
const SERIALS = 10 ** 12;
const HOLDER = /^(?:[A-Z]{2}|[a-z]{2,4}\.[a-z0-9-]{2,24})$/;
const STATUSES = [
  "issued", "dispatched", "presented", "confirmed", "refused", "detained", "seized", "replaced",
  "void", "lost", "annulled", "reported", "sent-back", "returned", "forfeited", "disposed",
];
const HELD = 0x80; // beside a status: an alert about the number is open

const form = () => new Problem("status.form");
const natural = (value) => Number.isSafeInteger(value) && value >= 0;
const octets = (value, size) => isBytes(value) && value.length === size;

/** Read one segment and check that the log of the bundle signed it. */
async function verifySegment(raw, bundle) {
  if (raw.length > LIMIT) throw new Problem("status.too-long", { limit: LIMIT });
  const parts = split(raw);
  if (parts.payload === null || !same(parts.unprotected, Uint8Array.of(0xa0))) throw form();
  const payload = await unpack(parts.payload);
  if (!same(payload.genesis, bundle.genesis)) throw new Problem("status.other-log");
  const header = (key) => encode(new Map([[1, key.algorithm], [4, key.kid], [16, TYP]]));
  const signer = bundle.logKeys.find((each) => same(parts.protectedHeader, header(each.public)));
  if (signer === undefined) throw new Problem("status.key");
  const signed = toBeSigned(parts.protectedHeader, parts.payload);
  if (!(await signer.public.verify(parts.signature, signed))) throw new Problem("status.signature");
  const head = await openCheckpoint(payload.checkpoint, signer.public, bundle.origin);
  if (!signs(signer, head.size)) throw new Problem("status.key");
  return { ...payload, digest: hex(await sha256(raw)), checkpoint: head };
}

async function unpack(raw) {
  const value = decode(raw, LIMIT);
  if (!(value instanceof Map) || value.size !== 12 || value.get(0) !== 1) throw form();
  const [genesis, checkpoint, asOf, maxAge, baseSize, base] = [1, 2, 3, 4, 5, 6].map((label) =>
    value.get(label));
  const [floor, ended, repudiated, length, packed] = [7, 8, 9, 10, 11].map((l) => value.get(l));
  const whole = [asOf, maxAge, baseSize, floor, length];
  if (!whole.every((each) => natural(each) && each < MOMENT_MAX)) throw form();
  if ((base === null) !== (baseSize === 0) || !(base === null || octets(base, 32))) throw form();
  if (!octets(genesis, 32) || !isBytes(checkpoint)) throw form();
  if (!Array.isArray(ended) || !Array.isArray(repudiated)) throw form();
  return {
    genesis, checkpoint, asOf, maxAge, baseSize, floor,
    base: base === null ? null : hex(base),
    ended: new Map(ended.map(readEnded)),
    repudiated: new Map(repudiated.map(readRepudiated)),
    columns: readColumns(await inflate(packed, length)),
  };
}

function readEnded(value) {
  const [kid, until] = Array.isArray(value) && value.length === 2 ? value : [];
  if (!octets(kid, 8) || !natural(until)) throw form();
  return [hex(kid), until];
}

function readRepudiated(value) {
  const [holder, what, at] = Array.isArray(value) && value.length === 3 ? value : [];
  const named = typeof holder === "string" && HOLDER.test(holder);
  if (!named || !octets(what, 32) || !natural(at)) throw form();
  return [disowned(holder, what), at];
}

async function inflate(packed, length) {
  if (!isBytes(packed) || length > INFLATED) throw form();
  const found = [];
  let size = 0;
  try {
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
    for (const reader = stream.getReader(); ;) {
      const { done, value } = await reader.read();
      if (done) break;
      size += value.length;
      if (size > length) throw form();
      found.push(value);
    }
  } catch {
    throw form();
  }
  if (size !== length) throw form();
  return joined(...found);
}

function readColumns(raw) {
  const value = orNull(() => decode(raw, INFLATED));
  if (!Array.isArray(value)) throw form();
  const found = new Map();
  let last = "";
  for (const each of value) {
    const [prefix, gaps, steps, states, marks] = Array.isArray(each) && each.length === 5 ? each : [];
    if (typeof prefix !== "string" || ![gaps, steps, states].every(isBytes)) throw form();
    found.set(prefix, readColumn(gaps, steps, states, marks));
    if (prefix <= last || !/^[A-Z]{2}$/.test(prefix)) throw form();
    last = prefix;
  }
  return found;
}

function readColumn(gaps, steps, states, marks) {
  const count = states.length;
  if (count === 0 || !octets(marks, count * MARK)) throw form();
  if (states.some((each) => (each & ~HELD) >= STATUSES.length)) throw form();
  const [serials, indexes] = [new Float64Array(count), new Float64Array(count)];
  const [between, moved] = [varints(gaps, count), varints(steps, count)];
  let [serial, index] = [-1, 0];
  for (let at = 0; at < count; at++) {
    serial += between[at] + 1;
    index += moved[at] % 2 === 1 ? -(moved[at] + 1) / 2 : moved[at] / 2;
    if (serial >= SERIALS || index < 0 || index > Number.MAX_SAFE_INTEGER) throw form();
    serials[at] = serial;
    indexes[at] = index;
  }
  return { serials, indexes, states, marks };
}

/** Read exactly so many variable integers, each in its shortest form. */
function varints(raw, count) {
  const found = new Float64Array(count);
  let [at, value, scale] = [0, 0, 1];
  for (const byte of raw) {
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) {
      if ((byte === 0 && scale > 1) || at >= count) throw form();
      found[at++] = value;
      [value, scale] = [0, 1];
    } else if (scale >= 2 ** 56) throw form();
    else scale *= 128;
  }
  if (scale > 1 || at !== count) throw form();
  return found;
}

/** Verify segments in any order and link the newest down to its full one; null of none. */
export async function readChain(raws, bundle) {
  if (raws.length > MOST) throw new Problem("status.too-many", { limit: MOST });
  const known = new Map();
  for (const raw of raws) {
    const segment = await verifySegment(raw, bundle);
    known.set(segment.digest, segment);
  }
  if (known.size === 0) return null;
  const newer = (a, b) => b.checkpoint.size - a.checkpoint.size || (a.base !== null) - (b.base !== null);
  let [at] = [...known.values()].sort(newer);
  const segments = [at];
  while (at.base !== null) {
    const below = known.get(at.base);
    if (below === undefined || below.checkpoint.size !== at.baseSize) {
      throw new Problem("status.gap", { size: at.baseSize });
    }
    segments.push(below);
    at = below;
  }
  return new StatusChain(segments);
}

/** A full segment and the deltas upon it, newest first. */
class StatusChain {
  constructor(segments) {
    this.segments = segments;
    this.newest = segments[0];
    this.size = this.newest.checkpoint.size;
    this.asOf = this.newest.asOf;
    this.expires = this.newest.asOf + this.newest.maxAge;
  }

  /** Say whether a logged certificate that expires on this day would be named. */
  names(expires) {
    return this.segments.every((each) => expires >= each.floor);
  }

  /** Give where a number stands, by its key ("XA123"): {status, index, isOf} or null. */
  number(key) {
    if (!/^[^]{2}[0-9]{1,12}$/.test(key)) return null;
    const serial = Number(key.slice(2));
    for (const segment of this.segments) {
      const columns = segment.columns.get(key.slice(0, 2));
      const at = columns === undefined ? -1 : place(columns.serials, serial);
      if (at >= 0) return named(columns, at, segment.checkpoint.root);
    }
    return null;
  }

  /** Give the entry from which a key is no longer valid, or null. */
  ended(kid) {
    const found = this.segments.map((each) => each.ended.get(kid)).filter((each) => each !== undefined);
    return found.length > 0 ? Math.min(...found) : null;
  }

  repudiated(name) {
    for (const each of this.segments) if (each.repudiated.has(name)) return each.repudiated.get(name);
    return undefined;
  }
}

function place(serials, wanted) {
  let [low, high] = [0, serials.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (serials[middle] < wanted) low = middle + 1;
    else high = middle;
  }
  return serials[low] === wanted ? low : -1;
}

function named(columns, at, root) {
  const mark = columns.marks.subarray(at * MARK, (at + 1) * MARK);
  const state = columns.states[at];
  return {
    status: STATUSES[state & ~HELD],
    held: (state & HELD) !== 0,
    index: columns.indexes[at],
    isOf: async (statement) => same((await sha256(joined(root, statement))).subarray(0, MARK), mark),
  };
}
