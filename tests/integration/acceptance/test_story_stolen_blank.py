"""A stolen blank is used: reported by its owner, found in a third country, followed to the end."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kimberlite.kernel.errors import Refused
from tests.helpers.region import Region, paper, region

STOLEN, FORM = "XA00501", "A-000501"


@pytest.fixture(scope="module")
def world() -> Iterator[Region]:
    with pytest.MonkeyPatch.context() as patch, region(patch) as found:
        yield found


def test_a_stolen_blank_shows_up_in_a_third_country(world: Region) -> None:
    # Given twenty blanks of XA, stolen on their way from the printer, and reported the same day
    blanks = {"of": "number", "lead": "XA", "first": 500, "last": 519}
    world.act("XA", "blank", **blanks, fate="stolen", note="taken from the van")
    world.act("XA", "blank", of="form", lead="A-", first=500, last=519, fate="stolen")

    # Then XA itself cannot issue one of them by mistake
    with pytest.raises(Refused) as own:
        world.issue("XA", "XB", number=STOLEN)
    assert own.value.facts["rule"] == "certificate.blank"

    # When a paper of that number comes to XC three days later, looking as it should
    world.pass_days(3)
    told = paper("XA", "XC", STOLEN, world.day(-1), world.day(59), form=FORM)
    taken = world.act("XC", "paper", **told, evidence={"photos": ["ab" * 32]})

    # Then taking it down finds it, whatever the specimen says
    assert world.entry_findings(taken) == ["transcript.blank"]
    life = world.life(STOLEN)
    assert life.row.paper
    assert life.transcript is not None
    assert life.transcript.transcriber == "XC"

    # When XC holds the goods and alerts all
    file = world.file(taken)
    world.arrive("XC", file, "detained")
    alert = world.act(
        "XC", "alert", STOLEN, kind="stolen-blank", held=True, features=["signature", "contents"]
    )

    # Then every authority sees it, and XA answers that it never issued this
    assert [each.kind for each in world.life(STOLEN).alerts] == ["stolen-blank"]
    listed = world.listed(with_alerts=True)
    assert [(each.number, each.paper, each.alerts) for each in listed] == [(STOLEN, 1, 1)]
    world.act("XA", "answer", STOLEN, alert=alert.statement.id.hex(), finding="counterfeit")
    assert world.life(STOLEN).alerts == ()

    # When XC seizes the goods, has them forfeited, and gives them to research
    world.arrive("XC", file, "seized")
    world.act("XC", "disposition", STOLEN, outcome="forfeited", note="Judgment 7")
    assert world.status(STOLEN) == "forfeited"
    gone = world.act("XC", "disposition", STOLEN, outcome="disposed", method="research")

    # Then each step was in order, by the one who held the goods, and nothing was overwritten
    assert world.entry_findings(gone) == []
    assert world.status(STOLEN) == "disposed"
    words = [act.typ[3:-5] for act in world.life(STOLEN).acts]
    assert words == [
        "paper", "confirmation", "alert", "answer", "confirmation", "disposition", "disposition",
    ]  # fmt: skip

    # When somebody else tries to confirm an import under it afterwards
    world.act("XB", "presentation", STOLEN)
    late = world.arrive("XB", file, "confirmed")

    # Then it changes nothing and both codes say why
    assert "certificate.disposed" in world.entry_findings(late)
    assert world.status(STOLEN) == "disposed"


def test_a_blank_that_was_found_again_is_in_order(world: Region) -> None:
    # Given blanks that were lost, and found behind a cupboard
    blanks = {"of": "number", "lead": "XA", "first": 600, "last": 604}
    world.act("XA", "blank", **blanks, fate="lost")
    world.act("XA", "blank", of="number", lead="XA", first=602, last=602, fate="recovered")

    # Then the one may be used, and its neighbours may not
    assert world.issue("XA", "XB", number="XA00602").number == "XA00602"
    with pytest.raises(Refused):
        world.issue("XA", "XB", number="XA00603")


def test_a_blank_is_reported_after_it_was_used(world: Region) -> None:
    # Given a paper taken down and confirmed before its owner missed the blank
    told = paper("XA", "XC", "XA00701", world.day(), world.day(60))
    taken = world.act("XC", "paper", **told)
    assert world.entry_findings(taken) == []
    world.arrive("XC", world.file(taken), "confirmed")

    # When XA reports the series as stolen, and XB takes the same number down from another paper
    world.act("XA", "blank", of="number", lead="XA", first=700, last=709, fate="stolen")
    again = world.act("XB", "paper", **paper("XA", "XB", "XA00701", world.day(), world.day(60)))

    # Then the second use is found twice over; the first is not rewritten
    codes = set(world.entry_findings(again))
    assert {"transcript.blank", "transcript.transcribed-before"} <= codes
    assert world.status("XA00701") == "confirmed"
