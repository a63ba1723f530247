// Bytes: compared, joined, hashed, and read from text in their one spelling.

const STRICT = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const WRITER = new TextEncoder();
const BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

export const utf8 = (text) => WRITER.encode(text);

/** Read UTF-8 strictly; null for anything else. */
export function textOf(bytes) {
  try {
    return STRICT.decode(bytes);
  } catch {
    return null;
  }
}

export const isBytes = (value) => value instanceof Uint8Array;

/** Order bytes as Python does: by the first that differs, then by length. */
export function compare(a, b) {
  const shorter = Math.min(a.length, b.length);
  for (let at = 0; at < shorter; at++) if (a[at] !== b[at]) return a[at] - b[at];
  return a.length - b.length;
}

export const same = (a, b) => a.length === b.length && compare(a, b) === 0;

export function joined(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export const hex = (bytes) => Array.from(bytes, (each) => each.toString(16).padStart(2, "0")).join("");

export const fromHex = (text) =>
  Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));

/** Write base64 (RFC 4648 section 4). */
export function base64(bytes) {
  let text = "";
  for (let at = 0; at < bytes.length; at += 3) {
    const some = (bytes[at] << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    for (let place = 0; place < 4; place++) {
      text += place <= bytes.length - at
        ? BASE64[(some >> (18 - 6 * place)) & 63]
        : "=";
    }
  }
  return text;
}

/** Write base64url without padding (RFC 7515 section 2). */
export const base64url = (bytes) =>
  base64(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

/** Read base64 in its one spelling; null for anything else. */
export function fromBase64(text) {
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text)) return null;
  const found = [];
  for (let at = 0; at < text.length; at += 4) {
    const some = Array.from(text.slice(at, at + 4), (each) => Math.max(0, BASE64.indexOf(each)));
    const whole = (some[0] << 18) | (some[1] << 12) | (some[2] << 6) | some[3];
    found.push(whole >> 16, (whole >> 8) & 255, whole & 255);
  }
  const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
  const bytes = Uint8Array.from(found.slice(0, found.length - padding));
  return base64(bytes) === text ? bytes : null;
}

export async function sha256(bytes) {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}

/** Read a big-endian unsigned number of up to 8 bytes; beyond 2^53 - 1 it is not exact. */
export const number = (bytes) => bytes.reduce((sum, each) => sum * 256 + each, 0);
