"""Scenario: one shipment from application to confirmed import, and what follows a second one."""

from __future__ import annotations

from kimberlite.certificates import (
    Days,
    Draft,
    Result,
    Status,
    Weight,
    assess,
    assess_arrival,
    blocking,
    from_json,
    life,
    verify,
)
from kimberlite.ledger.admission import Admitted
from kimberlite.registry.read import Registry
from tests.helpers.certificates import (
    DAY,
    Desk,
    certificate_json,
    confirmation_json,
)


def issue(desk: Desk, draft: Draft) -> Admitted:
    """Do as an issuing authority does: assess, refuse what blocks, sign what the rules said."""
    registry = Registry(desk.world.state)
    found = assess(draft.certificate("XA"), registry, Days(DAY))
    assert blocking(found) == ()
    outcome = desk.say("XA", draft, verdicts=found.verdicts())
    assert isinstance(outcome, Admitted), outcome
    return outcome


def test_from_application_to_confirmed_import() -> None:
    # Given two participants, and an exporter's application
    desk = Desk()
    draft = from_json(certificate_json())

    # When XA checks and issues, and the file travels with the goods
    issued = issue(desk, draft)
    file = desk.file(issued, draft)

    # Then XB verifies it offline, with nothing but a trust bundle
    verdict = verify(file, desk.bundle(trade=Registry(desk.world.state)), DAY, receiver="XB")
    assert verdict.result is Result.VALID, verdict.reasons
    assert verdict.codes(Weight.FOR) == ("signature.good", "registration.shown")

    # When XB opens the goods, finds what was declared, and confirms
    shown = desk.present(issued)
    assert isinstance(shown, Admitted)
    told = from_json(confirmation_json(issued.statement.id, presentation=shown.statement.id.hex()))
    assert verdict.certificate is not None
    found = assess_arrival(verdict.certificate, told.confirmation("XB"), Registry(desk.world.state))
    assert found.broken == ()
    confirmed = desk.say("XB", told, verdicts=found.verdicts())

    # Then the certificate is used
    assert isinstance(confirmed, Admitted)
    assert confirmed.findings == []
    assert desk.row().status is Status.CONFIRMED

    # When someone confirms the same certificate again
    again = desk.confirm(issued, "XC", arrived="2026-03-11")

    # Then that is recorded, with a finding that names the first confirmation
    assert isinstance(again, Admitted)
    [(code, facts)] = again.findings
    assert code == "certificate.confirmed-before"
    assert facts["index"] == confirmed.index

    # And its life shows all of it, as every replay will
    whole = life(desk.world.reloaded(), "XA000123", desk.world.fetch_entry, DAY)
    assert [act.holder for act in whole.acts] == ["XA", "XB", "XB", "XC"]
    assert [each.code for each in whole.findings] == ["certificate.confirmed-before"]


def test_a_bundle_made_after_the_confirmation_warns_who_verifies() -> None:
    # Given a certificate that was confirmed, and a bundle made afterwards
    desk = Desk()
    issued = desk.issue()
    desk.confirm(issued)
    desk.numbers = ("XA123",)

    # When somebody presents the same file once more
    verdict = verify(desk.file(issued), desk.bundle(), DAY)

    # Then it is genuine, and used
    assert verdict.result is Result.CANNOT_TELL
    assert verdict.codes(Weight.DOUBT) == ("certificate.confirmed-before",)
    assert "genuine" in verdict.proves


def test_a_short_parcel_is_confirmed_as_it_is() -> None:
    # Given a certificate for three parcels
    desk = Desk()
    issued = desk.issue()
    seen = from_json(certificate_json()).certificate("XA")

    # When two arrive, and XB says so
    changes = {"outcome": "confirmed-with-discrepancy", "values": {"parcels": 2}}
    told = from_json(confirmation_json(issued.statement.id, **changes))
    found = assess_arrival(seen, told.confirmation("XB"), Registry(desk.world.state))
    outcome = desk.say("XB", told, verdicts=found.verdicts())

    # Then the arrival is in the log, and what the rules said is signed into it
    assert isinstance(outcome, Admitted)
    verdicts = outcome.statement.body.verdicts
    assert verdicts is not None
    assert verdicts.said == (("arrival.parcels", "finding"),)
    assert desk.row().status is Status.CONFIRMED
