"""Log rules of alerts, blanks and paper: what each refuses and finds."""

from __future__ import annotations

from typing import Any

import pytest

from kimberlite.certificates.drafting import from_json
from kimberlite.certificates.transitions import Status
from kimberlite.certificates.v1.beside import (
    ALERTS,
    MOST_ALERTS,
    PAPERS,
    RECEIVERS,
    Alert,
    Blanks,
    Transcript,
    blank_at,
    open_alerts,
)
from kimberlite.certificates.v1.rows import CERTIFICATES
from kimberlite.kernel.days import show_day
from kimberlite.ledger.admission import Admitted, Outcome
from tests.helpers.acts import NUMBER, Acts, codes
from tests.helpers.certificates import DAY, certificate_json

LATER = show_day(DAY + 3)


@pytest.fixture
def desk() -> Acts:
    return Acts()


def blanks(desk: Acts, fate: str = "stolen", holder: str = "XA", **changes: Any) -> Outcome:
    told = {
        "type": "blank",
        "of": "number",
        "lead": "XA",
        "day": show_day(DAY),
        "first": 100,
        "last": 150,
        "fate": fate,
        **changes,
    }
    return desk.say(holder, from_json(told, holder))


# --- alarms ---------------------------------------------------------------------------------


def test_an_alert_asks_the_issuer_and_stops_nobody(desk: Acts) -> None:
    alert = desk.alert("XC", features=["signature", "layout"])
    assert isinstance(alert, Admitted)
    assert ["alert", "XA123", "clone", "open"] in alert.facts
    assert desk.row().status is Status.ISSUED
    assert codes(desk.alert("XC", kind="tampered")) == ["refused", "alert.open"]
    assert codes(desk.answer(alert, "XB")) == ["refused", "answer.not-asked"]
    assert codes(desk.arrive("confirmed")) == ["certificate.alert-open"]

    assert codes(desk.answer(alert, finding="under-inquiry")) == []
    assert len(open_alerts(desk.world.state, "XA123")) == 1
    answered = desk.answer(alert)
    assert isinstance(answered, Admitted)
    assert ["alert", "XA123", "clone", "genuine"] in answered.facts
    assert open_alerts(desk.world.state, "XA123") == ()
    assert codes(desk.answer(alert, office="a1")) == ["refused", "answer.no-alert"]


def test_who_raised_an_alert_may_withdraw_it(desk: Acts) -> None:
    alert = desk.alert("XC")
    assert codes(desk.answer(alert, "XA", finding="withdrawn")) == ["refused", "answer.not-asked"]
    assert codes(desk.answer(alert, "XC", finding="withdrawn")) == []


def test_an_alert_on_a_number_nobody_issued(desk: Acts) -> None:
    told = {"number": "XB000777", "kind": "unknown-number"}
    alert = desk.alert("XC", **told)
    assert codes(alert) == ["alert.number-unknown"]
    told = {"number": "XB000777", "finding": "not-issued"}
    assert codes(desk.answer(alert, "XA", **told)) == ["refused", "answer.not-asked"]
    assert codes(desk.answer(alert, "XB", **told)) == []


def test_answered_alerts_make_room(desk: Acts) -> None:
    def fill(*, open_: bool) -> None:
        made = (Alert(bytes([at] * 32), at, "clone", "XZ", open_) for at in range(MOST_ALERTS))
        desk.world.state.put(ALERTS, "XA123", tuple(made))
        desk.world.rows.keep(desk.world.state.changes())
        desk.world.state.settle()

    fill(open_=True)
    assert codes(desk.alert("XC")) == ["refused", "alert.open"]
    fill(open_=False)
    assert codes(desk.alert("XC")) == []
    kept = desk.world.state.get(ALERTS, "XA123")
    assert kept is not None
    assert len(kept) == MOST_ALERTS


def test_stolen_blanks_are_not_issued_and_are_found_on_paper(desk: Acts) -> None:
    told = blanks(desk, first=300, last=320)
    assert isinstance(told, Admitted)
    assert ["blanks", "number/XA", 300, 320, "stolen"] in told.facts
    draft = from_json(certificate_json(number="XA000310"))
    assert codes(desk.say("XA", draft)) == ["refused", "certificate.blank"]
    assert codes(desk.transcribe("XB", number="XA000310")) == ["transcript.blank"]
    blanks(desk, "recovered", first=300, last=315)
    assert codes(desk.say("XA", draft)) == ["certificate.transcribed-before"]
    assert blank_at(desk.world.state, "number/XA", 318) == Blanks(300, 320, "stolen", told.index)


