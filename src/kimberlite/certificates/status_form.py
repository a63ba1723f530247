"""The bytes of a status segment: its payload, and the columns that hold its certificates.

Columns of one prefix, in order of serial: gaps between serials and between entries as variable
integers, one byte of status, eight bytes that stand for the statement. Gaps and states repeat, so
they compress to little; the eight bytes do not, and are nearly all that is left.
Source: ours, docs/spec/status.md.
"""

from __future__ import annotations

import zlib
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Any

from kimberlite.certificates.transitions import Status
from kimberlite.kernel import cbor
from kimberlite.kernel.errors import Invalid, Problem
from kimberlite.kernel.ids import HOLDER, PARTICIPANT
from kimberlite.ledger.schema import MOMENT_MAX

FORMAT = 1
MARK = 8
"""Bytes that stand for a statement."""
HELD = 0x80
"""The bit beside a status that marks an open alert."""
INFLATED = 24 * 1024 * 1024
"""Most bytes of a segment's columns."""

_FORMAT, _GENESIS, _CHECKPOINT, _AS_OF, _MAX_AGE, _BASE_SIZE, _BASE = range(7)
_FLOOR, _ENDED, _REPUDIATED, _LENGTH, _PACKED = range(7, 12)
_LABELS = frozenset(range(12))
_SERIALS = 10**12
_WIDEST = 9
"""Bytes of the longest variable integer: 63 bits."""


@dataclass(frozen=True, slots=True)
class Row:
    """Where one certificate stands; ``held``: an alert about it is open."""

    prefix: str
    serial: int
    index: int
    status: Status
    mark: bytes
    held: bool = False


