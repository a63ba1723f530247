// Checks on what a verifier knows before it looks at any file: kimberlite.certificates.knowledge.

import { Problem } from "./problem.js";
import { same } from "./bytes.js";
import { signs } from "./bundle.js";
import { parseReceipt, verifyReceipt } from "./receipt.js";

const dayOf = (moment) => Math.floor(moment / 86400);

/** Give the log's time in seconds up to which anything is known. */
export const knownAsOf = (bundle, status) => Math.max(bundle.contents.asOf, status?.asOf ?? 0);

/** Give how many of the log's entries are taken into account. */
export const knownSize = (bundle, status) => Math.max(bundle.checkpoint.size, status?.size ?? 0);

export function judgeKnowledge(found, bundle, status, today) {
  const expires = dayOf(bundle.contents.expires);
  if (today > expires) found.add("doubt", "bundle.expired", { expires });
  if (bundle.root !== null && today > dayOf(bundle.root.expires)) {
    found.add("doubt", "root.expired", { expires: dayOf(bundle.root.expires) });
  }
  if (status !== null && today > dayOf(status.expires)) {
    found.add("doubt", "status.expired", { expires: dayOf(status.expires) });
  }
  const asOf = dayOf(knownAsOf(bundle, status));
  if (today < asOf) found.add("doubt", "clock.behind", { today, as_of: asOf });
  if (status !== null) {
    const { size, root } = status.newest.checkpoint;
    const other = size === bundle.checkpoint.size && !same(root, bundle.checkpoint.root);
    if (other) found.add("against", "log.split-view", { size });
  }
  if (!bundle.pinned) found.add("note", "bundle.not-pinned", { origin: bundle.origin });
  if (bundle.kind !== "prod") found.add("note", "log.specimen", { kind: bundle.kind });
}

/** Check one receipt of an entry by whichever key of the log signed it. */
export async function judgeReceipt(receipt, entry, bundle, status) {
  const { kid } = parseReceipt(receipt);
  const signer = bundle.logKeys.find((each) => same(each.public.kid, kid)) ?? bundle.logKeys[0];
  const facts = await verifyReceipt(receipt, entry, signer.public, bundle.origin);
  if (!signs(signer, facts.size)) throw new Problem("receipt.key");
  const heads = [bundle.checkpoint, ...(status?.segments ?? []).map((each) => each.checkpoint)];
  // Two heads of one size, both signed by the log: proof that it shows people two faces.
  if (heads.some((head) => head.size === facts.size && !same(head.root, facts.root))) {
    throw new Problem("log.split-view", { size: facts.size });
  }
  return facts;
}
