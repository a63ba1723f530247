// What this device knows of the log: the newest trust bundle, where it came from, and whether the
// user compared its fingerprint or brought a trust root. A bundle of another log, or an older one,
// or one with another head of the same size, never replaces it.

import { Problem } from "./problem.js";
import { fromHex, hex, same } from "./bytes.js";
import { LIMIT, peek, verifyBundle } from "./bundle.js";
import { follow, rootsIn, verifyRoot } from "./roots.js";
import { keep, kept } from "./store.js";

const ADDRESS = "/api/v1/trust-bundle";

export class Knowledge {
  bundle = null;
  /** Which log this device follows: {genesis: hex, compared: boolean}, or null before the first. */
  pin = null;
  /** The newest trust root, or null where genesis alone says what the log's key is. */
  root = null;
  stored = true;

  constructor(schemas) {
    this.schemas = schemas;
  }

  /** Take up what was kept. A bundle that no longer verifies is dropped. */
  async load() {
    this.pin = (await kept("pin")) ?? null;
    const [root, raw] = [await kept("root"), await kept("bundle")];
    try {
      if (root !== undefined) this.root = await verifyRoot(root);
      if (raw !== undefined) this.bundle = await this.#verified(raw, 0);
    } catch (bad) {
      if (!(bad instanceof Problem)) throw bad;
    }
  }

  async #verified(raw, atLeast) {
    const pinned = this.pin === null ? null : fromHex(this.pin.genesis);
    const root = this.root === null ? null : await this.#followed(raw);
    const bundle = await verifyBundle(raw, this.schemas, { pinned, atLeast, root });
    // Only a fingerprint or a root from elsewhere tells the right log from a copy of it.
    bundle.pinned = root !== null || this.pin?.compared === true;
    return bundle;
  }

  /** Follow the trust root at hand through the versions that travel in a bundle. */
  async #followed(raw) {
    const { contents } = await peek(raw, this.schemas);
    return follow(this.root, rootsIn(contents.parts));
  }

  /** Take a trust root that the user got by another way. Throws Problem root.*. */
  async takeRoot(raw) {
    const next = this.root === null ? await verifyRoot(raw) : await follow(this.root, [raw]);
    if (this.pin !== null && hex(next.genesis) !== this.pin.genesis) {
      throw new Problem("root.other-log");
    }
    this.root = next;
    this.pin ??= { genesis: hex(next.genesis), compared: false };
    await keep("root", next.raw);
    await keep("pin", this.pin);
    if (this.bundle !== null) this.bundle.pinned = true;
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
    if (this.bundle !== null) refuseOlderHead(this.bundle.checkpoint, bundle.checkpoint);
    if (this.pin === null) {
      this.pin = { genesis: hex(bundle.genesis), compared: false };
      await keep("pin", this.pin);
    }
    this.bundle = bundle;
    if (bundle.root !== null && bundle.root !== this.root) {
      this.root = bundle.root;
      await keep("root", this.root.raw);
    }
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

function refuseOlderHead(known, head) {
  if (head.size < known.size) throw new Problem("bundle.older");
  if (head.size === known.size && !same(head.root, known.root)) {
    throw new Problem("log.split-view", { size: head.size });
  }
}
