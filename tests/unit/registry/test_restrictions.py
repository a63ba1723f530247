"""Restrictions through their life: begun, changed, ended, restated, contested, national."""

from __future__ import annotations

from typing import Any

import pytest

from kimberlite.kernel.days import parse_day
from kimberlite.registry import Registry
from kimberlite.registry.model import Authority, Direction, Goods, Reason, Truth
from tests.helpers.world import ARCHIVE, World

TODAY = parse_day("2026-01-05")
YES, NO, CANNOT_TELL = Truth.YES, Truth.NO, Truth.CANNOT_TELL
SCOPE = {"country": "XB", "target": "issuer", "direction": "export"}
GOODS = Goods("XB", "XC", ("XB",), "XB", issued=TODAY, left=TODAY)


@pytest.fixture
def world() -> World:
    world = World()
    for code in ("XA", "XB", "XC"):
        named = {"names": {"en": code}, "begins": TODAY - 900, "source": "AD 1"}
        world.decide("kp-participant+cose", named, sub=code)
    return world


def restrict(world: World, **more: Any) -> bytes:
    named = {
        "id": "xb-ban",
        "scope": SCOPE,
        "authority": "kp",
        "begins": TODAY,
        "source": "AD 2",
        **more,
    }
    country = named["scope"]["country"]
    return world.decide("kp-restriction+cose", named, sub=country).statement.id


def change(world: World, begins: int, scope: dict[str, Any] | None) -> bytes:
    named = {"id": "xb-ban", "begins": begins, "source": "AD 3"}
    if scope is not None:
        named["scope"] = scope
    return world.decide("kp-restriction-change+cose", named, sub="XB").statement.id


OLD_SCOPE = {**SCOPE, "country": "XD"}
OLD = Goods("XD", "XC", ("XD",), "XD", issued=TODAY, left=TODAY)


def tell(world: World, event: str, kind: str, **more: Any) -> None:
    named = {
        "event": event,
        "kind": kind,
        "earliest": TODAY - 90,
        "published": TODAY - 90,
        "source": "press",
        "confidence": "high",
        "restriction": "xd-old",
        **more,
    }
    world.must(ARCHIVE, "kp-history+cose", named, sub="XD")


def reasons(world: World, day: int, goods: Goods = GOODS, **more: Any) -> tuple[Reason, ...]:
    return Registry(world.reloaded()).restricted(goods, day, goods.destination, **more)


def said(world: World, day: int, goods: Goods = GOODS, **more: Any) -> list[tuple[str, Truth]]:
    return [(each.code, each.truth) for each in reasons(world, day, goods, **more)]


CAUGHT = [("restriction.in-force", YES)]


def test_a_restriction_catches_from_its_first_day_to_its_end(world: World) -> None:
    restrict(world, ends=TODAY + 10)
    days = (-1, 0, 9, 10)
    assert [said(world, TODAY + n) for n in days] == [[], CAUGHT, CAUGHT, []]


def test_a_reason_names_the_restriction_its_authority_and_its_source(world: World) -> None:
    restrict(world)
    (reason,) = reasons(world, TODAY)
    assert reason.source == "AD 2"
    assert reason.facts == {
        "restriction": "xb-ban",
        "country": "XB",
        "authority": "kp",
        "since": "2026-01-05",
    }


def test_a_change_counts_from_its_day_on(world: World) -> None:
    restrict(world)
    change(world, TODAY + 5, {**SCOPE, "zones_allowed": ["NORTH"]})
    north = Goods("XB", "XC", ("XB",), "XB", issued=TODAY, localities=("North",))
    assert said(world, TODAY + 4, north) == CAUGHT
    assert said(world, TODAY + 5, north) == []
    assert said(world, TODAY + 5) == [("restriction.place-not-shown", CANNOT_TELL)]


