// Credentials (vc+jwt) and views (SD-JWT) of a certificate, and the log's status lists, read and
// judged as kimberlite.documents.credential does. Keys come from the trust bundle alone.

import { Problem, orNull } from "./problem.js";
import { base64url, hex, joined, same, sha256, textOf, utf8 } from "./bytes.js";
import { signs } from "./bundle.js";
import { Findings, resultOf, weighed } from "./checks.js";
import { credentialOf, didOf, listAddress, openFile, viewOf } from "./derived.js";
import { fromBase64url, isObject, readJson, readObject, writeJson } from "./json.js";
import { ED25519, ESP256 } from "./keys.js";
import { parseFile } from "./verify.js";

const [CREDENTIAL, VIEW] = ["vc+jwt", "kp-view+sd-jwt"];
const LIMIT = 384 * 1024;
const [MOST, LONGEST] = [16, 64 * 1024];
const FORM = /^eyJ[\w-]+\.eyJ[\w-]+\.[\w-]+(?:~[\w~-]*)?$/;
const COMPACT = /^(eyJ[\w-]+)\.([\w-]+)\.([\w-]{86})$/;
const ALGORITHMS = { Ed25519: ED25519, EdDSA: ED25519, ES256: ESP256 };
const MEMBERS = ["alg", "cty", "kid", "typ"];
const RESERVED = ["_sd", "_sd_alg", "..."];
const SECONDS = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

/** Say whether bytes look like a token; their start is enough to tell. */
export const isToken = (bytes) => /^[ \t\n\r\v\f]*eyJ/.test(textOf(bytes.subarray(0, 64)) ?? "");

function textIn(bytes) {
  if (bytes.length > LIMIT) throw new Problem("credential.too-long", { limit: LIMIT });
  return (textOf(bytes) ?? "").replace(/^[ \t\n\r\v\f]+|[ \t\n\r\v\f]+$/g, "");
}

function parseToken(text) {
  const match = COMPACT.exec(text);
  if (match === null) throw new Problem("credential.form");
  const header = readObject(fromBase64url(match[1]));
  const names = Object.keys(header);
  const known = names.every((name) => MEMBERS.includes(name) && typeof header[name] === "string");
  if (!known || !["alg", "kid", "typ"].every((name) => name in header)) {
    throw new Problem("credential.form");
  }
  if (!Object.hasOwn(ALGORITHMS, header.alg)) throw new Problem("credential.algorithm");
  const [payload, signature] = [match[2], match[3]].map(fromBase64url);
  return { header, payload, signature, signed: utf8(`${match[1]}.${match[2]}`) };
}

const signedBy = (token, key) =>
  ALGORITHMS[token.header.alg] === key.algorithm && key.verify(token.signature, token.signed);

/** Take a credential or a view apart: {token, file, isView, disclosures}. Nothing is verified. */
export function readCredential(bytes) {
  const text = textIn(bytes);
  if (!FORM.test(text)) throw new Problem("credential.form");
  const isView = text.includes("~");
  const [compact, ...texts] = text.split("~");
  const disclosures = isView ? disclosed(texts) : [];
  const token = parseToken(compact);
  if (token.header.typ !== (isView ? VIEW : CREDENTIAL)) throw new Problem("credential.type");
  const payload = readObject(token.payload);
  const { evidence } = payload;
  const within = Array.isArray(evidence) && evidence.length === 1 && isObject(evidence[0]);
  const told = [within ? evidence[0].kimberleyFile : null, payload.file]
    .find((each) => typeof each === "string");
  if (told === undefined) throw new Problem("credential.no-file");
  return { token, payload, file: fromBase64url(told), isView, disclosures };
}

function disclosed(texts) {
  if (texts.at(-1) !== "" || texts.length - 1 > MOST) throw new Problem("credential.form");
  const bad = new Problem("credential.disclosure");
  const found = texts.slice(0, -1).map((text) => {
    if (text.length > LONGEST) throw bad;
    const value = readJson(fromBase64url(text));
    const good = Array.isArray(value) && value.length === 3 && typeof value[0] === "string";
    if (!good || typeof value[1] !== "string" || RESERVED.includes(value[1])) throw bad;
    return { name: value[1], text };
  });
  if (new Set(found.map(({ name }) => name)).size !== found.length) throw bad;
  return found;
}

const withReasons = (verdict, found) => {
  const reasons = weighed([...verdict.reasons, ...found.reasons()]);
  return { ...verdict, reasons, result: resultOf(reasons) };
};

/** Add to the verdict on the certificate inside what its credential is worth. */
export async function judgeCredential(credential, bundle, schemas, verdict) {
  const found = new Findings();
  const read = await parseFile(credential.file, schemas);
  if (credential.isView) found.add("note", "credential.view");
  const signed = await judgeSignature(found, credential, read, bundle, schemas);
  const derived = await isDerived(credential, read, bundle.origin, schemas);
  if (!derived) found.add("against", "credential.altered");
  if (signed && derived) found.add("for", "credential.derived");
  return withReasons(verdict, found);
}

async function judgeSignature(found, { token }, read, bundle, schemas) {
  const { iss } = read.statement.header;
  const key = [...bundle.keys.values()].find(({ holder, public: each }) =>
    holder === iss && token.header.kid === `${didOf(bundle.origin, iss)}#${hex(each.kid)}`);
  if (key === undefined) {
    found.add("doubt", "credential.key-unknown");
    return false;
  }
  if (!(await signedBy(token, key.public))) {
    found.add("against", "credential.signature");
    return false;
  }
  if (!key.roles.includes("issue")) {
    found.add("against", "credential.key-role");
    return false;
  }
  if (key.until === null) return true;
  const index = await quietly(async () => (await openFile(read, bundle.origin, [], schemas)).index);
  const held = index !== null && key.since <= index && index < key.until;
  if (!held) found.add("doubt", "credential.key-ended");
  return held;
}

