// Checks on a certificate that is genuine or claims to be: kimberlite.certificates.checks.

import { broken } from "./rules.js";

const AHEAD = 1; // days by which a national calendar may run ahead of UTC
const ENDED = ["replaced", "void", "annulled"];
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
    return WEIGHTS.flatMap((weight) => this.#found.filter((each) => each.weight === weight));
  }
}

/** Give the result that follows from reasons. */
export function resultOf(reasons) {
  if (reasons.some((each) => each.weight === "against")) return "invalid";
  return reasons.some((each) => each.weight === "doubt") ? "cannot-tell" : "valid";
}

/** Give the one spelling under which the log knows a printed number ("XA007" is "XA7"). */
export const keyOf = (number) => number.slice(0, 2) + (number.slice(2).replace(/^0+/, "") || "0");

export function judgeCertificate(found, certificate, snapshot, { today, receiver }) {
  const { shipment } = certificate;
  judgeDays(found, certificate, snapshot.traders, today);
  judgeState(found, certificate, snapshot);
  if (shipment !== undefined && receiver && shipment.destination !== receiver) {
    found.add("against", "destination.another", { destination: shipment.destination, receiver });
  }
  if (snapshot.traders === null) found.add("note", "participants.unknown");
  else judgeTrade(found, certificate, snapshot.traders);
  for (const [code, facts] of broken(certificate)) found.add("doubt", code, facts);
}

function judgeDays(found, { issued, expires, issuer }, traders, today) {
  if (issued > today + AHEAD) found.add("doubt", "certificate.future", { issued, today });
  if (today <= expires) return;
  const governs = traders?.get(issuer)?.expiryGoverns ?? "arrival";
  // Where export governs, it had to leave in time; when it left is not on the certificate.
  const weight = governs === "export" ? "doubt" : "against";
  found.add(weight, "certificate.expired", { expires, governs });
}

function judgeState(found, certificate, snapshot) {
  const known = snapshot.number(keyOf(certificate.number));
  if (known === null || QUIET.includes(known.status)) return;
  const ended = ENDED.includes(known.status);
  const bare = ended || known.status === "lost";
  const code = bare ? `certificate.${known.status}` : `certificate.${known.status}-before`;
  found.add(ended ? "against" : "doubt", code, { index: known.index });
}

function judgeTrade(found, { issuer, shipment }, traders) {
  const out = traders.get(issuer)?.mayExport ?? "no";
  if (out !== "yes") found.add("doubt", "issuer.may-export", { code: issuer, answer: out });
  if (shipment === undefined) return;
  const code = shipment.destination;
  const into = traders.get(code)?.mayImport ?? "no";
  if (into !== "yes") found.add("doubt", "destination.may-import", { code, answer: into });
}