def test_a_change_without_a_scope_ends_it(world: World) -> None:
    restrict(world)
    change(world, TODAY + 5, None)
    assert said(world, TODAY + 5) == []
    registry = Registry(world.reloaded())
    assert registry.restrictions(TODAY + 5) == ()
    ((row, truth),) = registry.restrictions()
    assert (row.id, truth) == ("xb-ban", NO)
    assert row.ends is not None
    assert row.ended_by is not None
    assert (row.ends.earliest, row.ended_by.source) == (TODAY + 5, "AD 3")


def test_a_whole_restriction_leaves_no_trade_and_a_narrow_one_is_a_condition(world: World) -> None:
    restrict(world)
    change(world, TODAY + 5, {**SCOPE, "zones_allowed": ["NORTH"]})
    registry = Registry(world.reloaded())
    whole = registry.may_trade("XB", Direction.EXPORT, TODAY)
    assert (whole.truth, whole.reasons[0].code) == (NO, "trade.restricted")
    narrow = registry.may_trade("XB", Direction.EXPORT, TODAY + 5)
    assert narrow.truth is YES
    assert [each.code for each in narrow.reasons] == ["participant.listed", "trade.conditions"]
    assert registry.may_trade("XB", Direction.IMPORT, TODAY).truth is YES


def test_a_restriction_on_an_origin_is_a_condition_of_the_trade_of_that_country(
    world: World,
) -> None:
    restrict(world, scope={**SCOPE, "target": "origin"})
    answer = Registry(world.reloaded()).may_trade("XB", Direction.EXPORT, TODAY)
    assert answer.truth is YES
    assert "trade.conditions" in [each.code for each in answer.reasons]


def test_an_import_ban_looks_at_the_buyer(world: World) -> None:
    restrict(world, scope={**SCOPE, "country": "XC", "direction": "import"}, id="xc-ban")
    assert said(world, TODAY) == CAUGHT
    away = Goods("XC", "XA", ("XC",), "XC", issued=TODAY)
    assert said(world, TODAY, away) == []
    assert Registry(world.state).may_trade("XC", Direction.IMPORT, TODAY).truth is NO


def test_a_ban_both_ways_catches_sales_and_purchases(world: World) -> None:
    restrict(world, scope={**SCOPE, "country": "XC", "direction": "both"}, id="xc-ban")
    assert said(world, TODAY) == CAUGHT
    assert said(world, TODAY, Goods("XC", "XA", ("XC",), "XC", issued=TODAY)) == CAUGHT
    assert said(world, TODAY, Goods("XA", "XB", ("XA",), "XA", issued=TODAY)) == []


def test_one_restricts_itself_and_restates_it(world: World) -> None:
    named = {"id": "xb.own", "scope": SCOPE, "begins": TODAY, "source": "own"}
    world.must("XB", "kp-restriction-self+cose", named)
    again = {**named, "begins": TODAY + 2, "ends": TODAY + 4, "source": "own, restated"}
    world.must("XB", "kp-restriction-self+cose", again)
    assert [bool(said(world, TODAY + n)) for n in (0, 2, 3, 4)] == [True, True, True, False]
    ((row, _),) = Registry(world.reloaded()).restrictions(TODAY)
    assert (row.authority, row.jurisdiction) == (Authority.SELF, "")


@pytest.mark.parametrize(
    ("direction", "bought", "sold"), [("import", 1, 0), ("export", 0, 1), ("both", 1, 1)]
)
def test_a_national_layer_binds_its_own_trade_only(
    world: World, direction: str, bought: int, sold: int
) -> None:
    scope = {**SCOPE, "target": "origin", "direction": direction}
    named = {"id": "xa.rule", "scope": scope, "begins": TODAY, "source": "law"}
    world.must("XA", "kp-restriction-national+cose", named)
    to_xa = Goods("XB", "XA", ("XB",), "XB", issued=TODAY)
    from_xa = Goods("XA", "XC", ("XB",), "XB", issued=TODAY)
    elsewhere = Goods("XB", "XC", ("XB",), "XB", issued=TODAY)
    assert [len(said(world, TODAY, each)) for each in (to_xa, from_xa, elsewhere)] == [
        bought,
        sold,
        0,
    ]
    assert Registry(world.state).may_trade("XB", Direction.BOTH, TODAY).truth is YES