def test_stolen_forms_are_known_by_their_own_serial(desk: Acts) -> None:
    assert codes(blanks(desk, of="form", lead="A-", first=40, last=50)) == []
    paper = {"number": "XA000310", "form": "A-0045"}
    assert codes(desk.transcribe("XB", **paper)) == ["transcript.blank"]
    form = from_json(certificate_json(number="XA000311", form="A-0045"))
    assert codes(desk.say("XA", form)) == ["refused", "certificate.blank"]


def test_blanks_are_reported_by_their_owner(desk: Acts) -> None:
    assert codes(blanks(desk, holder="XB")) == ["refused", "blank.prefix"]
    assert codes(blanks(desk, first=9, last=3)) == ["refused", "blank.reversed"]
    told = {"of": "form", "lead": "A-", "day": show_day(DAY), "first": 1, "last": 2, "fate": "lost"}
    draft = from_json({"type": "blank", **told}, "XB")
    assert codes(desk.say("XA", draft)) == ["refused", "blank.subject"]


def test_reports_of_blanks_do_not_grow_for_ever(desk: Acts, monkeypatch: Any) -> None:
    monkeypatch.setattr("kimberlite.certificates.v1.alerts.MOST_BLANKS", 1)
    assert codes(blanks(desk)) == []
    assert codes(blanks(desk, first=200, last=201)) == ["refused", "blank.too-many"]


# --- paper ----------------------------------------------------------------------------------


def test_paper_is_taken_down_and_marked() -> None:
    desk = Acts(paper=True)
    row = desk.row()
    assert (row.holder, row.paper, row.status) == ("XA", True, Status.ISSUED)
    assert desk.world.state.get(PAPERS, "XA123") == Transcript("XB", "matches")
    assert codes(desk.transcribe("XC")) == ["transcript.transcribed-before"]
    assert codes(desk.arrive("confirmed")) == []
    assert desk.row().paper


def test_what_is_in_the_log_is_not_taken_down(desk: Acts) -> None:
    assert codes(desk.transcribe("XB")) == ["refused", "transcript.in-the-log"]
    assert codes(desk.transcribe("XA", number="XA000200")) == ["refused", "transcript.own"]


def test_what_is_odd_about_paper_is_found(desk: Acts) -> None:
    def take(**told: Any) -> list[str]:
        return codes(desk.transcribe("XB", **{"number": "XA000300", **told}))

    assert take(expires=show_day(DAY - 9)) == ["refused", "certificate.expiry"]
    assert take(parties=None) == ["refused", "certificate.sections"]
    assert take(specimen="differs", features=["watermark"]) == ["transcript.specimen"]
    assert take(number="XA000301", holder="XC") == ["refused", "transcript.prefix"]
    assert take(number="XE000301", holder="XE") == ["transcript.range"]
    assert take(number="XA1000000000") == ["transcript.range"]


def test_an_issuers_own_statement_takes_the_place_of_a_transcription() -> None:
    # Given paper that was taken down and confirmed
    desk = Acts(paper=True)
    taken = desk.row()
    confirmed = desk.arrive("confirmed")
    # When its issuer logs the certificate itself
    issued = desk.issue(NUMBER)
    # Then the number was never taken from it, and what happened stays listed
    assert codes(issued) == ["certificate.transcribed-before"]
    row = desk.row()
    assert (row.paper, row.status, row.statement) == (False, Status.ISSUED, issued.statement.id)
    assert row.acts == (taken.index, confirmed.index)  # type: ignore[union-attr]
    refused = desk.say("XA", from_json(certificate_json(number=NUMBER, expires="2026-05-01")))
    assert codes(refused) == ["refused", "certificate.number-used"]


def test_slips(desk: Acts) -> None:
    assert codes(desk.slip(receiver="XA")) == ["refused", "slip.own"]
    assert codes(desk.slip(arrived=LATER)) == ["refused", "slip.arrived"]
    assert codes(desk.slip()) == []
    assert desk.row().status is Status.REPORTED
    assert desk.world.state.get(RECEIVERS, "XA123").code == "XB"  # type: ignore[union-attr]
    assert codes(desk.arrive("confirmed")) == []
    assert desk.row().status is Status.CONFIRMED


def test_a_slip_of_a_refusal_stops_the_certificate(desk: Acts) -> None:
    assert codes(desk.slip(outcome="refused")) == []
    assert desk.row().status is Status.REFUSED


def test_rows_survive_their_codec(desk: Acts) -> None:
    desk.transcribe("XB", number="XA000300")
    desk.world.state.forget()
    assert desk.world.state.get(CERTIFICATES, "XA300").paper  # type: ignore[union-attr]
