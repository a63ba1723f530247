"""Real statements that bring a certificate into any state, and that do any act to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kimberlite.certificates.drafting import Draft, from_json
from kimberlite.certificates.transitions import Act, Status
from kimberlite.ledger.admission import Admitted, Outcome, Refused
from tests.helpers.certificates import CERTIFICATE, MEASURED, TODAY, Desk, certificate_json

NUMBER = "XA000123"
PARTS = {name: CERTIFICATE[name] for name in ("shipment", "values", "parties")}


def codes(outcome: Outcome) -> list[str]:
    """Give the findings' codes; a refusal is its code behind "refused"."""
    if isinstance(outcome, Refused):
        return ["refused", outcome.code]
    return [code for code, _ in outcome.findings]


class Acts(Desk):
    """A desk at which XA issued a certificate to XB, natively or as paper that XB took down."""

    def __init__(self, *, paper: bool = False) -> None:
        super().__init__()
        self.begin(NUMBER, paper=paper)

    def begin(self, number: str, *, paper: bool = False) -> None:
        """Let every act from here on be about a fresh certificate."""
        self.printed = number
        self.first = self.transcribe("XB") if paper else self.issue(number)
        assert isinstance(self.first, Admitted), self.first

    def told(self, word: str, told: dict[str, Any] | None = None) -> Draft:
        """Draft an act on the certificate, of today."""
        first = self.first
        assert isinstance(first, Admitted)
        name = first.statement.id.hex()
        link = {"number": self.printed, "certificate": name, "day": TODAY}
        given = {"type": word, **link, **(told or {})}
        return from_json({name: each for name, each in given.items() if each is not None})

    def act(self, holder: str, word: str, told: dict[str, Any] | None = None) -> Outcome:
        """Draft, sign and admit it."""
        return self.say(holder, self.told(word, told))

    def must(self, holder: str, word: str, told: dict[str, Any] | None = None) -> Admitted:
        """Do what has to be admitted."""
        outcome = self.act(holder, word, told)
        assert isinstance(outcome, Admitted), outcome
        return outcome

    def transcribe(self, by: str, **changes: Any) -> Outcome:
        """Take XA's paper certificate down as ``by``."""
        told = {
            "type": "paper",
            "number": self.printed,
            "kind": "ordinary",
            "day": TODAY,
            "holder": "XA",
            "issued": TODAY,
            "expires": "2026-05-09",
            "specimen": "matches",
            **PARTS,
            **changes,
        }
        given = {name: each for name, each in told.items() if each is not None}
        return self.say(by, from_json(given))

    def arrive(self, outcome: str, holder: str = "XB", **changes: Any) -> Outcome:
        """Say what an authority decided on arrival."""
        measured = {"values": MEASURED, "parties": CERTIFICATE["parties"]}
        told = {
            "day": None,
            "arrived": TODAY,
            "outcome": outcome,
            "examination": ["documents", "seals"],
            **(measured if outcome.startswith("confirmed") else {}),
            **changes,
        }
        return self.act(holder, "confirmation", told)

    def slip(self, **changes: Any) -> Outcome:
        """Take down what a slip of XB says."""
        told = {"receiver": "XB", "arrived": TODAY, "outcome": "confirmed", "medium": "slip"}
        return self.act("XA", "slip", {**told, **changes})

    def dispose(self, outcome: str, holder: str = "XB", **changes: Any) -> Outcome:
        """Say what became of the goods."""
        part = {"values": MEASURED} if outcome.endswith("in-part") else {}
        return self.act(holder, "disposition", {"outcome": outcome, **part, **changes})

    def propose(self, holder: str = "XA") -> Outcome:
        """Propose a rectification."""
        told = {"ground": "figures", "values": PARTS["values"]}
        return self.act(holder, "rectification", told)

    def countersign(self, proposal: Outcome, holder: str = "XB", **changes: Any) -> Outcome:
        """Answer a rectification, or a name that none has if there is no proposal."""
        named = proposal.statement.id if isinstance(proposal, Admitted) else bytes(32)
        return self.act(
            holder, "countersignature", {"rectification": named.hex(), "agrees": True, **changes}
        )

    def alert(self, holder: str = "XC", **changes: Any) -> Outcome:
        """Raise an alert."""
        told = {"certificate": None, "kind": "clone", "held": True}
        return self.act(holder, "alert", {**told, **changes})

    def answer(self, alert: Outcome, holder: str = "XA", **changes: Any) -> Outcome:
        """Answer an alert."""
        named = alert.statement.id if isinstance(alert, Admitted) else bytes(32)
        told = {"certificate": None, "alert": named.hex(), "finding": "genuine"}
        return self.act(holder, "answer", {**told, **changes})

    def replace(self, more: int = 400_000) -> Outcome:
        """Issue another certificate in its place, numbered ``more`` higher."""
        first = self.first
        assert isinstance(first, Admitted)
        link = {"number": self.printed, "certificate": first.statement.id.hex()}
        number = f"XA{int(self.printed[2:]) + more:06d}"
        return self.say("XA", from_json(certificate_json(number=number, replaces=link)))