def test_a_national_reason_names_its_jurisdiction(world: World) -> None:
    scope = {**SCOPE, "direction": "import"}
    named = {"id": "xa.rule", "scope": scope, "begins": TODAY, "source": "law"}
    world.must("XA", "kp-restriction-national+cose", named)
    (reason,) = reasons(world, TODAY, Goods("XB", "XA", ("XB",), "XB", issued=TODAY))
    assert reason.facts["jurisdiction"] == "XA"


def test_a_contested_decision_stands_and_is_shown_as_contested(world: World) -> None:
    decision = restrict(world)
    world.time(TODAY + 2)
    world.must("XC", "kp-contest+cose", {"statement": decision, "reason": "not agreed"})
    (reason,) = reasons(world, TODAY)
    assert (reason.truth, reason.contested_by) == (YES, ("XC",))
    (before,) = reasons(world, TODAY, known=TODAY + 1)
    assert before.contested_by == ()
    assert Registry(world.state).may_trade("XB", Direction.EXPORT, TODAY).contested
    ((row, _),) = Registry(world.reloaded()).restrictions(TODAY)
    assert row.record.contested_by == ("XC",)


def test_goods_that_pass_by_a_contested_decision_are_shown(world: World) -> None:
    restrict(world)
    lifted = change(world, TODAY + 5, None)
    world.must("XC", "kp-contest+cose", {"statement": lifted, "reason": "not agreed"})
    (reason,) = reasons(world, TODAY + 5)
    assert (reason.code, reason.truth) == ("restriction.lifted-contested", NO)
    assert reason.contested_by == ("XC",)
    elsewhere = Goods("XA", "XC", ("XA",), "XA", issued=TODAY)
    assert reasons(world, TODAY + 5, elsewhere) == ()


def begin_old(world: World, **more: Any) -> None:
    tell(world, "xd-old-begin", "restriction-began", scope=OLD_SCOPE, authority="kp", **more)


def test_asserted_days_that_are_uncertain_give_cannot_tell(world: World) -> None:
    tell(world, "xd-in", "listed", names={"en": "D"}, earliest=TODAY - 900)
    begin_old(world, latest=TODAY - 80)
    tell(world, "xd-old-end", "restriction-ended", earliest=TODAY - 20, latest=TODAY - 10)
    days = (-91, -90, -80, -20, -10)
    maybe = [("restriction.dates-uncertain", CANNOT_TELL)]
    assert [said(world, TODAY + n, OLD) for n in days] == [[], maybe, CAUGHT, maybe, []]
    registry = Registry(world.reloaded())
    truths = [registry.may_trade("XD", Direction.EXPORT, TODAY + n).truth for n in days]
    assert truths == [YES, CANNOT_TELL, NO, CANNOT_TELL, YES]
    present = [[truth for _, truth in registry.restrictions(TODAY + n)] for n in days]
    assert present == [[], [CANNOT_TELL], [YES], [CANNOT_TELL], []]


def test_a_notice_counts_until_it_is_contested(world: World) -> None:
    begin_old(world)
    tell(world, "xd-notice", "notice", earliest=TODAY - 50, published=TODAY - 50)
    later = {"earliest": TODAY - 40, "published": TODAY - 40}
    tell(world, "xd-no", "contest", contests="xd-notice", contested_by=["XC"], **later)
    assert said(world, TODAY - 45, OLD, known=TODAY - 45) == []
    (reason,) = reasons(world, TODAY - 45, OLD)
    assert (reason.code, reason.truth) == ("restriction.contested", CANNOT_TELL)
    assert reason.contested_by == ("XC",)
    ((row, truth),) = Registry(world.reloaded()).restrictions(TODAY)
    assert (truth, row.record.contested_by) == (CANNOT_TELL, ("XC",))


