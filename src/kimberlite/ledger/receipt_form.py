"""Write and read the bytes of a receipt: RFC 9942 with the additions of docs/spec/log.md.

Nothing is signed or verified here. A receipt has one encoding, and nothing in it that is not named
there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, cast

from kimberlite.crypto import sign1
from kimberlite.kernel import cbor
from kimberlite.kernel.errors import Invalid, Problem, Untrusted
from kimberlite.ledger.note import MAX_SIGNATURES

ALG, KID, CWT_CLAIMS, VDS, VDP = 1, 4, 15, 395, 396
BOUND = -65538
COSIGNATURES = -65540
RFC9162_SHA256 = 1
ISS, SUB = 1, 2
COSIGNATURE_BYTES = 76
MAX_RECEIPT = 1 << 15


class ProofKind(IntEnum):
    """Names what a receipt proves, by its label in RFC 9942."""

    INCLUSION = -1
    CONSISTENCY = -2


@dataclass(frozen=True, slots=True)
class Receipt:
    """Holds a receipt as read; nothing in it is trusted before a ``verify`` function says so.

    ``position`` is the entry's index, or for a consistency proof the older size.
    """

    kind: ProofKind
    algorithm: int
    kid: bytes
    iss: str
    sub: str
    origin: str
    size: int
    position: int
    path: tuple[bytes, ...]
    cosignatures: tuple[bytes, ...]
    protected: bytes
    signature: bytes


def protected_header(alg: int, kid: bytes, claims: object, bound: object) -> bytes:
    """Write the signed header: algorithm, key id, {iss, sub}, tree kind, [origin, size]."""
    return cbor.encode(
        {ALG: int(alg), KID: kid, CWT_CLAIMS: claims, VDS: RFC9162_SHA256, BOUND: bound}
    )


def unprotected_header(kind: ProofKind, proof: bytes, cosignatures: Sequence[bytes] = ()) -> bytes:
    """Write the unsigned header: one proof and, where there are any, cosignatures."""
    header: dict[int, object] = {VDP: {int(kind): [proof]}}
    if cosignatures:
        header[COSIGNATURES] = list(cosignatures)
    return cbor.encode(header)


def parse(data: bytes) -> Receipt:
    """Read a receipt in its one encoding, without verifying anything.

    Raises:
        Invalid: ``receipt.length``, ``receipt.payload`` (attached, where the root must be
            rebuilt), ``receipt.protected``, ``receipt.unprotected``, ``receipt.proof``,
            ``cose.*``.
        Untrusted: ``receipt.bound`` when the proof is for another size than the signed one.

    Source: RFC 9942 section 5; docs/spec/log.md.
    """
    if len(data) > MAX_RECEIPT:
        raise Invalid("receipt.length", "a receipt has at most 32 KiB", limit=MAX_RECEIPT)
    parts = sign1.split(data, unprotected_unread=True)
    if parts.payload is not None:
        raise Invalid("receipt.payload", "the root must be rebuilt from the proof, not attached")
    alg, kid, iss, sub, origin, size = _read_protected(parts.protected)
    kind, proof, cosignatures = read_unprotected(parts.unprotected)
    first, second, path = _read_proof(proof)
    proved, position = (first, second) if kind is ProofKind.INCLUSION else (second, first)
    if proved != size:
        raise Untrusted("receipt.bound", "the proof is for another size than the log signed")
    return Receipt(
        kind=kind,
        algorithm=alg,
        kid=kid,
        iss=iss,
        sub=sub,
        origin=origin,
        size=size,
        position=position,
        path=path,
        cosignatures=cosignatures,
        protected=parts.protected,
        signature=parts.signature,
    )


def _read_protected(protected: bytes) -> tuple[int, bytes, str, str, str, int]:
    # The gate admits one encoding for one value: without other labels, nothing else is in there.
    value: Any = _decode(protected, _bad_protected)
    match value:
        case {
            1: int(alg),
            4: bytes(kid),
            15: {1: str(iss), 2: str(sub)} as claims,
            395: int(vds),
            -65538: [str(origin), int(size)],
        } if len(value) == 5 and len(claims) == 2 and vds == RFC9162_SHA256:
            # True passes for 1 in Python, and is no number here.
            if type(alg) is type(vds) is type(size) is int:
                return alg, kid, iss, sub, origin, size
        case _:
            pass
    raise _bad_protected()


def read_unprotected(unprotected: bytes) -> tuple[ProofKind, bytes, tuple[bytes, ...]]:
    """Read the unsigned header: kind of proof, proof, cosignatures.

    Raises:
        Invalid: ``receipt.unprotected`` for anything else in it, more than one proof, or a
            cosignature that is not 76 bytes.
    """
    match _decode(unprotected, _bad_unprotected):
        case {396: {-1: [bytes(proof)], **other}, **rest} if not other:
            kind = ProofKind.INCLUSION
        case {396: {-2: [bytes(proof)], **other}, **rest} if not other:
            kind = ProofKind.CONSISTENCY
        case _:
            raise _bad_unprotected()
    if not rest:
        return kind, proof, ()
    members = rest.get(COSIGNATURES)
    if len(rest) != 1 or not isinstance(members, list) or not 0 < len(members) <= MAX_SIGNATURES:
        raise _bad_unprotected()
    found = tuple(
        [each for each in members if isinstance(each, bytes) and len(each) == COSIGNATURE_BYTES]
    )
    if len(found) != len(members):
        raise _bad_unprotected()
    return kind, proof, found


def _read_proof(proof: bytes) -> tuple[int, int, tuple[bytes, ...]]:
    match _decode(proof, _bad_proof):
        case [int(first), int(second), list(path)] if type(first) is type(second) is int:
            if set(map(type, path)) <= {bytes}:
                return first, second, tuple(cast("list[bytes]", path))
        case _:
            pass
    raise _bad_proof()


def _decode(data: bytes, bad: Callable[[], Problem]) -> cbor.Value:
    try:
        return cbor.decode(data)
    except Problem:
        raise bad() from None


def _bad_protected() -> Invalid:
    return Invalid("receipt.protected", "the signed header is not that of a receipt of this log")


def _bad_unprotected() -> Invalid:
    return Invalid("receipt.unprotected", "expected one proof and, at most, cosignatures beside it")


def _bad_proof() -> Invalid:
    return Invalid("receipt.proof", "the proof is not two numbers and a list of hashes")
