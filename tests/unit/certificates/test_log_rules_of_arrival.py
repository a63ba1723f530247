"""Log rules of presentation, confirmation and voiding: what they refuse, what they find."""

from __future__ import annotations

from typing import Any

import pytest

from kimberlite.certificates.drafting import from_json
from kimberlite.certificates.transitions import Status
from kimberlite.certificates.v1.rows import MOST_ACTS
from kimberlite.ledger.admission import Admitted, Outcome, Refused
from tests.helpers.certificates import (
    DAY,
    TODAY,
    Desk,
    certificate_json,
    confirmation_json,
)


@pytest.fixture
def desk() -> Desk:
    return Desk()


def codes(outcome: Outcome) -> list[str]:
    """Give the findings' codes; a refusal is its code behind an exclamation mark."""
    if isinstance(outcome, Refused):
        return [f"!{outcome.code}"]
    return [code for code, _ in outcome.findings]


class TestConfirming:
    """What an importing authority says is recorded, whatever it is."""

    def test_an_ordinary_confirmation(self, desk: Desk) -> None:
        issued = desk.issue()
        told = desk.confirm(issued)
        assert codes(told) == []
        assert isinstance(told, Admitted)
        assert ["certificate", "XA123", "confirm", "confirmed"] in told.facts
        assert (desk.row().status, desk.row().acts) == (Status.CONFIRMED, (told.index,))

    @pytest.mark.parametrize(
        ("outcome", "status"),
        [
            ("confirmed-with-discrepancy", Status.CONFIRMED),
            ("refused", Status.REFUSED),
            ("detained", Status.DETAINED),
            ("seized", Status.SEIZED),
        ],
    )
    def test_each_outcome(self, desk: Desk, outcome: str, status: Status) -> None:
        assert codes(desk.confirm(desk.issue(), outcome=outcome)) == []
        assert desk.row().status is status

    def test_a_second_confirmation_is_admitted_with_a_finding(self, desk: Desk) -> None:
        issued = desk.issue()
        first = desk.confirm(issued)
        assert isinstance(first, Admitted)
        second = desk.confirm(issued, "XC", arrived="2026-03-11")
        assert isinstance(second, Admitted)
        expected = {"number": "XA000123", "status": "confirmed", "index": first.index}
        assert second.findings == [("certificate.confirmed-before", expected)]
        assert desk.row().acts == (first.index, second.index)

    def test_arrival_under_a_void_or_replaced_certificate(self, desk: Desk) -> None:
        void = desk.issue("XA1")
        assert codes(desk.void(void)) == []
        assert codes(desk.confirm(void)) == ["certificate.void"]
        old = desk.issue("XA2")
        link = {"number": "XA2", "certificate": old.statement.id.hex()}
        desk.issue("XA3", replaces=link)
        assert codes(desk.confirm(old)) == ["certificate.replaced"]
        assert desk.row("XA2").status is Status.REPLACED

    def test_a_detention_ends_without_a_finding(self, desk: Desk) -> None:
        issued = desk.issue()
        assert codes(desk.confirm(issued, outcome="detained")) == []
        assert codes(desk.confirm(issued, outcome="detained", arrived="2026-03-11")) == [
            "certificate.detained-before"
        ]
        assert codes(desk.confirm(issued, arrived="2026-03-09")) == ["confirmation.before-issue"]
        assert desk.row().status is Status.CONFIRMED

    @pytest.mark.parametrize("outcome", ["refused", "seized"])
    def test_after_a_refusal_or_seizure(self, desk: Desk, outcome: str) -> None:
        issued = desk.issue()
        desk.confirm(issued, outcome=outcome)
        assert codes(desk.confirm(issued)) == [f"certificate.{outcome}-before"]
        assert desk.row().status is Status.CONFIRMED

    @pytest.mark.parametrize("status", [Status.LOST, Status.ANNULLED])
    def test_under_a_lost_or_annulled_certificate(self, desk: Desk, status: Status) -> None:
        issued = desk.issue()
        desk.stand(status)
        assert codes(desk.confirm(issued)) == [f"certificate.{status.word}"]

    @pytest.mark.parametrize(
        ("code", "changes"),
        [
            ("certificate.link", {"number": "XA999"}),
            ("certificate.link", {"certificate": "00" * 32}),
            ("confirmation.future", {"arrived": "2026-03-12"}),
            ("confirmation.examination", {"examination": ["seals", "seals"]}),
            ("confirmation.sections", {"values": None}),
            ("confirmation.sections", {"parties": None}),
            ("confirmation.presentation", {"presentation": "22" * 32}),
        ],
    )
    def test_a_broken_link_or_a_missing_minimum(
        self, desk: Desk, code: str, changes: dict[str, Any]
    ) -> None:
        assert codes(desk.confirm(desk.issue(), **changes)) == [f"!{code}"]
        assert desk.row().status is Status.ISSUED

    def test_the_subject_is_the_number(self, desk: Desk) -> None:
        draft = from_json(confirmation_json(desk.issue().statement.id))
        assert codes(desk.say("XB", draft, sub="XA124")) == ["!certificate.subject"]

    def test_a_refused_shipment_needs_no_measurement(self, desk: Desk) -> None:
        changes: dict[str, Any] = {
            "outcome": "refused",
            "values": None,
            "parties": None,
            "evidence": None,
        }
        assert codes(desk.confirm(desk.issue(), examination=["documents"], **changes)) == []

    def test_the_issuer_confirms_its_own(self, desk: Desk) -> None:
        assert codes(desk.confirm(desk.issue(), "XA")) == ["confirmation.by-issuer"]

    def test_a_presentation_of_another_certificate(self, desk: Desk) -> None:
        first, second = desk.issue("XA1"), desk.issue("XA2")
        shown = desk.present(first)
        assert isinstance(shown, Admitted)
        named = shown.statement.id.hex()
        assert codes(desk.confirm(second, presentation=named)) == ["!confirmation.presentation"]
        assert codes(desk.confirm(first, presentation=named)) == []

    def test_expiry_as_the_issuers_practice_says(self, desk: Desk) -> None:
        first = desk.issue("XA1", expires=TODAY)
        desk.world.time("2026-03-20")
        late = {"arrived": "2026-03-20"}
        assert codes(desk.confirm(first, **late)) == ["certificate.expired"]
        named = {"expiry_governs": "export", "begins": DAY - 10}
        desk.world.must("XA", "kp-practice+cose", named)
        second = desk.issue("XA2", issued="2026-03-20", expires="2026-03-20")
        desk.world.time("2026-04-20")
        assert codes(desk.confirm(second, arrived="2026-04-20")) == []

    def test_many_confirmations_do_not_grow_the_record_for_ever(self, desk: Desk) -> None:
        issued = desk.issue()
        for day in range(MOST_ACTS + 3):
            outcome = desk.confirm(issued, values={"parcels": 3 + day})
            assert isinstance(outcome, Admitted)
        assert len(desk.row().acts) == MOST_ACTS


