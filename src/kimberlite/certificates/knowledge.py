"""Checks on what a verifier knows before it looks at any file: how old, and by whom."""

from __future__ import annotations

from kimberlite.certificates.checks import Findings
from kimberlite.certificates.status import StatusChain
from kimberlite.kernel.days import day_of
from kimberlite.kernel.errors import Untrusted
from kimberlite.ledger import receipt as receipts
from kimberlite.ledger.bundle import TrustBundle
from kimberlite.ledger.receipt import ReceiptFacts


def known_as_of(bundle: TrustBundle, status: StatusChain | None) -> int:
    """Give the log's time in seconds up to which anything is known."""
    return max(bundle.contents.as_of, 0 if status is None else status.as_of)


def known_size(bundle: TrustBundle, status: StatusChain | None) -> int:
    """Give how many of the log's entries are taken into account."""
    return max(bundle.size, 0 if status is None else status.size)


def judge_knowledge(
    found: Findings, bundle: TrustBundle, status: StatusChain | None, today: int
) -> None:
    """Check the days of bundle, root and status, and say what kind of log this is."""
    expires = day_of(bundle.contents.expires)
    if today > expires:
        found.doubt("bundle.expired", expires=expires)
    if bundle.root is not None and today > day_of(bundle.root.body.expires):
        found.doubt("root.expired", expires=day_of(bundle.root.body.expires))
    if status is not None and today > day_of(status.expires):
        found.doubt("status.expired", expires=day_of(status.expires))
    as_of = day_of(known_as_of(bundle, status))
    if today < as_of:
        found.doubt("clock.behind", today=today, as_of=as_of)
    if status is not None:
        head = status.newest.checkpoint
        if head.size == bundle.size and head.root != bundle.checkpoint.root:
            found.against("log.split-view", size=head.size)
    if not bundle.pinned:
        found.note("bundle.not-pinned", origin=bundle.origin)
    if bundle.kind != "prod":
        found.note("log.specimen", kind=bundle.kind)


def judge_receipt(
    receipt: bytes, entry: bytes, bundle: TrustBundle, status: StatusChain | None
) -> ReceiptFacts:
    """Check one receipt of ``entry`` by whichever key of the log signed it.

    Raises:
        Untrusted: ``log.split-view`` for two heads of one size, both signed by the log, which
            proves that it shows people two faces; as ``receipt.verify``.
        Invalid: as ``receipt.verify``.
    """
    told = receipts.parse(receipt)
    keys = [each for each in bundle.log_keys if each.public.kid == told.kid]
    signer = keys[0] if keys else bundle.log_keys[0]
    facts = receipts.verify_read(told, entry, signer.public, bundle.origin)
    if not signer.signs(facts.size):
        raise Untrusted("receipt.key", "the log had given up the key of this receipt")
    heads = [bundle.checkpoint]
    heads += [] if status is None else [each.checkpoint for each in status.segments]
    if any(head.size == facts.size and head.root != facts.root for head in heads):
        raise Untrusted("log.split-view", "the log signed two heads of one size", size=facts.size)
    return facts
