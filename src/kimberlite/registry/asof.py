"""Events as known on a day, and which of them may be the last to have happened by another day.

Two time axes: ``known`` leaves out what was published or logged later, ``day`` is the day asked
about. Uncertain days give several possible last events; whoever asks joins their answers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar, cast

from kimberlite.kernel.days import DAY_MAX, show_day
from kimberlite.ledger.state import State
from kimberlite.registry.model import Interval, Record, Standing, Truth
from kimberlite.registry.rows import CONTESTS, CORRECTED, EVENTS, LAYERS, Event, Kind, Layer

Made = TypeVar("Made")

BROUGHT_IN = frozenset((Kind.LISTED, Kind.TERRITORY))

EVER = DAY_MAX + 1
"""A day after every other: known by then is everything logged."""


@dataclass(frozen=True, slots=True)
class Possible:
    """The events of one matter that may be the last to have happened by a day.

    ``nothing`` says that perhaps none has happened yet.
    """

    events: tuple[Event, ...]
    nothing: bool


def _after(late: tuple[int, Event], early: tuple[int, Event]) -> bool:
    """Say whether ``late`` certainly happened after ``early``; order of entry breaks a tie."""
    (late_at, later), (early_at, earlier) = late, early
    if earlier.when.latest != later.when.earliest:
        return earlier.when.latest < later.when.earliest
    return late_at > early_at


def current(events: Sequence[Event], day: int) -> Possible:
    """Give the events that may be the last to have happened by ``day``.

    ``events``: one matter, in order of entry. What a participant states or a decision says goes
    before what a transcriber asserts, from its own effective day on.
    """
    reached = [(at, each) for at, each in enumerate(events) if each.when.earliest <= day]
    native = [pair for pair in reached if pair[1].record.standing is not Standing.ASSERTED]
    if native:
        reached = native
    certain = [pair for pair in reached if pair[1].when.latest <= day]
    last = [
        pair for pair in reached if not any(_after(sure, pair) for sure in certain if sure != pair)
    ]
    return Possible(tuple(each for _, each in last), not certain)


def agree(truths: Iterable[Truth]) -> Truth:
    """Give the truth that all share, else cannot tell."""
    found = set(truths)
    return found.pop() if len(found) == 1 else Truth.CANNOT_TELL


def weakest(truths: Iterable[Truth]) -> Truth:
    """Give no if any is no, else cannot tell if any cannot, else yes."""
    found = set(truths)
    if Truth.NO in found:
        return Truth.NO
    return Truth.CANNOT_TELL if Truth.CANNOT_TELL in found else Truth.YES


def show(when: Interval) -> str:
    """Write an interval: "2004-07-09", or "2004-01-01/2004-06-30" (ISO 8601) when uncertain."""
    if when.earliest == when.latest:
        return show_day(when.earliest)
    return f"{show_day(when.earliest)}/{show_day(when.latest)}"


class Known:
    """The registry's events as known on one day. Reads the state, changes nothing.

    It remembers what it has read, so make one for each question and drop it then.
    """

    def __init__(self, state: State, known: int | None = None) -> None:
        """``known``: days since 1970; None for everything logged."""
        self._state = state
        self.day = EVER if known is None else known
        self._events: dict[str, tuple[Event, ...]] = {}
        self._memory: dict[object, Any] = {}

    def once(self, key: object, make: Callable[[], Made]) -> Made:
        """Give what ``make`` gave for ``key`` the first time."""
        if key not in self._memory:
            self._memory[key] = make()
        return cast("Made", self._memory[key])

    def subjects(self) -> tuple[str, ...]:
        """List every subject, in order of code."""
        return tuple(subject for subject, _ in self._state.scan(EVENTS))

    def events(self, subject: str) -> tuple[Event, ...]:
        """Give a subject's events in order of entry, without what was corrected by then."""
        found = self._events.get(subject)
        if found is None:
            rows = self._state.get(EVENTS, subject) or ()
            found = tuple(row for row in rows if self._holds(row))
            self._events[subject] = found
        return found

    def counting(self, subject: str, events: Iterable[Event], day: int) -> tuple[Event, ...]:
        """Leave out what is asserted about ``subject`` after a decision brought it into the log.

        Such a late assertion fills in days before the decision was logged and moves none after
        it: otherwise a transcriber's one key could suspend a participant.
        """
        anchor = self.once(("anchor", subject), lambda: self._anchor(subject))
        if anchor is None or day < anchor.known_on:
            return tuple(events)
        return tuple(
            each
            for each in events
            if each.record.standing is not Standing.ASSERTED or each.record.entry < anchor.entry
        )

    def _anchor(self, subject: str) -> Record | None:
        for each in self.events(subject):
            if each.kind in BROUGHT_IN and each.record.standing is Standing.DECIDED:
                return each.record
        return None

    def every(self, wanted: Callable[[Event], bool]) -> tuple[Event, ...]:
        """Give the wanted events of all subjects, in order of subject and entry."""
        return tuple(
            row
            for _, rows in self._state.scan(EVENTS)
            for row in rows
            if wanted(row) and self._holds(row)
        )

    def layers(self) -> tuple[tuple[str, Layer], ...]:
        """Give every restriction's id and what it stands for, in order of id."""
        return tuple(self._state.scan(LAYERS))

    def record(self, record: Record) -> Record:
        """Give a record with those who contested it by then."""
        holders = tuple(
            each.holder
            for each in self._state.get(CONTESTS, record.statement.hex()) or ()
            if each.known_on <= self.day
        )
        return replace(record, contested_by=tuple(dict.fromkeys(holders))) if holders else record

    def contested_by(self, event: Event) -> tuple[str, ...]:
        """Give who contested the statement behind ``event`` by then."""
        return self.record(event.record).contested_by

    def _holds(self, event: Event) -> bool:
        if event.record.known_on > self.day:
            return False
        if not event.id:
            return True
        corrected = self._state.get(CORRECTED, event.id)
        return corrected is None or corrected > self.day
