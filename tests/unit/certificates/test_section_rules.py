"""Every section rule: a case in which it holds and one in which it speaks."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from kimberlite.certificates.annex import ANNEX_I, missing
from kimberlite.certificates.drafting import from_json
from kimberlite.certificates.model import ShipmentLine
from kimberlite.certificates.rules import (
    ARRIVAL_RULES,
    ISSUE_RULES,
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
    certificate_json,
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


def test_a_sound_certificate_and_its_confirmation_pass_every_rule_that_applies() -> None:
    seen = asked()
    assert set(seen.values()) == {Truth.YES}
    arrived = found()
    assert set(arrived.values()) == {Truth.YES}
    # Rules that the sample has no occasion for are asked in cases of their own below.
    occasional = {
        "lines.sizes",
        "lines.heaviest",
        "purpose.technical",
        "purpose.return",
        "provenance.listed",
        "arrival.natural",
    }
    assert {rule.code for rule in (*ISSUE_RULES, *ARRIVAL_RULES)} == set(arrived) | occasional


def lines(parcels: int) -> dict[str, Any]:
    return {"lines": [{"hs": "7102.31", "parcels": parcels}, {"hs": "7102.21", "parcels": 1}]}


def amounts(carats: str, value: str) -> dict[str, Any]:
    second = {"hs": "7102.21", "carats": "400.00", "value": "8000.00"}
    return {"lines": [{"hs": "7102.31", "carats": carats, "value": value}, second]}


SIZES = [{"name": "+11", "carats": "1000.00"}, {"name": "-11", "carats": "603.45", "stones": 9}]


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("annex.complete", {"shipment": {"lines": [], "parcels": 0}}),
        ("origin.mode", {"shipment": {"origin_mode": "mixed-listed"}}),
        ("origin.mode", {"shipment": {"origin_mode": "mixed-undisclosed"}}),
        ("origin.mode", {"shipment": {"origins": None}}),
        ("origin.mode", {"shipment": {"origins": [{"country": "XA"}, {"country": "XC"}]}}),
        (
            "origin.mode",
            {"shipment": {"origin_mode": "mixed-listed", "origins": [{"country": "XA"}] * 2}},
        ),
        (
            "origin.mode",
            {
                "shipment": {
                    "origin_mode": "mixed-shares",
                    "origins": [{"country": "XA", "share": 600}, {"country": "XC", "share": 300}],
                }
            },
        ),
        ("goods.parcels", {"shipment": lines(0)}),
        ("goods.amounts", {"values": amounts("0.00", "1.00")}),
        ("goods.amounts", {"values": amounts("1.00", "0.00")}),
        ("lines.parcels", {"shipment": lines(3)}),
        ("lines.match", {"shipment": {"lines": [{"hs": "7102.31", "parcels": 3}]}}),
        ("lines.sizes", {"values": {"sizes": SIZES[:1]}}),
        ("lines.heaviest", {"values": {"heaviest": "5000.00"}}),
        ("parties.seals", {"parties": {"seals": []}}),
        ("purpose.technical", {"kind": "technical"}),
        ("purpose.return", {"shipment": {"return_by": "2026-01-01"}}),
        ("destination.other", {"shipment": {"destination": "XA"}}),
        ("validity.length", {"expires": "2026-12-31"}),
    ],
)
def test_a_rule_speaks(code: str, changes: dict[str, Any]) -> None:
    assert asked(**changes)[code] is Truth.NO


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("origin.mode", {"shipment": {"origin_mode": "mixed-undisclosed", "origins": None}}),
        (
            "origin.mode",
            {
                "shipment": {
                    "origin_mode": "mixed-listed",
                    "origins": [{"country": "XA"}, {"country": "XC"}],
                }
            },
        ),
        (
            "origin.mode",
            {
                "shipment": {
                    "origin_mode": "mixed-shares",
                    "origins": [{"country": "XA", "share": 600}, {"country": "XC", "share": 400}],
                }
            },
        ),
        ("lines.sizes", {"values": {"sizes": SIZES}}),
        ("lines.heaviest", {"values": {"heaviest": "50.00"}}),
        ("purpose.technical", {"kind": "technical", "shipment": {"purpose": "scientific"}}),
        ("purpose.return", {"shipment": {"return_by": "2026-06-01", "purpose": "exhibition"}}),
        ("provenance.listed", {"shipment": {"provenance": "XC"}}),
    ],
)
def test_a_rule_that_applies_now_holds(code: str, changes: dict[str, Any]) -> None:
    assert asked(**changes)[code] is Truth.YES


def test_only_the_three_headings_of_rough_diamonds_pass() -> None:
    seen = certificate()
    assert seen.shipment is not None
    polished = replace(seen.shipment, lines=(ShipmentLine("7102.39", 3),))
    assessed = assess(replace(seen, shipment=polished), None, COMING)
    assert truths(assessed)["goods.heading"] is Truth.NO


def test_a_letter_of_comfort_need_not_list_goods() -> None:
    seen = asked(
        kind="letter-of-comfort",
        shipment={"lines": [], "parcels": 1, "purpose": "scientific"},
        values={"lines": []},
    )
    assert "annex.complete" not in seen
    assert seen["lines.parcels"] is Truth.YES


@pytest.mark.parametrize("item", [item.name for item in ANNEX_I])
def test_the_sample_has_every_item_of_annex_i(item: str) -> None:
    assert item not in missing(certificate())


def test_annex_i_has_fourteen_items_and_an_empty_certificate_lacks_what_is_sealed() -> None:
    assert len(ANNEX_I) == 14
    bare = replace(certificate(), shipment=None, values=None, parties=None)
    assert missing(bare) == ("origin", "parties", "carats", "value", "parcels", "headings")


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


class TestArrival:
    """What was found against what was declared."""

    @pytest.mark.parametrize(
        ("code", "changes"),
        [
            ("confirmation.minimum", {"values": {"parcels": 0}}),
            ("arrival.parcels", {"values": {"parcels": 2}}),
            ("arrival.headings", {"values": {"lines": [{"hs": "7102.31", "carats": "1603.45"}]}}),
            ("arrival.carats", {"values": amounts("1195.43", "250000.00")}),
            ("arrival.value", {"values": amounts("1203.45", "300000.00")}),
            ("arrival.seals", {"evidence": {"seals_intact": False}}),
            ("arrival.seals", {"evidence": {"seals": ["A-7781"]}}),
            ("arrival.parties", {"parties": {"importer": {"name": "Gamma SA"}}}),
            ("arrival.natural", {"evidence": {"synthetics": True}}),
        ],
    )
    def test_a_difference_is_found(self, code: str, changes: dict[str, Any]) -> None:
        assert found(**changes)[code] is Truth.NO

    @pytest.mark.parametrize(
        ("code", "changes"),
        [
            ("arrival.carats", {"values": amounts("1195.44", "250000.00")}),
            ("arrival.value", {"values": amounts("1203.45", "275800.00")}),
            ("arrival.natural", {"evidence": {"synthetics": False}}),
            ("arrival.parties", {"parties": {"importer": {"name": "beta  gems bv"}}}),
        ],
    )
    def test_a_small_difference_is_none(self, code: str, changes: dict[str, Any]) -> None:
        assert found(**changes)[code] is Truth.YES

    def test_a_plain_confirmation_does_not_stand_over_a_difference(self) -> None:
        short: dict[str, Any] = {"values": {"parcels": 2}}
        assert found(**short)["confirmation.outcome"] is Truth.NO
        told = found(outcome="confirmed-with-discrepancy", **short)
        assert "confirmation.outcome" not in told

    def test_somebody_else_than_the_destination_confirms(self) -> None:
        told = from_json(confirmation_json(bytes(32))).confirmation("XC")
        result = assess_arrival(certificate(), told, FakeTrade())
        assert truths(result)["confirmation.destination"] is Truth.NO

    def test_goods_that_were_refused_need_not_be_measured(self) -> None:
        told = found(outcome="refused", values=None, examination=["documents"], evidence=None)
        assert "confirmation.minimum" not in told
        assert "arrival.carats" not in told
        assert "arrival.seals" not in told

    def test_goods_that_were_not_valued_have_no_value_to_compare(self) -> None:
        unvalued = [
            {"hs": "7102.31", "carats": "1203.45"},
            {"hs": "7102.21", "carats": "400.00"},
        ]
        assert "arrival.value" not in found(values={"lines": unvalued})

    def test_the_receivers_tolerance_decides(self) -> None:
        strict = FakeTrade(practices={"XB": Practice(tolerance_carats_permille=0)})
        changes: dict[str, Any] = {"values": amounts("1203.44", "250000.00")}
        assert found(strict, **changes)["arrival.carats"] is Truth.NO
        assert found(**changes)["arrival.carats"] is Truth.YES


class TestAssessment:
    """What is signed, what blocks, what could not be seen."""

    def test_an_override_shows_in_what_is_signed(self) -> None:
        result = assess(certificate(parties={"seals": []}), FakeTrade(), COMING)
        assert [each.code for each in blocking(result)] == ["parties.seals"]
        assert blocking(result, {"parties.seals"}) == ()
        assert result.verdicts().said == (("parties.seals", "finding"),)
        assert result.verdicts({"parties.seals"}).said == (("parties.seals", "overridden"),)

    def test_cannot_tell_is_signed_too(self) -> None:
        trade = FakeTrade(caught=[(DAY, caught(Truth.CANNOT_TELL))])
        result = assess(certificate(), trade, COMING)
        assert result.verdicts().said == (("goods.restricted", "cannot-tell"),)
        assert result.doubtful[0].code == "goods.restricted"

    def test_closed_sections_leave_rules_unseen(self) -> None:
        closed = replace(certificate(), shipment=None, values=None, parties=None)
        result = assess(closed, FakeTrade(), COMING)
        assert {"annex.complete", "lines.match", "goods.restricted"} <= set(result.unseen)
        assert {each.code for each in result.said} == {
            "issuer.may-export",
            "validity.expiry",
            "validity.length",
        }

    def test_without_a_registry_the_papers_answer_for_themselves(self) -> None:
        result = assess(certificate(), None, COMING)
        assert "issuer.may-export" in result.unseen
        assert truths(result)["lines.match"] is Truth.YES

    def test_every_rule_has_a_code_of_its_own_and_a_source(self) -> None:
        rules = (*ISSUE_RULES, *ARRIVAL_RULES)
        assert len({rule.code for rule in rules}) == len(rules)
        assert all(rule.source for rule in rules)


def test_the_sample_reads_back_as_it_was_written() -> None:
    assert from_json(certificate_json()).to_json() == certificate_json()
    told = from_json(confirmation_json(bytes(32)))
    assert told.to_json() == confirmation_json(bytes(32))


def test_an_answer_of_the_registry_with_reasons_is_kept() -> None:
    trade = FakeTrade(stopped={"XA": [(DAY, Answer(Truth.CANNOT_TELL, (caught(Truth.NO),)))]})
    result = assess(certificate(), trade, COMING)
    assert result.doubtful[0].ruling.reasons[0].contested_by == ("XC",)
