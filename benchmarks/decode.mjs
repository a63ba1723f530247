// Reads pictures with the decoder that the browser's page uses, as that page does: one line of JSON
// a picture. Input: width and height (32 bits each, little-endian), then grey levels, and again.

import { pathToFileURL } from "node:url";

const { decodeQRBatch } = await import(pathToFileURL(process.argv[2]));
const timeLimit = Number(process.argv[3]);
let held = Buffer.alloc(0);

async function read(width, height, grey) {
  const data = new Uint8ClampedArray(width * height * 4);
  for (let at = 0; at < grey.length; at++) data.fill(grey[at], 4 * at, 4 * at + 3);
  const started = performance.now();
  const [found] = await decodeQRBatch([{ width, height, data }], { timeLimit });
  const ms = performance.now() - started;
  const texts = found.filter((each) => typeof each === "string");
  process.stdout.write(`${JSON.stringify({ texts, ms })}\n`);
}

for await (const chunk of process.stdin) {
  held = Buffer.concat([held, chunk]);
  while (held.length >= 8) {
    const [width, height] = [held.readUInt32LE(0), held.readUInt32LE(4)];
    const end = 8 + width * height;
    if (held.length < end) break;
    await read(width, height, held.subarray(8, end));
    held = held.subarray(end);
  }
}
