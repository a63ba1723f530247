// Receipts (RFC 9942) with the tree of RFC 9162: kimberlite.ledger.receipt and .proofs.

import { Problem, orNull } from "./problem.js";
import { decode } from "./cbor.js";
import { isBytes, joined, same, sha256 } from "./bytes.js";
import { split } from "./cose.js";
import { toBeSigned } from "./keys.js";

const LONGEST = 1 << 15;
const MAX_COSIGNATURES = 128;
const COSIGNATURE_BYTES = 76;
const [VDS, VDP, BOUND, COSIGNATURES] = [395, 396, -65538, -65540];
const INCLUSION = -1;
const CONSISTENCY = -2;

const integer = (value) => Number.isSafeInteger(value) || typeof value === "bigint";
const text = (value) => typeof value === "string";
const exactly = (map, ...labels) =>
  map instanceof Map && map.size === labels.length && labels.every((label) => map.has(label));

/** Read a receipt without verifying anything. Throws Problem receipt.*, cose.*. */
export function parseReceipt(data) {
  if (data.length > LONGEST) throw new Problem("receipt.length", { limit: LONGEST });
  const parts = split(data);
  if (parts.payload !== null) throw new Problem("receipt.payload");
  const signed = readProtected(parts.protectedHeader);
  const { kind, proof } = readUnprotected(parts.unprotected);
  const [first, second, path] = readProof(proof);
  const [proved, position] = kind === INCLUSION ? [first, second] : [second, first];
  if (proved !== signed.size) throw new Problem("receipt.bound");
  return { ...signed, kind, position, path, parts };
}

function readProtected(raw) {
  const bad = new Problem("receipt.protected");
  const value = orNull(() => decode(raw));
  if (!exactly(value, 1, 4, 15, VDS, BOUND)) throw bad;
  const [algorithm, kid, claims] = [value.get(1), value.get(4), value.get(15)];
  const bound = value.get(BOUND);
  if (!integer(algorithm) || !isBytes(kid) || value.get(VDS) !== 1) throw bad;
  if (!exactly(claims, 1, 2) || !text(claims.get(1)) || !text(claims.get(2))) throw bad;
  if (!Array.isArray(bound) || bound.length !== 2) throw bad;
  if (!text(bound[0]) || !integer(bound[1])) throw bad;
  return { algorithm, kid, origin: bound[0], size: bound[1] };
}

function readUnprotected(raw) {
  const bad = new Problem("receipt.unprotected");
  const value = orNull(() => decode(raw));
  if (!(value instanceof Map)) throw bad;
  const proofs = value.get(VDP);
  const kind = [INCLUSION, CONSISTENCY].find((each) => exactly(proofs, each));
  const found = kind === undefined ? null : proofs.get(kind);
  if (!Array.isArray(found) || found.length !== 1 || !isBytes(found[0])) throw bad;
  if (value.size === 1) return { kind, proof: found[0] };
  const beside = value.get(COSIGNATURES);
  if (value.size !== 2 || !Array.isArray(beside)) throw bad;
  if (beside.length === 0 || beside.length > MAX_COSIGNATURES) throw bad;
  if (!beside.every((each) => isBytes(each) && each.length === COSIGNATURE_BYTES)) throw bad;
  return { kind, proof: found[0] };
}

function readProof(raw) {
  const value = orNull(() => decode(raw));
  const good = Array.isArray(value) && value.length === 3 && integer(value[0]) && integer(value[1]);
  if (!good || !Array.isArray(value[2]) || !value[2].every(isBytes)) {
    throw new Problem("receipt.proof");
  }
  return value;
}

export const leafHash = (entry) => sha256(joined(Uint8Array.of(0), entry));
const nodeHash = (left, right) => sha256(joined(Uint8Array.of(1), left, right));

/** Rebuild the root that a proof leads to (RFC 9162 section 2.1.3.2). Throws Problem proof.*. */
export async function rootFromInclusion(position, total, leaf, path) {
  const [index, size] = [BigInt(position), BigInt(total)];
  if (!(size > 0n && size < 1n << 63n)) throw new Problem("proof.size");
  if (!(index >= 0n && index < size)) throw new Problem("proof.index");
  if (!path.every((each) => each.length === 32)) throw new Problem("proof.hash");
  const fork = (index ^ (size - 1n)).toString(2).length - (index === size - 1n ? 1 : 0);
  const ones = (index >> BigInt(fork)).toString(2).replaceAll("0", "").length;
  if (path.length !== fork + ones) throw new Problem("proof.length");
  let [root, line, last] = [leaf, index, size - 1n];
  for (const sibling of path) {
    if (line & 1n || line === last) {
      root = await nodeHash(sibling, root);
      while (!(line & 1n) && line) {
        line >>= 1n;
        last >>= 1n;
      }
    } else root = await nodeHash(root, sibling);
    line >>= 1n;
    last >>= 1n;
  }
  return root;
}

/**
 * Check that an entry is in the log of this origin, as signed by the log's key.
 * @returns {{size: number, index: number, root: Uint8Array}}
 */
export async function verifyReceipt(data, entry, key, origin) {
  const found = parseReceipt(data);
  if (found.kind !== INCLUSION) throw new Problem("receipt.kind", { wanted: "INCLUSION" });
  const leaf = await leafHash(entry);
  const root = await rootFromInclusion(found.position, found.size, leaf, found.path);
  if (found.algorithm !== key.algorithm || !same(found.kid, key.kid)) {
    throw new Problem("receipt.key");
  }
  const { protectedHeader, signature } = found.parts;
  if (!(await key.verify(signature, toBeSigned(protectedHeader, root)))) {
    throw new Problem("receipt.signature");
  }
  if (found.origin !== origin) throw new Problem("receipt.origin", { origin: found.origin });
  return { size: Number(found.size), index: Number(found.position), root };
}
