// Deterministic CBOR (RFC 8949 section 4.2.1), strict: the same subset, limits and refusals as
// kimberlite.kernel.cbor, held to it by vectors/cbor.json. Maps become Map; integers beyond
// 2^53 - 1 become BigInt, which no field of a certificate takes.

import { Problem } from "./problem.js";
import { compare, isBytes, joined, textOf, utf8 } from "./bytes.js";

const MAX_DEPTH = 12;
const MAX_COUNT = 1 << 20;
const INT_MAX = (1n << 63n) - 1n;
export const MAX_BYTES = 1 << 20;
const WIDTH = { 24: 1, 25: 2, 26: 4, 27: 8 };
const MINIMUM = { 24: 24n, 25: 1n << 8n, 26: 1n << 16n, 27: 1n << 32n };
const SIMPLE = new Map([[20, false], [21, true], [22, null]]);

const truncated = () => new Problem("cbor.truncated");
const small = (value) => (value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value);

/** Read one head: [major type, argument as BigInt, where the next byte stands]. */
export function readHead(data, at) {
  if (at >= data.length) throw truncated();
  const first = data[at];
  const low = first & 31;
  at += 1;
  if (low < 24) return [first >> 5, BigInt(low), at];
  const width = WIDTH[low];
  if (width === undefined || first >= 0xe0) throw new Problem("cbor.forbidden");
  const end = at + width;
  if (end > data.length) throw truncated();
  let argument = 0n;
  for (; at < end; at++) argument = (argument << 8n) | BigInt(data[at]);
  if (argument < MINIMUM[low]) throw new Problem("cbor.not-shortest");
  return [first >> 5, argument, end];
}

/** Decode one value and nothing else. Throws Problem cbor.*. */
export function decode(data, limit = MAX_BYTES) {
  if (data.length > limit) throw new Problem("cbor.length", { limit });
  const [value, at] = readAny(data, 0, 0);
  if (at !== data.length) throw new Problem("cbor.trailing");
  return value;
}

function readAny(data, start, depth) {
  const [major, argument, at] = readHead(data, start);
  const low = data[start] & 31;
  switch (major) {
    case 0:
    case 1:
      if (argument > INT_MAX) throw new Problem("cbor.range");
      return [small(argument) === argument ? signed(major, argument) : plain(major, argument), at];
    case 2:
    case 3:
      return readString(data, major, argument, at);
    case 4:
    case 5:
      if (argument > BigInt(MAX_COUNT)) throw new Problem("cbor.count", { limit: MAX_COUNT });
      if (depth >= MAX_DEPTH) throw new Problem("cbor.depth", { limit: MAX_DEPTH });
      return (major === 4 ? readList : readMap)(data, at, Number(argument), depth);
    default:
      if (major === 7 && low < 24 && SIMPLE.has(low)) return [SIMPLE.get(low), at];
      throw new Problem("cbor.forbidden");
  }
}

const signed = (major, argument) => (major === 0 ? argument : -1n - argument);
const plain = (major, argument) => (major === 0 ? Number(argument) : -1 - Number(argument));

function readString(data, major, argument, at) {
  if (argument > BigInt(data.length - at)) throw truncated();
  const end = at + Number(argument);
  const content = data.slice(at, end);
  if (major === 2) return [content, end];
  const text = textOf(content);
  if (text === null) throw new Problem("cbor.text");
  return [text, end];
}

function readList(data, start, count, depth) {
  const members = [];
  let at = start;
  for (let each = 0; each < count; each++) {
    const [member, next] = readAny(data, at, depth + 1);
    members.push(member);
    at = next;
  }
  return [members, at];
}

function readMap(data, start, count, depth) {
  const found = new Map();
  let previous = new Uint8Array(0);
  let at = start;
  for (let each = 0; each < count; each++) {
    if (at >= data.length) throw truncated();
    if (![0, 1, 3].includes(data[at] >> 5)) throw new Problem("cbor.type");
    const [key, end] = readAny(data, at, 0);
    const encoded = data.subarray(at, end);
    if (compare(encoded, previous) <= 0) throw new Problem("cbor.order");
    const [value, next] = readAny(data, end, depth + 1);
    found.set(key, value);
    previous = encoded;
    at = next;
  }
  return [found, at];
}

/** Give the shortest head of a major type with an argument of at most 2^53 - 1. */
export function head(major, argument) {
  const top = major << 5;
  if (argument < 24) return Uint8Array.of(top | argument);
  const width = argument < 0x100 ? 1 : argument < 0x10000 ? 2 : argument < 0x100000000 ? 4 : 8;
  const bytes = new Uint8Array(1 + width);
  bytes[0] = top | { 1: 24, 2: 25, 4: 26, 8: 27 }[width];
  let rest = BigInt(argument);
  for (let at = width; at > 0; at--) {
    bytes[at] = Number(rest & 255n);
    rest >>= 8n;
  }
  return bytes;
}

/** Encode text, bytes, whole numbers, true, false, null, lists and Maps, deterministically. */
export function encode(value) {
  if (typeof value === "string") {
    const raw = utf8(value);
    return joined(head(3, raw.length), raw);
  }
  if (isBytes(value)) return joined(head(2, value.length), value);
  if (Number.isSafeInteger(value)) return value < 0 ? head(1, -1 - value) : head(0, value);
  if (typeof value === "bigint") return bigHead(value);
  if (value === null || typeof value === "boolean") {
    return Uint8Array.of(value === null ? 0xf6 : value ? 0xf5 : 0xf4);
  }
  if (Array.isArray(value)) return joined(head(4, value.length), ...value.map(encode));
  const pairs = [...value].map(([key, each]) => [encode(key), encode(each)]);
  pairs.sort((a, b) => compare(a[0], b[0]));
  return joined(head(5, pairs.length), ...pairs.flat());
}

function bigHead(value) {
  const bytes = head(value < 0n ? 1 : 0, Number.MAX_SAFE_INTEGER);
  let rest = value < 0n ? -1n - value : value;
  for (let at = 8; at > 0; at--) {
    bytes[at] = Number(rest & 255n);
    rest >>= 8n;
  }
  return bytes;
}
