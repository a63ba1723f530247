"""Listed and may trade are two questions; who may answer which, and what goes before what."""

from __future__ import annotations

from typing import Any

from kimberlite.kernel.days import parse_day
from kimberlite.registry import Registry
from kimberlite.registry.model import Direction, Truth
from tests.helpers.world import ARCHIVE, World

TODAY = parse_day("2026-01-05")
LATER = TODAY + 30
YES, NO, CANNOT_TELL = Truth.YES, Truth.NO, Truth.CANNOT_TELL
EXPORT, IMPORT, BOTH = Direction.EXPORT, Direction.IMPORT, Direction.BOTH


def world_with(*codes: str) -> World:
    world = World()
    for code in codes:
        list_(world, code)
    return world


def list_(world: World, code: str, **more: Any) -> None:
    named = {"names": {"en": f"Land {code}"}, "begins": TODAY - 900, "source": "AD 1", **more}
    world.decide("kp-participant+cose", named, sub=code)


def status(world: World, code: str, **more: Any) -> None:
    world.decide("kp-status+cose", {"begins": LATER, "source": "AD 2", **more}, sub=code)


def own(world: World, code: str, may: bool, begins: int = LATER, **more: Any) -> None:
    named = {"may_trade": may, "begins": begins, "source": "own notice", **more}
    world.must(code, "kp-self-suspension+cose", named)


def tell(world: World, code: str, event: str, kind: str, **more: Any) -> None:
    named = {
        "event": event,
        "kind": kind,
        "earliest": TODAY - 400,
        "published": TODAY - 400,
        "source": "press",
        "confidence": "medium",
        **more,
    }
    world.must(ARCHIVE, "kp-history+cose", named, sub=code)


def trade(world: World, code: str, way: Direction, day: int) -> Truth:
    return Registry(world.reloaded()).may_trade(code, way, day).truth


def codes(world: World, code: str, way: Direction, day: int) -> list[str]:
    return [each.code for each in Registry(world.state).may_trade(code, way, day).reasons]


def test_a_participant_may_trade_from_its_first_day_on() -> None:
    world = world_with("XA")
    assert trade(world, "XA", BOTH, TODAY - 901) is NO
    assert trade(world, "XA", BOTH, TODAY - 900) is YES
    assert codes(world, "XA", BOTH, TODAY) == ["participant.listed"]


def test_a_stranger_is_not_listed_and_may_not_trade() -> None:
    answer = Registry(world_with("XA").state).may_trade("XZ", BOTH, TODAY)
    assert answer.truth is NO
    assert [(r.code, r.source) for r in answer.reasons] == [
        ("participant.not-listed", "KPCS Core Document, Section III(c)")
    ]


def test_a_decision_may_stop_the_trade_of_one_that_stays_listed() -> None:
    world = world_with("XA")
    status(world, "XA", may_trade=False, direction="export")
    registry = Registry(world.state)
    assert registry.listed("XA", LATER).truth is YES
    assert trade(world, "XA", EXPORT, LATER - 1) is YES
    assert trade(world, "XA", EXPORT, LATER) is NO
    assert trade(world, "XA", IMPORT, LATER) is YES
    assert trade(world, "XA", BOTH, LATER) is NO
    assert codes(world, "XA", BOTH, LATER)[0] == "trade.stopped"


def test_a_removal_ends_listing_and_trade_until_it_is_listed_again() -> None:
    world = world_with("XA")
    status(world, "XA", listed=False, decides="arrival")
    status(world, "XA", listed=True, begins=LATER + 9)
    registry = Registry(world.reloaded())
    assert registry.listed("XA", LATER).truth is NO
    assert registry.listed("XA", LATER).reasons[0].facts["decides"] == "arrival"
    assert "transit_passes" not in registry.listed("XA", LATER).reasons[0].facts
    assert registry.listed("XA", LATER + 9).truth is YES


