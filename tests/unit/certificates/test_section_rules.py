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
from kimberlite.registry.model import Practice, Reason, Truth
from tests.helpers.certificates import (
    DAY,
    FakeTrade,
    certificate,
    certificate_json,
    confirmation_json,
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
        "parcels.fit",
        "parcels.boxes",
        "boxes.seals",
        "papers.declaration",
        "papers.source",
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


def caught(truth: Truth, **facts: str | int) -> Reason:
    return Reason("restriction.test", truth, "a decision", ("XC",), dict(facts))


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