@dataclass(frozen=True, slots=True)
class Payload:
    """What a segment says beside its rows.

    ``as_of`` is the log's time in seconds and ``max_age`` how many seconds to rely on it;
    ``base`` is SHA-256 of the segment that this one builds on, None for a full one, and
    ``base_size`` that one's size, or 0. Certificates that expired before the day ``floor`` are
    not named. ``ended`` lists keys (8 bytes) with the entry from which they are not valid.
    """

    genesis: bytes
    checkpoint: bytes
    as_of: int
    max_age: int
    base_size: int = 0
    base: bytes | None = None
    floor: int = 0
    ended: tuple[tuple[bytes, int], ...] = ()
    repudiated: tuple[tuple[str, bytes, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Columns:
    """The certificates of one prefix, in order of serial."""

    prefix: str
    serials: Sequence[int]
    indexes: Sequence[int]
    statuses: bytes
    marks: bytes

    def find(self, serial: int) -> Row | None:
        """Give the row of a serial, or None."""
        at = bisect_left(self.serials, serial)
        if at == len(self.serials) or self.serials[at] != serial:
            return None
        told = self.marks[at * MARK : (at + 1) * MARK]
        state = self.statuses[at]
        status, held = Status(state & ~HELD), bool(state & HELD)
        return Row(self.prefix, serial, self.indexes[at], status, told, held)


def pack(rows: Iterable[Row]) -> bytes:
    """Write rows as columns, not yet compressed."""
    ordered = sorted(rows, key=lambda row: (row.prefix, row.serial))
    written = []
    for prefix, some in groupby(ordered, key=lambda row: row.prefix):
        group = list(some)
        serials = [-1, *(row.serial for row in group)]
        indexes = [0, *(row.index for row in group)]
        written.append(
            [
                prefix,
                b"".join(_varint(b - a - 1) for a, b in pairwise(serials)),
                b"".join(_varint(_zigzag(b - a)) for a, b in pairwise(indexes)),
                bytes(row.status | (HELD if row.held else 0) for row in group),
                b"".join(row.mark for row in group),
            ]
        )
    return cbor.encode(written)


def payload_of(payload: Payload, columns: bytes) -> bytes:
    """Write a segment's payload. Raises Invalid ``status.too-long`` over 24 MiB of columns."""
    if len(columns) > INFLATED:
        raise Invalid("status.too-long", "a status snapshot holds at most 24 MiB of columns")
    return cbor.encode(
        {
            _FORMAT: FORMAT,
            _GENESIS: payload.genesis,
            _CHECKPOINT: payload.checkpoint,
            _AS_OF: payload.as_of,
            _MAX_AGE: payload.max_age,
            _BASE_SIZE: payload.base_size,
            _BASE: payload.base,
            _FLOOR: payload.floor,
            _ENDED: [list(each) for each in sorted(payload.ended)],
            _REPUDIATED: [list(each) for each in sorted(payload.repudiated)],
            _LENGTH: len(columns),
            _PACKED: zlib.compress(columns, 6),
        }
    )


def unpack(raw: bytes, limit: int) -> tuple[Payload, dict[str, Columns]]:
    """Read a payload and its columns, strictly and within bounds.

    Raises:
        Invalid: ``status.form``; the codes of ``cbor``.
    """
    value: Any = cbor.decode(raw, limit=limit)
    if type(value) is not dict or value.keys() != _LABELS or value[_FORMAT] != FORMAT:
        raise _form("other parts are in it, or it is of a newer format")
    whole = [value[label] for label in (_AS_OF, _MAX_AGE, _BASE_SIZE, _FLOOR, _LENGTH)]
    if not all(type(each) is int and 0 <= each < MOMENT_MAX for each in whole):
        raise _form("times, sizes and days are whole numbers")
    base, size = value[_BASE], value[_BASE_SIZE]
    if (base is None) != (size == 0) or not (base is None or _octets(base, 32)):
        raise _form("a delta names the segment below by size and digest")
    if not (_octets(value[_GENESIS], 32) and type(value[_CHECKPOINT]) is bytes):
        raise _form("genesis and checkpoint are byte strings")
    payload = Payload(
        genesis=value[_GENESIS],
        checkpoint=value[_CHECKPOINT],
        as_of=value[_AS_OF],
        max_age=value[_MAX_AGE],
        base_size=size,
        base=base,
        floor=value[_FLOOR],
        ended=tuple(_ended(each) for each in _list(value[_ENDED])),
        repudiated=tuple(_repudiated(each) for each in _list(value[_REPUDIATED])),
    )
    return payload, _columns(_inflate(value[_PACKED], value[_LENGTH]))


def _form(why: str) -> Invalid:
    return Invalid("status.form", f"this is not a status snapshot: {why}")


def _octets(value: Any, size: int) -> bool:
    return type(value) is bytes and len(value) == size


def _list(value: Any) -> list[Any]:
    if type(value) is not list:
        raise _form("keys and repudiated statements are lists")
    return value


def _ended(value: Any) -> tuple[bytes, int]:
    match value:
        case [bytes() as kid, int() as until] if len(kid) == 8 and until >= 0:
            return kid, until
        case _:
            raise _form("an ended key has an id of 8 bytes and an entry")


def _repudiated(value: Any) -> tuple[str, bytes, int]:
    match value:
        case [str() as holder, bytes() as what, int() as at] if len(what) == 32 and at >= 0:
            if HOLDER.fullmatch(holder):
                return holder, what, at
        case _:
            pass
    raise _form("a repudiated statement has a holder, an id and an entry")


def _inflate(packed: Any, length: int) -> bytes:
    if type(packed) is not bytes or length > INFLATED:
        raise _form("its columns are too long, or no byte string")
    pump = zlib.decompressobj()
    try:
        found = pump.decompress(packed, length + 1)
    except zlib.error:
        raise _form("its columns do not inflate") from None
    if len(found) != length or not pump.eof or pump.unused_data:
        raise _form("its columns are not as long as it says")
    return found


def _columns(raw: bytes) -> dict[str, Columns]:
    try:
        value: Any = cbor.decode(raw, limit=INFLATED)
    except Problem:
        raise _form("its columns do not read") from None
    found: dict[str, Columns] = {}
    last = ""
    for each in _list(value):
        match each:
            case [str() as prefix, bytes() as gaps, bytes() as steps, bytes() as states, marks]:
                found[prefix] = _column(prefix, gaps, steps, states, marks)
            case _:
                raise _form("a prefix has four columns")
        if prefix <= last or not PARTICIPANT.fullmatch(prefix):
            raise _form("prefixes are in order, each once")
        last = prefix
    return found


def _column(prefix: str, gaps: bytes, steps: bytes, states: bytes, marks: Any) -> Columns:
    count = len(states)
    known = all(each & ~HELD <= max(Status) for each in set(states))
    if count == 0 or not _octets(marks, count * MARK) or not known:
        raise _form("columns are not of one length, or a state is unknown")
    serials, indexes, serial, index = [], [], -1, 0
    for gap, step in zip(_varints(gaps, count), _varints(steps, count), strict=True):
        serial += gap + 1
        index += (step >> 1) ^ -(step & 1)
        if serial >= _SERIALS or not 0 <= index < 1 << 62:
            raise _form("a serial or an entry is out of bounds")
        serials.append(serial)
        indexes.append(index)
    return Columns(prefix, serials, indexes, states, marks)


def _zigzag(value: int) -> int:
    return value << 1 if value >= 0 else (-value << 1) - 1


def _varint(value: int) -> bytes:
    found = bytearray()
    while value >= 0x80:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    found.append(value)
    return bytes(found)


def _varints(raw: bytes, count: int) -> list[int]:
    """Read exactly ``count`` variable integers, each in its shortest form."""
    found = []
    value = shift = 0
    for byte in raw:
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            if byte == 0 and shift > 7:
                raise _form("a number is not in its shortest form")
            found.append(value)
            value = shift = 0
        elif shift >= 7 * _WIDEST:
            raise _form("a number is too long")
    if shift or len(found) != count:
        raise _form("columns are not of one length")
    return found
