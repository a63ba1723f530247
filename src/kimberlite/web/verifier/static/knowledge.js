// What this device knows of the log: the newest trust bundle, where it came from, and whether the
// user compared its fingerprint. A bundle of another log, or an older one, never replaces it.

import { Problem } from "./problem.js";
import { fromHex, hex } from "./bytes.js";
import { LIMIT, verifyBundle } from "./bundle.js";
import { keep, kept } from "./store.js";

const ADDRESS = "/api/v1/trust-bundle";

export class Knowledge {
  bundle = null;
  /** Which log this device follows: {genesis: hex, compared: boolean}, or null before the first. */
  pin = null;
  stored = true;

  constructor(schemas) {
    this.schemas = schemas;
  }

  /** Take up what was kept. A bundle that no longer verifies is dropped. */
  async load() {
    this.pin = (await kept("pin")) ?? null;
    const raw = await kept("bundle");
    if (raw === undefined) return;
    try {
      this.bundle = await this.#verified(raw, 0);
    } catch (bad) {
      if (!(bad instanceof Problem)) throw bad;
    }
  }

  async #verified(raw, atLeast) {
    const pinned = this.pin === null ? null : fromHex(this.pin.genesis);
    const bundle = await verifyBundle(raw, this.schemas, { pinned, atLeast });
    // Only a comparison with a fingerprint from elsewhere tells the right log from a copy of it.
    bundle.pinned = this.pin?.compared === true;
    return bundle;
  }

  /** Fetch the newest bundle. Throws Problem verifier.offline, and as take. */
  async fetch() {
    let raw = null;
    try {
      const response = await fetch(ADDRESS, { cache: "no-store", credentials: "omit" });
      if (!response.ok) throw new Problem("verifier.offline");
      raw = new Uint8Array(await response.arrayBuffer());
    } catch {
      throw new Problem("verifier.offline");
    }
    await this.take(raw);
  }

  /** Take a bundle from a file or the network. Throws Problem bundle.* and those of its parts. */
  async take(raw) {
    if (raw.length > LIMIT) throw new Problem("bundle.too-long", { limit: LIMIT });
    const bundle = await this.#verified(raw, this.bundle?.contents.version ?? 0);
    if (this.pin === null) {
      this.pin = { genesis: hex(bundle.genesis), compared: false };
      await keep("pin", this.pin);
    }
    this.bundle = bundle;
    this.stored = await keep("bundle", raw);
  }

  /** Remember that the user compared the fingerprint with one from elsewhere. */
  async compared() {
    this.pin = { ...this.pin, compared: true };
    this.bundle.pinned = true;
    await keep("pin", this.pin);
  }

  /** Give the log's fingerprint in groups that people can compare. */
  get fingerprint() {
    return hex(this.bundle.genesis).match(/.{4}/g).join(" ");
  }
}
