// JSON and base64url as strictly as kimberlite.documents.credential.strict reads and writes them.

import { Problem } from "./problem.js";
import { fromBase64, textOf } from "./bytes.js";

const DEEPEST = 24;
const SPACE = /[ \t\n\r]*/y;
const STRING = /"[^"\\\u0000-\u001f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\u0000-\u001f]*)*"/y;
const NUMBER = /-?(?:0|[1-9][0-9]*)(?![0-9.eE])/y;
const WORDS = [["true", true], ["false", false], ["null", null]];

const bad = () => new Problem("credential.json");

class Reader {
  constructor(text) {
    this.text = text;
    this.at = 0;
  }

  take(pattern) {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    if (found === null) return null;
    this.at = pattern.lastIndex;
    return found[0];
  }

  /** Take a sign after any space; false where another stands there. */
  sign(wanted) {
    this.take(SPACE);
    if (this.text[this.at] !== wanted) return false;
    this.at += 1;
    return true;
  }

  string() {
    this.take(SPACE);
    const found = this.take(STRING);
    if (found === null) throw bad();
    const text = JSON.parse(found);
    if (/\p{Surrogate}/u.test(text)) throw bad();
    return text;
  }

  value(depth) {
    if (depth > DEEPEST) throw bad();
    if (this.sign("{")) return this.#members(depth + 1);
    if (this.sign("[")) return this.#list(depth + 1);
    if (this.text[this.at] === '"') return this.string();
    for (const [word, told] of WORDS) {
      if (!this.text.startsWith(word, this.at)) continue;
      this.at += word.length;
      return told;
    }
    const number = this.take(NUMBER);
    if (number === null || !Number.isSafeInteger(Number(number))) throw bad();
    return Number(number);
  }

  #members(depth) {
    const found = Object.create(null);
    if (this.sign("}")) return found;
    do {
      const name = this.string();
      if (name in found || !this.sign(":")) throw bad(); // no member stands twice
      found[name] = this.value(depth);
    } while (this.sign(","));
    if (!this.sign("}")) throw bad();
    return found;
  }

  #list(depth) {
    const found = [];
    if (this.sign("]")) return found;
    do found.push(this.value(depth)); while (this.sign(","));
    if (!this.sign("]")) throw bad();
    return found;
  }
}

/** Read one JSON value from bytes. Throws Problem credential.json. */
export function readJson(bytes) {
  const text = textOf(bytes);
  if (text === null) throw bad();
  const reader = new Reader(text);
  const found = reader.value(0);
  reader.take(SPACE);
  if (reader.at !== text.length) throw bad();
  return found;
}

export const isObject = (value) =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Read one JSON object. Throws Problem credential.json. */
export function readObject(bytes) {
  const found = readJson(bytes);
  if (!isObject(found)) throw bad();
  return found;
}

/** Write JSON in its one form: sorted members, no spaces. */
export function writeJson(value) {
  if (Array.isArray(value)) return `[${value.map(writeJson).join(",")}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const members = Object.keys(value).sort();
  return `{${members.map((name) => `${JSON.stringify(name)}:${writeJson(value[name])}`).join(",")}}`;
}

/** Read base64url without padding in its one spelling. Throws Problem credential.base64. */
export function fromBase64url(text) {
  const padded = text + "=".repeat(-text.length & 3);
  const found = /^[\w-]*$/.test(text)
    ? fromBase64(padded.replaceAll("-", "+").replaceAll("_", "/"))
    : null;
  if (found === null) throw new Problem("credential.base64");
  return found;
}
