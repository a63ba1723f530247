// The trust bundle: what a verifier without a network knows of a log. kimberlite.ledger.bundle.

import { Problem } from "./problem.js";
import { decode, encode } from "./cbor.js";
import { hex, isBytes, same, sha256 } from "./bytes.js";
import { split } from "./cose.js";
import { parseCoseKey, toBeSigned } from "./keys.js";
import { parseStatement, signedBy } from "./statement.js";
import { readRecord } from "./schema.js";
import { openCheckpoint } from "./checkpoint.js";
import { isFor } from "./roots.js";

export const LIMIT = 8 * 1024 * 1024;
const TYP = "kp-bundle+cose";
const MOMENT_MAX = 2 ** 33;

const form = () => new Problem("bundle.form");
const natural = (value) => Number.isSafeInteger(value) && value >= 0;

/**
 * Read a bundle and check everything in it that can be checked.
 * @param {Uint8Array} raw  @param {object} schemas schemas.json
 * @param {{pinned?: Uint8Array|null, atLeast?: number, root?: object|null}} known the log and
 *   version seen before, and the trust root that says what the log's keys are
 */
export async function verifyBundle(raw, schemas, { pinned = null, atLeast = 0, root = null } = {}) {
  const { parts, contents } = await peek(raw, schemas);
  const { statement, named, key } = await readGenesis(contents.genesis, schemas);
  const genesis = await sha256(contents.genesis);
  const other = root !== null && !isFor(root, named.kind, named.origin, genesis);
  if (other || (pinned !== null && !same(pinned, genesis))) throw new Problem("bundle.other-log");
  // Without a trust root, genesis alone says what the log's key is.
  const logKeys = root === null ? [{ public: key, since: 0, until: null }] : root.logKeys;
  const header = (each) => encode(new Map([[1, each.algorithm], [4, each.kid], [16, TYP]]));
  const signer = logKeys.find((each) => same(parts.protectedHeader, header(each.public)));
  if (signer === undefined) throw new Problem("bundle.key");
  const told = toBeSigned(parts.protectedHeader, parts.payload);
  const good = (await signer.public.verify(parts.signature, told)) && (await signedBy(statement, key));
  if (!good) throw new Problem("bundle.signature");
  if (contents.version < atLeast) {
    throw new Problem("bundle.older", { version: contents.version, seen: atLeast });
  }
  const checkpoint = await openCheckpoint(contents.checkpoint, signer.public, named.origin);
  if (!signs(signer, checkpoint.size)) throw new Problem("bundle.key");
  return {
    contents,
    origin: named.origin,
    kind: named.kind,
    title: named.title,
    genesis,
    logKeys,
    root,
    checkpoint,
    keys: new Map(contents.keys.map((each) => [hex(each.public.kid), each])),
    pinned: pinned !== null || root !== null,
  };
}

/** Read what a bundle says before any of it is trusted. */
export async function peek(raw, schemas) {
  if (raw.length > LIMIT) throw new Problem("bundle.too-long", { limit: LIMIT });
  const parts = split(raw);
  if (parts.payload === null || !same(parts.unprotected, Uint8Array.of(0xa0))) throw form();
  return { parts, contents: await readContents(decode(parts.payload, LIMIT), schemas) };
}

async function readContents(value, schemas) {
  if (!(value instanceof Map) || value.size !== 10 || value.get(0) !== 1) throw form();
  for (let label = 0; label < 10; label++) if (!value.has(label)) throw form();
  const [version, asOf, expires, rules] = [1, 2, 3, 6].map((label) => value.get(label));
  for (const each of [version, asOf, expires, rules]) {
    if (!natural(each) || each >= MOMENT_MAX) throw form();
  }
  const [genesis, checkpoint] = [value.get(4), value.get(5)];
  if (!isBytes(genesis) || !isBytes(checkpoint)) throw form();
  if (!Array.isArray(value.get(7)) || !Array.isArray(value.get(8))) throw form();
  const keys = [];
  for (const each of value.get(7)) keys.push(await readKey(each, schemas.roles));
  const repudiated = new Map(value.get(8).map(readRepudiated));
  const parts = value.get(9);
  if (!(parts instanceof Map)) throw form();
  for (const [name, part] of parts) if (typeof name !== "string" || !isBytes(part)) throw form();
  return { version, asOf, expires, rules, genesis, checkpoint, keys, repudiated, parts };
}

async function readKey(value, known) {
  if (!Array.isArray(value) || value.length !== 6) throw form();
  const [raw, holder, office, roles, since, until] = value;
  if (!isBytes(raw) || typeof holder !== "string" || typeof office !== "string") throw form();
  if (!Array.isArray(roles) || !roles.every((role) => known.includes(role))) throw form();
  if (!natural(since) || !(until === null || natural(until))) throw form();
  return { public: await parseCoseKey(raw), holder, office, roles, since, until };
}

/** Say whether the log signed a head of this size with this key. */
export const signs = (key, size) => key.since <= size && (key.until === null || size < key.until);

export const disowned = (holder, statement) => `${holder}/${hex(statement)}`;

function readRepudiated(value) {
  if (!Array.isArray(value) || value.length !== 3) throw form();
  const [holder, statement, index] = value;
  const good = typeof holder === "string" && isBytes(statement) && statement.length === 32;
  if (!good || !Number.isSafeInteger(index)) throw form();
  return [disowned(holder, statement), index];
}

async function readGenesis(raw, schemas) {
  const bad = new Problem("bundle.genesis");
  try {
    const statement = await parseStatement(raw);
    if (statement.header.typ !== schemas.genesis.typ) throw bad;
    const named = readRecord(schemas.genesis.schema, statement.body.log, schemas.records);
    const logs = named.roots.filter((root) => root.roles.includes("log"));
    if (logs.length !== 1) throw bad;
    return { statement, named, key: await parseCoseKey(logs[0].public) };
  } catch (found) {
    if (found instanceof Problem) throw bad;
    throw found;
  }
}
