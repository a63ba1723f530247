"""Carry receipts with the statement they are for: the transparent statement of RFC 9943.

The log entry is the statement with an empty unprotected header; receipts live in that header,
under label 394, and come off again without touching a signed byte.
"""

from __future__ import annotations

from collections.abc import Sequence

from kimberlite.crypto import sign1
from kimberlite.kernel import cbor
from kimberlite.kernel.errors import Invalid, Problem

RECEIPTS = 394
MAX_RECEIPTS = 64
MAX_TRANSPARENT = 1 << 18

_TAGGED = b"\xd2"  # tag 18, with which every receipt begins
_ONLY_RECEIPTS = b"\xa1\x19\x01\x8a"  # map of one member, label 394
_BYTES, _TEXT, _ARRAY, _MAP, _TAG = 2, 3, 4, 5, 6


def attach(statement: bytes, receipts: Sequence[bytes]) -> bytes:
    """Add receipts to a statement, after those it already carries.

    Raises:
        Invalid: ``transparent.receipt`` when one is not a tagged COSE_Sign1, when there are
            none or more than 64; ``transparent.length``; as ``detach``.

    Source: RFC 9942 section 4 (an array of byte strings under 394).
    """
    bare, present = detach(statement)
    _check(everything := [*present, *receipts])
    parts = sign1.split(bare)
    unprotected = cbor.encode({RECEIPTS: everything})
    whole = sign1.join(parts.protected, parts.payload, parts.signature, unprotected)
    _check_length(whole)
    return whole


def detach(data: bytes) -> tuple[bytes, list[bytes]]:
    """Take the receipts off: the statement as the log holds it, and each receipt's bytes.

    A statement without receipts comes back as it is. Receipts embedded as values instead of
    byte strings are read too, because RFC 9943 writes them so.

    Raises:
        Invalid: ``transparent.unprotected`` when the unprotected header holds anything but
            receipts, ``transparent.receipt``, ``transparent.length`` over 256 KiB, ``cose.*``.
    """
    _check_length(data)
    try:
        start = _end_of_item(data, 2)
        bare_already = data.startswith(sign1.EMPTY_MAP, start)
        receipts, end = ([], start + 1) if bare_already else _receipts(data, start)
    except IndexError:
        raise Invalid("transparent.unprotected", "the statement ends too early") from None
    except Problem as bad:
        if not bad.code.startswith("cbor."):
            raise
        raise Invalid("transparent.unprotected", bad.detail) from None
    bare = data[:start] + sign1.EMPTY_MAP + data[end:]
    sign1.split(bare)
    return bare, receipts


def _receipts(data: bytes, start: int) -> tuple[list[bytes], int]:
    if not data.startswith(_ONLY_RECEIPTS, start):
        raise Invalid("transparent.unprotected", "only receipts may stand in the unsigned header")
    kind, count, at = cbor.read_head(data, start + len(_ONLY_RECEIPTS))
    if kind != _ARRAY or not 0 < count <= MAX_RECEIPTS:
        raise _bad_receipt()
    found: list[bytes] = []
    for _ in range(count):
        kind, length, content = cbor.read_head(data, at)
        end = _end_of_item(data, at)
        if kind == _BYTES:
            found.append(data[content : content + length])
        else:
            found.append(data[at:end])
        at = end
    _check(found)
    return found, at


def _end_of_item(data: bytes, at: int) -> int:
    """Find where the item at ``at`` ends; a loop, so that no nesting can exhaust the stack."""
    pending = 1
    while pending:
        kind, argument, at = cbor.read_head(data, at)
        pending -= 1
        if kind in {_BYTES, _TEXT}:
            at += argument
        elif kind == _ARRAY:
            pending += argument
        elif kind == _MAP:
            pending += 2 * argument
        elif kind == _TAG:
            pending += 1
    if at > len(data):
        raise IndexError
    return at


def _check(receipts: Sequence[bytes]) -> None:
    if not 0 < len(receipts) <= MAX_RECEIPTS or not all(r.startswith(_TAGGED) for r in receipts):
        raise _bad_receipt()


def _check_length(data: bytes) -> None:
    if len(data) > MAX_TRANSPARENT:
        raise Invalid("transparent.length", "longer than a statement with receipts may be")


def _bad_receipt() -> Invalid:
    return Invalid("transparent.receipt", "expected 1 to 64 receipts, each a tagged COSE_Sign1")
