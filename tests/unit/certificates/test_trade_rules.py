"""Section rules that ask the registry: who may trade, what is restricted, what has expired."""

from __future__ import annotations

from typing import Any

import pytest

from kimberlite.certificates.drafting import from_json
from kimberlite.certificates.rules import (
    Assessment,
    Days,
    assess,
    assess_arrival,
    blocking,
)
from kimberlite.kernel.days import parse_day
from kimberlite.registry.model import Answer, Practice, Reason, Truth
from tests.helpers.certificates import (
    DAY,
    FakeTrade,
    certificate,
    confirmation_json,
    no,
)

COMING = Days(DAY, DAY + 2, DAY + 5)


def truths(found: Assessment) -> dict[str, Truth]:
    return {each.code: each.truth for each in found.said}


def asked(trade: FakeTrade | None = None, days: Days = COMING, **changes: Any) -> dict[str, Truth]:
    return truths(assess(certificate(**changes), trade or FakeTrade(), days))


def found(trade: FakeTrade | None = None, **changes: Any) -> dict[str, Truth]:
    seen = certificate()
    told = from_json(confirmation_json(bytes(32), **changes)).confirmation("XB")
    return truths(assess_arrival(seen, told, trade or FakeTrade(), exported=DAY + 2))


class TestTrade:
    """Whether two may trade, on three days, decided by clause or policy."""

    def test_a_stop_before_arrival_decides_by_default(self) -> None:
        trade = FakeTrade(stopped={"XA": [(DAY + 4, no())]})
        result = assess(certificate(), trade, COMING)
        said = {each.code: each for each in result.said}["issuer.may-export"]
        assert said.truth is Truth.NO
        assert dict(said.ruling.facts) == {
            "code": "XA",
            "issue": "yes",
            "export": "yes",
            "arrival": "no",
            "decided_by": "arrival",
        }

    @pytest.mark.parametrize(
        ("policy", "answer"),
        [("issue", Truth.YES), ("export", Truth.YES), ("arrival", Truth.NO)],
    )
    def test_the_receivers_policy_names_the_day(self, policy: str, answer: Truth) -> None:
        trade = FakeTrade(
            stopped={"XA": [(DAY + 4, no())]}, practices={"XB": Practice(status_policy=policy)}
        )
        assert asked(trade)["issuer.may-export"] is answer

    def test_the_decisions_own_clause_goes_before_the_policy(self) -> None:
        trade = FakeTrade(stopped={"XA": [(DAY + 4, no(decides="export", transit_passes=1))]})
        assert asked(trade)["issuer.may-export"] is Truth.YES

    def test_goods_under_way_pass_where_the_decision_says_so(self) -> None:
        trade = FakeTrade(stopped={"XA": [(DAY + 4, no(transit_passes=1))]})
        assert asked(trade)["issuer.may-export"] is Truth.YES

    def test_an_unknown_day_of_export_cannot_tell_when_things_changed_meanwhile(self) -> None:
        trade = FakeTrade(stopped={"XA": [(DAY + 4, no(decides="export"))]})
        days = Days(DAY, None, DAY + 5)
        assert asked(trade, days)["issuer.may-export"] is Truth.CANNOT_TELL
        assert asked(FakeTrade(), days)["issuer.may-export"] is Truth.YES
        always = FakeTrade(stopped={"XA": [(DAY - 1, no(decides="export"))]})
        assert asked(always, days)["issuer.may-export"] is Truth.NO

    def test_before_departure_the_day_of_issue_is_what_is_known(self) -> None:
        trade = FakeTrade(stopped={"XA": [(DAY, no())]})
        assert asked(trade, Days(DAY))["issuer.may-export"] is Truth.NO

    def test_the_destination_must_be_able_to_import(self) -> None:
        assert asked(FakeTrade(stopped={"XB": [(DAY, no())]}))["destination.may-import"] is Truth.NO

    def test_a_destination_outside_the_scheme(self) -> None:
        trade = FakeTrade(unlisted={"XB": no("participant.not-listed")})
        assert asked(trade)["destination.listed"] is Truth.NO

    def test_a_territory_is_left_to_the_rules_on_trade(self) -> None:
        trade = FakeTrade(unlisted={"XB": no("participant.territory-of", of="XA")})
        assert "destination.listed" not in asked(trade)

    def test_a_provenance_outside_the_scheme_speaks_but_does_not_block(self) -> None:
        trade = FakeTrade(unlisted={"XZ": no("participant.not-listed")})
        result = assess(certificate(shipment={"provenance": "XZ"}), trade, COMING)
        assert truths(result)["provenance.listed"] is Truth.NO
        assert blocking(result) == ()


