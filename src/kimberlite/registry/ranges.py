"""Number prefixes and notified ranges, kept so that admission finds one in about a microsecond.

Sources: KPCS Core Document, Section II(d) (features of the certificate are notified) and Annex
I.A (unique numbering with the alpha-2 code); ranges are ours: docs/spec/registry.md.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import Any

from kimberlite.ledger.state import State, Table
from kimberlite.registry.model import NumberRange
from kimberlite.registry.rows import PREFIXES, read_record, record_value


@dataclass(frozen=True, slots=True)
class PrefixRanges:
    """All ranges of one prefix in order of their first number; no two share a number."""

    firsts: tuple[int, ...]
    ranges: tuple[NumberRange, ...]

    @classmethod
    def of(cls, ranges: tuple[NumberRange, ...]) -> PrefixRanges:
        """Put ranges in order."""
        ordered = tuple(sorted(ranges, key=lambda each: each.first))
        return cls(tuple(each.first for each in ordered), ordered)

    def holding(self, serial: int) -> NumberRange | None:
        """Give the range that holds ``serial``, whatever the day."""
        at = bisect_right(self.firsts, serial) - 1
        if at < 0:
            return None
        found = self.ranges[at]
        return found if serial <= found.last else None


def _to_value(row: PrefixRanges) -> list[Any]:
    return [
        [r.prefix, r.first, r.last, r.begins, r.ends, r.office, record_value(r.record)]
        for r in row.ranges
    ]


def _range(value: Any) -> NumberRange:
    prefix, first, last, begins, ends, office, record = value
    return NumberRange(prefix, first, last, begins, ends, office, read_record(record))


def _from_value(value: Any) -> PrefixRanges:
    return PrefixRanges.of(tuple(_range(each) for each in value))


RANGES = Table("registry.range", _to_value, _from_value)
"""By prefix."""

NONE = PrefixRanges((), ())


def prefix_owner(state: State, prefix: str) -> str | None:
    """Give the code of the participant whose certificates bear ``prefix``, or None."""
    found = state.get(PREFIXES, prefix)
    return None if found is None else found.code


def range_holds(state: State, prefix: str, serial: int, day: int) -> NumberRange | None:
    """Give the notified range that holds ``serial`` under ``prefix`` on ``day``, or None."""
    row = state.get(RANGES, prefix)
    if row is None:
        return None
    found = row.holding(serial)
    if found is None or day < found.begins or (found.ends is not None and day >= found.ends):
        return None
    return found
