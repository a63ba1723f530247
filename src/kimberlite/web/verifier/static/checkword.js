// The check word that two people compare by telephone: kimberlite.documents.checkword.

import { joined, sha256, utf8 } from "./bytes.js";

const LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const timesA = (value) => (value & 16 ? (value << 1) ^ 0b100101 : value << 1);

/** Give the check word of a statement by its id, as it is printed: "7ZK4-M2QX". */
export async function checkword(statement) {
  const digest = await sha256(joined(utf8("kp-checkword/1"), statement));
  const bits = digest.subarray(0, 5).reduce((sum, each) => sum * 256 + each, 0) / 32;
  const values = Array.from({ length: 7 }, (_, at) => Math.floor(bits / 32 ** (6 - at)) % 32);
  let last = values.reduceRight((sum, each) => timesA(sum) ^ each, 0);
  for (let step = 0; step < 24; step++) last = timesA(last);
  const word = [...values, last].map((each) => LETTERS[each]).join("");
  return `${word.slice(0, 4)}-${word.slice(4)}`;
}
