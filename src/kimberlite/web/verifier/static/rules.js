// What a certificate's open sections answer by themselves: kimberlite.certificates.rules.content,
// with the one rule of .trade that needs no registry. Each gives null where it does not apply,
// {holds, facts} else.

const ROUGH = ["7102.10", "7102.21", "7102.31"];
const WHOLE = 1000;

const sum = (list) => list.reduce((total, each) => total + each, 0);
const distinct = (list) => new Set(list).size === list.length;
const holdsIf = (holds, facts = {}) => ({ holds, facts: holds ? {} : facts });
const carats = (values) => sum(values.lines.map((line) => line.carats));

/** Give the whole value in cents, or null where a line was not valued. */
export function wholeValue(values) {
  const told = values.lines.map((line) => line.value).filter((each) => each !== undefined);
  return told.length === values.lines.length ? sum(told) : null;
}
export const wholeMass = carats;

const ITEMS = [
  ["origin", (seen) => seen.shipment.origin_mode !== "single" || origins(seen).length === 1],
  ["carats", (seen) => carats(seen.values) > 0],
  ["value", (seen) => (wholeValue(seen.values) ?? 0) > 0],
  ["parcels", (seen) => seen.shipment.parcels > 0],
  ["headings", (seen) => seen.shipment.lines.length > 0],
];
const ORDER = ["origin", "issued", "expires", "parties", "carats", "value", "parcels", "headings"];

const origins = (seen) => seen.shipment.origins ?? [];

function complete(seen) {
  if (seen.kind === "letter-of-comfort") return null;
  const lacking = ITEMS.filter(([, present]) => !present(seen)).map(([name]) => name);
  if (!(seen.issued > 0)) lacking.push("issued");
  if (!(seen.expires >= seen.issued)) lacking.push("expires");
  lacking.sort((a, b) => ORDER.indexOf(a) - ORDER.indexOf(b));
  return holdsIf(lacking.length === 0, { items: lacking.join(", ") });
}

function originMode(seen) {
  const countries = origins(seen).map((each) => each.country);
  const shares = origins(seen).map((each) => each.share).filter((each) => each !== undefined);
  const several = countries.length > 1 && distinct(countries);
  const good = {
    single: countries.length === 1 && shares.length === 0,
    "mixed-undisclosed": countries.length === 0,
    "mixed-listed": several && shares.length === 0,
    "mixed-shares": several && shares.length === countries.length && sum(shares) === WHOLE,
  };
  const mode = seen.shipment.origin_mode;
  return holdsIf(good[mode], { mode, origins: countries.length });
}

function headings(seen) {
  const strange = seen.shipment.lines.map((line) => line.hs).filter((hs) => !ROUGH.includes(hs));
  return holdsIf(strange.length === 0, { headings: strange.join(", ") });
}

function parcelsPositive(seen) {
  const empty = seen.shipment.lines.filter((line) => line.parcels <= 0).map((line) => line.hs);
  const good = seen.shipment.parcels > 0 && empty.length === 0;
  return holdsIf(good, { headings: empty.join(", ") });
}

function amounts(seen) {
  const bad = seen.values.lines.filter((line) => line.carats <= 0 || !(line.value > 0));
  return holdsIf(bad.length === 0, { headings: bad.map((line) => line.hs).join(", ") });
}

function parcelsAddUp(seen) {
  const { lines, parcels } = seen.shipment;
  if (seen.kind === "letter-of-comfort" && lines.length === 0) return holdsIf(true);
  const counted = sum(lines.map((line) => line.parcels));
  return holdsIf(counted === parcels, { lines: counted, parcels });
}

function linesMatch(seen) {
  const named = seen.shipment.lines.map((line) => line.hs);
  const valued = seen.values.lines.map((line) => line.hs);
  const alike = [...named].sort().join() === [...valued].sort().join();
  const facts = { shipment: named.join(", "), values: valued.join(", ") };
  return holdsIf(alike && distinct(named), facts);
}

function sizesAddUp(seen) {
  if (seen.values.sizes === undefined) return null;
  const [sizes, lines] = [sum(seen.values.sizes.map((each) => each.carats)), carats(seen.values)];
  return holdsIf(sizes === lines, { sizes, lines });
}

function heaviestFits(seen) {
  const heaviest = seen.values.heaviest;
  if (heaviest === undefined) return null;
  const whole = carats(seen.values);
  return holdsIf(heaviest > 0 && heaviest <= whole, { heaviest, whole });
}

const sealed = (seen) => holdsIf(seen.parties.seals.length > 0);

const technical = (seen) =>
  seen.kind === "technical" ? holdsIf(seen.shipment.purpose !== undefined) : null;

function returnDay(seen) {
  const day = seen.shipment.return_by;
  return day === undefined ? null : holdsIf(day >= seen.issued, { return_by: day });
}

const elsewhere = (seen) =>
  holdsIf(seen.shipment.destination !== seen.issuer, { code: seen.shipment.destination });

const RULES = [
  ["annex.complete", ["shipment", "values", "parties"], complete],
  ["origin.mode", ["shipment"], originMode],
  ["goods.heading", ["shipment"], headings],
  ["goods.parcels", ["shipment"], parcelsPositive],
  ["goods.amounts", ["values"], amounts],
  ["lines.parcels", ["shipment"], parcelsAddUp],
  ["lines.match", ["shipment", "values"], linesMatch],
  ["lines.sizes", ["values"], sizesAddUp],
  ["lines.heaviest", ["values"], heaviestFits],
  ["parties.seals", ["parties"], sealed],
  ["purpose.technical", ["shipment"], technical],
  ["purpose.return", ["shipment"], returnDay],
  ["destination.other", ["shipment"], elsewhere],
];

/** The codes of the rules, in their order. */
export const CODES = RULES.map(([code]) => code);

/** List the rules that do not hold: [code, facts]. Rules whose sections are closed are left out. */
export function broken(seen) {
  return RULES.filter(([, needs]) => needs.every((name) => seen[name] !== undefined))
    .map(([code, , check]) => [code, check(seen)])
    .filter(([, told]) => told !== null && !told.holds)
    .map(([code, told]) => [code, told.facts]);
}
