"""Drafts: JSON to fields and back, and errors that name the field."""

from __future__ import annotations

from typing import Any

import pytest

from kimberlite.certificates.drafting import draft, from_json
from kimberlite.kernel.errors import Problem
from tests.helpers.certificates import certificate_json, confirmation_json, salts_for


def refused(value: object) -> tuple[str, str]:
    with pytest.raises(Problem) as bad:
        from_json(value)
    return bad.value.code, str(bad.value.facts.get("field", ""))


def test_every_kind_of_draft_reads_back() -> None:
    link = {"number": "XA000123", "certificate": "ab" * 32}
    full = certificate_json(
        office="north",
        replaces=link,
        tokens=[{"kind": "zone", "text": "NORTH"}],
        form="A-17",
        basis="Court order 12",
        shipment={"purpose": "exhibition", "return_by": "2026-07-01"},
        values={"heaviest": "10.80", "sizes": [{"name": "+11", "carats": "1603.45", "stones": 2}]},
        parties={
            "containers": 1,
            "carrier": "Secure Ltd",
            "papers": [{"kind": "invoice", "text": "77", "digest": "cd" * 32}],
        },
    )
    confirmation = confirmation_json(
        bytes(32),
        presentation="ef" * 32,
        office="port",
        evidence={"photos": ["aa" * 32], "synthetics": False, "remarks": "in order"},
    )
    presentation = {"type": "presentation", **link, "day": "2026-03-11", "office": "port"}
    void = {"type": "void", **link, "day": "2026-03-11", "reason": "error", "note": "typing"}
    for value in (full, confirmation, presentation, void):
        found = from_json(value)
        assert found.to_json() == value
        assert found.sub == "XA123"


def test_a_printed_number_keeps_its_zeros_and_loses_its_gaps() -> None:
    found = from_json(certificate_json(number="XA 000-123"))
    assert (found.log["number"], found.sub) == ("XA000123", "XA123")


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("values.lines.0.carats", {"values": {"lines": [{"hs": "7102.31", "carats": "1.234"}]}}),
        ("values.lines.0.carats", {"values": {"lines": [{"hs": "7102.31", "carats": 12.5}]}}),
        ("values.lines.0.value", {"values": {"lines": [{"hs": "7102.31", "value": "-1"}]}}),
        ("values.lines.value", {"values": {"lines": [{"hs": "7102.31", "carats": "1"}]}}),
        ("shipment.lines.hs", {"shipment": {"lines": [{"hs": "7102.39", "parcels": 1}]}}),
        ("shipment.destination", {"shipment": {"destination": "Xb"}}),
        ("shipment.parcels", {"shipment": {"parcels": "3"}}),
        ("shipment.colour", {"shipment": {"colour": "blue"}}),
        ("parties.importer.name", {"parties": {"importer": {"name": ""}}}),
        ("issued", {"issued": "10.03.2026"}),
        ("expires", {"expires": "2026-02-30"}),
        ("kind", {"kind": "special"}),
        ("expires", {"expires": None}),
        ("colour", {"colour": "blue"}),
        ("replaces.certificate", {"replaces": {"number": "XA1", "certificate": "xyz"}}),
        ("replaces.certificate", {"replaces": {"number": "XA1", "certificate": 7}}),
        ("values", {"values": "many"}),
        ("number", {"number": 7}),
    ],
)
def test_an_error_names_the_field(field: str, changes: dict[str, Any]) -> None:
    value = certificate_json()
    for name, change in changes.items():
        merge = isinstance(change, dict) and isinstance(value.get(name), dict)
        value[name] = {**value[name], **change} if merge else change
    if value.get("expires") is None:
        del value["expires"]
    assert refused(value) == ("draft.field", field)


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": []},
        {"kind": {}},
        {"shipment": {"lines": [1]}},
        {"shipment": {"origins": "XA"}},
        {"parties": {"exporter": "Alpha"}},
        {"replaces": "XA1"},
        {"tokens": [[]]},
    ],
)
def test_another_shape_is_an_error_like_any_other(changes: dict[str, Any]) -> None:
    value = certificate_json()
    for name, change in changes.items():
        value[name] = {**value[name], **change} if name in {"shipment", "parties"} else change
    assert refused(value)[0] == "draft.field"


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("draft.json", []),
        ("draft.json", None),
        ("draft.type", {}),
        ("draft.type", {"type": "licence"}),
        ("draft.type", {"type": ["void"]}),
        ("number.format", certificate_json(number="123")),
    ],
)
def test_what_is_no_draft(code: str, value: object) -> None:
    assert refused(value)[0] == code


def test_nesting_has_an_end() -> None:
    deep: Any = "x"
    for _ in range(2000):
        deep = {"a": deep}
    assert refused(certificate_json() | {"form": deep})[0] == "draft.field"


def test_a_draft_from_named_fields() -> None:
    link = {"number": "XA7", "certificate": bytes(32), "day": 20_000, "reason": "error"}
    found = draft("void", {**link, "note": None})
    assert found.log == link
    with pytest.raises(Problem) as bad:
        draft("void", link, {"values": {}})
    assert (bad.value.code, bad.value.facts["field"]) == ("draft.field", "values")
    with pytest.raises(Problem) as bad:
        draft("licence", link)
    assert bad.value.code == "draft.type"


def test_a_draft_is_seen_as_what_it_is() -> None:
    certificate = from_json(certificate_json())
    confirmation = from_json(confirmation_json(bytes(32)))
    assert certificate.certificate("XA").issuer == "XA"
    assert confirmation.confirmation("XB").holder == "XB"
    for wrong in (lambda: certificate.confirmation("XB"), lambda: confirmation.certificate("XA")):
        with pytest.raises(Problem) as bad:
            wrong()
        assert bad.value.code == "draft.type"


def test_the_body_seals_each_section_under_its_label() -> None:
    found = from_json(confirmation_json(bytes(32)))
    openings = found.openings(salts_for(found))
    body = found.body("XB", openings)
    assert list(body.seals) == [2, 3, 4]
    by_name = {each.section: each for each in openings}
    assert body.seals[4] == by_name["evidence"].digest("XB", "XA123")
