// Trust roots: which keys a log signs with, in versions that follow from one another.
// kimberlite.ledger.roots.

import { Problem } from "./problem.js";
import { decode, encode } from "./cbor.js";
import { hex, isBytes, same } from "./bytes.js";
import { split } from "./cose.js";
import { parseCoseKey, soundKey, toBeSigned } from "./keys.js";

export const PART = "ledger.roots";
const TYP = "kp-root+cose";
const MAGIC = "kp-root/1";
const LIMIT = 64 * 1024;
const [MOST_KEYS, MOST_LOG_KEYS, MOST_VERSIONS] = [80, 16, 64];
const MOMENT_MAX = 2 ** 33;
const KINDS = ["demo", "test", "prod"];

const form = () => new Problem("root.form");
const natural = (value) => Number.isSafeInteger(value) && value >= 0;

/** Say whether bytes begin as a root's file does. */
export const isRoot = (bytes) => same(bytes.slice(0, 11), encode([MAGIC, 0, 0]).slice(0, 11));

/** Read a version. Nothing is verified by reading. */
async function parseRoot(raw) {
  if (raw.length > LIMIT) throw new Problem("root.too-long", { limit: LIMIT });
  const value = decode(raw, LIMIT);
  const [magic, signed, signatures] = Array.isArray(value) && value.length === 3 ? value : [];
  if (magic !== MAGIC || !isBytes(signed) || !Array.isArray(signatures)) throw form();
  if (!signatures.every(isBytes) || signatures.length > 2 * MOST_KEYS) throw form();
  const made = signatures.map(split);
  const bare = ({ payload, unprotected }) =>
    payload === null && same(unprotected, Uint8Array.of(0xa0));
  if (!made.every(bare)) throw form();
  return { raw, signed, made, ...(await readBody(decode(signed, LIMIT))) };
}

async function readBody(value) {
  if (!(value instanceof Map) || value.size !== 10 || value.get(0) !== 1) throw form();
  for (let label = 0; label < 10; label++) if (!value.has(label)) throw form();
  const [version, kind, origin, genesis, issued, expires, threshold, told, toldLog] = [
    1, 2, 3, 4, 5, 6, 7, 8, 9,
  ].map((label) => value.get(label));
  const whole = [version, issued, expires, threshold];
  if (!whole.every((each) => natural(each) && each > 0 && each < MOMENT_MAX)) throw form();
  if (!KINDS.includes(kind) || typeof origin !== "string") throw form();
  if (!isBytes(genesis) || genesis.length !== 32) throw form();
  if (!Array.isArray(told) || !Array.isArray(toldLog)) throw form();
  const keys = [];
  for (const each of told) keys.push(await readKey(each));
  const logKeys = [];
  for (const each of toldLog) logKeys.push(await readLogKey(each));
  const kids = [...keys, ...logKeys.map((each) => each.public)].map((each) => hex(each.kid));
  if (new Set(kids).size !== kids.length) throw form();
  if (logKeys.length === 0 || logKeys.length > MOST_LOG_KEYS) throw form();
  if (threshold > keys.length || keys.length > MOST_KEYS) throw form();
  return { version, kind, origin, genesis, issued, expires, threshold, keys, logKeys };
}

async function readKey(value) {
  try {
    const key = await parseCoseKey(value);
    if (!(await soundKey(key))) throw form();
    return key;
  } catch (bad) {
    if (bad instanceof Problem) throw form();
    throw bad;
  }
}

async function readLogKey(value) {
  if (!Array.isArray(value) || value.length !== 3) throw form();
  const [raw, since, until] = value;
  if (!natural(since) || !(until === null || (natural(until) && since < until))) throw form();
  return { public: await readKey(raw), since, until };
}

/** Make sure that a threshold of the root keys of `by` signed. */
async function requireSigned(root, by) {
  let count = 0;
  for (const key of by.keys) {
    const header = encode(new Map([[1, key.algorithm], [4, key.kid], [16, TYP]]));
    const told = toBeSigned(header, root.signed);
    for (const each of root.made.filter((one) => same(one.protectedHeader, header))) {
      if (await key.verify(each.signature, told)) {
        count += 1;
        break;
      }
    }
  }
  if (count < by.threshold) {
    const facts = { version: root.version, signed: count, needed: by.threshold };
    throw new Problem("root.threshold", facts);
  }
}

/** Read a version that is trusted by other means, and check that its own keys signed it. */
export async function verifyRoot(raw) {
  const root = await parseRoot(raw);
  await requireSigned(root, root);
  return root;
}

/** Say whether a root is for the log of this kind, origin and genesis digest. */
export const isFor = (root, kind, origin, genesis) =>
  root.kind === kind && root.origin === origin && same(root.genesis, genesis);

/** Go from a trusted version to the newest of `raws`, one version at a time. */
export async function follow(trusted, raws) {
  if (raws.length > MOST_VERSIONS) throw new Problem("root.too-many", { limit: MOST_VERSIONS });
  const read = [];
  for (const raw of raws) read.push(await parseRoot(raw));
  let at = trusted;
  for (const each of read.sort((a, b) => a.version - b.version)) {
    if (!isFor(each, at.kind, at.origin, at.genesis)) throw new Problem("root.other-log");
    if (each.version < at.version) continue;
    if (each.version === at.version) {
      if (!same(each.signed, at.signed)) throw new Problem("root.other");
      continue;
    }
    if (each.version !== at.version + 1) {
      throw new Problem("root.gap", { version: each.version, trusted: at.version });
    }
    await requireSigned(each, at);
    await requireSigned(each, each);
    at = each;
  }
  return at;
}

/** Give the versions that travel in a bundle. */
export function rootsIn(parts) {
  const raw = parts.get(PART);
  const value = raw === undefined ? [] : decode(raw, MOST_VERSIONS * LIMIT);
  if (!Array.isArray(value) || !value.every(isBytes)) throw form();
  return value;
}
