"""What this room puts into a trust bundle: who may trade, and which numbers are used or void.

Both are as of the bundle's checkpoint. Without them a verifier still tells genuine from forged.
"""

from __future__ import annotations

import struct
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from kimberlite.certificates.ports import Trade
from kimberlite.certificates.transitions import Status
from kimberlite.certificates.v1.rows import Row
from kimberlite.kernel import cbor
from kimberlite.kernel.errors import Invalid, Problem
from kimberlite.kernel.ids import PARTICIPANT
from kimberlite.registry.model import Direction, Truth

PARTICIPANTS = "certificates.participants"
NUMBERS = "certificates.numbers"

_TRUTHS = (Truth.NO, Truth.YES, Truth.CANNOT_TELL)
_GOVERNS = ("arrival", "export")
_NUMBER = struct.Struct(">2sQBQ32s")


@dataclass(frozen=True, slots=True)
class Trader:
    """Who trades, as of the bundle: may export, may import, and which day expiry looks at."""

    may_export: Truth
    may_import: Truth
    expiry_governs: str = "arrival"


@dataclass(frozen=True, slots=True)
class NumberStatus:
    """A number's status as of the bundle, and the statement and entry that hold it."""

    status: Status
    index: int
    statement: bytes


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The parts of a bundle, read. ``traders`` is None where the bundle has no such part."""

    traders: Mapping[str, Trader] | None = None
    numbers: bytes = field(default=b"", repr=False)

    def number(self, key: str) -> NumberStatus | None:
        """Give the status of a number by its key ("XA123"), if the bundle names it."""
        wanted = _order(key)
        if wanted is None:
            return None
        at = bisect_left(range(len(self.numbers) // _NUMBER.size), wanted, key=self._place)
        start = at * _NUMBER.size
        if start >= len(self.numbers) or self._place(at) != wanted:
            return None
        _, _, status, index, statement = _NUMBER.unpack_from(self.numbers, start)
        return NumberStatus(Status(status), index, statement)

    def _place(self, at: int) -> bytes:
        start = at * _NUMBER.size
        return self.numbers[start : start + 10]


def _order(key: str) -> bytes | None:
    prefix, serial = key[:2], key[2:]
    if PARTICIPANT.fullmatch(prefix) is None or not (serial.isascii() and serial.isdigit()):
        return None
    return prefix.encode() + int(serial).to_bytes(8, "big") if len(serial) <= 12 else None


def participants_part(registry: Trade, codes: Iterable[str], day: int) -> bytes:
    """Write who may trade on ``day``, for the bundle's part ``PARTICIPANTS``."""
    rows = []
    for code in sorted(codes):
        asked = (
            registry.may_trade(code, Direction.EXPORT, day),
            registry.may_trade(code, Direction.IMPORT, day),
        )
        governs = _GOVERNS.index(registry.practice(code, day).expiry_governs)
        rows.append([code, *(_TRUTHS.index(answer.truth) for answer in asked), governs])
    return cbor.encode(rows)


def numbers_part(rows: Iterable[tuple[str, Row]]) -> bytes:
    """Write the status of numbers by key, for the bundle's part ``NUMBERS``.

    Raises:
        Invalid: ``bundle.number`` for a key that is no number's.
    """
    packed = []
    for key, row in rows:
        if _order(key) is None:
            raise Invalid("bundle.number", "not the key of a certificate number", key=key[:40])
        told = (key[:2].encode(), int(key[2:]), row.status, row.index, row.statement)
        packed.append(_NUMBER.pack(*told))
    return b"".join(sorted(packed))


def read_snapshot(parts: Mapping[str, bytes]) -> Snapshot:
    """Read this room's parts of a bundle; parts that are absent stay unknown.

    Raises:
        Invalid: ``bundle.part`` when a part is not as written above.
    """
    numbers = parts.get(NUMBERS, b"")
    statuses = numbers[10 :: _NUMBER.size]
    if len(numbers) % _NUMBER.size or (statuses and max(statuses) > max(Status)):
        raise Invalid("bundle.part", "the numbers in this bundle do not read", part=NUMBERS)
    raw = parts.get(PARTICIPANTS)
    return Snapshot(None if raw is None else _traders(raw), numbers)


def _traders(raw: bytes) -> dict[str, Trader]:
    bad = Invalid("bundle.part", "the participants in this bundle do not read", part=PARTICIPANTS)
    try:
        value: Any = cbor.decode(raw)
    except Problem:
        raise bad from None
    if type(value) is not list:
        raise bad
    found = {}
    for each in value:
        match each:
            case [str() as code, 0 | 1 | 2 as out, 0 | 1 | 2 as into, 0 | 1 as governs]:
                found[code] = Trader(_TRUTHS[out], _TRUTHS[into], _GOVERNS[governs])
            case _:
                raise bad
    return found
