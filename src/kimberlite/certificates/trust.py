"""What this room puts into a trust bundle: who may trade, which numbers are whose, and status.

All as of the bundle's checkpoint. Without them a verifier still tells genuine from forged. Status
is a full status snapshot, as it may also be carried beside the bundle, with newer ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kimberlite.certificates.ports import Trade
from kimberlite.certificates.status import StatusChain, chain
from kimberlite.kernel import cbor
from kimberlite.kernel.errors import Invalid, Problem
from kimberlite.ledger.bundle import TrustBundle
from kimberlite.registry.model import Direction, Truth

PARTICIPANTS = "certificates.participants"
RANGES = "certificates.ranges"
STATUS = "certificates.status"

_TRUTHS = (Truth.NO, Truth.YES, Truth.CANNOT_TELL)
_GOVERNS = ("arrival", "export")


@dataclass(frozen=True, slots=True)
class Trader:
    """Who trades, as of the bundle: may export, may import, and which day expiry looks at."""

    may_export: Truth
    may_import: Truth
    expiry_governs: str = "arrival"


@dataclass(frozen=True, slots=True)
class Range:
    """A notified range of numbers; ``ends`` is the first day on which it no longer holds."""

    holder: str
    prefix: str
    first: int
    last: int
    begins: int
    ends: int | None

    def holds(self, prefix: str, serial: int, day: int) -> bool:
        """Say whether it holds a number on a day."""
        begun = self.begins <= day and (self.ends is None or day < self.ends)
        return prefix == self.prefix and self.first <= serial <= self.last and begun


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What is known beside keys, each None where nobody said: traders, ranges, status."""

    traders: Mapping[str, Trader] | None = None
    ranges: tuple[Range, ...] | None = None
    status: StatusChain | None = None


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


def ranges_part(ranges: Iterable[Range]) -> bytes:
    """Write notified ranges, for the bundle's part ``RANGES``."""
    rows = [[r.holder, r.prefix, r.first, r.last, r.begins, r.ends] for r in ranges]
    return cbor.encode(sorted(rows, key=lambda row: (row[1], row[2], row[4])))


def read_snapshot(bundle: TrustBundle, beside: Sequence[bytes] = ()) -> Snapshot:
    """Read this room's parts of a bundle and the status snapshots beside it.

    Raises:
        Invalid: ``bundle.part`` when a part is not as written above.
        Untrusted, Invalid: as ``status.chain``.
    """
    parts = bundle.contents.parts
    within = parts.get(STATUS)
    traders, ranges = parts.get(PARTICIPANTS), parts.get(RANGES)
    return Snapshot(
        None if traders is None else _traders(traders),
        None if ranges is None else _ranges(ranges),
        chain((*(() if within is None else (within,)), *beside), bundle),
    )


def _ranges(raw: bytes) -> tuple[Range, ...]:
    bad = Invalid("bundle.part", "the ranges in this bundle do not read", part=RANGES)
    found = []
    for each in _list(raw, bad):
        match each:
            case [str() as who, str() as prefix, int() as first, int() as last, int() as day, end]:
                if end is not None and type(end) is not int:
                    raise bad
                found.append(Range(who, prefix, first, last, day, end))
            case _:
                raise bad
    return tuple(found)


def _list(raw: bytes, bad: Invalid) -> list[Any]:
    try:
        value: Any = cbor.decode(raw)
    except Problem:
        raise bad from None
    if type(value) is not list:
        raise bad
    return value


def _traders(raw: bytes) -> dict[str, Trader]:
    bad = Invalid("bundle.part", "the participants in this bundle do not read", part=PARTICIPANTS)
    found = {}
    for each in _list(raw, bad):
        match each:
            case [str() as code, 0 | 1 | 2 as out, 0 | 1 | 2 as into, 0 | 1 as governs]:
                found[code] = Trader(_TRUTHS[out], _TRUTHS[into], _GOVERNS[governs])
            case _:
                raise bad
    return found
