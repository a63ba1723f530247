// The envelope of every statement, and openings of its sealed sections: kimberlite.ledger.envelope
// and kimberlite.ledger.sections.

import { Problem } from "./problem.js";
import { decode, encode } from "./cbor.js";
import { isBytes, same, sha256 } from "./bytes.js";
import { split } from "./cose.js";
import { toBeSigned } from "./keys.js";

const LIMIT = 16 * 1024;
const MOMENT_MAX = 2 ** 33;
const HOLDER = /^(?:[A-Z]{2}|[a-z]{2,4}\.[a-z0-9-]{2,24})$/;
const SUBJECT = /^[ -~]{1,64}$/;
const SAID = ["finding", "cannot-tell", "overridden"];

const whole = (value, low, high) => Number.isSafeInteger(value) && value >= low && value <= high;
const payload = () => new Problem("statement.payload");

/** Take a statement apart, strictly. Its signature has not been checked: signedBy does that. */
export async function parseStatement(raw) {
  if (raw.length > LIMIT) throw new Problem("statement.too-long", { limit: LIMIT });
  const parts = split(raw);
  if (!same(parts.unprotected, Uint8Array.of(0xa0))) throw new Problem("statement.unprotected");
  if (parts.payload === null) throw payload();
  return {
    raw,
    id: await sha256(encode(["kp-statement/1", parts.protectedHeader, parts.payload])),
    header: readHeader(decode(parts.protectedHeader)),
    body: readBody(decode(parts.payload)),
    parts,
  };
}

export async function signedBy(statement, key) {
  if (key.algorithm !== statement.header.algorithm) return false;
  const { protectedHeader, payload: said, signature } = statement.parts;
  return key.verify(signature, toBeSigned(protectedHeader, said));
}

function readHeader(value) {
  const bad = new Problem("statement.header");
  if (!(value instanceof Map) || value.size !== 4) throw bad;
  const algorithm = value.get(1);
  const kid = value.get(4);
  const claims = value.get(15);
  const typ = value.get(16);
  if (![-19, -9].includes(algorithm) || !isBytes(kid) || kid.length !== 8) throw bad;
  if (!(claims instanceof Map) || claims.size !== 3) throw bad;
  if (typeof typ !== "string" || typ.length === 0 || [...typ].length > 40) throw bad;
  const [iss, sub, iat] = [claims.get(1), claims.get(2), claims.get(6)];
  if (typeof iss !== "string" || !HOLDER.test(iss)) throw bad;
  if (typeof sub !== "string" || !SUBJECT.test(sub) || !whole(iat, 0, MOMENT_MAX)) throw bad;
  return { algorithm, kid, typ, iss, sub, iat };
}

function readBody(value) {
  if (!(value instanceof Map)) throw payload();
  for (const [label, each] of value) {
    if (![0, 1, 2, 3, 4].includes(label) || each === null) throw payload();
  }
  const [version, log] = [value.get(0), value.get(1)];
  if (!whole(version, 1, 999) || !(log instanceof Map)) throw payload();
  const approval = value.get(3);
  if (approval !== undefined && !(isBytes(approval) && approval.length === 32)) throw payload();
  return {
    version,
    log,
    seals: value.has(2) ? readSeals(value.get(2)) : new Map(),
    said: value.has(4) ? readVerdicts(value.get(4)) : [],
  };
}

function readSeals(value) {
  if (!(value instanceof Map) || value.size === 0) throw payload();
  for (const [label, digest] of value) {
    if (!whole(label, 1, 23) || !isBytes(digest) || digest.length !== 32) throw payload();
  }
  return value;
}

function readVerdicts(value) {
  if (!Array.isArray(value) || value.length !== 2) throw payload();
  const [ruleset, said] = value;
  if (!whole(ruleset, 1, 999) || !Array.isArray(said) || said.length > 64) throw payload();
  return said.map((each) => {
    if (!Array.isArray(each) || each.length !== 2) throw payload();
    const [code, word] = each;
    if (typeof code !== "string" || !SUBJECT.test(code) || !whole(word, 0, 2)) throw payload();
    return [code, SAID[word]];
  });
}

/** Read an opening: {section, salt, content}. Throws Problem section.form. */
export function readOpening(value) {
  if (Array.isArray(value) && value.length === 3) {
    const [section, salt, content] = value;
    const good = typeof section === "string" && isBytes(salt) && isBytes(content);
    if (good && salt.length === 16 && content.length <= LIMIT) return { section, salt, content };
  }
  throw new Problem("section.form");
}

/** Make sure that an opening is what the statement committed to. Throws Problem section.digest. */
export async function requireSeal(opening, seal, header) {
  const { section, salt, content } = opening;
  const told = ["kp-section/1", section, header.iss, header.sub, salt, content];
  const digest = await sha256(encode(told));
  if (seal === undefined || !same(seal, digest)) {
    throw new Problem("section.digest", { section });
  }
}
