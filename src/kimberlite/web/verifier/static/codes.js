// The printed codes as text, and back: kimberlite.documents.qr, .parts and .base45.

import { Problem } from "./problem.js";
import { decode } from "./cbor.js";
import { isBytes, joined, same, sha256 } from "./bytes.js";
import { readOpening } from "./statement.js";
import { writeFile } from "./verify.js";

const INFLATED = 4096;
const RECEIPT = 1400;
const MOST_PARTS = 6;
const LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";

/** Say whether a text says that it is one of these codes, of whatever version. */
export const isOurs = (text) => text.startsWith("KPC");

/** Read Base45 (RFC 9285) strictly. Throws Problem qr.base45. */
export function base45(text) {
  const bad = new Problem("qr.base45");
  if (!/^[0-9A-Z $%*+./:-]*$/.test(text) || text.length % 3 === 1) throw bad;
  const found = [];
  for (let at = 0; at < text.length; at += 3) {
    const places = Array.from(text.slice(at, at + 3), (each) => ALPHABET.indexOf(each));
    const value = places.reduceRight((sum, each) => sum * 45 + each, 0);
    if (value >= (places.length === 3 ? 0x10000 : 0x100)) throw bad;
    if (places.length === 3) found.push(value >> 8);
    found.push(value & 255);
  }
  return Uint8Array.from(found);
}

/** Undo zlib, never giving more than 4 KiB. Throws Problem qr.deflate. */
export async function inflate(data) {
  const bad = new Problem("qr.deflate");
  const parts = [];
  let size = 0;
  try {
    const stream = new Blob([data]).stream().pipeThrough(new DecompressionStream("deflate"));
    const reader = stream.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      size += value.length;
      if (size > INFLATED) {
        await reader.cancel();
        throw bad;
      }
      parts.push(value);
    }
  } catch {
    throw bad;
  }
  return joined(...parts);
}

/** Say what is still to be scanned: {missing, total} for parts that are not all there, or null. */
export function missing(texts) {
  for (const { total, parts } of grouped(texts)) {
    for (let at = 1; at <= total; at++) if (!parts.has(at)) return { missing: at, total };
  }
  return null;
}

function grouped(texts) {
  const found = new Map();
  for (const text of texts) {
    if (!text.startsWith("KPC1/")) continue;
    const match = /^KPC1\/([1-9])\/([1-9])\/([0-9A-Z]{8}):(.+)$/s.exec(text);
    const bad = new Problem("qr.part");
    if (match === null) throw bad;
    const [at, total, name] = [Number(match[1]), Number(match[2]), match[3]];
    if (!(at <= total && total >= 2 && total <= MOST_PARTS)) throw bad;
    const data = base45(match[4]);
    const key = `${total}/${name}`;
    if (!found.has(key)) found.set(key, { total, name, parts: new Map() });
    const { parts } = found.get(key);
    if (parts.has(at) && !same(parts.get(at), data)) throw bad;
    parts.set(at, data);
  }
  return [...found.values()];
}

async function bindingLetters(data) {
  const bits = (await sha256(data)).subarray(0, 5).reduce((sum, each) => sum * 256 + each, 0);
  let text = "";
  for (let place = 7; place >= 0; place--) text += LETTERS[Math.floor(bits / 32 ** place) % 32];
  return text;
}

async function whole({ total, name, parts }) {
  const ordered = [];
  for (let at = 1; at <= total; at++) {
    if (!parts.has(at)) throw new Problem("qr.parts-missing", { missing: at, total });
    ordered.push(parts.get(at));
  }
  const data = joined(...ordered);
  if ((await bindingLetters(data)) !== name) throw new Problem("qr.part");
  return data;
}

function boundReceipt(text) {
  const value = decode(base45(text.slice(5)), RECEIPT);
  const good = Array.isArray(value) && value.length === 2 && value.every(isBytes);
  if (!good || value[0].length !== 8) throw new Problem("qr.form");
  return value;
}

/**
 * Put the certificate file together that these codes hold, with its receipt if that is among them.
 * Throws Problem verifier.no-code, verifier.several, verifier.receipt-only, qr.newer, qr.parts-missing and others.
 */
export async function fileOf(texts) {
  const packed = [];
  const receipts = [];
  for (const text of new Set(texts)) {
    if (text.startsWith("KPC1:")) packed.push(base45(text.slice(5)));
    else if (text.startsWith("KPC2:")) receipts.push(boundReceipt(text));
    else if (!text.startsWith("KPC1/")) throw new Problem(isOurs(text) ? "qr.newer" : "verifier.no-code");
  }
  for (const group of grouped(texts)) packed.push(await whole(group));
  if (packed.length === 0) throw new Problem(receipts.length > 0 ? "verifier.receipt-only" : "verifier.no-code");
  if (packed.length > 1) throw new Problem("verifier.several");
  const raw = await inflate(packed[0]);
  const value = decode(raw, INFLATED);
  const [statement, openings] = Array.isArray(value) ? value : [];
  if (!isBytes(statement) || !Array.isArray(openings) || value.length !== 2) {
    throw new Problem("qr.form");
  }
  const binding = (await sha256(raw)).slice(0, 8);
  const ours = receipts.filter(([name]) => same(name, binding)).map(([, receipt]) => receipt);
  if (receipts.length > 0 && ours.length === 0) throw new Problem("verifier.other-receipt");
  return writeFile(statement, openings.map(readOpening), ours);
}
