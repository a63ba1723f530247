"""Who could trade when, and what was restricted: a registry's history small enough for a bundle.

A participant's history is a list of spans of days; within one every answer is the same. So a
verifier without a node answers for the days of issue, export and arrival, and not only for the
day of its bundle. Source: docs/spec/trust-list.md (standing).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from kimberlite.certificates.ports import History
from kimberlite.kernel import cbor
from kimberlite.kernel.errors import Invalid, Problem
from kimberlite.registry.model import Direction, Truth

PARTICIPANTS = "certificates.participants"
RESTRICTIONS = "certificates.restrictions"

SEVERAL = "several"
_TRUTHS = (Truth.NO, Truth.YES, Truth.CANNOT_TELL)
_GOVERNS = ("arrival", "export")
_POLICIES = ("arrival", "export", "issue")
_CLAUSES = ("", *_POLICIES, SEVERAL)
_WORST = (Truth.NO, Truth.CANNOT_TELL, Truth.YES)


@dataclass(frozen=True, slots=True)
class Span:
    """What holds for a participant from the day ``begins`` until the next span.

    ``policy`` is the day that decides where it receives; ``clause`` the day that the decisions
    behind an answer other than yes say decides, "" where none says so.
    """

    begins: int
    may_export: Truth
    may_import: Truth
    expiry_governs: str = "arrival"
    policy: str = "arrival"
    clause: str = ""

    def may(self, way: Direction) -> Truth:
        """Say whether it may export, or import."""
        return self.may_export if way is Direction.EXPORT else self.may_import


NOBODY = Span(0, Truth.NO, Truth.NO)
"""What holds for whoever no span names: it is no trader."""


@dataclass(frozen=True, slots=True)
class Trader:
    """A participant's spans, the earliest first."""

    spans: tuple[Span, ...]

    def on(self, day: int) -> Span:
        """Give what holds on a day; days after the last change are as that left it."""
        return self.between(day, day)[0]

    def between(self, first: int, last: int) -> tuple[Span, ...]:
        """Give what holds on any day from ``first`` to ``last``."""
        if first >= self.spans[-1].begins:
            return self.spans[-1:]  # nothing changed since, as for nearly all
        ends = [later.begins for _, later in pairwise(self.spans)]
        found = [
            span
            for span, end in zip(self.spans, [*ends, last + 1], strict=True)
            if span.begins <= last and first < end
        ]
        begun = self.spans[0].begins
        return (NOBODY, *found) if first < begun else tuple(found)


@dataclass(frozen=True, slots=True)
class Restriction:
    """That something restricts trade in goods of a country, from a day and until before another.

    ``jurisdiction`` is whose national measure it is, "" where it binds all. Which goods it
    catches is for the registry; here it only reminds.
    """

    id: str
    country: str
    jurisdiction: str
    begins: int
    ends: int | None

    def touches(self, codes: AbstractSet[str], first: int, last: int) -> bool:
        """Say whether it concerned one of ``codes`` on any day from ``first`` to ``last``."""
        if self.country not in codes and self.jurisdiction not in codes:
            return False
        return self.begins <= last and (self.ends is None or first < self.ends)


@dataclass(frozen=True, slots=True)
class Answers:
    """Whether one may trade one way: on the days of issue, export and arrival, and what decides."""

    truth: Truth
    decided_by: str
    days: Mapping[str, Truth] = field(default_factory=dict)

    @property
    def plain(self) -> bool:
        """Say whether it is yes on every day."""
        return all(truth is Truth.YES for truth in self.days.values())

    def facts(self, code: str) -> dict[str, str | int]:
        """Give the answer of each day, and which of them decides."""
        told = {name: truth.value for name, truth in self.days.items()}
        return {"code": code, **told, "decided_by": self.decided_by}


