"""A certificate as it reads now, from what was said about it in order."""

from __future__ import annotations

from typing import Any

from kimberlite.certificates.current import Current, Part, current
from kimberlite.certificates.drafting import from_json
from tests.helpers.certificates import CERTIFICATE, certificate_json

ISSUING = b"\x01" * 32


def part(statement: int, word: str, /, **told: Any) -> Part:
    log = {"number": "XA123", "certificate": ISSUING.hex(), "day": "2026-03-11"}
    draft = from_json({"type": word, **log, **told}, "XA")
    return Part(bytes([statement]) * 32, draft.typ, "XA", draft.log, draft.sections)


def issued() -> Part:
    draft = from_json(certificate_json())
    return Part(ISSUING, draft.typ, "XA", draft.log, draft.sections)


def read(*parts: Part) -> Current:
    found = current((issued(), *parts), ISSUING)
    assert found is not None
    return found


def importer(name: str) -> dict[str, Any]:
    told = CERTIFICATE["parties"]
    return {**told, "importer": {**told["importer"], "name": name}}


def diverted(to: str) -> dict[str, Any]:
    return {**CERTIFICATE["shipment"], "destination": to}


def name_of(found: Current) -> str:
    assert found.certificate.parties is not None
    return found.certificate.parties.importer.name


def test_without_corrections_it_reads_as_issued() -> None:
    found = read()
    assert not found.changed
    assert name_of(found) == "Beta Gems BV"
    assert current((), ISSUING) is None
    assert current((part(2, "loss", what="goods-lost"),), b"\x02" * 32) is None


def test_corrections_stand_in_order_section_by_section() -> None:
    first = part(2, "correction", ground="parties", parties=importer("One"))
    second = part(3, "correction", ground="diversion", shipment=diverted("XC"))
    third = part(4, "correction", ground="parties", parties=importer("Two"))
    found = read(first, second, third)
    assert name_of(found) == "Two"
    assert found.certificate.shipment is not None
    assert found.certificate.shipment.destination == "XC"
    assert found.said_by == {"parties": third.statement, "shipment": second.statement}
    assert found.certificate.values is not None


def test_a_correction_that_is_closed_here_closes_its_section() -> None:
    told = part(2, "correction", ground="parties", parties=importer("One"))
    closed = Part(told.statement, told.typ, told.holder, told.named, {"parties": None})
    found = read(closed)
    assert found.certificate.parties is None
    assert found.changed


def test_a_correction_of_another_certificate_changes_nothing() -> None:
    other = part(2, "correction", ground="parties", parties=importer("One"), certificate="07" * 32)
    assert not read(other).changed


def test_a_rectification_counts_from_its_countersignature_on() -> None:
    told = {"values": {"lines": [{"hs": "7102.31", "carats": "9.00", "value": "1.00"}]}}
    measured = {"lines": [{"hs": "7102.31", "carats": "8.00"}], "parcels": 3}
    asked = part(2, "rectification", ground="figures", **told, measured=measured)
    waiting = read(asked)
    assert not waiting.changed
    assert waiting.waiting == (asked.statement,)
    named = asked.statement.hex()
    no = part(3, "countersignature", rectification=named, agrees=False)
    assert not read(asked, no).changed
    assert read(asked, no).waiting == ()
    yes = part(3, "countersignature", rectification=named, agrees=True)
    found = read(asked, yes)
    assert found.certificate.values is not None
    assert found.certificate.values.carats.points == 900
    assert found.measured is not None
    assert found.measured.carats.points == 800


def test_a_countersignature_of_nothing_changes_nothing() -> None:
    yes = part(3, "countersignature", rectification="09" * 32, agrees=True)
    assert not read(yes).changed
