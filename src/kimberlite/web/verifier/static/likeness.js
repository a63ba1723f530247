// Look-alikes: codes that pass for a participant's, and words in two scripts at once.
// kimberlite.certificates.likeness.

const ALIASES = { EC: "EU", EL: "GR", UK: "GB", SU: "RU", ZR: "CD", TP: "TL" };
const GROUPS = ["CGOQD", "IJLT", "UVY", "EF", "MN", "BPR", "XK", "SZ"];
const WORD = /\p{Alphabetic}[\p{Alphabetic}\p{Mark}]*/gu;
const LATIN = /[A-Za-z\u00c0-\u024f\u1e00-\u1eff]/;
const OTHER = /[\u0370-\u03ff\u0400-\u052f\u0530-\u058f\u13a0-\u13ff]/;

/** Give the listed code for which an unlisted one may be taken, or null. */
export function lookAlike(code, listed) {
  const known = [...listed].sort();
  if (known.includes(code)) return null;
  if (known.includes(ALIASES[code])) return ALIASES[code];
  return known.find((each) => alike(code, each)) ?? null;
}

function alike(code, other) {
  if (code.length !== other.length) return false;
  if (code === [...other].reverse().join("")) return true;
  const together = (a, b) => GROUPS.some((group) => group.includes(a) && group.includes(b));
  return [...code].every((each, at) => each === other[at] || together(each, other[at]));
}

/** Give the first word with both Latin letters and letters that pass for them, or null. */
export function mixedScripts(text) {
  return text.match(WORD)?.find((each) => LATIN.test(each) && OTHER.test(each)) ?? null;
}