def test_a_later_decision_closes_a_contested_notice(world: World) -> None:
    begin_old(world)
    told = {"earliest": TODAY - 50, "published": TODAY - 50}
    tell(world, "xd-notice", "notice", contested_by=["XC"], **told)
    tell(world, "xd-again", "restriction-changed", scope=OLD_SCOPE, earliest=TODAY - 30)
    (reason,) = reasons(world, TODAY - 30, OLD)
    assert (reason.truth, reason.contested_by) == (YES, ())


def test_a_contested_notice_that_changes_nothing_for_the_goods_is_not_named(world: World) -> None:
    begin_old(world)
    allowed = {**OLD_SCOPE, "companies_allowed": ["ACME"]}
    tell(world, "xd-notice", "notice", scope=allowed, contested_by=["XC"], earliest=TODAY - 50)
    other = Goods("XD", "XC", ("XD",), "XD", issued=TODAY, company="Other")
    acme = Goods("XD", "XC", ("XD",), "XD", issued=TODAY, company="Acme")
    assert said(world, TODAY, other) == CAUGHT
    assert said(world, TODAY, acme) == [("restriction.contested", CANNOT_TELL)]


def test_a_contested_remark_leaves_the_restriction_and_is_shown(world: World) -> None:
    begin_old(world)
    tell(world, "xd-text", "note", text="A text is read out.", contested_by=["XC"])
    (reason,) = reasons(world, TODAY, OLD)
    assert (reason.truth, reason.contested_by) == (YES, ("XC",))


def test_a_decision_may_end_what_history_asserts(world: World) -> None:
    begin_old(world)
    named = {"id": "xd-old", "begins": TODAY, "source": "AD 9"}
    world.decide("kp-restriction-change+cose", named, sub="XD")
    assert said(world, TODAY - 1, OLD) == CAUGHT
    assert said(world, TODAY, OLD) == []


def test_certain_reasons_come_first(world: World) -> None:
    begin_old(world, latest=TODAY + 80)
    restrict(world, id="xd-ban", scope=OLD_SCOPE)
    assert [truth for _, truth in said(world, TODAY, OLD)] == [YES, CANNOT_TELL]


def test_goods_under_way_pass_where_the_text_says_so(world: World) -> None:
    restrict(world, scope={**SCOPE, "transit_passes": True})
    early = Goods("XB", "XC", ("XB",), "XB", issued=TODAY - 3, left=TODAY - 1)
    assert said(world, TODAY + 1, early) == []
    (reason,) = reasons(world, TODAY + 1)
    assert reason.facts["transit_passes"] == 1


def test_a_restriction_may_say_which_day_governs(world: World) -> None:
    restrict(world, decides="issue")
    (reason,) = reasons(world, TODAY)
    assert (reason.facts["decides"], reason.facts["transit_passes"]) == ("issue", 1)


def test_a_restriction_whose_beginning_was_not_known_is_unknown(world: World) -> None:
    begin_old(world)
    assert Registry(world.state).restrictions(TODAY, known=TODAY - 91) == ()
    assert said(world, TODAY, OLD, known=TODAY - 91) == []


def test_a_transcriber_cannot_restrict_one_whom_a_decision_brought_in(world: World) -> None:
    begin_old(world)
    assert said(world, TODAY, OLD) == CAUGHT
    named = {"names": {"en": "D"}, "begins": TODAY - 900, "source": "AD 1"}
    world.decide("kp-participant+cose", named, sub="XD")
    tell(world, "xd-new", "restriction-changed", scope={**OLD_SCOPE, "zones_allowed": ["NORTH"]})
    tell(world, "xd-late", "restriction-began", scope=OLD_SCOPE, authority="kp", restriction="xd-2")
    assert said(world, TODAY, OLD) == CAUGHT
    assert [row.id for row, _ in Registry(world.state).restrictions(TODAY)] == ["xd-old"]
    assert len(Registry(world.state).restrictions(TODAY - 1)) == 2
