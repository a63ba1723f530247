"""How much room QR-1 will take, asked before anything is signed.

A statement's header, log section and seals are known by then. Its signature, the digest of its
approval and the key's id are not: bytes of the same length that deflate as badly stand for them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from kimberlite.crypto.algorithms import Algorithm
from kimberlite.crypto.keys import SIGNATURE_BYTES
from kimberlite.crypto.sign1 import join
from kimberlite.documents import parts, qr
from kimberlite.kernel.errors import Refused
from kimberlite.ledger.approval import Proposal
from kimberlite.ledger.envelope import Body, Header
from kimberlite.ledger.sections import Opening

SLACK = 8
"""Bytes by which deflating other random bytes may turn out longer. Source: measured, in tests."""


@dataclass(frozen=True, slots=True)
class Size:
    """How long QR-1 will be: bytes of its content, at most as many deflated, and symbols."""

    content: int
    deflated: int
    symbols: int

    @property
    def fits(self) -> bool:
        """Say whether it can be printed at all."""
        return self.content <= qr.INFLATED and self.symbols <= parts.MOST

    @property
    def one_symbol(self) -> bool:
        """Say whether one symbol holds it."""
        return self.symbols == 1


def size_of(proposal: Proposal, openings: Sequence[Opening]) -> Size:
    """Tell how long QR-1 of what is proposed will be, with its openings."""
    filler = hashlib.shake_256(b"kp-size/1").digest(32 + 8 + SIGNATURE_BYTES)
    approved = None if proposal.verdicts is None else filler[:32]
    body = Body(proposal.version, dict(proposal.log), proposal.seals, approved, proposal.verdicts)
    header = Header(
        Algorithm.ED25519, filler[32:40], proposal.typ, proposal.iss, proposal.sub, proposal.iat
    )
    raw = join(header.to_bytes(), body.to_bytes(), filler[40:])
    whole = qr.packed(raw, openings)
    deflated = len(qr.deflate(whole)) + SLACK
    return Size(len(whole), deflated, -(-deflated // qr.ONE_SYMBOL))


def require(proposal: Proposal, openings: Sequence[Opening]) -> Size:
    """Give the size of what is proposed, or stop before it is signed.

    Raises:
        Refused: ``qr.would-not-fit``.
    """
    size = size_of(proposal, openings)
    if not size.fits:
        raise Refused(
            "qr.would-not-fit",
            f"this certificate says {size.content} bytes, and printed codes hold {qr.INFLATED}: "
            "shorten names, papers or size classes",
            size=size.content,
            limit=qr.INFLATED,
        )
    return size
