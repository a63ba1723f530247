"""Log rules of the acts beside issue, arrival and voiding: what each refuses and finds."""

from __future__ import annotations

from typing import Any

import pytest

from kimberlite.certificates.transitions import Act
from kimberlite.certificates.v1.beside import (
    DISPUTES,
    RECEIVERS,
    RECTIFICATIONS,
    Receiver,
)
from kimberlite.kernel.days import show_day
from kimberlite.ledger.admission import Admitted
from tests.helpers.acts import DO, PARTS, Acts, codes
from tests.helpers.certificates import CERTIFICATE, DAY, MEASURED

LATER = show_day(DAY + 3)
BEFORE = show_day(DAY - 3)


@pytest.fixture
def desk() -> Acts:
    return Acts()


OWN = ("dispatch", "void", "correction", "loss", "annulment", "return", "slip")


@pytest.mark.parametrize("act", [act for act in DO if act is not Act.TRANSCRIBE])
def test_no_act_is_dated_ahead_of_the_log(desk: Acts, act: Any) -> None:
    # Given the same statement, dated three days ahead
    told: list[Any] = []
    desk.say = lambda holder, draft, **_: told.append((holder, draft))  # type: ignore[method-assign, assignment]
    DO[act](desk)
    del desk.say
    holder, draft = told[-1]
    name = next(name for name in ("day", "arrived", "issued") if name in draft.log)
    draft.log[name] = DAY + 3
    # Then it is refused, as what has not happened yet cannot be said
    assert codes(desk.say(holder, draft)) in (
        ["refused", "certificate.future"],
        ["refused", "confirmation.future"],
    )


@pytest.mark.parametrize("word", OWN)
def test_the_issuers_acts_are_the_issuers(desk: Acts, word: str) -> None:
    more = {
        "void": {"reason": "unused"},
        "correction": {"ground": "seals", "parties": PARTS["parties"]},
        "loss": {"what": "goods-lost"},
        "annulment": {"ground": "court-order"},
        "return": {"condition": "identical"},
        "slip": {
            "receiver": "XB",
            "arrived": show_day(DAY),
            "outcome": "confirmed",
            "medium": "fax",
        },
    }
    assert codes(desk.act("XB", word, more.get(word))) == ["refused", "certificate.link"]


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("correction", {"ground": "seals", "parties": PARTS["parties"]}),
        ("annulment", {"ground": "court-order"}),
    ],
)
def test_weighty_acts_need_officers(desk: Acts, word: str, told: dict[str, Any]) -> None:
    assert codes(desk.say("XA", desk.told(word, told), approval=None)) == [
        "refused",
        "certificate.approval",
    ]


# --- moving ---------------------------------------------------------------------------------


def test_a_dispatch_advises_and_seals_the_journey(desk: Acts) -> None:
    told = {"journey": {"carrier": "Secure Carriers Ltd", "mode": "air", "expected": LATER}}
    sent = desk.must("XA", "dispatch", told)
    assert sent.statement.body.seals.keys() == {5}
    assert codes(sent) == []


def test_what_lies_before_issue_is_found(desk: Acts) -> None:
    assert codes(desk.act("XA", "dispatch", {"day": BEFORE})) == ["certificate.before-issue"]


def test_goods_that_left_after_expiry_where_the_day_of_export_governs() -> None:
    desk = Acts()
    issued = desk.issue("XA000200", expires=show_day(DAY))
    desk.first = issued
    link = {"number": "XA000200", "day": show_day(DAY + 1)}
    assert codes(desk.act("XA", "dispatch", link)) == []
    desk.world.must("XA", "kp-practice+cose", {**_practice(), "begins": DAY - 10}, sub="XA")
    again = codes(desk.act("XA", "dispatch", {**link, "office": "a1"}))
    assert "certificate.expired" in again


def _practice() -> dict[str, Any]:
    return {"expiry_governs": "export"}


def test_transit_is_found_unless_the_state_is_identical(desk: Acts) -> None:
    assert codes(desk.act("XC", "transit", {"condition": "identical"})) == []
    opened = desk.act("XC", "transit", {"condition": "opened", "office": "c1"})
    assert codes(opened) == ["transit.not-identical"]
    left = {"condition": "identical", "left": BEFORE}
    assert codes(desk.act("XC", "transit", left)) == ["refused", "transit.left"]


def test_a_return_in_another_state_is_found(desk: Acts) -> None:
    told = {"condition": "short"}
    assert codes(desk.act("XA", "return", told)) == ["return.not-identical"]


# --- goods ----------------------------------------------------------------------------------


def test_dispositions_are_complete(desk: Acts) -> None:
    assert codes(desk.dispose("arrived-in-part", values=None)) == ["refused", "disposition.part"]
    assert codes(desk.dispose("destroyed")) == ["refused", "disposition.method"]
    under = {"number": "XB000001", "certificate": "00" * 32}
    assert codes(desk.dispose("sent-back", under=under)) == ["refused", "disposition.under"]