def _refused_and_back(desk: Acts) -> None:
    desk.arrive("refused")
    desk.dispose("sent-back")


def _returned(desk: Acts) -> None:
    _refused_and_back(desk)
    desk.must("XA", "return", {"condition": "identical"})


def _forfeited(desk: Acts) -> None:
    desk.arrive("detained")
    desk.dispose("forfeited")


def _disposed(desk: Acts) -> None:
    _forfeited(desk)
    desk.dispose("destroyed", method="crushed")


REACH: dict[Status, Callable[[Acts], object]] = {
    Status.ISSUED: lambda _desk: None,
    Status.DISPATCHED: lambda desk: desk.must("XA", "dispatch"),
    Status.PRESENTED: lambda desk: desk.must("XB", "presentation"),
    Status.CONFIRMED: lambda desk: desk.arrive("confirmed"),
    Status.REFUSED: lambda desk: desk.arrive("refused"),
    Status.DETAINED: lambda desk: desk.arrive("detained"),
    Status.SEIZED: lambda desk: desk.arrive("seized"),
    Status.REPLACED: lambda desk: desk.replace(),
    Status.VOID: lambda desk: desk.must("XA", "void", {"reason": "unused"}),
    Status.LOST: lambda desk: desk.must("XA", "loss", {"what": "certificate-stolen"}),
    Status.ANNULLED: lambda desk: desk.must("XA", "annulment", {"ground": "false-origin"}),
    Status.REPORTED: lambda desk: desk.slip(),
    Status.SENT_BACK: _refused_and_back,
    Status.RETURNED: _returned,
    Status.FORFEITED: _forfeited,
    Status.DISPOSED: _disposed,
}
"""Statements by which a certificate comes into each state."""

DO: dict[Act, Callable[[Acts], Outcome]] = {
    Act.DISPATCH: lambda desk: desk.act("XA", "dispatch", {"office": "a1"}),
    Act.TRANSIT: lambda desk: desk.act("XC", "transit", {"condition": "identical"}),
    Act.DIVERT: lambda desk: desk.act(
        "XA", "correction", {"ground": "diversion", "shipment": PARTS["shipment"]}
    ),
    Act.CORRECT: lambda desk: desk.act(
        "XA", "correction", {"ground": "typographical", "parties": PARTS["parties"]}
    ),
    Act.REPLACE: lambda desk: desk.replace(500_000),
    Act.VOID: lambda desk: desk.act("XA", "void", {"reason": "error"}),
    Act.LOSE: lambda desk: desk.act("XA", "loss", {"what": "goods-stolen"}),
    Act.PRESENT: lambda desk: desk.act("XB", "presentation", {"office": "b1"}),
    Act.PART: lambda desk: desk.dispose("arrived-in-part"),
    Act.CONFIRM: lambda desk: desk.arrive("confirmed", office="b1"),
    Act.REPORT: lambda desk: desk.slip(medium="e-mail"),
    Act.REFUSE: lambda desk: desk.arrive("refused", office="b1"),
    Act.DETAIN: lambda desk: desk.arrive("detained", office="b1"),
    Act.SEIZE: lambda desk: desk.arrive("seized", office="b1"),
    Act.FORFEIT: lambda desk: desk.dispose("forfeited", office="b1"),
    Act.DISPOSE: lambda desk: desk.dispose("disposed", method="sold-by-the-state"),
    Act.SEND_BACK: lambda desk: desk.dispose("sent-back", office="b1"),
    Act.RETURN: lambda desk: desk.act("XA", "return", {"condition": "identical", "office": "a1"}),
    Act.DISPUTE: lambda desk: desk.act(
        "XA", "discrepancy", {"step": "opened", "about": ["carats"]}
    ),
    Act.PROPOSE: lambda desk: desk.propose(),
    Act.RECTIFY: lambda desk: desk.countersign(desk.propose()),
    Act.ANNUL: lambda desk: desk.act("XA", "annulment", {"ground": "court-order"}),
    Act.ALERT: lambda desk: desk.alert(),
    Act.ANSWER: lambda desk: desk.answer(desk.alert("XD")),
    Act.TRANSCRIBE: lambda desk: desk.transcribe("XC"),
}
"""One statement for each act, with which it is tried in every state."""
