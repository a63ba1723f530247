// Sentences for codes, in the seven languages, from the reference's own catalogues: what
// kimberlite.words.say does, with the browser's knowledge of days, numbers and names.

const LOCALES = { pt: "pt-PT", zh: "zh-Hans-CN" };
const COMMAS = { ar: "، ", zh: "、" };
const [OPEN, CLOSE] = ["\u2068", "\u2069"]; // keep a Latin name from turning an Arabic sentence
const PLACE = /\{([a-z_]+)(?::([a-z]+))?\}/g;
const SHARED = /\..*$/;

export class Words {
  /** @param {string} lang  @param {object} texts its catalogue  @param {object} english fallback */
  constructor(lang, texts, english) {
    this.lang = lang;
    this.direction = lang === "ar" ? "rtl" : "ltr";
    this.texts = texts;
    this.english = english;
    // Latin digits everywhere, as on the certificates themselves.
    this.locale = `${LOCALES[lang] ?? lang}-u-nu-latn`;
    this.kinds = {
      day: (value) => this.day(value),
      moment: (value) => this.moment(value),
      number: (value) => this.number(value, 0),
      carats: (value) => `${this.number(value, 2)}\u00a0${this.say("unit.carat")}`,
      usd: (value) => `US$\u00a0${this.number(value, 2)}`,
      permille: (value) => `${this.number(value, 1)}\u00a0%`,
      territory: (value) => this.territory(value),
      word: (value) => this.word(value),
    };
  }

  say(key, facts = {}) {
    const text = this.#text(key, facts.n);
    if (text === undefined) return key;
    return text.replace(PLACE, (_, name, kind) => this.#show(facts[name], kind));
  }

  has(key) {
    return this.#text(key) !== undefined;
  }

  /** Say a reason; the issuer's own findings name a rule, which is said too. */
  reason({ code, facts }) {
    const said = this.say(code, facts);
    return facts.rule && this.has(facts.rule) ? `${said} ${this.say(facts.rule)}` : said;
  }

  word(value) {
    const key = `word.${value}`;
    return this.has(key) ? this.say(key) : value;
  }

  territory(code) {
    const told = this.texts[`territory.${code}`];
    if (told !== undefined) return told;
    if (!/^[A-Z]{2}$/.test(code) || code.startsWith("X")) return code;
    return new Intl.DisplayNames([this.locale], { type: "region" }).of(code) ?? code;
  }

  listing(items) {
    const shown = this.direction === "rtl" ? items.map((each) => OPEN + each + CLOSE) : items;
    return shown.join(COMMAS[this.lang] ?? ", ");
  }

  day(days) {
    const style = { dateStyle: "long", timeZone: "UTC" };
    const locale = this.lang === "en" ? "en-GB-u-nu-latn" : this.locale;
    return new Intl.DateTimeFormat(locale, style).format(new Date(days * 86_400_000));
  }

  moment(seconds) {
    const time = new Date(seconds * 1000).toISOString().slice(11, 16);
    return `${this.day(Math.floor(seconds / 86_400))}${this.lang === "ar" ? "،" : ","} ${time} UTC`;
  }

  /** Write a whole number of units of 10**-decimals, never through a fraction. */
  number(value, decimals) {
    const unit = 10 ** decimals;
    const format = new Intl.NumberFormat(this.locale, { useGrouping: "always" });
    const whole = format.format(Math.floor(Math.abs(value) / unit));
    const point = new Intl.NumberFormat(this.locale).formatToParts(1.5)[1].value;
    const part = String(Math.abs(value) % unit).padStart(decimals, "0");
    return `${value < 0 ? "-" : ""}${whole}${decimals > 0 ? point + part : ""}`;
  }

  #text(key, n) {
    for (const [lang, texts] of [[this.locale, this.texts], ["en", this.english]]) {
      if (typeof n === "number") {
        const form = new Intl.PluralRules(lang).select(n);
        const told = texts[`${key}#${form}`] ?? texts[`${key}#other`];
        if (told !== undefined) return told;
      }
      const told = texts[key] ?? texts[`${key.replace(SHARED, "")}.*`];
      if (told !== undefined) return told;
    }
    return undefined;
  }

  #show(value, kind) {
    let shown = "…";
    if (value !== undefined && value !== null) {
      try {
        shown = kind === undefined ? String(value) : this.kinds[kind](value);
      } catch {
        shown = String(value);
      }
    }
    return this.direction === "rtl" ? OPEN + shown + CLOSE : shown;
  }
}