def caught(truth: Truth, **facts: str | int) -> Reason:
    return Reason("restriction.test", truth, "a decision", ("XC",), dict(facts))


class TestRestrictions:
    """Restrictions on some goods only."""

    def test_a_match_blocks(self) -> None:
        trade = FakeTrade(caught=[(DAY, caught(Truth.YES))])
        result = assess(certificate(), trade, COMING)
        assert truths(result)["goods.restricted"] is Truth.NO
        assert [each.code for each in blocking(result)] == ["goods.restricted"]
        assert result.contested

    def test_goods_of_undisclosed_origin_cannot_tell_and_do_not_block(self) -> None:
        trade = FakeTrade(caught=[(DAY, caught(Truth.CANNOT_TELL))])
        changes: dict[str, Any] = {
            "shipment": {"origin_mode": "mixed-undisclosed", "origins": None}
        }
        result = assess(certificate(**changes), trade, COMING)
        assert truths(result)["goods.restricted"] is Truth.CANNOT_TELL
        assert blocking(result) == ()
        assert trade.asked[0].origins is None

    def test_what_is_asked_of_the_registry(self) -> None:
        trade = FakeTrade()
        tokens = [
            {"kind": "lot", "text": "2"},
            {"kind": "zone", "text": "NORTH"},
            {"kind": "company", "text": "ALPHA"},
            {"kind": "approval", "text": "WGM 7"},
        ]
        origins = [{"country": "XA", "localities": ["MINE-1"]}]
        shipment = {"origins": origins, "left_origin": "2026-02-01"}
        asked(trade, tokens=tokens, shipment=shipment, values={"heaviest": "10.80"})
        goods = trade.asked[0]
        assert (goods.issuer, goods.destination, goods.provenance) == ("XA", "XB", "XA")
        assert (goods.origins, goods.localities) == (("XA",), ("MINE-1", "NORTH"))
        assert (goods.company, goods.lot, goods.heaviest_points) == ("ALPHA", 2, 1080)
        assert (goods.issued, goods.left) == (DAY, DAY + 2)
        assert (goods.left_origin, goods.approval) == (parse_day("2026-02-01"), "WGM 7")


class TestExpiry:
    """Which day has to lie within validity."""

    def test_arrival_after_expiry(self) -> None:
        late = Days(DAY, DAY + 50, DAY + 61)
        assert asked(days=late)["validity.expiry"] is Truth.NO

    def test_export_in_time_is_enough_where_the_issuer_says_so(self) -> None:
        trade = FakeTrade(practices={"XA": Practice(expiry_governs="export")})
        late = Days(DAY, DAY + 50, DAY + 61)
        assert asked(trade, late)["validity.expiry"] is Truth.YES
        assert asked(trade, Days(DAY, DAY + 61))["validity.expiry"] is Truth.NO

    def test_an_export_day_that_is_not_shown_cannot_tell_after_expiry(self) -> None:
        trade = FakeTrade(practices={"XA": Practice(expiry_governs="export")})
        assert asked(trade, Days(DAY, None, DAY + 61))["validity.expiry"] is Truth.CANNOT_TELL
        assert asked(trade, Days(DAY, None, DAY + 5))["validity.expiry"] is Truth.YES

    def test_still_on_its_way_after_expiry(self) -> None:
        assert asked(days=Days(DAY, DAY + 61))["validity.expiry"] is Truth.NO


def test_an_answer_of_the_registry_with_reasons_is_kept() -> None:
    trade = FakeTrade(stopped={"XA": [(DAY, Answer(Truth.CANNOT_TELL, (caught(Truth.NO),)))]})
    result = assess(certificate(), trade, COMING)
    assert result.doubtful[0].ruling.reasons[0].contested_by == ("XC",)