/** Give a value, or null where a Problem was thrown. */
async function quietly(make) {
  try {
    return await make();
  } catch (bad) {
    if (bad instanceof Problem) return null;
    throw bad;
  }
}

/** Say whether the payload is what follows from the file, and every disclosure was signed. */
async function isDerived({ token, payload, isView, disclosures }, read, origin, schemas) {
  const made = await quietly(() => (isView ? viewOf : credentialOf)(read, origin, schemas));
  if (made === null) return false;
  if (isView) {
    const digests = payload._sd;
    if (!Array.isArray(digests) || !digests.every((each) => typeof each === "string")) return false;
    for (const { text } of disclosures) {
      if (!digests.includes(base64url(await sha256(utf8(text))))) return false;
    }
    const open = read.openings.map(({ section }) => section);
    if (open.length !== 1 || open[0] !== "shipment") return false;
    made._sd = [...digests].sort();
  }
  return same(utf8(writeJson(made)), token.payload);
}

// --- status lists -------------------------------------------------------------------------------

/** Say whether a token is a status list and no certificate's credential. */
export function isStatusList(bytes) {
  return orNull(() => {
    const { type } = readObject(parseToken(textIn(bytes)).payload);
    return Array.isArray(type) && type.includes("BitstringStatusListCredential");
  }) === true;
}

/** Read a status list and check that the log of the bundle signed it. */
export async function verifyList(bytes, bundle, schemas) {
  const token = parseToken(textIn(bytes));
  const named = ({ public: each }) => `${didOf(bundle.origin, "kp.log")}#${hex(each.kid)}`;
  const signer = bundle.logKeys.find((each) => named(each) === token.header.kid);
  if (signer === undefined || token.header.typ !== CREDENTIAL) {
    throw new Problem("credential.status-key");
  }
  if (!(await signedBy(token, signer.public))) throw new Problem("credential.status-signature");
  const list = await readList(readObject(token.payload), bundle.origin, schemas.credential);
  if (!signs(signer, list.size)) throw new Problem("credential.status-key");
  const { size, root } = bundle.checkpoint;
  if (list.size === size && list.root !== hex(root)) throw new Problem("log.split-view", { size });
  return list;
}

async function readList(told, origin, { listBits, purposes }) {
  const bad = new Problem("credential.status-form");
  const { id, validFrom, validUntil, credentialSubject: list, logHead: head } = told;
  if (!isObject(list) || !isObject(head)) throw bad;
  const texts = [id, validFrom, validUntil, list.statusPurpose, list.encodedList, head.root];
  if (!texts.every((each) => typeof each === "string") || typeof head.size !== "number") throw bad;
  const number = Number(/\/(0|[1-9][0-9]{0,9})$/.exec(id)?.[1] ?? "NaN");
  const fits = purposes.includes(list.statusPurpose) &&
    id === listAddress(origin, list.statusPurpose, number);
  const dated = SECONDS.test(validFrom) && SECONDS.test(validUntil);
  if (!fits || !dated || !/^[0-9a-f]{64}$/.test(head.root)) throw bad;
  const bits = await unpacked(list.encodedList, listBits / 8, bad);
  return {
    purpose: list.statusPurpose, number, size: head.size, root: head.root, validFrom, validUntil,
    bits, listBits,
  };
}

/** Give exactly so many bytes, and no more of what a longer stream would give. */
async function unpacked(text, whole, bad) {
  const packed = text.startsWith("u") ? orNull(() => fromBase64url(text.slice(1))) : null;
  if (packed === null) throw bad;
  const parts = [];
  let size = 0;
  try {
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
    const reader = stream.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      size += value.length;
      if (size > whole) {
        await reader.cancel();
        throw bad;
      }
      parts.push(value);
    }
  } catch {
    throw bad;
  }
  if (size !== whole) throw bad;
  return joined(...parts);
}

/** Add to a verdict what verified status lists say of the certificate, on a day. */
export function judgeLists(verdict, lists, today) {
  if (lists.length === 0) return verdict;
  const found = new Findings();
  const index = verdict.reasons
    .find(({ code }) => ["registration.shown", "registration.snapshot"].includes(code))?.facts.index;
  const now = new Date(today * 86_400_000).toISOString().slice(0, 10);
  for (const { purpose, number, size, validFrom, validUntil, bits, listBits } of lists) {
    const known = index !== undefined && Math.floor(index / listBits) === number && index < size;
    if (!known) {
      found.add("doubt", "credential.status-unknown", { purpose });
      continue;
    }
    const day = validFrom.slice(0, 10);
    if (!(day <= now && now <= validUntil.slice(0, 10))) {
      found.add("doubt", "credential.status-old", { as_of: day });
    }
    const at = index % listBits;
    if (!(bits[at >> 3] & (0x80 >> (at & 7)))) {
      found.add("note", "credential.status-clear", { purpose, as_of: day });
    } else if (purpose === "revocation") found.add("against", "credential.revoked", { as_of: day });
    else found.add("doubt", "credential.suspended", { as_of: day });
  }
  return withReasons(verdict, found);
}