class TestPresenting:
    """Presentation at the destination."""

    def test_an_ordinary_presentation_and_another(self, desk: Desk) -> None:
        issued = desk.issue()
        assert codes(desk.present(issued)) == []
        assert desk.row().status is Status.PRESENTED
        assert codes(desk.present(issued, "XC")) == ["certificate.presented-before"]

    def test_after_use(self, desk: Desk) -> None:
        issued = desk.issue()
        desk.confirm(issued)
        assert codes(desk.present(issued)) == ["certificate.confirmed-before"]

    def test_a_day_that_has_not_come_and_one_after_expiry(self, desk: Desk) -> None:
        issued = desk.issue(expires=TODAY)
        assert codes(desk.present(issued, day="2026-03-12")) == ["!confirmation.future"]
        assert codes(desk.present(issued, day="2026-03-11")) == ["certificate.expired"]

    def test_an_unknown_certificate(self, desk: Desk) -> None:
        issued = desk.issue()
        draft = desk._plain("presentation", issued, {"day": TODAY, "number": "XA4"})
        assert codes(desk.say("XB", draft)) == ["!certificate.link"]


class TestVoiding:
    """The issuer takes an unused certificate out of use."""

    def test_before_use(self, desk: Desk) -> None:
        assert codes(desk.void(desk.issue())) == []
        assert desk.row().status is Status.VOID

    def test_its_number_stays_taken(self, desk: Desk) -> None:
        desk.void(desk.issue())
        changes = {"expires": "2026-05-01"}
        draft = from_json(certificate_json(**changes))
        assert codes(desk.say("XA", draft)) == ["!certificate.number-used"]

    def test_twice_or_after_use(self, desk: Desk) -> None:
        issued = desk.issue()
        desk.void(issued)
        assert codes(desk.void(issued, note="again")) == ["!certificate.void"]
        used = desk.issue("XA2")
        desk.confirm(used)
        assert codes(desk.void(used)) == ["!certificate.used"]

    def test_after_presentation_it_shows(self, desk: Desk) -> None:
        issued = desk.issue()
        desk.present(issued)
        assert codes(desk.void(issued)) == ["certificate.presented-before"]

    def test_only_an_own_one_with_approval_and_not_ahead(self, desk: Desk) -> None:
        issued = desk.issue()
        assert codes(desk.void(issued, "XB")) == ["!certificate.link"]
        assert codes(desk.void(issued, day="2026-03-12")) == ["!certificate.future"]
        draft = desk._plain("void", issued, {"day": TODAY, "reason": "unused"})
        assert codes(desk.say("XA", draft, approval=None)) == ["!certificate.approval"]
        assert codes(desk.say("XA", draft, sub="XA1")) == ["!certificate.subject"]
