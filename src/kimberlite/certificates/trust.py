"""What this room puts into a trust bundle: who could trade when, whose numbers, and status.

All as of the bundle's checkpoint. Without them a verifier still tells genuine from forged. Status
is a full status snapshot, as it may also be carried beside the bundle, with newer ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from kimberlite.certificates.standing import (
    PARTICIPANTS,
    RESTRICTIONS,
    Restriction,
    Trader,
    read_restrictions,
    read_traders,
    rows_of,
)
from kimberlite.certificates.status import StatusChain, chain
from kimberlite.kernel import cbor
from kimberlite.kernel.errors import Invalid
from kimberlite.ledger.bundle import TrustBundle

RANGES = "certificates.ranges"
STATUS = "certificates.status"


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
    """What is known beside keys, each None or empty where nobody said."""

    traders: Mapping[str, Trader] | None = None
    ranges: tuple[Range, ...] | None = None
    status: StatusChain | None = None
    restrictions: tuple[Restriction, ...] = ()


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
    traders, ranges, restrictions = (
        parts.get(name) for name in (PARTICIPANTS, RANGES, RESTRICTIONS)
    )
    return Snapshot(
        None if traders is None else read_traders(traders),
        None if ranges is None else _ranges(ranges),
        chain((*(() if within is None else (within,)), *beside), bundle),
        () if restrictions is None else read_restrictions(restrictions),
    )


def _ranges(raw: bytes) -> tuple[Range, ...]:
    bad = Invalid("bundle.part", "the ranges in this bundle do not read", part=RANGES)
    found = []
    for each in rows_of(raw, bad):
        match each:
            case [str() as who, str() as prefix, int() as first, int() as last, int() as day, end]:
                if end is not None and type(end) is not int:
                    raise bad
                found.append(Range(who, prefix, first, last, day, end))
            case _:
                raise bad
    return tuple(found)
