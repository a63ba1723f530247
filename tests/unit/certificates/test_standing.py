"""A bundle's spans of days answer as the registry does, on every day and for everybody."""

from __future__ import annotations

from random import Random

import pytest

from kimberlite.certificates import standing
from kimberlite.certificates.standing import Restriction, Span, Trader, ask
from kimberlite.kernel import cbor
from kimberlite.kernel.days import parse_day
from kimberlite.kernel.errors import Invalid
from kimberlite.node import trust
from kimberlite.registry.model import Direction, Truth
from kimberlite.registry.read import Registry
from tests.helpers.record import recorded

NO, YES, DOUBT = Truth.NO, Truth.YES, Truth.CANNOT_TELL
FIRST, LAST = parse_day("2002-11-01"), parse_day("2027-01-01")


@pytest.fixture(scope="module")
def registry() -> Registry:
    return Registry(recorded().reloaded(), still=True)


def test_every_day_is_answered_as_the_registry_answers(registry: Registry) -> None:
    codes = registry.traders()
    told = standing.read_traders(standing.participants_part(registry, codes))
    chance = Random(7)
    assert len(codes) > 60
    for code in codes:
        changes = [day + step for day in registry.changes(code) for step in (-1, 0, 1)]
        for day in {*changes, *(chance.randint(FIRST, LAST) for _ in range(8))}:
            span = told[code].on(day)
            for way in (Direction.EXPORT, Direction.IMPORT):
                assert span.may(way) is registry.may_trade(code, way, day).truth, (code, day)
            practice = registry.practice(code, day)
            known = (span.expiry_governs, span.policy)
            assert span is standing.NOBODY or known == (
                practice.expiry_governs,
                practice.status_policy,
            )


def test_the_history_of_everybody_is_small(registry: Registry) -> None:
    participants = standing.participants_part(registry, registry.traders())
    restrictions = standing.restrictions_part(trust.restrictions(registry))
    assert len(participants) < 4_000
    assert len(restrictions) < 1_000
    assert {each.country for each in standing.read_restrictions(restrictions)} >= {"LR", "CI", "CF"}


def test_the_days_between_issue_and_arrival() -> None:
    trader = Trader((Span(10, YES, YES), Span(20, NO, YES), Span(30, YES, YES)))
    out = Direction.EXPORT
    assert ask(trader, out, 12, 18).plain
    assert not ask(trader, out, 5, 12).plain, "nothing holds before the first span"
    crossing = ask(trader, out, 15, 35)
    assert (crossing.truth, crossing.days["export"]) == (YES, DOUBT)
    assert ask(trader, out, 15, 35, "export").truth is DOUBT
    assert ask(trader, out, 15, 25).truth is NO
    assert ask(trader, out, 15, 25, "issue").truth is YES
    assert ask(None, out, 15, 25).truth is NO


def test_the_decisions_own_day_goes_before_the_receivers() -> None:
    trader = Trader((Span(10, YES, YES), Span(20, NO, NO, clause="issue")))
    found = ask(trader, Direction.IMPORT, 15, 25)
    assert (found.truth, found.decided_by) == (YES, "issue")
    several = Trader((*trader.spans, Span(22, NO, NO, clause="export")))
    assert ask(several, Direction.IMPORT, 15, 25).truth is NO


def test_a_restriction_touches_the_days_it_held() -> None:
    held = Restriction("a", "XA", "XB", 10, 20)
    assert held.touches({"XA"}, 19, 30)
    assert held.touches({"XB"}, 1, 10)
    assert not held.touches({"XA"}, 20, 30)
    assert not held.touches({"XC"}, 12, 13)


@pytest.mark.parametrize(
    "value",
    [
        {},
        [["XA"]],
        [["XA", []]],
        [["XA", [[0, 1, 1, 0, 0]]]],
        [["XA", [[0, 3, 1, 0, 0, 0]]]],
        [["XA", [[-1, 1, 1, 0, 0, 0]]]],
        [["XA", [[True, 1, 1, 0, 0, 0]]]],
        [["XA", [[5, 1, 1, 0, 0, 0], [5, 0, 1, 0, 0, 0]]]],
    ],
)
def test_parts_are_read_strictly(value: object) -> None:
    raw = cbor.encode(value)
    for read in (standing.read_traders, standing.read_restrictions):
        if read is standing.read_restrictions and value == {}:
            continue
        with pytest.raises(Invalid) as refused:
            read(raw)
        assert refused.value.code == "bundle.part"
