// What a credential and a view of a certificate say, worked out again from its file:
// kimberlite.documents.credential.opened, .vc and .view. Constants come with schemas.json.

import { Problem } from "./problem.js";
import { decode } from "./cbor.js";
import { base64url, hex, isBytes } from "./bytes.js";
import { parseReceipt } from "./receipt.js";
import { readRecord } from "./schema.js";
import { requireSeal } from "./statement.js";
import { writeFile } from "./verify.js";

const SECTIONS = ["shipment", "values", "parties"];
const DAY = 86400;

const points = (value) => `${Math.floor(value / 100)}.${String(value % 100).padStart(2, "0")}`;
const moment = (seconds) => new Date(seconds * 1000).toISOString().replace(".000", "");
const dayText = (days) => moment(days * DAY).slice(0, 10);

/** Give a field in its JSON form, as its name decides. */
function shown(name, value, forms) {
  if (isBytes(value)) return hex(value);
  if (Array.isArray(value)) return value.map((each) => shown(name, each, forms));
  if (typeof value === "object") return shownAll(value, forms);
  if (forms.days.includes(name)) return dayText(value);
  return forms.decimals.includes(name) ? points(value) : value;
}

const shownAll = (fields, forms) =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, shown(name, value, forms)]));

/**
 * Open a certificate file: its sections in JSON form, and its entry by its first receipt.
 * @param {object} read what parseFile gave  @param {string[]} needed sections that have to be open
 */
export async function openFile(read, origin, needed, schemas) {
  const { header, body } = read.statement;
  if (header.typ !== "kp-cert+cose") throw new Problem("credential.no-certificate");
  if (read.receipts.length === 0) throw new Problem("credential.no-receipt");
  const sections = {};
  for (const opening of read.openings) {
    const { label, name, schema } = read.kind.sections.find((each) => each.name === opening.section);
    await requireSeal(opening, body.seals.get(label), header);
    const fields = readRecord(schema, decode(opening.content, 16384), schemas.records);
    sections[name] = shownAll(fields, schemas.forms);
  }
  const sealed = read.kind.sections.filter(({ label }) => body.seals.has(label));
  const closed = sealed.filter(({ name }) => needed.includes(name) && !(name in sections));
  if (closed.length > 0) throw new Problem("credential.closed");
  const index = parseReceipt(read.receipts[0]).position;
  if (!Number.isSafeInteger(index)) throw new Problem("credential.no-receipt");
  const log = shownAll(read.named, schemas.forms);
  return { read, origin, sections, log, index, constants: schemas.credential };
}

const baseOf = (origin) => `https://${origin.split("/")[0].toLowerCase()}/api/v1`;

/** Give the DID of a holder of keys. */
export const didOf = (origin, holder) =>
  `did:web:${origin.split("/")[0].toLowerCase().replaceAll(":", "%3A")}:api:v1:did:${holder}`;

export const listAddress = (origin, purpose, number) =>
  `${baseOf(origin)}/credentials/status/${purpose}/${number}`;

function status({ origin, index, constants }) {
  const [number, at] = [Math.floor(index / constants.listBits), index % constants.listBits];
  return constants.purposes.map((purpose) => {
    const where = listAddress(origin, purpose, number);
    return {
      id: `${where}#${at}`,
      type: "BitstringStatusListEntry",
      statusPurpose: purpose,
      statusListIndex: String(at),
      statusListCredential: where,
    };
  });
}

function urn(id) {
  const raw = id.slice(0, 16);
  raw[6] = (raw[6] & 0x0f) | 0x80;
  raw[8] = (raw[8] & 0x3f) | 0x80;
  return `urn:uuid:${hex(raw).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5")}`;
}

const written = ({ statement, receipts }, openings) =>
  base64url(writeFile(statement.raw, openings, receipts));

/** Give the credential of a certificate file, unsigned. */
export async function credentialOf(read, origin, schemas) {
  const opened = await openFile(read, origin, SECTIONS, schemas);
  const { statement, named, openings } = read;
  const { iss } = statement.header;
  const { contexts, types, resource } = opened.constants;
  return {
    "@context": contexts,
    type: types,
    id: urn(statement.id),
    issuer: {
      type: ["CredentialIssuer"],
      id: didOf(origin, iss),
      name: `Kimberley Process authority ${iss}`,
    },
    validFrom: moment(named.issued * DAY),
    validUntil: moment((named.expires + 1) * DAY - 1),
    credentialStatus: status(opened),
    relatedResource: resource,
    evidence: [{
      type: ["KimberleyProcessStatement"],
      kimberleyStatement: hex(statement.id),
      kimberleyFile: written(read, openings),
    }],
    credentialSubject: subject(opened),
  };
}

function subject({ read, sections, log, constants }) {
  const { shipment, parties } = sections;
  const name = urn(read.statement.id);
  const products = shipment.lines.map(({ hs }, at) => ({
    product: { type: ["Product"], id: `${name}#line-${at + 1}`, name: `Rough diamonds, HS ${hs}` },
  }));
  return {
    ...constants.subject,
    id: `${name}#attestation`,
    name: `Kimberley Process Certificate ${log.number}`,
    issuedToParty: { type: ["Party"], id: `${name}#exporter`, name: parties.exporter.name },
    assessment: [{
      ...constants.assessment,
      id: `${name}#assessment`,
      assessmentDate: dayText(read.named.issued),
      assessedProduct: products,
    }],
    kimberleyCertificate: { log, ...sections },
  };
}

/** Give what a view says in clear, without its digests. */
export async function viewOf(read, origin, schemas) {
  const opened = await openFile(read, origin, ["shipment"], schemas);
  const { statement, named, openings } = read;
  return {
    _sd_alg: "sha-256",
    label: opened.constants.label,
    iss: didOf(origin, statement.header.iss),
    nbf: named.issued * DAY,
    exp: (named.expires + 1) * DAY,
    certificate: opened.log,
    shipment: opened.sections.shipment,
    credentialStatus: status(opened),
    statement: hex(statement.id),
    file: written(read, openings.filter(({ section }) => section === "shipment")),
  };
}
