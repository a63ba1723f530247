"""Scenario: mistakes found before use are replaced or voided; after use it is too late for one."""

from __future__ import annotations

from typing import Any

from kimberlite.certificates import Result, Status, Weight, from_json, verify
from kimberlite.ledger.admission import Admitted, Refused
from tests.helpers.certificates import DAY, Desk, certificate_json


def replacing(old: Admitted, desk: Desk) -> dict[str, Any]:
    return {
        "replaces": {"number": desk.number(old), "certificate": old.statement.id.hex()},
    }


def test_a_mistake_found_before_export_is_replaced() -> None:
    # Given a certificate with a mistake in it
    desk = Desk()
    old = desk.issue("XA000123")

    # When XA issues another in its place
    new = desk.issue("XA000124", **replacing(old, desk))

    # Then the new one holds and the old one is replaced, for whoever replays the log
    assert new.findings == []
    assert desk.row("XA123").status is Status.REPLACED
    assert desk.row("XA124").status is Status.ISSUED

    # And a bundle made since says so of the old paper
    desk.numbers = ("XA123", "XA124")
    verdict = verify(desk.file(old), desk.bundle(), DAY)
    assert verdict.result is Result.INVALID
    assert verdict.codes(Weight.AGAINST) == ("certificate.replaced",)


def test_goods_that_arrive_under_the_replaced_paper_did_arrive() -> None:
    # Given a replaced certificate whose paper travelled all the same
    desk = Desk()
    old = desk.issue("XA000123")
    desk.issue("XA000124", **replacing(old, desk))

    # When XB confirms what arrived
    told = desk.confirm(old)

    # Then it is recorded with the finding, and the new certificate is untouched
    assert isinstance(told, Admitted)
    assert [code for code, _ in told.findings] == ["certificate.replaced"]
    assert desk.row("XA124").status is Status.ISSUED


def test_after_confirmation_one_authority_alone_changes_nothing() -> None:
    # Given a confirmed certificate
    desk = Desk()
    issued = desk.issue()
    desk.confirm(issued)

    # When XA tries to void or replace it
    void = desk.void(issued)
    number = {"number": "XA124", **replacing(issued, desk)}

    # Then both are refused: that takes a rectification by both
    assert isinstance(void, Refused)
    assert (void.code, void.facts["status"]) == ("certificate.used", "confirmed")
    refused = desk.say("XA", from_json(certificate_json(**number)))
    assert isinstance(refused, Refused)
    assert refused.code == "certificate.used"
    assert desk.row().status is Status.CONFIRMED


def test_an_unused_certificate_is_voided_and_its_number_never_returns() -> None:
    # Given a certificate whose sale fell through
    desk = Desk()
    issued = desk.issue()

    # When XA voids it
    void = desk.void(issued, note="the sale fell through")

    # Then it is void, and the number stays taken
    assert isinstance(void, Admitted)
    assert desk.row().status is Status.VOID
    again = desk.say("XA", from_json(certificate_json(expires="2026-05-01")))
    assert isinstance(again, Refused)
    assert again.code == "certificate.number-used"
