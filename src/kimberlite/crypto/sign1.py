"""Take COSE_Sign1 (RFC 9052 section 4.2) apart and put it together, byte by byte.

Only the frame is read here: four members, shortest heads, tag 18, a 64-byte signature. What the
protected header and payload say is the ledger's business.
"""

from __future__ import annotations

from dataclasses import dataclass

from kimberlite.crypto.keys import SIGNATURE_BYTES
from kimberlite.kernel.cbor import decode, head, read_head
from kimberlite.kernel.errors import Invalid, Problem

EMPTY_MAP = b"\xa0"

_OPENING = b"\xd2\x84"  # tag 18, array of 4
_CONTEXT = b"\x84\x6aSignature1"
_NO_EXTERNAL_AAD = b"\x40"
_NIL = b"\xf6"
_BYTES_8 = 0x58  # byte string, length in one byte
_BYTES_16 = 0x59  # byte string, length in two bytes
_SIGNATURE_HEAD = b"\x58\x40"  # byte string of 64
_BYTES, _TEXT, _ARRAY, _MAP = 2, 3, 4, 5


@dataclass(frozen=True, slots=True)
class Sign1:
    """A signed message in its four parts, each as the bytes it had.

    Attributes:
        protected: content of the protected header's byte string (an encoded map, or empty).
        payload: content of the payload's byte string; ``None`` when it travels elsewhere.
        signature: 64 bytes.
        unprotected: the encoded map, ``a0`` when empty. Nobody signed it.
    """

    protected: bytes
    payload: bytes | None
    signature: bytes
    unprotected: bytes = EMPTY_MAP


def to_be_signed(protected: bytes, payload: bytes) -> bytes:
    """Build the Sig_structure that is signed (RFC 9052 section 4.4), external_aad empty."""
    return b"".join(
        (
            _CONTEXT,
            head(_BYTES, len(protected)),
            protected,
            _NO_EXTERNAL_AAD,
            head(_BYTES, len(payload)),
            payload,
        )
    )


def join(
    protected: bytes, payload: bytes | None, signature: bytes, unprotected: bytes = EMPTY_MAP
) -> bytes:
    """Put the four parts together: what :func:`split` takes apart.

    Raises:
        Invalid: ``cose.signature`` when it is not 64 bytes, ``cose.unprotected`` when that is
            not a map in strict CBOR.
    """
    if len(signature) != SIGNATURE_BYTES:
        raise Invalid("cose.signature", "a signature has 64 bytes", found=len(signature))
    if unprotected != EMPTY_MAP:
        _check_map(unprotected)
    body = _NIL if payload is None else head(_BYTES, len(payload)) + payload
    return b"".join(
        (
            _OPENING,
            head(_BYTES, len(protected)),
            protected,
            unprotected,
            body,
            _SIGNATURE_HEAD,
            signature,
        )
    )


def split(data: bytes, *, unprotected_unread: bool = False) -> Sign1:
    """Take one whole COSE_Sign1 apart, without copying more than its parts.

    Args:
        data: the message.
        unprotected_unread: leave it to the caller to see whether the unprotected header is a map
            in strict CBOR, because it decodes that anyway.

    Raises:
        Invalid: ``cose.tag`` (not tag 18 on four members), ``cose.member`` (a member of the
            wrong kind), ``cose.unprotected`` (not a map in strict CBOR), ``cose.signature``
            (not 64 bytes), ``cose.encoding`` (a head not in its shortest form),
            ``cose.truncated``, ``cose.trailing``.
    """
    if not data.startswith(_OPENING):
        raise Invalid("cose.tag", "expected a tagged COSE_Sign1 of four members")
    try:
        at, end = _byte_string(data, 2)
        protected = data[at:end]
        if data[end] == 0xA0:
            unprotected = EMPTY_MAP
            end += 1
        else:
            start, end = end, _end_of_item(data, end)
            unprotected = data[start:end]
            if not unprotected_unread:
                _check_map(unprotected)
        payload = None
        if data[end] == 0xF6:
            end += 1
        else:
            at, end = _byte_string(data, end)
            payload = data[at:end]
        if data[end] != _BYTES_8 or data[end + 1] != SIGNATURE_BYTES:
            raise Invalid("cose.signature", "the signature must be a byte string of 64 bytes")
    except IndexError:
        raise _truncated() from None
    signature = data[end + 2 :]
    if len(signature) != SIGNATURE_BYTES:
        if len(signature) < SIGNATURE_BYTES:
            raise _truncated()
        raise Invalid("cose.trailing", "bytes follow the signed message", at=end + 66)
    return Sign1(protected, payload, signature, unprotected)


def _byte_string(data: bytes, at: int) -> tuple[int, int]:
    """Find where the content of the byte string at ``at`` starts and ends."""
    first = data[at]
    # Ordinary lengths take one or two bytes; the branches save a call on the hot path.
    if first == _BYTES_8 and (size := data[at + 1]) >= 24:
        at += 2
    elif first == _BYTES_16 and (size := data[at + 1] << 8 | data[at + 2]) >= 256:
        at += 3
    else:
        kind, size, at = _head(data, at)
        if kind != _BYTES:
            raise Invalid("cose.member", "expected a byte string here", at=at)
    return at, at + size


def _head(data: bytes, at: int) -> tuple[int, int, int]:
    try:
        return read_head(data, at)
    except Problem as bad:
        if bad.code == "cbor.truncated":
            raise _truncated() from None
        raise Invalid("cose.encoding", bad.detail, at=at) from None


def _truncated() -> Invalid:
    return Invalid("cose.truncated", "the bytes end in the middle of the signed message")


def _end_of_item(data: bytes, at: int) -> int:
    """Find where the item at ``at`` ends; a loop, so that no nesting can exhaust the stack."""
    pending = 1
    while pending:
        kind, argument, at = _head(data, at)
        pending -= 1
        if kind == _BYTES or kind == _TEXT:
            at += argument
        elif kind == _ARRAY:
            pending += argument
        elif kind == _MAP:
            pending += 2 * argument
    if at > len(data):
        raise IndexError
    return at


def _check_map(unprotected: bytes) -> None:
    try:
        value = decode(unprotected)
    except Problem as bad:
        raise Invalid("cose.unprotected", f"not a map in strict CBOR: {bad.detail}") from None
    if not isinstance(value, dict):
        raise Invalid("cose.unprotected", "the unprotected header must be a map")
