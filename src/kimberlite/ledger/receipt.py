"""Issue and check receipts: a log's signed proof that an entry is in it, or that it only grew.

RFC 9942 with the tree of RFC 9162, and two additions in COSE's private range: the protected
header binds origin and size, which the RFC leaves unsigned (a proof for one size can pass for
another), and cosignatures travel beside the proof.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kimberlite.crypto import PrivateKey, PublicKey, sign1
from kimberlite.kernel import cbor
from kimberlite.kernel.errors import Invalid, Untrusted
from kimberlite.ledger import note, proofs
from kimberlite.ledger.checkpoint import Checkpoint
from kimberlite.ledger.receipt_form import (
    ISS,
    SUB,
    ProofKind,
    Receipt,
    parse,
    protected_header,
    read_unprotected,
    unprotected_header,
)
from kimberlite.ledger.transparent import attach, detach
from kimberlite.ledger.tree import leaf_hash

__all__ = [
    "ProofKind",
    "Receipt",
    "ReceiptFacts",
    "attach",
    "detach",
    "issue",
    "issue_consistency",
    "parse",
    "verify",
    "verify_consistency",
    "verify_cosignatures",
    "verify_read",
    "with_cosignatures",
]


@dataclass(frozen=True, slots=True)
class ReceiptFacts:
    """Says what a verified receipt proves: the entry at ``index`` of ``origin`` at this head."""

    origin: str
    size: int
    index: int
    root: bytes


def issue(
    checkpoint: Checkpoint,
    index: int,
    path: Sequence[bytes],
    key: PrivateKey,
    *,
    iss: str,
    sub: str,
) -> bytes:
    """Sign a receipt of inclusion for the entry at ``index`` under this checkpoint.

    Args:
        checkpoint: head that the path leads to; only ever one that is durable.
        index: place of the entry.
        path: its inclusion proof at the checkpoint's size.
        key: the log's key.
        iss: name of the log.
        sub: subject of the statement (RFC 9943 asks for both names).

    Raises:
        Invalid: ``proof.index`` or ``proof.size`` when the entry is not under the checkpoint.

    Source: RFC 9942 section 5.2; the bound origin and size are ours, docs/spec/log.md.
    """
    proofs.check_index(index, checkpoint.size)
    proof = cbor.encode([checkpoint.size, index, list(path)])
    return _sign(checkpoint, (ProofKind.INCLUSION, proof), key, iss, sub)


def issue_consistency(
    old: int, checkpoint: Checkpoint, path: Sequence[bytes], key: PrivateKey, *, iss: str, sub: str
) -> bytes:
    """Sign a receipt that the log at ``old`` entries is the beginning of it at the checkpoint.

    Raises:
        Invalid: ``proof.size`` when ``old`` is zero or above the checkpoint's size.

    Source: RFC 9942 section 5.3; the bound origin and size are ours, docs/spec/log.md.
    """
    proofs.check_sizes(old, checkpoint.size)
    proof = cbor.encode([old, checkpoint.size, list(path)])
    return _sign(checkpoint, (ProofKind.CONSISTENCY, proof), key, iss, sub)


def _sign(
    checkpoint: Checkpoint, proof: tuple[ProofKind, bytes], key: PrivateKey, iss: str, sub: str
) -> bytes:
    public = key.public
    bound = [checkpoint.origin, checkpoint.size]
    protected = protected_header(public.algorithm, public.kid, {ISS: iss, SUB: sub}, bound)
    signature = key.sign(sign1.to_be_signed(protected, checkpoint.root))
    return sign1.join(protected, None, signature, unprotected_header(*proof))


def verify(data: bytes, entry: bytes, key: PublicKey, origin: str) -> ReceiptFacts:
    """Check that ``entry`` is in the log ``origin``, as signed by the log's ``key``.

    The root is rebuilt from entry and proof before the signature is looked at, so that a true
    signature over another entry can never be mistaken for this one's.

    Args:
        data: the receipt.
        entry: exact bytes of the log entry (a statement with an empty unprotected header).
        key: the log's key.
        origin: the log this must be.

    Raises:
        Untrusted: ``receipt.signature`` (the entry is not in that log, or the log did not sign),
            ``receipt.key`` (signed by another key), ``receipt.origin`` (another log),
            ``receipt.bound``.
        Invalid: ``receipt.*``, ``cose.*``, ``proof.*`` when malformed or of the other kind.

    Source: RFC 9942 section 5.2.
    """
    return verify_read(parse(data), entry, key, origin)


def verify_read(found: Receipt, entry: bytes, key: PublicKey, origin: str) -> ReceiptFacts:
    """Check a receipt that was read already; as ``verify``, for whoever had to look at it first.

    Raises:
        Untrusted, Invalid: as ``verify``.
    """
    _require_kind(found, ProofKind.INCLUSION)
    root = proofs.root_from_inclusion(found.position, found.size, leaf_hash(entry), found.path)
    _check_signed(found, root, key, origin)
    return ReceiptFacts(found.origin, found.size, found.position, root)


def verify_consistency(data: bytes, old: Checkpoint, key: PublicKey) -> Checkpoint:
    """Check that a log only grew since a checkpoint already trusted; give its newer head.

    Args:
        data: the receipt.
        old: the trusted head, from the caller's own records and never from the sender: who
            chooses both ends proves nothing.
        key: the log's key.

    Raises:
        Untrusted: ``proof.consistency``, ``receipt.old-size`` (the proof starts elsewhere), and
            as ``verify``.
        Invalid: as ``verify``.

    Source: RFC 9942 section 5.3.
    """
    found = parse(data)
    _require_kind(found, ProofKind.CONSISTENCY)
    if found.position != old.size:
        raise Untrusted("receipt.old-size", "the proof starts from another size", size=old.size)
    root = proofs.root_from_consistency(old.size, found.size, old.root, found.path)
    _check_signed(found, root, key, old.origin)
    return Checkpoint(found.origin, found.size, root)


def _require_kind(found: Receipt, kind: ProofKind) -> None:
    if found.kind is not kind:
        raise Invalid("receipt.kind", "this receipt proves something else", wanted=kind.name)


def _check_signed(found: Receipt, root: bytes, key: PublicKey, origin: str) -> None:
    if (found.algorithm, found.kid) != (key.algorithm, key.kid):
        raise Untrusted("receipt.key", "the receipt is signed by another key", kid=found.kid.hex())
    if not key.verify(found.signature, sign1.to_be_signed(found.protected, root)):
        raise Untrusted("receipt.signature", "the log has not signed that this entry is in it")
    if found.origin != origin:
        raise Untrusted("receipt.origin", "the receipt is from another log", origin=found.origin)


def with_cosignatures(data: bytes, cosignatures: Sequence[bytes]) -> bytes:
    """Put cosignatures of the receipt's checkpoint beside its proof, in place of any it had.

    Args:
        data: the receipt.
        cosignatures: 76 bytes each, as ``note.Signature.raw`` gives for a
            cosignature line: key id 4, time 8 (big-endian seconds), Ed25519 signature 64.

    Raises:
        Invalid: ``receipt.unprotected`` for another length or over 128; as ``parse``.

    Source: ours, docs/spec/log.md; the cosignatures themselves are C2SP tlog-cosignature.
    """
    parts = sign1.split(data)
    kind, proof, _ = read_unprotected(parts.unprotected)
    unprotected = unprotected_header(kind, proof, cosignatures)
    read_unprotected(unprotected)
    return sign1.join(parts.protected, parts.payload, parts.signature, unprotected)


def verify_cosignatures(
    data: bytes, facts: ReceiptFacts, verifiers: Sequence[note.Verifier]
) -> tuple[note.Verified, ...]:
    """Check the cosignatures beside a receipt that ``verify`` has already accepted.

    Gives each known cosigner that signed, once, with its latest time; unknown ones are ignored.

    Raises:
        Untrusted: ``note.signature`` when a known cosigner's signature is false.
        Invalid: ``note.verifiers`` when two verifiers share a key or a key id; as ``parse``.
    """
    known = {each.key_id: each for each in verifiers if each.kind is note.Kind.COSIGNATURE}
    if len(known) != len(verifiers) or len({each.key.raw for each in verifiers}) != len(known):
        # Here a cosignature carries no name: the key id alone must tell the cosigners apart.
        raise Invalid("note.verifiers", "the cosigners' keys cannot be told apart by their ids")
    body = Checkpoint(facts.origin, facts.size, facts.root).body
    latest: dict[bytes, note.Verified] = {}
    for each in parse(data).cosignatures:
        key_id, blob = each[:4], each[4:]
        if (verifier := known.get(key_id)) is None:
            continue
        found = note.Verified(verifier, note.check_blob(body, verifier, blob))
        if key_id not in latest or (found.time or 0) > (latest[key_id].time or 0):
            latest[key_id] = found
    return tuple(latest.values())