def test_a_decision_may_let_goods_under_way_pass() -> None:
    world = world_with("XA")
    status(world, "XA", may_trade=False, decides="export")
    answer = Registry(world.reloaded()).may_trade("XA", EXPORT, LATER)
    assert answer.truth is NO
    assert answer.reasons[0].facts["transit_passes"] == 1


def test_one_suspends_and_resumes_its_own_trade() -> None:
    world = world_with("XA")
    own(world, "XA", may=False)
    own(world, "XA", may=True, begins=LATER + 5)
    assert [trade(world, "XA", BOTH, LATER + n) for n in (-1, 0, 4, 5)] == [YES, NO, NO, YES]


def test_one_does_not_lift_by_itself_what_was_decided() -> None:
    world = world_with("XA")
    status(world, "XA", may_trade=False)
    own(world, "XA", may=True)
    assert trade(world, "XA", BOTH, LATER) is NO


def test_a_decision_does_not_resume_what_one_suspended_itself() -> None:
    world = world_with("XA")
    own(world, "XA", may=False)
    status(world, "XA", may_trade=True)
    assert trade(world, "XA", BOTH, LATER) is NO


def test_asserted_history_counts_until_the_participant_speaks_itself() -> None:
    world = World()
    tell(world, "XA", "xa-stop", "trade-stopped")
    list_(world, "XA")
    assert trade(world, "XA", BOTH, TODAY) is NO
    own(world, "XA", may=True, begins=TODAY)
    assert trade(world, "XA", BOTH, TODAY - 1) is NO
    assert trade(world, "XA", BOTH, TODAY) is YES


def test_a_transcriber_cannot_suspend_one_whom_a_decision_brought_in() -> None:
    world = world_with("XA")
    tell(world, "XA", "xa-stop", "trade-stopped")
    tell(world, "XA", "xa-out", "removed", earliest=TODAY - 300)
    assert trade(world, "XA", BOTH, TODAY - 350) is NO
    assert Registry(world.state).listed("XA", TODAY - 1).truth is YES
    assert trade(world, "XA", BOTH, TODAY - 1) is NO
    assert trade(world, "XA", BOTH, TODAY) is YES


def test_a_decision_takes_a_prefix_that_was_only_asserted() -> None:
    world = World()
    tell(world, "XB", "xb-in", "listed", names={"en": "B"}, prefixes=["XB", "XA"])
    assert Registry(world.state).participant_of_prefix("XA", TODAY) == "XB"
    list_(world, "XA")
    assert Registry(world.reloaded()).participant_of_prefix("XA", TODAY) == "XA"


def test_uncertain_days_give_cannot_tell() -> None:
    world = World()
    tell(world, "XB", "xb-in", "listed", names={"en": "B"}, latest=TODAY - 390)
    tell(world, "XB", "xb-out", "removed", earliest=TODAY - 300, latest=TODAY - 290)
    registry = Registry(world.reloaded())
    days = (-401, -400, -391, -390, -301, -300, -291, -290)
    truths = [registry.listed("XB", TODAY + n).truth for n in days]
    assert truths == [NO, CANNOT_TELL, CANNOT_TELL, YES, YES, CANNOT_TELL, CANNOT_TELL, NO]
    assert trade(world, "XB", BOTH, TODAY - 300) is CANNOT_TELL


def test_a_correction_takes_the_place_of_what_it_corrects_once_it_was_known() -> None:
    world = World()
    tell(world, "XB", "xb-in", "listed", names={"en": "B"})
    more = {"earliest": TODAY - 200, "published": TODAY - 10, "names": {"en": "B"}}
    tell(world, "XB", "xb-in-2", "listed", supersedes="xb-in", **more)
    registry = Registry(world.reloaded())
    assert registry.listed("XB", TODAY - 300).truth is NO
    assert registry.listed("XB", TODAY - 300, known=TODAY - 10).truth is NO
    assert registry.listed("XB", TODAY - 300, known=TODAY - 11).truth is YES


