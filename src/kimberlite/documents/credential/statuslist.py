"""Status lists (W3C Bitstring Status List 1.0): one bit for each entry of the log, signed by it.

The index of a certificate is the entry that issued it; list ``n`` speaks of entries n * 131,072 to
(n + 1) * 131,072 - 1. Revoked: void, replaced, lost, annulled, or disowned. Suspended: presented or
answered on arrival, so that nobody may use it once more. Old lists stay true for what they say.
"""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from kimberlite.certificates.transitions import Status
from kimberlite.certificates.v1.rows import Row
from kimberlite.crypto.keys import PrivateKey
from kimberlite.documents.credential import did, jws, strict
from kimberlite.documents.credential.contexts import CORE
from kimberlite.documents.credential.opened import LIST_BITS, PURPOSES, list_address
from kimberlite.documents.credential.vc import CTY, TYP
from kimberlite.kernel.days import show_moment
from kimberlite.kernel.errors import Invalid, Problem, Untrusted
from kimberlite.ledger.bundle import TrustBundle
from kimberlite.ledger.checkpoint import Checkpoint

MAX_AGE = 86_400
"""How long a list is to be relied on, in seconds. Source: ours."""
HOLDER = "kp.log"

_TERMS = "urn:kimberlite:terms:1#"
_EXTENSION = {"logHead": {"@id": f"{_TERMS}logHead", "@type": "@json"}}
_REVOKED = frozenset((Status.VOID, Status.REPLACED, Status.LOST, Status.ANNULLED))
_SUSPENDED = frozenset(Status) - _REVOKED - {Status.ISSUED, Status.DISPATCHED}
_BITS = {"revocation": _REVOKED, "suspension": _SUSPENDED}
_ADDRESS = re.compile(r"https://[^/]+/api/v1/credentials/status/([a-z]+)/(0|[1-9][0-9]{0,9})")
_SECONDS = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


@dataclass(frozen=True, slots=True)
class StatusList:
    """A verified list. ``size`` entries of the log were taken into account."""

    purpose: str
    number: int
    size: int
    valid_from: str
    valid_until: str
    bits: bytes

    def says(self, index: int) -> bool | None:
        """Say whether the bit of the certificate issued at ``index`` is set; None if unknown."""
        number, at = divmod(index, LIST_BITS)
        if number != self.number or index >= self.size:
            return None
        return bool(self.bits[at >> 3] & 0x80 >> (at & 7))

    def current(self, now: int) -> bool:
        """Say whether the list is to be relied on at ``now`` (UTC seconds)."""
        return self.valid_from <= show_moment(now) <= self.valid_until


def bits_of(
    rows: Iterable[Row], purpose: str, number: int, disowned: Callable[[Row], bool]
) -> bytes:
    """Give the bits of one list, 16 KiB, the first entry in the highest bit.

    Raises:
        Invalid: ``credential.status-purpose``.
    """
    if purpose not in _BITS:
        raise Invalid("credential.status-purpose", "a status list tells revocation or suspension")
    found = bytearray(LIST_BITS // 8)
    for row in rows:
        of, at = divmod(row.index, LIST_BITS)
        if of != number:
            continue
        if row.status in _BITS[purpose] or (purpose == "revocation" and disowned(row)):
            found[at >> 3] |= 0x80 >> (at & 7)
    return bytes(found)


@dataclass(frozen=True, slots=True)
class Told:
    """Which list, as of which head of the log, and at which time of the log (UTC seconds)."""

    purpose: str
    number: int
    head: Checkpoint
    as_of: int


def sign(told: Told, bits: bytes, key: PrivateKey) -> bytes:
    """Sign a list as the log, as a status list credential in a ``vc+jwt``."""
    origin = told.head.origin
    kid = did.key_id(origin, HOLDER, key.public.kid)
    return jws.sign(strict.encode(_payload(told, bits)), key, typ=TYP, kid=kid, cty=CTY).encode()


def _payload(told: Told, bits: bytes) -> dict[str, Any]:
    address = list_address(told.head.origin, told.purpose, told.number)
    packed = gzip.compress(bits, 9, mtime=0)
    return {
        "@context": [CORE, _EXTENSION],
        "id": address,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": did.did_of(told.head.origin, HOLDER),
        "validFrom": show_moment(told.as_of),
        "validUntil": show_moment(told.as_of + MAX_AGE),
        "credentialSubject": {
            "id": f"{address}#list",
            "type": "BitstringStatusList",
            "statusPurpose": told.purpose,
            "encodedList": f"u{strict.to_base64url(packed)}",
        },
        "logHead": {"size": told.head.size, "root": told.head.root.hex()},
    }


def verify(data: bytes, bundle: TrustBundle) -> StatusList:
    """Read a status list credential and check that the log of ``bundle`` signed it. Offline.

    Raises:
        Invalid: ``credential.status-form``; as ``jws.parse`` and ``strict.decode``.
        Untrusted: ``credential.status-key``, ``credential.status-signature``, ``log.split-view``
            when it stands on another head than the bundle's of the same size.
    """
    token = jws.parse(data.strip())
    named = {did.key_id(bundle.origin, HOLDER, each.public.kid): each for each in bundle.log_keys}
    key = named.get(token.kid)
    if key is None or token.typ != TYP:
        raise Untrusted("credential.status-key", "this status list is not signed by its log's key")
    if not token.signed_by(key.public):
        raise Untrusted(
            "credential.status-signature", "the signature on this list is not the log's"
        )
    found, root = _read(strict.decode(token.payload), bundle.origin)
    if not key.signs(found.size):
        raise Untrusted("credential.status-key", "the log had given up the key of this status list")
    if found.size == bundle.size and root != bundle.checkpoint.root:
        raise Untrusted("log.split-view", "the log signed two heads of one size", size=found.size)
    return found


def _read(told: dict[str, Any], origin: str) -> tuple[StatusList, bytes]:
    match told:
        case {
            "id": str() as address,
            "validFrom": str() as begins,
            "validUntil": str() as ends,
            "credentialSubject": {"statusPurpose": str() as purpose, "encodedList": str() as list_},
            "logHead": {"size": int() as size, "root": str() as root},
        }:
            place = _ADDRESS.fullmatch(address)
            number = int(place[2]) if place is not None else 0
            fits = purpose in PURPOSES and address == list_address(origin, purpose, number)
            days = _SECONDS.fullmatch(begins) and _SECONDS.fullmatch(ends)
            if fits and days and type(size) is int and re.fullmatch(r"[0-9a-f]{64}", root):
                bits = _unpacked(list_)
                return StatusList(purpose, number, size, begins, ends, bits), bytes.fromhex(root)
        case _:
            pass
    raise _form()


def _unpacked(text: str) -> bytes:
    """Give exactly 16 KiB of bits, and no more of what a longer stream would give."""
    if not text.startswith("u"):
        raise _form()
    whole = LIST_BITS // 8
    try:
        stream = zlib.decompressobj(31)
        found = stream.decompress(strict.from_base64url(text[1:]), whole + 1)
    except (zlib.error, Problem):
        raise _form() from None
    if len(found) != whole or not stream.eof or stream.unused_data:
        raise _form()
    return found


def _form() -> Invalid:
    return Invalid("credential.status-form", "this is not a status list as logs sign it here")