def test_who_disposes_of_what_another_received_is_found(desk: Acts) -> None:
    desk.arrive("detained", "XB")
    assert desk.world.state.get(RECEIVERS, "XA123").code == "XB"  # type: ignore[union-attr]
    assert "disposition.stranger" in codes(desk.dispose("forfeited", "XC"))
    desk = Acts()
    desk.arrive("detained", "XB")
    assert codes(desk.dispose("forfeited", "XB")) == []


def test_a_second_confirmation_does_not_make_a_receiver(desk: Acts) -> None:
    first = desk.arrive("confirmed", "XB")
    assert isinstance(first, Admitted)
    desk.arrive("confirmed", "XC")
    desk.arrive("refused", "XC")
    found = desk.world.state.get(RECEIVERS, "XA123")
    assert found == Receiver("XB", first.statement.id)


# --- mending --------------------------------------------------------------------------------


def test_a_correction_seals_what_it_corrects(desk: Acts) -> None:
    assert codes(desk.act("XA", "correction", {"ground": "figures"})) == [
        "refused",
        "correction.empty",
    ]
    told = {"ground": "diversion", "parties": PARTS["parties"]}
    assert codes(desk.act("XA", "correction", told)) == ["refused", "correction.destination"]


def test_a_rectification_takes_both_sides(desk: Acts) -> None:
    desk.arrive("confirmed")
    told = {"ground": "figures", "values": PARTS["values"]}
    assert codes(desk.act("XC", "rectification", told)) == ["refused", "rectification.no-side"]
    empty = {"ground": "figures"}
    assert codes(desk.act("XB", "rectification", empty)) == ["refused", "rectification.empty"]
    proposal = desk.propose("XB")
    assert codes(desk.countersign(proposal, "XB")) == ["refused", "rectification.own"]
    assert codes(desk.countersign(proposal, "XC")) == ["refused", "rectification.no-side"]
    agreed = desk.countersign(proposal, "XA")
    assert isinstance(agreed, Admitted)
    named = proposal.statement.id.hex()  # type: ignore[union-attr]
    assert ["rectification", "XA123", named, "agreed"] in agreed.facts
    again = desk.countersign(proposal, "XA", office="a1")
    assert codes(again) == ["refused", "rectification.not-open"]
    found = desk.world.state.get(RECTIFICATIONS, named)
    assert found is not None
    assert not found.open


def test_a_declined_rectification_changes_nothing(desk: Acts) -> None:
    desk.arrive("confirmed")
    proposal = desk.propose("XA")
    declined = desk.countersign(proposal, "XB", agrees=False)
    assert isinstance(declined, Admitted)
    assert declined.facts[0][3] == "declined"
    assert not any(fact[:3] == ["certificate", "XA123", "rectify"] for fact in declined.facts)
    assert codes(desk.countersign(proposal, "XB")) == ["refused", "rectification.not-open"]


def test_a_rectification_of_another_number_cannot_be_countersigned_here(desk: Acts) -> None:
    desk.arrive("confirmed")
    proposal = desk.propose("XA")
    desk.first = desk.issue("XA000200")
    number = {"number": "XA000200"}
    desk.act(
        "XB",
        "confirmation",
        {
            **number,
            "day": None,
            "arrived": show_day(DAY),
            "outcome": "confirmed",
            "examination": ["documents"],
            "values": MEASURED,
            "parties": CERTIFICATE["parties"],
        },
    )
    assert codes(desk.countersign(proposal, "XB", **number)) == [
        "refused",
        "rectification.not-open",
    ]


def test_the_file_of_a_discrepancy(desk: Acts) -> None:
    def say(holder: str, step: str, **more: Any) -> list[str]:
        return codes(desk.act(holder, "discrepancy", {"step": step, "about": ["carats"], **more}))

    desk.arrive("confirmed-with-discrepancy")
    assert say("XB", "statement") == ["refused", "discrepancy.not-opened"]
    assert say("XC", "opened") == ["refused", "discrepancy.no-side"]
    assert say("XB", "opened") == []
    assert say("XA", "opened") == ["refused", "discrepancy.opened-before"]
    assert say("XA", "statement", outcome="rectified") == ["refused", "discrepancy.outcome"]
    assert say("XA", "outcome") == ["refused", "discrepancy.outcome"]
    assert say("XA", "outcome", outcome="issue-figures") == []
    assert say("XB", "outcome", outcome="arrival-figures") == []
    found = desk.world.state.get(DISPUTES, "XA123")
    assert found is not None
    assert found.settled == ""
    told = {"step": "outcome", "about": ["carats"], "outcome": "arrival-figures"}
    settled = desk.must("XA", "discrepancy", told)
    assert ["discrepancy", "XA123", "settled", "arrival-figures"] in settled.facts
    assert say("XB", "opened", office="b1") == []
