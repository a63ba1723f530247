"""Parcels, containers, papers and values a carat: where each rule holds, speaks and is silent."""

from __future__ import annotations

from typing import Any

import pytest

from kimberlite.certificates.rules import Days, assess, blocking
from kimberlite.certificates.rules.packing import RULES
from kimberlite.registry.model import Truth
from tests.helpers.certificates import CERTIFICATE, DAY, FakeTrade, certificate

PARCELS = [
    {"id": "P-1", "hs": "7102.31", "carats": "1000.00", "value": "200000.00", "box": "B-1"},
    {"id": "P-2", "hs": "7102.31", "carats": "203.45", "value": "50000.00", "box": "B-1"},
    {"id": "P-3", "hs": "7102.21", "carats": "400.00", "value": "8000.00", "box": "B-2"},
]
BOXES = [{"id": "B-1", "seals": ["A-7781"]}, {"id": "B-2", "seals": ["A-7782"]}]


def values(*, changed: int | None = None, **told: Any) -> dict[str, Any]:
    parcels = [dict(each) for each in PARCELS]
    if changed is not None:
        parcels[changed] |= told
    return {"values": {**CERTIFICATE["values"], "parcel_list": parcels}}


def parties(**told: Any) -> dict[str, Any]:
    return {"parties": {**CERTIFICATE["parties"], **told}}


def papers(*kinds: str) -> dict[str, Any]:
    return parties(papers=[{"kind": kind, "text": "7"} for kind in kinds])


def said(code: str, **changes: Any) -> Truth | None:
    found = assess(certificate(**changes), FakeTrade(), Days(DAY))
    return {each.code: each.truth for each in found.said}.get(code)


@pytest.mark.parametrize("rule", [rule.code for rule in RULES if rule.code != "values.plausible"])
def test_where_nothing_is_listed_nothing_is_said(rule: str) -> None:
    assert said(rule) is None


def test_a_shipment_with_parcels_in_sealed_boxes_and_papers_passes() -> None:
    told = {**values(), **parties(boxes=BOXES, containers=2)}
    told["parties"]["papers"] = papers("declaration", "mine-record")["parties"]["papers"]
    found = assess(certificate(**told), FakeTrade(), Days(DAY))
    assert found.broken == ()
    assert {rule.code for rule in RULES} <= {each.code for each in found.said}


@pytest.mark.parametrize(
    "told",
    [
        {"carats": "999.00"},
        {"value": "1.00"},
        {"id": "P-2"},
        {"hs": "7102.21"},
    ],
)
def test_parcels_that_do_not_come_to_the_lines_block(told: dict[str, Any]) -> None:
    changes = {**values(changed=0, **told), **parties(boxes=BOXES)}
    assert said("parcels.fit", **changes) is Truth.NO
    assert "parcels.fit" in {
        each.code for each in blocking(assess(certificate(**changes), FakeTrade(), Days(DAY)))
    }


def test_parcels_without_values_are_weighed_alone() -> None:
    assert said("parcels.fit", **values(changed=0, value=None)) is Truth.YES


def test_a_parcel_lies_in_a_box_that_is_listed() -> None:
    assert said("parcels.boxes", **values(), **parties(boxes=BOXES)) is Truth.YES
    assert said("parcels.boxes", **values(), **parties(boxes=BOXES[:1])) is Truth.NO


@pytest.mark.parametrize(
    "told",
    [
        {"boxes": BOXES[:1]},
        {"boxes": [BOXES[0], {"id": "B-2", "seals": ["A-7783"]}]},
        {"boxes": [BOXES[0], {"id": "B-1", "seals": ["A-7782"]}]},
        {"boxes": [{"id": "B-1", "seals": ["A-7781", "A-7782"]}, BOXES[1]]},
        {"boxes": BOXES, "containers": 3},
    ],
)
def test_boxes_bear_the_seals_of_the_shipment_each_once(told: dict[str, Any]) -> None:
    assert said("boxes.seals", **parties(boxes=BOXES)) is Truth.YES
    assert said("boxes.seals", **parties(**told)) is Truth.NO


def test_a_declaration_is_among_the_papers() -> None:
    assert said("papers.declaration", **papers("declaration", "invoice")) is Truth.YES
    assert said("papers.declaration", **papers("invoice")) is Truth.NO


@pytest.mark.parametrize("kind", ["mine-record", "stock-proof", "purchase-record", "certificate"])
def test_goods_mined_here_are_proved_by_any_of_these(kind: str) -> None:
    assert said("papers.source", **papers(kind)) is Truth.YES


def test_goods_from_abroad_are_proved_by_their_certificate() -> None:
    shipment = {**CERTIFICATE["shipment"], "origins": [{"country": "XC"}]}
    assert said("papers.source", shipment=shipment, **papers("mine-record")) is Truth.NO
    assert said("papers.source", shipment=shipment, **papers("certificate")) is Truth.YES


@pytest.mark.parametrize(
    ("carats", "value", "truth"),
    [
        ("1203.45", "250000.00", Truth.YES),
        ("1203.45", "900.00", Truth.NO),
        ("1203.45", "9000000.00", Truth.NO),
        ("99.99", "9000000.00", Truth.YES),
        ("100.00", "500000.00", Truth.YES),
        ("100.00", "500000.01", Truth.NO),
    ],
)
def test_a_value_a_carat_far_out_is_said_and_blocks_nothing(
    carats: str, value: str, truth: Truth
) -> None:
    lines = [
        {"hs": "7102.31", "carats": carats, "value": value},
        {"hs": "7102.21", "carats": "400.00", "value": "8000.00"},
    ]
    told = {"values": {"lines": lines}}
    assert said("values.plausible", **told) is truth
    assert blocking(assess(certificate(**told), FakeTrade(), Days(DAY))) == ()
