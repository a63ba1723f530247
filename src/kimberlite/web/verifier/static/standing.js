// Who could trade when: a participant's spans of days. kimberlite.certificates.standing.

const TRUTHS = ["no", "yes", "cannot-tell"];
const GOVERNS = ["arrival", "export"];
const POLICIES = ["arrival", "export", "issue"];
const CLAUSES = ["", ...POLICIES, "several"];
const WORST = ["no", "cannot-tell", "yes"];
const LISTS = [TRUTHS, TRUTHS, GOVERNS, POLICIES, CLAUSES];
const NOBODY = spanOf([0, 0, 0, 0, 0, 0]);

function spanOf([begins, ...told]) {
  const [mayExport, mayImport, expiryGoverns, policy, clause] = told.map((at, list) => LISTS[list][at]);
  return { begins, mayExport, mayImport, expiryGoverns, policy, clause };
}

class Trader {
  constructor(spans) {
    this.spans = spans;
  }

  /** Give what holds on a day; days after the last change are as that left it. */
  on(day) {
    return this.between(day, day)[0];
  }

  /** Give what holds on any day from first to last. */
  between(first, last) {
    const found = this.spans.filter(({ begins }, at) =>
      begins <= last && first < (this.spans[at + 1]?.begins ?? last + 1));
    return first < this.spans[0].begins ? [NOBODY, ...found] : found;
  }
}

/** Read one participant's spans; null where they do not read. */
export function traderOf(rows) {
  if (!Array.isArray(rows) || rows.length === 0) return null;
  const good = (row) => Array.isArray(row) && row.length === 6 &&
    row.every((each, at) => Number.isSafeInteger(each) && each >= 0 &&
      (at === 0 || each < LISTS[at - 1].length));
  if (!rows.every(good)) return null;
  if (rows.some((row, at) => at > 0 && row[0] <= rows[at - 1][0])) return null;
  return new Trader(rows.map(spanOf));
}

/** Ask whether a trader may trade one way, on the days of issue, export and arrival. */
export function ask(trader, way, { issued, arrived, policy }) {
  const known = trader ?? new Trader([NOBODY]);
  const spans = known.between(Math.min(issued, arrived), Math.max(issued, arrived));
  const between = new Set(spans.map((span) => span[way]));
  const days = {
    issue: known.on(issued)[way],
    // They left on some day in between: only where nothing changed is the answer known.
    export: between.size === 1 ? spans[0][way] : "cannot-tell",
    arrival: known.on(arrived)[way],
  };
  const clauses = new Set(spans.filter((span) => span[way] !== "yes").map((span) => span.clause));
  clauses.delete("");
  const several = clauses.has("several") || clauses.size > 1;
  const asked = several ? Object.keys(days).sort() : [[...clauses, policy][0]];
  const worst = Math.min(...asked.map((each) => WORST.indexOf(days[each])));
  const decided = asked.find((each) => WORST.indexOf(days[each]) === worst);
  return { answer: days[decided], ...days, decided_by: decided };
}
