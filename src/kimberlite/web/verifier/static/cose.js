// COSE_Sign1 (RFC 9052 section 4.2) taken apart as kimberlite.crypto.sign1 does.

import { Problem } from "./problem.js";
import { decode, readHead } from "./cbor.js";

const truncated = () => new Problem("cose.truncated");

/** Give {protectedHeader, unprotected, payload, signature}; payload null where detached. */
export function split(data) {
  if (data[0] !== 0xd2 || data[1] !== 0x84) throw new Problem("cose.tag");
  const first = byteString(data, 2);
  const protectedHeader = data.slice(first.at, first.end);
  if (first.end >= data.length) throw truncated();
  const ends = endOfItem(data, first.end);
  const unprotected = data.slice(first.end, ends);
  checkMap(unprotected);
  let payload = null;
  let at = ends;
  if (at >= data.length) throw truncated();
  if (data[at] === 0xf6) at += 1;
  else {
    const second = byteString(data, at);
    payload = data.slice(second.at, second.end);
    at = second.end;
  }
  if (at >= data.length) throw truncated();
  if (data[at] !== 0x58) throw new Problem("cose.signature");
  if (at + 1 >= data.length) throw truncated();
  if (data[at + 1] !== 64) throw new Problem("cose.signature");
  const signature = data.slice(at + 2);
  if (signature.length < 64) throw truncated();
  if (signature.length > 64) throw new Problem("cose.trailing");
  return { protectedHeader, unprotected, payload, signature };
}

function headAt(data, at) {
  try {
    return readHead(data, at);
  } catch (bad) {
    if (bad.code === "cbor.truncated") throw truncated();
    throw new Problem("cose.encoding");
  }
}

function byteString(data, start) {
  const [kind, size, at] = headAt(data, start);
  if (kind !== 2) throw new Problem("cose.member");
  if (size > BigInt(data.length)) throw truncated();
  return { at, end: at + Number(size) };
}

function endOfItem(data, start) {
  let pending = 1n;
  let at = start;
  while (pending > 0n) {
    const [kind, argument, next] = headAt(data, at);
    at = next;
    pending -= 1n;
    if (kind === 2 || kind === 3) {
      if (argument > BigInt(data.length - at)) throw truncated();
      at += Number(argument);
    } else if (kind === 4) pending += argument;
    else if (kind === 5) pending += 2n * argument;
  }
  return at;
}

function checkMap(raw) {
  let value = null;
  try {
    value = decode(raw);
  } catch {
    throw new Problem("cose.unprotected");
  }
  if (!(value instanceof Map)) throw new Problem("cose.unprotected");
}
