"""Counts of blank forms over a period: what was there, what came, what went, what is left.

opening + received + allotted in - allotted out - printed - spoiled - lost - stolen = closing, for
each office and for all together. A counter-entry counts against the column of what it takes back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from kimberlite.node.stock.ledger import Holding
from kimberlite.node.stock.movements import HELD, Movement

COLUMNS = ("received", "in", "out", "printed", "spoiled", "lost", "stolen")
"""What changes how many forms an office holds: the first two add to it, the others take away."""

_ADDS = frozenset(("received", "in"))


@dataclass(frozen=True, slots=True)
class Line:
    """One office's count; the office "" is the store."""

    office: str
    opening: int = 0
    moved: Mapping[str, int] = field(default_factory=dict)

    @property
    def closing(self) -> int:
        """How many are left."""
        return self.opening + sum(
            count if column in _ADDS else -count for column, count in self.moved.items()
        )


@dataclass(frozen=True, slots=True)
class Count:
    """The count of a period. ``agrees`` says whether the holdings, counted now, say the same.

    ``after`` are forms that left the stock before: spoiled, lost or stolen once printed, found
    again, destroyed. They change no balance.
    """

    lines: tuple[Line, ...]
    after: Mapping[str, int]
    agrees: bool | None = None

    @property
    def total(self) -> Line:
        """All offices together; what one gave to another cancels out."""
        moved = {column: sum(line.moved[column] for line in self.lines) for column in COLUMNS}
        return Line("", sum(line.opening for line in self.lines), moved)


def count(
    movements: Iterable[Movement], first: int, last: int, holdings: Iterable[Holding] | None = None
) -> Count:
    """Count from second ``first`` to second ``last``, both included.

    Args:
        movements: every movement up to ``last``, in any order.
        holdings: what is held now, where nothing was moved after ``last``.
    """
    opening: dict[str, int] = {}
    moved: dict[str, dict[str, int]] = {}
    after: dict[str, int] = {}
    for each in movements:
        if each.at > last:
            continue
        for office, column, delta in _deltas(each):
            if each.at < first:
                opening[office] = opening.get(office, 0) + delta
            else:
                columns = moved.setdefault(office, dict.fromkeys(COLUMNS, 0))
                columns[column] += delta if column in _ADDS else -delta
        if each.at >= first and HELD not in {each.was.state, each.now.state}:
            sign = 1 if each.undoes is None else -1
            after[each.kind] = after.get(each.kind, 0) + sign * each.forms.count
    offices = sorted(opening.keys() | moved.keys() | {""})
    lines = tuple(
        Line(each, opening.get(each, 0), moved.get(each, dict.fromkeys(COLUMNS, 0)))
        for each in offices
    )
    if holdings is None:
        return Count(lines, after)
    now: dict[str, int] = {}
    for held in holdings:
        if held.place.state == HELD:
            now[held.place.office] = now.get(held.place.office, 0) + held.forms.count
    agrees = all(line.closing == now.get(line.office, 0) for line in lines)
    return Count(lines, after, agrees and now.keys() <= set(offices))


def _deltas(told: Movement) -> Iterable[tuple[str, str, int]]:
    """Give office, column and change for each end of a movement that lies in the stock."""
    back = told.undoes is not None
    number = told.forms.count
    if told.was.state == HELD:
        column = ("in" if back else "out") if told.now.state == HELD else told.kind
        yield told.was.office, column, -number
    if told.now.state == HELD:
        column = ("out" if back else "in") if told.was.state == HELD else told.kind
        yield told.now.office, column, number
