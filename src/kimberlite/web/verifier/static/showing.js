// Makes what the page shows of a verdict, a problem, and the state of knowledge. Text is only ever
// put in as text: nothing that a certificate says becomes markup.

import { checkword } from "./checkword.js";
import { wholeMass, wholeValue } from "./rules.js";

const GLYPHS = { valid: "✓", invalid: "✕", "cannot-tell": "?" };

/** Make an element: el("p", {class: "lead"}, "text", child, ...). */
export function el(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children.filter((each) => each !== null));
  return made;
}

const list = (items) => el("ul", {}, ...items.map((each) => el("li", {}, each)));

function headline(words, verdict) {
  const say = (key, facts) => words.say(key, facts);
  return el("div", { class: `verdict verdict-${verdict.result}` },
    el("p", { class: "glyph", "aria-hidden": "true" }, GLYPHS[verdict.result]),
    el("div", {},
      el("h1", {}, say(`web.verdict.${verdict.result}`)),
      el("p", {}, say(`web.verdict.${verdict.result}.means`)),
      el("p", {}, `${say(`kind.${verdict.typ}`)} `, el("bdi", { class: "code" }, verdict.number),
        ` · ${words.territory(verdict.issuer)}`)));
}

function reasons(words, verdict) {
  const items = verdict.reasons.map((each) =>
    el("li", { class: `weight-${each.weight}` },
      el("span", { class: "weight" }, words.say(`web.weight.${each.weight}`)),
      el("div", {}, words.reason(each), " ", el("small", {}, el("code", {}, each.code)))));
  return el("section", { "aria-labelledby": "why" },
    el("h2", { id: "why" }, words.say("web.verdict.reasons")),
    el("ul", { class: "reasons weighed" }, ...items));
}

/** Say how old knowledge is. */
export function age(words, days) {
  return days > 0 ? words.say("web.verdict.days", { n: days }) : words.say("web.verdict.today");
}

function recent(words, verdict) {
  return el("section", { "aria-labelledby": "age" },
    el("h2", { id: "age" }, words.say("web.verdict.age")),
    el("p", {}, words.say("web.verdict.as-of", { moment: verdict.asOf }), " ",
      age(words, verdict.ageDays)),
    list(verdict.reminders.map((key) => words.say(`reminder.${key}`))));
}

function limits(words, verdict) {
  const proved = verdict.proves.map((key) => words.say(`proves.${key}`));
  return el("div", { class: "columns" },
    el("section", { class: "panel", "aria-labelledby": "proves" },
      el("h2", { id: "proves" }, words.say("web.verdict.proves")),
      proved.length > 0 ? list(proved)
        : el("p", { class: "empty" }, words.say("web.verdict.proves-nothing"))),
    el("section", { class: "panel", "aria-labelledby": "cannot" },
      el("h2", { id: "cannot" }, words.say("web.verdict.cannot")),
      list(verdict.cannotProve.map((key) => words.say(`cannot.${key}`)))));
}

function* contents(words, { issued, expires, shipment, values, parties }) {
  yield ["issued", words.day(issued)];
  yield ["expires", words.day(expires)];
  if (shipment !== undefined) {
    yield ["destination", words.territory(shipment.destination)];
    yield ["origin_mode", words.word(shipment.origin_mode)];
    const origins = (shipment.origins ?? []).map((each) => words.territory(each.country));
    if (origins.length > 0) yield ["origins", words.listing(origins)];
    yield ["provenance", words.territory(shipment.provenance)];
    yield ["parcels", words.number(shipment.parcels, 0)];
  }
  if (values !== undefined) {
    yield ["carats", words.kinds.carats(wholeMass(values))];
    const value = wholeValue(values);
    if (value !== null) yield ["value", words.kinds.usd(value)];
    yield ["hs", words.listing(values.lines.map((line) => line.hs))];
  }
  if (parties !== undefined) {
    for (const role of ["exporter", "importer"]) {
      yield [role, words.listing([parties[role].name, parties[role].address])];
    }
    yield ["seals", words.listing(parties.seals)];
  }
}

function declared(words, verdict, word) {
  if (verdict.certificate === null) return null;
  const pairs = [...contents(words, verdict.certificate)];
  const row = (name, text) => el("div", {}, el("dt", {}, name), el("dd", {}, text));
  return el("section", { "aria-labelledby": "contents" },
    el("h2", { id: "contents" }, words.say("web.verdict.contents")),
    el("p", {}, words.say("web.verdict.contents.lead")),
    el("dl", { class: "facts" },
      ...pairs.map(([name, text]) => row(words.say(`field.${name}`), text)),
      row(words.say("paper.checkword"), el("bdi", { class: "code" }, word))));
}

/** Make the whole answer. */
export async function verdictView(words, verdict) {
  const word = await checkword(verdict.statement);
  const [head, why, age, proof] = [headline, reasons, recent, limits].map((make) =>
    make(words, verdict));
  return [head, why, age, declared(words, verdict, word), proof].filter((each) => each !== null);
}

/** Make what is said when there is no verdict. */
export function problemView(words, problem) {
  return [el("div", { class: "notice notice-bad", role: "alert" },
    el("h1", {}, words.say("verifier.problem")),
    el("p", { class: "lead" }, words.say(problem.code, problem.facts)),
    el("p", {}, el("small", {}, el("code", {}, problem.code))))];
}

/** Make the facts about the trust bundle at hand. */
export function knowledgeView(words, knowledge, today) {
  const { bundle, pin } = knowledge;
  if (bundle === null) return [el("p", { class: "knowledge-old" }, words.say("verifier.none"))];
  const days = Math.max(0, today - Math.floor(bundle.contents.asOf / 86400));
  const expired = today > Math.floor(bundle.contents.expires / 86400);
  const row = (key, ...shown) => el("div", {}, el("dt", {}, words.say(key)), el("dd", {}, ...shown));
  const found = [el("dl", { class: "facts" },
    row("verifier.log", el("bdi", {}, bundle.title), " · ", el("bdi", {}, bundle.origin)),
    row("verifier.as-of", words.moment(bundle.contents.asOf), el("br"), age(words, days)),
    row("verifier.expires", words.moment(bundle.contents.expires)),
    row("verifier.fingerprint", el("span", { class: "fingerprint" }, knowledge.fingerprint)))];
  if (expired) found.push(el("p", { class: "knowledge-old" }, words.say("verifier.stale")));
  if (!knowledge.stored) {
    found.push(el("p", { class: "knowledge-old" }, words.say("verifier.not-stored")));
  }
  if (knowledge.root !== null) return found;
  if (pin?.compared) found.push(el("p", {}, words.say("verifier.compared-done")));
  else {
    found.push(el("p", {}, words.say("verifier.fingerprint.hint")),
      el("p", {}, el("button", { class: "button plain", "data-compared": "" },
        words.say("verifier.compared"))));
  }
  return found;
}
