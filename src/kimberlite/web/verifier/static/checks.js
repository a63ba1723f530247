// Checks on a certificate that is genuine or claims to be: kimberlite.certificates.checks.

import { lookAlike, mixedScripts } from "./likeness.js";
import { broken } from "./rules.js";
import { ask } from "./standing.js";

const AHEAD = 1; // days by which a national calendar may run ahead of UTC
const ENDED = ["replaced", "void", "annulled"];
const DAYS = ["issue", "export", "arrival"];
const GONE = ["lost", "sent-back", "returned", "forfeited", "disposed"];
const QUIET = ["issued", "dispatched"];
const WEIGHTS = ["against", "doubt", "note", "for"];

export class Findings {
  #found = [];

  /** Add a reason: weight "for", "note", "doubt" or "against". */
  add(weight, code, facts = {}) {
    this.#found.push({ code, weight, facts });
  }

  /** List them, the weightiest first, in the order found within a weight. */
  reasons() {
    return weighed(this.#found);
  }
}

/** List reasons, the weightiest first, in the order found within a weight. */
export const weighed = (reasons) =>
  WEIGHTS.flatMap((weight) => reasons.filter((each) => each.weight === weight));

/** Give the result that follows from reasons. */
export function resultOf(reasons) {
  if (reasons.some((each) => each.weight === "against")) return "invalid";
  return reasons.some((each) => each.weight === "doubt") ? "cannot-tell" : "valid";
}

/** Give the one spelling under which the log knows a printed number ("XA007" is "XA7"). */
export const keyOf = (number) => number.slice(0, 2) + (number.slice(2).replace(/^0+/, "") || "0");

export function judgeCertificate(found, certificate, snapshot, { today, arrived, receiver }) {
  const { shipment, issued } = certificate;
  if (issued > today + AHEAD) found.add("doubt", "certificate.future", { issued, today });
  judgeExpiry(found, certificate, snapshot.traders, arrived);
  judgeState(found, certificate, snapshot.status);
  judgeNames(found, certificate);
  if (shipment !== undefined && receiver && shipment.destination !== receiver) {
    found.add("against", "destination.another", { destination: shipment.destination, receiver });
  }
  if (snapshot.traders === null) found.add("note", "participants.unknown");
  else judgeTrade(found, certificate, snapshot, arrived);
  for (const [code, facts] of broken(certificate)) found.add("doubt", code, facts);
}

function judgeExpiry(found, { expires, issuer }, traders, arrived) {
  if (arrived <= expires) return;
  const governs = traders?.get(issuer)?.on(arrived).expiryGoverns ?? "arrival";
  // Where export governs, it had to leave in time; when it left is not on the certificate.
  const weight = governs === "export" ? "doubt" : "against";
  found.add(weight, "certificate.expired", { expires, governs });
}

function judgeState(found, certificate, chain) {
  if (chain === null) {
    found.add("note", "status.unknown");
    return;
  }
  const known = chain.number(keyOf(certificate.number));
  if (known === null) return;
  if (known.held) found.add("doubt", "certificate.held", { index: known.index });
  if (QUIET.includes(known.status)) return;
  const ended = ENDED.includes(known.status);
  const bare = ended || GONE.includes(known.status);
  const code = bare ? `certificate.${known.status}` : `certificate.${known.status}-before`;
  found.add(ended ? "against" : "doubt", code, { index: known.index });
}

function judgeTrade(found, certificate, snapshot, arrived) {
  const { issuer, issued, shipment } = certificate;
  const { traders } = snapshot;
  const receiver = shipment === undefined ? issuer : shipment.destination;
  // Which day decides is the receiver's policy; without an open section it is not known.
  const named = shipment === undefined ? undefined : traders.get(receiver);
  const days = { issued, arrived, policy: named?.on(arrived).policy ?? "arrival" };
  const answers = [["issuer.may-export", issuer, ask(traders.get(issuer), "mayExport", days)]];
  if (shipment !== undefined) {
    answers.push(["destination.may-import", receiver, ask(traders.get(receiver), "mayImport", days)]);
  }
  for (const [reason, code, { answer, ...told }] of answers) {
    if (answer !== "yes") found.add("doubt", reason, { code, answer });
    if (!DAYS.every((day) => told[day] === "yes")) found.add("note", "trade.days", { code, ...told });
  }
  recallRestrictions(found, certificate, snapshot.restrictions, arrived);
}

/** Remind of restrictions then in force; which goods they catch is for the registry. */
function recallRestrictions(found, { issuer, issued, shipment }, restrictions, arrived) {
  const codes = [issuer];
  if (shipment !== undefined) {
    codes.push(shipment.provenance, shipment.destination);
    codes.push(...(shipment.origins ?? []).map((each) => each.country));
  }
  const [first, last] = [Math.min(issued, arrived), Math.max(issued, arrived)];
  for (const { id, country, jurisdiction, begins, ends } of restrictions) {
    const held = begins <= last && (ends === null || first < ends);
    if (held && (codes.includes(country) || codes.includes(jurisdiction))) {
      found.add("note", "trade.restriction", { restriction: id, code: country });
    }
  }
}

function judgeNames(found, { office = "", parties }) {
  const names = [office];
  if (parties !== undefined) names.push(parties.exporter.name, parties.importer.name);
  for (const name of names) {
    const word = mixedScripts(name);
    if (word !== null) found.add("doubt", "name.mixed-scripts", { word });
  }
}

/** Check the number of a certificate that nothing shows to be in the log, as the log would. */
export function judgeRange(found, { number, issued, issuer }, ranges, asOf) {
  if (ranges === null) return;
  const [prefix, serial] = [number.slice(0, 2), Number(number.slice(2))];
  const owned = ranges.filter((each) => each.prefix === prefix);
  const holds = ({ holder, first, last, begins, ends }) =>
    holder === issuer && first <= serial && serial <= last && begins <= issued &&
    (ends === null || issued < ends);
  if (owned.some(holds)) return;
  if (owned.length > 0 && !owned.some((each) => each.holder === issuer)) {
    found.add("against", "certificate.prefix", { prefix });
  } else {
    // One that is dated after what is known may have been notified since.
    found.add(issued >= asOf ? "doubt" : "against", "certificate.range", { number });
  }
}

/** Check whether the issuer is taken for another, or stands for no state at all. */
export function judgeIssuer(found, issuer, kind, traders) {
  if (kind === "prod" && /^X[A-Z]$/.test(issuer)) found.add("against", "issuer.demo", { code: issuer });
  if (traders === null || !/^[A-Z]{2}$/.test(issuer)) return;
  const like = lookAlike(issuer, traders.keys());
  if (like !== null) found.add("against", "issuer.look-alike", { code: issuer, like });
}
