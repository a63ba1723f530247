"""Which event may be the last to have happened, with uncertain days and two kinds of speakers."""

from __future__ import annotations

import pytest

from kimberlite.kernel.days import parse_day
from kimberlite.registry.asof import agree, current, show, weakest
from kimberlite.registry.model import Interval, Record, Standing, Truth
from kimberlite.registry.rows import Event, Kind


def event(name: str, earliest: int, latest: int, standing: Standing = Standing.ASSERTED) -> Event:
    record = Record(name.encode(), 0, 0, standing, "test")
    return Event(Kind.NOTE, "XA", Interval(earliest, latest), record, name)


FIRST, SECOND = event("first", 10, 10), event("second", 20, 30)


@pytest.mark.parametrize(
    ("day", "names", "nothing"),
    [
        (9, [], True),
        (10, ["first"], False),
        (19, ["first"], False),
        (20, ["first", "second"], False),
        (29, ["first", "second"], False),
        (30, ["second"], False),
    ],
)
def test_an_uncertain_day_leaves_both_events_possible(
    day: int, names: list[str], nothing: bool
) -> None:
    found = current([FIRST, SECOND], day)
    assert [each.id for each in found.events] == names
    assert found.nothing is nothing


def test_an_uncertain_first_event_may_not_have_happened() -> None:
    found = current([SECOND], 25)
    assert (found.events, found.nothing) == ((SECOND,), True)


def test_two_overlapping_intervals_stay_both_possible() -> None:
    one, other = event("one", 10, 30), event("other", 20, 25)
    assert current([one, other], 40).events == (one, other)


def test_on_one_day_the_later_entry_is_the_later_event() -> None:
    one, other = event("one", 10, 10), event("other", 10, 10)
    assert current([one, other], 10).events == (other,)
    assert current([other, one], 10).events == (one,)


def test_what_is_decided_goes_before_what_is_asserted_from_its_own_day_on() -> None:
    decided = event("decided", 15, 15, Standing.DECIDED)
    rows = [FIRST, decided, SECOND]
    assert current(rows, 14).events == (FIRST,)
    assert current(rows, 40).events == (decided,)


def test_truths_are_joined() -> None:
    yes, no, maybe = Truth.YES, Truth.NO, Truth.CANNOT_TELL
    assert agree([yes, yes]) is yes
    assert agree([yes, no]) is maybe
    assert weakest([yes, maybe]) is maybe
    assert weakest([maybe, no]) is no
    assert weakest([]) is yes


def test_an_interval_is_shown_as_a_day_or_a_span() -> None:
    day = parse_day("2004-07-09")
    assert show(Interval(day, day)) == "2004-07-09"
    assert show(Interval(day, day + 2)) == "2004-07-09/2004-07-11"
