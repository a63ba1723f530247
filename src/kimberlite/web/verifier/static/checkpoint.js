// The log's signed head: C2SP tlog-checkpoint in a signed note. kimberlite.ledger.checkpoint.

import { Problem } from "./problem.js";
import { base64, fromBase64, joined, same, sha256, textOf, utf8 } from "./bytes.js";
import { ED25519 } from "./keys.js";

const MAX_NOTE = 1 << 20;
const MAX_SIGNATURES = 128;
const DASH = "\u2014 ";
const NOT_IN_NAME =
  /[+\u0000- \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;
const NOTE_CONTROL = /[\u0000-\u0009\u000b-\u001f]/;
const LINE_CONTROL = /[\u0000-\u001f]/;
const EMPTY_ROOT = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

const malformed = () => new Problem("note.format");

/** Read a note: its text and signature lines, none of them checked. */
export function parseNote(data) {
  if (data.length > MAX_NOTE) throw new Problem("note.length", { limit: MAX_NOTE });
  const told = textOf(data);
  const at = told === null ? -1 : told.lastIndexOf("\n\n");
  if (at < 0 || !told.endsWith("\n")) throw malformed();
  const lines = told.slice(at + 2, -1);
  const rows = lines.split("\n");
  if (told.length === at + 2 || rows.length > MAX_SIGNATURES) throw malformed();
  const text = told.slice(0, at + 1);
  const signatures = rows.map(parseLine);
  if (NOTE_CONTROL.test(text)) throw malformed();
  return { text, signatures };
}

function parseLine(row) {
  if (!row.startsWith(DASH)) throw malformed();
  const rest = row.slice(DASH.length);
  const gap = rest.indexOf(" ");
  const name = gap < 0 ? rest : rest.slice(0, gap);
  const raw = fromBase64(gap < 0 ? "" : rest.slice(gap + 1));
  if (raw === null) throw malformed();
  if (name === "" || NOT_IN_NAME.test(name)) throw new Problem("note.name");
  if (raw.length < 5) throw malformed();
  return { name, keyId: raw.slice(0, 4), blob: raw.slice(4) };
}

function parseBody(text) {
  const bad = new Problem("checkpoint.format");
  const [origin, size, root, ...more] = text.slice(0, -1).split("\n");
  if (root === undefined || !/^(?:0|[1-9][0-9]{0,18})$/.test(size)) throw bad;
  const raw = fromBase64(root);
  if (raw === null) throw bad;
  const line = (each) => each !== "" && !LINE_CONTROL.test(each);
  if (!line(origin) || utf8(origin).length > 255) throw new Problem("checkpoint.origin");
  if (BigInt(size) >= 1n << 63n) throw new Problem("checkpoint.size");
  if (raw.length !== 32 || (size === "0" && base64(raw) !== EMPTY_ROOT)) {
    throw new Problem("checkpoint.root");
  }
  if (!more.every(line)) throw new Problem("checkpoint.extension");
  return { origin, size: Number(size), root: raw };
}

/** Read a signed checkpoint and check the log's own signature on it. */
export async function openCheckpoint(data, key, origin) {
  const note = parseNote(data);
  const found = parseBody(note.text);
  if (NOT_IN_NAME.test(found.origin)) throw new Problem("note.name");
  if (key.algorithm !== ED25519) throw new Problem("note.algorithm");
  const told = joined(utf8(`${found.origin}\n`), Uint8Array.of(1), key.raw);
  const keyId = (await sha256(told)).slice(0, 4);
  const ours = note.signatures.filter(
    (each) => each.name === found.origin && same(each.keyId, keyId),
  );
  for (const each of ours) {
    if (!(await key.verify(each.blob, utf8(note.text)))) throw new Problem("note.signature");
  }
  if (ours.length === 0) throw new Problem("note.unsigned");
  if (found.origin !== origin) throw new Problem("checkpoint.other-log", { origin });
  return found;
}
