// Verify a certificate file with a trust bundle and nothing else: kimberlite.certificates.verify.
// Codes, weights and order are the reference's; vectors/verdicts holds both to them.

import { Problem } from "./problem.js";
import { decode, encode } from "./cbor.js";
import { hex, isBytes, same } from "./bytes.js";
import { parseStatement, readOpening, requireSeal, signedBy } from "./statement.js";
import { readRecord } from "./schema.js";
import { verifyReceipt } from "./receipt.js";
import { disowned, validAt } from "./bundle.js";
import { readSnapshot } from "./snapshot.js";
import { Findings, judgeCertificate, keyOf, resultOf } from "./checks.js";

const MAGIC = "kp-file/1";
const LIMIT = 64 * 1024;
const MAX_RECEIPTS = 8;
const CERTIFICATE = "kp-cert+cose";
const DAY = 86400;
const SHOWN = ["genuine", "registered", "sections-intact"];
const LEFT_OPEN = ["declaration-true", "goods-match", "unused-elsewhere", "unchanged-since"];
const REMINDERS = ["one-use", "match-seals-and-weight", "state-as-of"];

/** Put a certificate file together. */
export const writeFile = (statement, openings, receipts) =>
  encode([MAGIC, statement, openings.map((o) => [o.section, o.salt, o.content]), receipts]);

/** Take a certificate file apart, strictly. Throws Problem file.* and those of its parts. */
export async function parseFile(raw, schemas) {
  if (raw.length > LIMIT) throw new Problem("file.too-long", { limit: LIMIT });
  const value = decode(raw, LIMIT);
  const [magic, told, openings, receipts] = Array.isArray(value) ? value : [];
  const shaped = isBytes(told) && Array.isArray(openings) && Array.isArray(receipts);
  if (magic !== MAGIC || value.length !== 4 || !shaped) throw new Problem("file.form");
  const statement = await parseStatement(told);
  const { typ } = statement.header;
  const kind = Object.hasOwn(schemas.types, typ) ? schemas.types[typ] : undefined;
  if (kind === undefined || kind.version !== statement.body.version) {
    throw new Problem("file.type", { typ });
  }
  const named = readRecord(kind.schema, statement.body.log, schemas.records);
  const read = openings.slice(0, kind.sections.length + 1).map(readOpening);
  const names = read.map((each) => each.section);
  const known = names.every((name) => kind.sections.some((section) => section.name === name));
  if (new Set(names).size !== names.length || !known) throw new Problem("file.opening");
  if (receipts.length > MAX_RECEIPTS || !receipts.every(isBytes)) {
    throw new Problem("file.receipts", { limit: MAX_RECEIPTS });
  }
  return { statement, kind, named, openings: read, receipts };
}

/**
 * Check a certificate file against what a bundle knows.
 * @param {Uint8Array} raw a certificate file
 * @param {object} bundle what verifyBundle gave  @param {object} schemas schemas.json
 * @param {{today: number, receiver?: string}} when days since 1970, and for whom it is checked
 */
export async function verify(raw, bundle, schemas, { today, receiver = "" }) {
  const snapshot = readSnapshot(bundle.contents.parts);
  const read = await parseFile(raw, schemas);
  const { header } = read.statement;
  const found = new Findings();
  judgeBundle(found, bundle, today);
  const genuine = await judgeSignature(found, read, bundle);
  const index = await judgeRegistration(found, read, bundle, snapshot);
  judgeKey(found, read, bundle, index);
  const { sections, intact } = await openSections(found, read, schemas);
  let certificate = null;
  if (header.typ === CERTIFICATE && intact !== null) {
    certificate = { issuer: header.iss, ...read.named, ...sections };
    judgeCertificate(found, certificate, snapshot, { today, receiver });
    for (const [rule, word] of read.statement.body.said) {
      found.add("note", `issuer.${word}`, { rule });
    }
  }
  const registered = genuine && index !== null;
  const shown = [genuine, registered, genuine && intact === true];
  const proves = SHOWN.filter((_, at) => shown[at]);
  const reasons = found.reasons();
  return {
    result: resultOf(reasons),
    kind: bundle.kind,
    origin: bundle.origin,
    number: read.named.number,
    issuer: header.iss,
    typ: header.typ,
    statement: read.statement.id,
    reasons,
    proves,
    cannotProve: [...SHOWN.filter((key) => !proves.includes(key)), ...LEFT_OPEN],
    reminders: bundle.kind === "prod" ? REMINDERS : ["specimen", ...REMINDERS],
    asOf: bundle.contents.asOf,
    ageDays: Math.max(0, today - dayOf(bundle.contents.asOf)),
    certificate,
  };
}

export const dayOf = (moment) => Math.floor(moment / DAY);

