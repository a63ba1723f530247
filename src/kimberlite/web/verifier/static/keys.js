// Signatures under the strict predicate of docs/spec/crypto.md: WebCrypto behind a guard of our
// own, and a vendored library where a browser has no Ed25519.

import { Problem, orNull } from "./problem.js";
import { decode, encode } from "./cbor.js";
import { fromHex, isBytes, joined, same, sha256 } from "./bytes.js";

export const ED25519 = -19;
export const ESP256 = -9;

const L = (1n << 252n) + 27742317777372353535851937790883648493n;
const P = (1n << 255n) - 19n;
const P256_ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
// y of the points whose eightfold is the neutral element: orders 4, 1, 2, 8 and 8.
const SMALL_ORDER = [
  "0000000000000000000000000000000000000000000000000000000000000000",
  "0100000000000000000000000000000000000000000000000000000000000000",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
].map(fromHex);

const little = (bytes) => bytes.reduceRight((sum, each) => (sum << 8n) | BigInt(each), 0n);
const big = (bytes) => bytes.reduce((sum, each) => (sum << 8n) | BigInt(each), 0n);

/** Say whether a point is written canonically and is not of small order. */
export function soundPoint(point) {
  const y = point.slice();
  y[31] &= 0x7f;
  return little(y) < P && !SMALL_ORDER.some((each) => same(each, y));
}

/** Say whether signature and key pass what WebCrypto leaves open: rules 1 to 4. */
export function guard(signature, key) {
  if (signature.length !== 64 || key.length !== 32) return false;
  const s = little(signature.subarray(32));
  return s < L && soundPoint(key) && soundPoint(signature.subarray(0, 32));
}

let native; // whether this browser's WebCrypto has Ed25519: asked once

/** Say which implementation checks Ed25519 here: "webcrypto" or "vendored". */
export async function engine() {
  if (native === undefined) {
    const base = fromHex("5866666666666666666666666666666666666666666666666666666666666666");
    try {
      await crypto.subtle.importKey("raw", base, { name: "Ed25519" }, false, ["verify"]);
      native = true;
    } catch {
      native = false;
    }
  }
  return native ? "webcrypto" : "vendored";
}

/** Use the vendored implementation from now on, or ask the browser again: for tests. */
export function prefer(which) {
  native = which === "vendored" ? false : undefined;
}

export async function verifyEd25519(signature, message, key) {
  if (!guard(signature, key)) return false;
  return (await engine()) === "webcrypto"
    ? byWebCrypto(signature, message, key)
    : byVendored(signature, message, key);
}

async function byWebCrypto(signature, message, key) {
  try {
    const made = await crypto.subtle.importKey("raw", key, { name: "Ed25519" }, false, ["verify"]);
    return await crypto.subtle.verify("Ed25519", made, signature, message);
  } catch {
    return false;
  }
}

/** Check S B = R + k A without the cofactor, which the library's own verify would multiply by. */
async function byVendored(signature, message, key) {
  const { Point } = await import("./vendor/ed25519.js");
  const r = signature.subarray(0, 32);
  const told = await crypto.subtle.digest("SHA-512", joined(r, key, message));
  const k = little(new Uint8Array(told)) % L;
  try {
    const a = Point.fromBytes(key);
    const s = little(signature.subarray(32));
    const sB = s === 0n ? Point.ZERO : Point.BASE.multiply(s, false);
    const kA = k === 0n ? Point.ZERO : a.multiply(k, false);
    return same(sB.add(kA.negate()).toBytes(), r);
  } catch {
    return false;
  }
}

export async function verifyP256(signature, message, key) {
  if (signature.length !== 64 || key.length !== 64) return false;
  const r = big(signature.subarray(0, 32));
  const s = big(signature.subarray(32));
  if (!(r > 0n && r < P256_ORDER && s > 0n && s <= P256_ORDER / 2n)) return false;
  try {
    const told = { name: "ECDSA", hash: "SHA-256" };
    return await crypto.subtle.verify(told, await importP256(key), signature, message);
  } catch {
    return false;
  }
}

async function importP256(key) {
  const algorithm = { name: "ECDSA", namedCurve: "P-256" };
  const raw = joined(Uint8Array.of(4), key);
  return crypto.subtle.importKey("raw", raw, algorithm, false, ["verify"]);
}

/** Say whether a key is a sound point of its curve, without a torsion part. */
export async function soundKey({ algorithm, raw }) {
  try {
    if (algorithm === ESP256) return (await importP256(raw)) !== null;
    const { Point } = await import("./vendor/ed25519.js");
    return soundPoint(raw) && Point.fromBytes(raw).isTorsionFree();
  } catch {
    return false;
  }
}

export class PublicKey {
  /** @param {number} algorithm -19 or -9  @param {Uint8Array} raw as the reference has it */
  constructor(algorithm, raw, kid) {
    this.algorithm = algorithm;
    this.raw = raw;
    this.kid = kid;
  }

  verify(signature, message) {
    return this.algorithm === ED25519
      ? verifyEd25519(signature, message, this.raw)
      : verifyP256(signature, message, this.raw);
  }
}

const members = (raw, ...labels) =>
  raw.size === labels.length && labels.every((label) => raw.has(label));

/** Read a COSE_Key in its one encoding. Throws Problem key.format. */
export async function parseCoseKey(data) {
  const bad = new Problem("key.format");
  if (!isBytes(data)) throw bad;
  const read = orNull(() => decode(data, 128));
  if (!(read instanceof Map)) throw bad;
  const kid = (await sha256(data)).slice(0, 8);
  const x = read.get(-2);
  const y = read.get(-3);
  const of32 = (each) => isBytes(each) && each.length === 32;
  if (members(read, 1, -1, -2) && read.get(1) === 1 && read.get(-1) === 6 && of32(x)) {
    return new PublicKey(ED25519, x, kid);
  }
  if (members(read, 1, -1, -2, -3) && read.get(1) === 2 && read.get(-1) === 1 && of32(x) && of32(y)) {
    return new PublicKey(ESP256, joined(x, y), kid);
  }
  throw bad;
}

/** The context that COSE signs (RFC 9052 section 4.4), external_aad empty. */
export function toBeSigned(protectedHeader, payload) {
  return encode(["Signature1", protectedHeader, new Uint8Array(0), payload]);
}
