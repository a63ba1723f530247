"""A participant's history for display: what was recorded, and the spans between the changes."""

from __future__ import annotations

from dataclasses import dataclass

from kimberlite.registry import restrictions, trade
from kimberlite.registry.asof import Known, show
from kimberlite.registry.model import Direction, Interval, Organ, Record, Standing, Truth
from kimberlite.registry.rows import Event, Kind

ORGANS = frozenset((Kind.CHAIR, Kind.VICE, Kind.CUSTODIAN))
_NATIVE_ENDS = frozenset((Kind.ORGAN_ENDED, Kind.OBSERVER_LEFT))


@dataclass(frozen=True, slots=True)
class Dated:
    """One recorded event: its kind, days, neutral text and the record behind it.

    ``kind`` is a message key after ``registry.``; ``facts`` are what a sentence about it needs.
    """

    kind: str
    subject: str
    when: Interval
    text: str
    record: Record
    facts: dict[str, str | int]


@dataclass(frozen=True, slots=True)
class Span:
    """Days on which nothing changes for a participant: from ``begins`` to before ``ends``."""

    begins: int
    ends: int | None
    listed: Truth
    may_export: Truth
    may_import: Truth
    restrictions: tuple[tuple[str, Truth], ...]


def _facts(event: Event) -> dict[str, str | int]:
    found: dict[str, str | int] = {"when": show(event.when), "subject": event.subject}
    if event.restriction:
        found["restriction"] = event.restriction
    if event.kind in {Kind.TRADE_STOPPED, Kind.TRADE_RESUMED}:
        found["direction"] = event.direction.value
    if event.ends is not None:
        found["ends"] = show(event.ends)
    if event.id:
        found["event"] = event.id
    return found


def history(known: Known, code: str) -> tuple[Dated, ...]:
    """List what is recorded about ``code``, earliest first."""
    rows = sorted(known.events(code), key=lambda each: (each.when.earliest, each.when.latest))
    return tuple(
        Dated(
            each.kind.value,
            each.subject,
            each.when,
            each.text,
            known.record(each.record),
            _facts(each),
        )
        for each in rows
    )


def days(known: Known, code: str) -> list[int]:
    """List the days on which an answer about ``code`` may become another, in order."""
    return sorted(
        {
            day
            for each in known.events(code)
            for when in (each.when, each.ends)
            if when is not None
            for day in (when.earliest, when.latest)
        }
    )


def timeline(known: Known, code: str) -> tuple[Span, ...]:
    """Part the time of ``code`` into spans in which every answer stays the same.

    Breaks stand at the earliest and latest day of each event about it; a span whose answers equal
    those of the one before is joined to it.
    """
    spans: list[Span] = []
    for day in days(known, code):
        made = _span(known, code, day)
        if spans and _same(spans[-1], made):
            continue
        if spans:
            last = spans[-1]
            spans[-1] = Span(
                last.begins,
                day,
                last.listed,
                last.may_export,
                last.may_import,
                last.restrictions,
            )
        spans.append(made)
    return tuple(spans)


def _span(known: Known, code: str, day: int) -> Span:
    rows = restrictions.listing(known, day)
    return Span(
        day,
        None,
        trade.listed(known, code, day).truth,
        trade.may_trade(known, code, Direction.EXPORT, day).truth,
        trade.may_trade(known, code, Direction.IMPORT, day).truth,
        tuple((row.id, truth) for row, truth in rows if row.scope.country == code),
    )


def _same(one: Span, other: Span) -> bool:
    return (one.listed, one.may_export, one.may_import, one.restrictions) == (
        other.listed,
        other.may_export,
        other.may_import,
        other.restrictions,
    )


def _organ(known: Known, event: Event, ends: Interval | None) -> Organ:
    return Organ(
        event.kind.value.removesuffix("-joined"),
        event.subject,
        names(known, event.subject),
        event.when,
        ends,
        known.record(event.record),
    )


def _ends(known: Known, event: Event) -> Interval | None:
    """Give the end of a term or seat: as planned, or as a later event cut it short."""
    later = [
        each
        for each in known.events(event.subject)
        if each.kind in _NATIVE_ENDS and each.when.earliest >= event.when.earliest
    ]
    cut = min(later, key=lambda each: each.when.earliest).when if later else None
    if cut is None or (event.ends is not None and event.ends.earliest <= cut.earliest):
        return event.ends
    return cut


def organs(known: Known, day: int) -> tuple[Organ, ...]:
    """List chair, vice chair and custodian of ``day``, and those that may be.

    Where a native decision names someone for a function, transcribed terms of it end that day.
    """
    found = []
    rows = known.every(lambda each: each.kind in ORGANS and each.when.earliest <= day)
    for event in rows:
        native = [
            each
            for each in rows
            if each.kind is event.kind and each.record.standing is not Standing.ASSERTED
        ]
        if native and event.record.standing is Standing.ASSERTED:
            continue
        ends = _ends(known, event)
        if ends is None or ends.reached(day) is not Truth.YES:
            found.append(_organ(known, event, ends))
    return tuple(found)


def observers(known: Known, day: int) -> tuple[Organ, ...]:
    """List the observers of ``day``, and those that may be, in order of code."""
    rows = known.every(lambda each: each.kind is Kind.OBSERVER_JOINED and each.when.earliest <= day)
    latest = {each.subject: each for each in rows}
    found = []
    for subject in sorted(latest):
        ends = _ends(known, latest[subject])
        if ends is None or ends.reached(day) is not Truth.YES:
            found.append(_organ(known, latest[subject], ends))
    return tuple(found)


def names(known: Known, code: str) -> dict[str, str]:
    """Give the names of ``code`` by language, as last stated; empty when unknown."""
    for each in reversed(known.events(code)):
        if each.names:
            return dict(each.names)
    return {}