function judgeBundle(found, bundle, today) {
  const [asOf, expires] = [dayOf(bundle.contents.asOf), dayOf(bundle.contents.expires)];
  if (today > expires) found.add("doubt", "bundle.expired", { expires });
  if (today < asOf) found.add("doubt", "clock.behind", { today, as_of: asOf });
  if (!bundle.pinned) found.add("note", "bundle.not-pinned", { origin: bundle.origin });
}

async function judgeSignature(found, read, bundle) {
  const { header } = read.statement;
  const { number } = read.named;
  if (header.sub !== keyOf(number)) {
    found.add("against", "certificate.subject", { sub: header.sub, number });
  }
  const kid = hex(header.kid);
  const key = bundle.keys.get(kid);
  if (key === undefined) {
    found.add("doubt", "key.unknown", { kid });
    return false;
  }
  if (!(await signedBy(read.statement, key.public))) {
    found.add("against", "signature.bad", { kid });
    return false;
  }
  if (key.holder !== header.iss) {
    found.add("against", "key.not-holder", { holder: key.holder, iss: header.iss });
    return false;
  }
  if (!key.roles.some((role) => read.kind.roles.includes(role))) {
    found.add("against", "key.role", { needed: [...read.kind.roles].sort().join(", ") });
    return false;
  }
  found.add("for", "signature.good", { holder: key.holder });
  return true;
}

/** Give the entry at which the log is shown to hold the statement, or null. */
async function judgeRegistration(found, read, bundle, snapshot) {
  const indexes = new Set();
  for (const each of read.receipts) indexes.add(await receiptIndex(found, each, read, bundle));
  const bad = indexes.delete(null);
  let shown = [...indexes].sort((a, b) => a - b);
  if (shown.length > 1) {
    found.add("against", "receipt.disagree", { first: shown[0], second: shown[1] });
  }
  const { header, id } = read.statement;
  const status = snapshot.number(header.sub);
  if (status !== null && header.typ === CERTIFICATE) {
    if (!same(status.statement, id)) {
      found.add("against", "certificate.number-used", { index: status.index });
    } else if (shown.length === 0 && !bad) {
      found.add("for", "registration.snapshot", { index: status.index });
      shown = [status.index];
    }
  }
  if (shown.length > 0 && !bad) return shown[0];
  if (!bad) found.add("doubt", "registration.not-shown");
  return null;
}

async function receiptIndex(found, receipt, read, bundle) {
  let facts = null;
  try {
    facts = await verifyReceipt(receipt, read.statement.raw, bundle.logKey, bundle.origin);
  } catch (bad) {
    if (!(bad instanceof Problem)) throw bad;
    found.add("against", bad.code);
    return null;
  }
  const { size, root } = bundle.checkpoint;
  if (facts.size === size && !same(facts.root, root)) {
    // Two heads of one size, both signed by the log: proof that it shows people two faces.
    found.add("against", "log.split-view", { size: facts.size });
    return null;
  }
  if (facts.size > size) {
    found.add("doubt", "bundle.older-than-receipt", { bundle: size, receipt: facts.size });
  }
  found.add("for", "registration.shown", { index: facts.index, size: facts.size });
  return facts.index;
}

function judgeKey(found, read, bundle, index) {
  const { header, id } = read.statement;
  const gone = bundle.contents.repudiated.get(disowned(header.iss, id));
  if (gone !== undefined) found.add("against", "statement.repudiated", { index: gone });
  const key = bundle.keys.get(hex(header.kid));
  if (key === undefined) return;
  if (index !== null) {
    if (!validAt(key, index)) {
      found.add("against", "key.not-valid", { since: key.since, until: key.until ?? -1 });
    }
  } else if (key.until !== null) found.add("doubt", "key.revoked", { until: key.until });
}

/** Give the fields of every open section, and whether all are open; null when one is false. */
async function openSections(found, read, schemas) {
  const { header, body } = read.statement;
  const sections = {};
  for (const opening of read.openings) {
    const section = read.kind.sections.find((each) => each.name === opening.section);
    try {
      await requireSeal(opening, body.seals.get(section.label), header);
      sections[section.name] = readRecord(section.schema, decode(opening.content, 16384), schemas.records);
    } catch (bad) {
      if (!(bad instanceof Problem)) throw bad;
      found.add("against", bad.code, { section: section.name });
      return { sections: {}, intact: null };
    }
  }
  const closed = read.kind.sections
    .filter(({ label, name }) => body.seals.has(label) && !(name in sections))
    .map(({ label, name }) => [[...body.seals.keys()].indexOf(label), name])
    .sort((a, b) => a[0] - b[0])
    .map(([, name]) => name);
  if (closed.length > 0) found.add("note", "section.closed", { sections: closed.join(", ") });
  return { sections, intact: closed.length === 0 };
}
