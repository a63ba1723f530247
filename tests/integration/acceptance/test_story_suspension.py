"""A suspension takes effect between issue and arrival: each of the three days is judged apart."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from kimberlite.certificates.rules import Assessment
from kimberlite.certificates.verdict import Result, Weight
from kimberlite.kernel.errors import Refused
from tests.helpers.region import Issued, Region, findings, region

MEMBERS = {"XA": (1, 9_999), "XB": (1, 9_999), "XC": (1, 9_999), "XD": (1, 9_999)}


@pytest.fixture(scope="module")
def world() -> Iterator[Region]:
    with pytest.MonkeyPatch.context() as patch, region(patch, MEMBERS, tuple(MEMBERS)) as found:
        yield found


def suspend(world: Region, code: str, days: int, **more: Any) -> None:
    """Let the scheme decide that ``code`` may not trade from a day on."""
    told = {"may_trade": False, "begins": world.today + days, "source": "Decision 3 of the year"}
    world.decide("kp-status+cose", code, {**told, **more}, "XB")


def assessed(world: Region, issued: Issued) -> Assessment:
    told = {**findings(world.day()), "outcome": "confirmed"}
    _, found = world.office("XB").confirm(issued.file, told)
    return found


def said(found: Assessment, code: str) -> Any:
    return {each.code: each for each in found.said}[code]


def test_goods_that_left_before_a_suspension_arrive_after_it(world: Region) -> None:
    # Given goods certified and dispatched while all was well
    issued = world.issue("XA", "XB")
    world.act("XA", "dispatch", issued.number, day=world.day(1))
    assert world.verdict(issued.file, "XB").result is Result.VALID

    # When XA is suspended from the fourth day on, and the goods arrive on the sixth
    suspend(world, "XA", 4)
    world.pass_days(6)

    # Then nothing more can be issued
    with pytest.raises(Refused) as bad:
        world.issue("XA", "XB")
    assert bad.value.code == "issue.blocked"
    assert bad.value.facts["rules"] == "issuer.may-export"

    # And the rules at arrival show each day: fine on issue and export, not on arrival
    ruling = said(assessed(world, issued), "issuer.may-export").ruling
    days = {name: ruling.facts[name] for name in ("issue", "export", "arrival")}
    assert days == {"issue": "yes", "export": "yes", "arrival": "no"}
    assert ruling.reasons[0].source == "Decision 3 of the year"

    # And whoever checks the file offline is told of it, not that the paper is false
    verdict = world.verdict(issued.file, "XB")
    assert verdict.result is not Result.VALID
    assert "signature.good" in verdict.codes(Weight.FOR)

    # When XB refuses the goods, as its policy is
    refused = world.arrive("XB", issued.file, "refused")

    # Then the refusal carries what the rules said, and XA can read why
    verdicts = refused.statement.body.verdicts
    assert verdicts is not None
    assert dict(verdicts.said)["issuer.may-export"] == "finding"
    assert world.status(issued.number) == "refused"
    world.act("XB", "disposition", issued.number, outcome="sent-back")
    world.act("XA", "return", issued.number, condition="identical")
    assert world.status(issued.number) == "returned"


def test_where_the_policy_is_to_hold_goods_a_later_word_frees_them(world: Region) -> None:
    # Given goods that arrive two days after XC was suspended, and are detained
    issued = world.issue("XC", "XB")
    suspend(world, "XC", 2)
    world.pass_days(4)
    world.arrive("XB", issued.file, "detained")
    assert world.status(issued.number) == "detained"

    # When they are released after inquiry
    world.arrive("XB", issued.file, "confirmed")

    # Then that is the ordinary end of a detention, with the finding of the day signed into it
    assert world.status(issued.number) == "confirmed"
    last = world.life(issued.number).acts[-1]
    assert last.findings == ()


def test_a_decision_that_looks_at_the_day_of_export_lets_such_goods_in(world: Region) -> None:
    # Given two shipments of XD, one that left before the decided day and one whose day nobody told
    left, untold = world.issue("XD", "XB"), world.issue("XD", "XB")
    world.act("XD", "dispatch", left.number)
    suspend(world, "XD", 3, decides="export")
    world.pass_days(5)

    # When both arrive, then the one may come in, and of the other nobody can tell
    assert said(assessed(world, left), "issuer.may-export").truth.value == "yes"
    assert said(assessed(world, untold), "issuer.may-export").truth.value == "cannot-tell"
