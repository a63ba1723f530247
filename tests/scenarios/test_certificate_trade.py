"""Scenario: decisions about participants and goods, met by certificates, with the real registry."""

from __future__ import annotations

from typing import Any

from kimberlite.certificates import Days, assess, assess_arrival, blocking, from_json
from kimberlite.certificates.ports import Trade
from kimberlite.ledger.admission import Admitted
from kimberlite.ledger.envelope import Verdicts
from kimberlite.registry.model import Truth
from kimberlite.registry.read import Registry
from tests.helpers.certificates import DAY, Desk, certificate, certificate_json, confirmation_json


def stop(desk: Desk, code: str, begins: int, **more: Any) -> None:
    named = {"may_trade": False, "begins": begins, "source": "Decision 1/2026", **more}
    desk.world.decide("kp-status+cose", named, sub=code, by=("XB", "XC"))


def registry(desk: Desk) -> Trade:
    return Registry(desk.world.state)


def test_a_participant_under_suspension_is_kept_from_issuing_and_an_override_shows() -> None:
    # Given XA, suspended since yesterday
    desk = Desk()
    stop(desk, "XA", DAY)

    # When its office assesses a certificate
    draft = from_json(certificate_json(basis="Ministerial order 4 of 2026"))
    found = assess(draft.certificate("XA"), registry(desk), Days(DAY))

    # Then the rules forbid it, with the decision as the source
    assert [each.code for each in blocking(found)] == ["issuer.may-export"]
    assert found.broken[0].ruling.reasons[0].source == "Decision 1/2026"

    # When it is issued all the same, on a recorded legal basis
    verdicts = found.verdicts({"issuer.may-export"})
    outcome = desk.say("XA", draft, verdicts=verdicts)

    # Then the log says so to everyone
    assert isinstance(outcome, Admitted)
    assert outcome.findings == [("certificate.overridden", {"rules": "issuer.may-export"})]


def test_a_suspension_between_export_and_arrival() -> None:
    # Given goods that left before XA was suspended and arrived after
    desk = Desk()
    issued = desk.issue()
    stop(desk, "XA", DAY + 4)
    desk.world.time(DAY + 6)
    told = from_json(confirmation_json(issued.statement.id, arrived="2026-03-16"))

    # When XB assesses the arrival
    found = assess_arrival(certificate(), told.confirmation("XB"), registry(desk), exported=DAY + 1)

    # Then all three days are shown and arrival decides, as XB stated nothing else
    said = {each.code: each for each in found.said}["issuer.may-export"]
    assert said.truth is Truth.NO
    shown = {name: said.ruling.facts[name] for name in ("issue", "export", "arrival")}
    assert shown == {"issue": "yes", "export": "yes", "arrival": "no"}

    # And the arrival itself is recorded: it happened
    outcome = desk.say("XB", told, verdicts=found.verdicts())
    assert isinstance(outcome, Admitted)
    verdicts = outcome.statement.body.verdicts
    assert verdicts == Verdicts(1, (("issuer.may-export", "finding"),))


def test_a_suspension_whose_own_text_looks_at_the_day_of_export() -> None:
    # Given the same goods, and a decision that names the day of export
    desk = Desk()
    issued = desk.issue()
    stop(desk, "XA", DAY + 4, decides="export")
    told = from_json(confirmation_json(issued.statement.id, arrived="2026-03-16"))

    # When XB assesses the arrival, then the goods may enter
    left = assess_arrival(certificate(), told.confirmation("XB"), registry(desk), exported=DAY + 1)
    assert {each.code: each for each in left.said}["issuer.may-export"].truth is Truth.YES

    # And without a day of export on the papers, nobody can tell
    unknown = assess_arrival(certificate(), told.confirmation("XB"), registry(desk))
    assert [each.code for each in unknown.doubtful] == ["issuer.may-export"]


def restrict(desk: Desk) -> None:
    """Restrict goods that were mined in XC."""
    named = {
        "id": "xc-origin",
        "scope": {"country": "XC", "target": "origin", "direction": "both"},
        "authority": "kp",
        "begins": DAY,
        "source": "Decision 2/2026",
    }
    desk.world.decide("kp-restriction+cose", named, sub="XC", by=("XA", "XB"))


def test_goods_of_a_restricted_origin() -> None:
    desk = Desk()
    restrict(desk)

    # Given goods listed as from XA and XC, then the restriction catches them
    origins = [{"country": "XA"}, {"country": "XC"}]
    listed = certificate(shipment={"origin_mode": "mixed-listed", "origins": origins})
    found = assess(listed, registry(desk), Days(DAY))
    assert [each.code for each in blocking(found)] == ["goods.restricted"]

    # Given a mixture whose origins are not disclosed, then nobody can tell
    undisclosed = certificate(shipment={"origin_mode": "mixed-undisclosed", "origins": None})
    found = assess(undisclosed, registry(desk), Days(DAY))
    assert blocking(found) == ()
    assert found.verdicts().said == (("goods.restricted", "cannot-tell"),)

    # Given goods of XA alone, then it has nothing to say
    found = assess(certificate(), registry(desk), Days(DAY))
    assert found.broken == found.doubtful == ()


def test_a_destination_outside_the_scheme() -> None:
    # Given a buyer in a country that takes no part, then the certificate is not issued
    desk = Desk()
    found = assess(certificate(shipment={"destination": "XD"}), registry(desk), Days(DAY))
    assert {each.code for each in blocking(found)} == {
        "destination.listed",
        "destination.may-import",
    }