def test_of_two_corrections_the_first_that_was_known_counts() -> None:
    world = World()
    tell(world, "XB", "xb-in", "listed", names={"en": "B"})
    for at, published in enumerate((TODAY - 20, TODAY - 10)):
        more = {"earliest": TODAY - 200, "published": published, "names": {"en": "B"}}
        tell(world, "XB", f"xb-in-{at}", "listed", supersedes="xb-in", **more)
    registry = Registry(world.reloaded())
    assert registry.listed("XB", TODAY - 300, known=TODAY - 15).truth is NO
    assert registry.listed("XB", TODAY - 300, known=TODAY - 21).truth is YES


def test_what_was_not_known_yet_does_not_count() -> None:
    world = world_with("XA")
    world.time(TODAY + 3)
    status(world, "XA", may_trade=False, begins=TODAY)
    registry = Registry(world.state)
    assert registry.may_trade("XA", BOTH, TODAY).truth is NO
    assert registry.may_trade("XA", BOTH, TODAY, known=TODAY + 2).truth is YES


def test_a_territory_trades_as_its_participant_does_and_is_not_counted() -> None:
    world = world_with("XA")
    list_(world, "XH", territory_of="XA")
    registry = Registry(world.reloaded())
    assert registry.listed("XH", TODAY).truth is NO
    assert registry.may_trade("XH", BOTH, TODAY).truth is YES
    assert [each.code for each in registry.participants(TODAY)] == ["XA"]
    assert [each.code for each in registry.others(TODAY)] == ["XH"]
    own(world, "XA", may=False, begins=TODAY)
    assert trade(world, "XH", BOTH, TODAY) is NO


def test_a_trading_entity_trades_without_being_listed() -> None:
    world = World()
    tell(world, "XT", "xt-entity", "entity", names={"en": "Entity"}, latest=TODAY - 390)
    registry = Registry(world.reloaded())
    assert registry.listed("XT", TODAY).truth is NO
    found = [registry.may_trade("XT", BOTH, TODAY + n).truth for n in (-401, -400, -390)]
    assert found == [NO, CANNOT_TELL, YES]
    tell(world, "XT", "xt-out", "removed", earliest=TODAY)
    assert trade(world, "XT", BOTH, TODAY) is NO


def test_a_union_stands_for_its_members() -> None:
    world = World()
    list_(world, "XU", members=["XM", "XN"], prefixes=["XU", "XV"])
    list_(world, "XU", members=["XM"], begins=TODAY)
    registry = Registry(world.reloaded())
    assert registry.members("XU", TODAY - 1) == ("XM", "XN")
    assert registry.stands_for("XN", TODAY - 1) == "XU"
    assert registry.stands_for("XN", TODAY) is None
    assert registry.members("XZ", TODAY) == ()
    reason = registry.listed("XM", TODAY).reasons[0]
    assert (reason.code, reason.facts["participant"]) == ("participant.member-of", "XU")


def test_a_prefix_names_its_participant_from_the_first_day_on() -> None:
    world = World()
    list_(world, "XU", prefixes=["XU", "XV"])
    registry = Registry(world.reloaded())
    assert registry.participant_of_prefix("XV", TODAY) == "XU"
    assert registry.participant_of_prefix("XV", TODAY - 901) is None
    assert registry.participant_of_prefix("XW", TODAY) is None


def test_a_view_shows_one_listed_or_not() -> None:
    world = world_with("XA")
    status(world, "XA", listed=False)
    registry = Registry(world.reloaded())
    view = registry.participant("XA", LATER)
    assert view is not None
    assert (view.code, view.names, view.prefixes) == ("XA", {"en": "Land XA"}, ("XA",))
    assert (view.listed.truth, view.may_trade.truth) == (NO, NO)
    assert registry.participants(LATER) == ()
    assert registry.participant("XZ", LATER) is None
    assert registry.names("XZ") == {}
