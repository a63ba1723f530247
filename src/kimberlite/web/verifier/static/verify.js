// Verify a certificate file with a trust bundle and nothing else: kimberlite.certificates.verify.
// Codes, weights and order are the reference's; vectors/verdicts holds both to them.

import { Problem } from "./problem.js";
import { decode, encode } from "./cbor.js";
import { hex, isBytes } from "./bytes.js";
import { parseStatement, readOpening, requireSeal, signedBy } from "./statement.js";
import { readRecord } from "./schema.js";
import { disowned } from "./bundle.js";
import { judgeKnowledge, judgeReceipt, knownAsOf, knownSize } from "./known.js";
import { readSnapshot } from "./snapshot.js";
import {
  Findings, judgeCertificate, judgeIssuer, judgeRange, keyOf, resultOf,
} from "./checks.js";

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
 * @param {{today: number, receiver?: string, status?: Uint8Array[], arrived?: number}} when days
 *   since 1970, for whom it is checked, status snapshots beside the bundle, and the day of arrival
 */
export async function verify(raw, bundle, schemas, { today, receiver = "", status = [], arrived }) {
  const arrival = arrived ?? today;
  if (arrival > today) throw new Problem("verify.arrived");
  const snapshot = await readSnapshot(bundle, status);
  const read = await parseFile(raw, schemas);
  const { header } = read.statement;
  const found = new Findings();
  judgeKnowledge(found, bundle, snapshot.status, today);
  const genuine = await judgeSignature(found, read, bundle);
  judgeIssuer(found, header.iss, bundle.kind, snapshot.traders);
  const index = await judgeRegistration(found, read, bundle, snapshot);
  judgeKey(found, read, bundle, snapshot.status, index);
  const { sections, intact } = await openSections(found, read, schemas);
  let certificate = null;
  if (header.typ === CERTIFICATE && intact !== null) {
    certificate = { issuer: header.iss, ...read.named, ...sections };
    judgeCertificate(found, certificate, snapshot, { today, arrived: arrival, receiver });
    if (index === null) judgeRange(found, certificate, snapshot.ranges, dayOf(bundle.contents.asOf));
    for (const [rule, word] of read.statement.body.said) {
      found.add("note", `issuer.${word}`, { rule });
    }
  }
  const registered = genuine && index !== null;
  const shown = [genuine, registered, genuine && intact === true];
  const proves = SHOWN.filter((_, at) => shown[at]);
  const reasons = found.reasons();
  const asOf = knownAsOf(bundle, snapshot.status);
  return {
    result: resultOf(reasons),
    kind: bundle.kind,
    origin: bundle.origin,
    number: read.named.number ?? header.sub, // a report on blanks is about a series
    issuer: header.iss,
    typ: header.typ,
    statement: read.statement.id,
    reasons,
    proves,
    cannotProve: [...SHOWN.filter((key) => !proves.includes(key)), ...LEFT_OPEN],
    reminders: bundle.kind === "prod" ? REMINDERS : ["specimen", ...REMINDERS],
    asOf,
    ageDays: Math.max(0, today - dayOf(asOf)),
    certificate,
  };
}

export const dayOf = (moment) => Math.floor(moment / DAY);

async function judgeSignature(found, read, bundle) {
  const { header } = read.statement;
  const { number } = read.named;
  if (number !== undefined && header.sub !== keyOf(number)) {
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
async function judgeRegistration(found, read, bundle, { status }) {
  const indexes = new Set();
  for (const each of read.receipts) {
    indexes.add(await receiptIndex(found, each, read, bundle, status));
  }
  const bad = indexes.delete(null);
  let shown = [...indexes].sort((a, b) => a - b);
  if (shown.length > 1) {
    found.add("against", "receipt.disagree", { first: shown[0], second: shown[1] });
  }
  const { header, id } = read.statement;
  const known = status?.number(header.sub) ?? null;
  if (known !== null && header.typ === CERTIFICATE) {
    if (!(await known.isOf(id))) {
      found.add("against", "certificate.number-used", { index: known.index });
    } else if (shown.length === 0 && !bad) {
      found.add("for", "registration.snapshot", { index: known.index });
      shown = [known.index];
    }
  }
  if (shown.length > 0 && !bad) return shown[0];
  if (!bad) {
    const absent = known === null && oughtToBeNamed(read, status);
    if (absent) found.add("doubt", "registration.absent", { size: status.size });
    else found.add("doubt", "registration.not-shown");
  }
  return null;
}

/** Say whether a status names every logged certificate such as this one. */
function oughtToBeNamed(read, status) {
  if (status === null || read.statement.header.typ !== CERTIFICATE) return false;
  return status.names(read.named.expires) && read.named.issued < dayOf(status.asOf);
}

async function receiptIndex(found, receipt, read, bundle, status) {
  let facts = null;
  try {
    facts = await judgeReceipt(receipt, read.statement.raw, bundle, status);
  } catch (bad) {
    if (!(bad instanceof Problem)) throw bad;
    found.add("against", bad.code, bad.code === "log.split-view" ? bad.facts : {});
    return null;
  }
  const known = knownSize(bundle, status);
  if (facts.size > known) {
    found.add("doubt", "bundle.older-than-receipt", { bundle: known, receipt: facts.size });
  }
  found.add("for", "registration.shown", { index: facts.index, size: facts.size });
  return facts.index;
}

function judgeKey(found, read, bundle, status, index) {
  const { header, id } = read.statement;
  const name = disowned(header.iss, id);
  const gone = bundle.contents.repudiated.get(name) ?? status?.repudiated(name);
  if (gone !== undefined) found.add("against", "statement.repudiated", { index: gone });
  const kid = hex(header.kid);
  const key = bundle.keys.get(kid);
  if (key === undefined) return;
  const until = key.until ?? status?.ended(kid) ?? null;
  if (index !== null) {
    if (index < key.since || (until !== null && index >= until)) {
      found.add("against", "key.not-valid", { since: key.since, until: until ?? -1 });
    }
  } else if (until !== null) judgeEnded(found, read, status, until);
}

/** Judge what an ended key signed and nothing shows to be in the log. */
function judgeEnded(found, read, status, until) {
  const { header } = read.statement;
  const complete = status !== null && status.size >= until && header.typ === CERTIFICATE;
  if (complete && status.names(read.named.expires) && status.number(header.sub) === null) {
    // All that it could sign with effect was logged by then, and this was not.
    found.add("against", "key.revoked-unlogged", { until, size: status.size });
  } else found.add("doubt", "key.revoked", { until });
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
