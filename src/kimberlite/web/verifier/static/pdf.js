// Finds the certificate file that is attached to a PDF, on this device. A stream never stands
// inside another object (ISO 32000-1 section 7.5.7), so each is found without the rest of the file;
// what is no certificate file is dropped after its first bytes.

import { Problem } from "./problem.js";
import { joined, same, utf8 } from "./bytes.js";

const LARGEST = 64 * 1024; // of a certificate file
const MOST = 4096; // streams that are looked at
const BEFORE = 1024; // bytes before "stream" in which its dictionary stands
const HEAD = joined(Uint8Array.of(0x84, 0x69), utf8("kp-file/1"));

const begins = (bytes) => same(bytes.subarray(0, HEAD.length), HEAD);

/** Undo zlib if a certificate file comes out; null for anything else. */
async function inflated(data) {
  const parts = [];
  let size = 0;
  const stream = new Blob([data]).stream().pipeThrough(new DecompressionStream("deflate"));
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      if ((size === 0 && !begins(value)) || size + value.length > LARGEST) {
        await reader.cancel();
        return null;
      }
      size += value.length;
      parts.push(value);
    }
  } catch {
    // Between a stream's end and its last line may stand a line end that is no part of it.
  }
  return size === 0 ? null : joined(...parts);
}

/** Give the dictionaries and bytes of the streams of a PDF, one after another. */
function* streams(bytes) {
  const text = new TextDecoder("latin1").decode(bytes);
  const mark = />>\s*stream\r?\n/g;
  for (let tried = 0; tried < MOST; tried++) {
    const found = mark.exec(text);
    if (found === null) return;
    const start = mark.lastIndex;
    const before = text.slice(Math.max(0, found.index - BEFORE), found.index);
    const dictionary = before.slice(before.lastIndexOf("obj") + 1);
    const length = Number(/\/Length\s+(\d+)\b(?!\s+\d+\s+R)/.exec(dictionary)?.[1] ?? "NaN");
    const told = /^\s{0,2}endstream/.test(text.slice(start + length, start + length + 12));
    const stop = told ? start + length : text.indexOf("endstream", start);
    if (stop < 0) return;
    mark.lastIndex = stop;
    if (stop - start <= LARGEST + BEFORE) yield [dictionary, bytes.slice(start, stop)];
  }
}

/** Give the certificate file attached to a PDF. Throws Problem verifier.pdf, verifier.several. */
export async function attachedTo(bytes) {
  const found = [];
  for (const [dictionary, raw] of streams(bytes)) {
    const packed = dictionary.includes("/FlateDecode");
    const data = packed ? await inflated(raw) : raw;
    if (data !== null && begins(data) && !found.some((each) => same(each, data))) found.push(data);
  }
  if (found.length === 0) throw new Problem("verifier.pdf");
  if (found.length > 1) throw new Problem("verifier.several");
  return found[0];
}
