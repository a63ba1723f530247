"""Status snapshots: where every certificate stands as of an entry, signed by the log, and small.

A full segment names every certificate; a delta names those that something happened to since the
segment it builds on, which it names by size and SHA-256. Whoever holds a chain looks a number up
in the newest segment first. Statements are named by 8 bytes of SHA-256(root of the segment's
checkpoint || statement): the root is not known before the statement is logged, so no issuer can
prepare two statements that look alike here.
Source: ours, docs/spec/status.md.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from kimberlite.certificates.status_form import Columns, Payload, Row, pack, payload_of, unpack
from kimberlite.certificates.transitions import Status
from kimberlite.crypto.keys import PrivateKey
from kimberlite.crypto.sign1 import join, split, to_be_signed
from kimberlite.kernel import cbor
from kimberlite.kernel.errors import Invalid, Untrusted
from kimberlite.ledger import checkpoint as checkpoints
from kimberlite.ledger.bundle import TrustBundle
from kimberlite.ledger.checkpoint import Checkpoint

TYP = "kp-status+cose"
LIMIT = 8 * 1024 * 1024
"""Longest segment, in bytes."""
MOST = 64
"""Most segments of a chain; then a full one is due."""

_ALG, _KID, _TYP = 1, 4, 16


@dataclass(frozen=True, slots=True)
class NumberStatus:
    """Where a number stands as of a segment, and the entry that issued it.

    ``held`` says that an alert about it was open.
    """

    status: Status
    index: int
    mark: bytes
    root: bytes
    held: bool = False

    def is_of(self, statement: bytes) -> bool:
        """Say whether the statement with this id (32 bytes) is the one that holds the number."""
        return mark(self.root, statement) == self.mark


@dataclass(frozen=True, slots=True)
class Segment:
    """One verified snapshot. ``digest`` is SHA-256 of its bytes, by which a delta names it."""

    digest: bytes
    checkpoint: Checkpoint
    payload: Payload
    columns: Mapping[str, Columns] = field(repr=False)

    def number(self, prefix: str, serial: int) -> NumberStatus | None:
        """Give where a number stands, or None where this segment does not name it."""
        columns = self.columns.get(prefix)
        row = None if columns is None else columns.find(serial)
        if row is None:
            return None
        return NumberStatus(row.status, row.index, row.mark, self.checkpoint.root, row.held)


@dataclass(frozen=True, slots=True)
class StatusChain:
    """A full segment and the deltas upon it, newest first."""

    segments: tuple[Segment, ...]

    @property
    def newest(self) -> Segment:
        """The segment that knows most."""
        return self.segments[0]

    @property
    def size(self) -> int:
        """How many entries are taken into account."""
        return self.newest.checkpoint.size

    @property
    def as_of(self) -> int:
        """The log's time in seconds up to which this knows."""
        return self.newest.payload.as_of

    @property
    def expires(self) -> int:
        """The last second at which to rely on it."""
        return self.newest.payload.as_of + self.newest.payload.max_age

    def names(self, expires: int) -> bool:
        """Say whether a logged certificate that expires on this day would be named."""
        return expires >= max(each.payload.floor for each in self.segments)

    def number(self, key: str) -> NumberStatus | None:
        """Give where a number stands, by its key ("XA123")."""
        prefix, serial = key[:2], key[2:]
        if not (serial.isascii() and serial.isdigit()) or len(serial) > 12:
            return None
        found = (each.number(prefix, int(serial)) for each in self.segments)
        return next((each for each in found if each is not None), None)

    def ended(self, kid: bytes) -> int | None:
        """Give the entry from which a key is no longer valid, if one is known."""
        found = [until for each in self.segments for k, until in each.payload.ended if k == kid]
        return min(found, default=None)

    def repudiated(self, holder: str, statement: bytes) -> int | None:
        """Give the entry at which its issuer disowned a statement, or None."""
        for each in self.segments:
            for who, what, index in each.payload.repudiated:
                if (who, what) == (holder, statement):
                    return index
        return None


def mark(root: bytes, statement: bytes) -> bytes:
    """Give the 8 bytes that stand for a statement in a segment over ``root``."""
    return hashlib.sha256(root + statement).digest()[:8]


def sign(payload: Payload, rows: Sequence[Row], key: PrivateKey) -> bytes:
    """Sign a segment as the log.

    Raises:
        Invalid: ``status.too-long`` over 8 MiB of segment, or 24 MiB of columns.
    """
    protected = cbor.encode({_ALG: int(key.public.algorithm), _KID: key.public.kid, _TYP: TYP})
    told = payload_of(payload, pack(rows))
    raw = join(protected, told, key.sign(to_be_signed(protected, told)))
    if len(raw) > LIMIT:
        raise Invalid("status.too-long", "a status snapshot has at most 8 MiB", limit=LIMIT)
    return raw


def verify(raw: bytes, bundle: TrustBundle) -> Segment:
    """Read one segment and check that the log of ``bundle`` signed it.

    Raises:
        Invalid: ``status.too-long``, ``status.form``; the codes of ``cbor`` and ``cose``.
        Untrusted: ``status.other-log``, ``status.key``, ``status.signature``; as
            ``checkpoint.open_``.
    """
    if len(raw) > LIMIT:
        raise Invalid("status.too-long", "a status snapshot has at most 8 MiB", limit=LIMIT)
    parts = split(raw)
    if parts.payload is None or parts.unprotected != b"\xa0":
        raise Invalid("status.form", "this is not a status snapshot: its payload is not inside")
    payload, told = unpack(parts.payload, LIMIT)
    if payload.genesis != bundle.genesis:
        raise Untrusted("status.other-log", "this status snapshot is of another log")
    for each in bundle.log_keys:
        key = each.public
        if parts.protected == cbor.encode({_ALG: int(key.algorithm), _KID: key.kid, _TYP: TYP}):
            break
    else:
        raise Untrusted("status.key", "this status snapshot is not signed by the key of its log")
    if not key.verify(parts.signature, to_be_signed(parts.protected, parts.payload)):
        raise Untrusted("status.signature", "the signature on this status is not the log's")
    head = checkpoints.open_(payload.checkpoint, key, origin=bundle.origin)
    if not each.signs(head.size):
        raise Untrusted("status.key", "this status is signed by a key that the log had given up")
    return Segment(hashlib.sha256(raw).digest(), head, payload, told)


def chain(raws: Sequence[bytes], bundle: TrustBundle) -> StatusChain | None:
    """Verify segments in any order and link the newest down to its full one; None of none.

    Raises:
        Untrusted: ``status.gap`` when a segment that a delta builds on is not there.
        Invalid: ``status.too-many`` over 64 segments; both also as ``verify``.
    """
    if len(raws) > MOST:
        raise Invalid("status.too-many", "get one full status snapshot instead", limit=MOST)
    known = {each.digest: each for each in (verify(raw, bundle) for raw in raws)}
    if not known:
        return None
    at = max(known.values(), key=lambda each: (each.checkpoint.size, each.payload.base is None))
    linked = [at]
    while at.payload.base is not None:
        below = known.get(at.payload.base)
        if below is None or below.checkpoint.size != at.payload.base_size:
            raise Untrusted(
                "status.gap",
                "a status snapshot in between is missing: get it, or a full one",
                size=at.payload.base_size,
            )
        linked.append(below)
        at = below
    return StatusChain(tuple(linked))