def ask(
    trader: Trader | None, way: Direction, issued: int, arrived: int, policy: str = "arrival"
) -> Answers:
    """Ask whether ``trader`` may trade one way, for a certificate of these days.

    The goods left on some day between issue and arrival: the answer for it is known where nothing
    changed in between. The day that decides is the decision's own, else ``policy``, the
    receiver's; where several decisions name several days, the least favourable answer counts.

    Args:
        trader: None for one that the bundle does not name.
        way: export or import.
        issued: day of issue, from 1970.
        arrived: day of arrival.
        policy: "arrival", "export" or "issue".
    """
    known = trader or Trader((NOBODY,))
    spans = known.between(min(issued, arrived), max(issued, arrived))
    if len(spans) == 1 and not spans[0].clause:
        told = spans[0].may(way)
        return Answers(told, policy, {"issue": told, "export": told, "arrival": told})
    between = {span.may(way) for span in spans}
    days = {
        "issue": known.on(issued).may(way),
        "export": between.pop() if len(between) == 1 else Truth.CANNOT_TELL,
        "arrival": known.on(arrived).may(way),
    }
    clauses = {span.clause for span in spans if span.may(way) is not Truth.YES} - {""}
    several = SEVERAL in clauses or len(clauses) > 1
    asked = sorted(days) if several else [*clauses, policy][:1]
    decided_by = min(asked, key=lambda each: _WORST.index(days[each]))
    return Answers(days[decided_by], decided_by, days)


def participants_part(registry: History, codes: Iterable[str]) -> bytes:
    """Write who could trade when, for the bundle's part ``PARTICIPANTS``.

    CBOR: ``[* [code, [+ [begins, may export, may import, expiry, policy, clause]]]]``, the last
    five as their places in the lists above.
    """
    return cbor.encode([[code, _rows(registry, code)] for code in sorted(codes)])


def _rows(registry: History, code: str) -> list[list[int]]:
    rows: list[list[int]] = []
    for day in registry.changes(code):
        asked = [registry.may_trade(code, way, day) for way in (Direction.EXPORT, Direction.IMPORT)]
        practice = registry.practice(code, day)
        clauses = {
            str(reason.facts["decides"])
            for answer in asked
            if answer.truth is not Truth.YES
            for reason in answer.reasons
            if reason.facts.get("decides") in _POLICIES
        }
        clause = SEVERAL if len(clauses) > 1 else next(iter(clauses), "")
        told = [
            *(_TRUTHS.index(answer.truth) for answer in asked),
            _GOVERNS.index(practice.expiry_governs),
            _POLICIES.index(practice.status_policy),
            _CLAUSES.index(clause),
        ]
        if not rows or rows[-1][1:] != told:
            rows.append([day, *told])
    return rows


def restrictions_part(restrictions: Iterable[Restriction]) -> bytes:
    """Write restrictions, for the bundle's part ``RESTRICTIONS``."""
    ordered = sorted(restrictions, key=lambda each: each.id)
    return cbor.encode([[r.id, r.country, r.jurisdiction, r.begins, r.ends] for r in ordered])


def read_traders(raw: bytes) -> dict[str, Trader]:
    """Read the part ``PARTICIPANTS``. Raises Invalid ``bundle.part``."""
    bad = Invalid("bundle.part", "the participants in this bundle do not read", part=PARTICIPANTS)
    found = {}
    for each in rows_of(raw, bad):
        match each:
            case [str() as code, [_, *_] as rows]:
                spans = tuple(_span(row, bad) for row in rows)
            case _:
                raise bad
        if any(later.begins <= span.begins for span, later in pairwise(spans)):
            raise bad
        found[code] = Trader(spans)
    return found


def _span(row: Any, bad: Invalid) -> Span:
    lists = (_TRUTHS, _TRUTHS, _GOVERNS, _POLICIES, _CLAUSES)
    if type(row) is not list or len(row) != 6 or any(type(each) is not int for each in row):
        raise bad
    if row[0] < 0 or any(not 0 <= at < len(of) for at, of in zip(row[1:], lists, strict=True)):
        raise bad
    begins, out, into, governs, policy, clause = row
    return Span(
        begins, _TRUTHS[out], _TRUTHS[into], _GOVERNS[governs], _POLICIES[policy], _CLAUSES[clause]
    )


def read_restrictions(raw: bytes) -> tuple[Restriction, ...]:
    """Read the part ``RESTRICTIONS``. Raises Invalid ``bundle.part``."""
    bad = Invalid("bundle.part", "the restrictions in this bundle do not read", part=RESTRICTIONS)
    found = []
    for each in rows_of(raw, bad):
        match each:
            case [str() as name, str() as country, str() as whose, int() as begins, ends]:
                if ends is not None and type(ends) is not int:
                    raise bad
                found.append(Restriction(name, country, whose, begins, ends))
            case _:
                raise bad
    return tuple(found)


def rows_of(raw: bytes, bad: Invalid) -> list[Any]:
    """Read a part that is a list. Raises ``bad``."""
    try:
        value: Any = cbor.decode(raw)
    except Problem:
        raise bad from None
    if type(value) is not list:
        raise bad
    return value
