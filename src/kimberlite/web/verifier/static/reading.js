// Takes whatever somebody holds: a certificate file, text of printed codes, a picture, a PDF, a
// credential, a status list, a trust bundle. kimberlite.documents.reading does the same for the command line.

import { Problem } from "./problem.js";
import { textOf, utf8 } from "./bytes.js";
import { isOurs } from "./codes.js";
import { isStatusList, isToken, readCredential } from "./credential.js";
import { attachedTo } from "./pdf.js";
import { readPicture } from "./pictures.js";

const LARGEST = 32 * 1024 * 1024;
const FILE_MAGIC = utf8("\x69kp-file/1"); // the text's head and the text
const PICTURES = [
  [0x89, 0x50, 0x4e, 0x47],
  [0xff, 0xd8, 0xff],
  [0x47, 0x49, 0x46, 0x38],
  [0x42, 0x4d],
];

const startsWith = (bytes, magic, at = 0) => magic.every((each, place) => bytes[at + place] === each);
const isPicture = (bytes) =>
  PICTURES.some((magic) => startsWith(bytes, magic)) ||
  (startsWith(bytes, [...utf8("RIFF")]) && startsWith(bytes, [...utf8("WEBP")], 8));
const isPdf = (bytes) => new TextDecoder("latin1").decode(bytes.subarray(0, 1024)).includes("%PDF-");
const isBundle = (bytes) => textOf(bytes.subarray(4, 40).map((b) => (b > 31 && b < 127 ? b : 32)))
  .includes("kp-bundle+cose");

/** Give the codes in a text: one a line, as scanners give them. Spaces at a line's end may count. */
export function codesIn(text) {
  const lines = text.split(/[\r\n]+/).map((each) => each.replace(/^[ \t\ufeff]+/, ""));
  return lines.filter((each) => each.trim() !== "");
}

/**
 * Say what a chosen file is: {file}, {texts}, {credential}, {list} or {bundle}; fromPdf says that
 * the file was attached to a PDF. Throws Problem verifier.unreadable, verifier.too-large,
 * verifier.pdf, verifier.picture, verifier.no-code, and those of credentials.
 */
export async function readChosen(blob) {
  if (blob.size > LARGEST) throw new Problem("verifier.too-large");
  const bytes = new Uint8Array(await blob.arrayBuffer());
  if (bytes[0] === 0x84 && startsWith(bytes, [...FILE_MAGIC], 1)) return { file: bytes };
  if (isPicture(bytes)) return { texts: await readPicture(blob) };
  if (isPdf(bytes)) return { file: await attachedTo(bytes), fromPdf: true };
  if (isToken(bytes)) {
    if (isStatusList(bytes)) return { list: bytes };
    const credential = readCredential(bytes);
    return { file: credential.file, credential };
  }
  if (bytes[0] === 0xd2 && isBundle(bytes)) return { bundle: bytes };
  const text = bytes.length < 65536 ? textOf(bytes) : null;
  const codes = text === null ? [] : codesIn(text);
  if (codes.length > 0 && codes.every(isOurs)) return { texts: codes };
  throw new Problem("verifier.unreadable");
}
