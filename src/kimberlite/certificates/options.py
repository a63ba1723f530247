"""Which acts are open on a certificate now, to whom: the transition table, read by actor."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from kimberlite.certificates.life import CertificateLife
from kimberlite.certificates.transitions import Act, step
from kimberlite.certificates.v1.mending import COUNTERSIGNATURE_TYP, RECTIFICATION_TYP

_NONE: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Option:
    """One act that is open: the statement's word, fields it begins with, and the finding it meets.

    ``key`` names it for people, as ``desk.act.KEY``; ``code`` is "" where the table finds nothing.
    """

    key: str
    word: str
    given: Mapping[str, str] = field(default_factory=dict)
    code: str = ""


_ISSUER = (
    (Act.DISPATCH, "dispatch", "dispatch", _NONE),
    (Act.CORRECT, "correct", "correction", {"ground": "typographical"}),
    (Act.DIVERT, "divert", "correction", {"ground": "diversion"}),
    (Act.REPLACE, "replace", "certificate", _NONE),
    (Act.VOID, "void", "void", _NONE),
    (Act.LOSE, "lose", "loss", _NONE),
    (Act.REPORT, "report", "slip", _NONE),
    (Act.RETURN, "return", "return", _NONE),
    (Act.ANNUL, "annul", "annulment", _NONE),
)
_OTHERS = (
    (Act.PRESENT, "present", "presentation", _NONE),
    (Act.CONFIRM, "confirm", "confirmation", {"outcome": "confirmed"}),
    (
        Act.CONFIRM,
        "discrepancy-confirm",
        "confirmation",
        {"outcome": "confirmed-with-discrepancy"},
    ),
    (Act.REFUSE, "refuse", "confirmation", {"outcome": "refused"}),
    (Act.DETAIN, "detain", "confirmation", {"outcome": "detained"}),
    (Act.SEIZE, "seize", "confirmation", {"outcome": "seized"}),
    (Act.PART, "part", "disposition", {"outcome": "arrived-in-part"}),
    (Act.SEND_BACK, "send-back", "disposition", {"outcome": "sent-back"}),
    (Act.FORFEIT, "forfeit", "disposition", {"outcome": "forfeited"}),
    (Act.DISPOSE, "dispose", "disposition", {"outcome": "disposed"}),
    (Act.TRANSIT, "transit", "transit", _NONE),
)
_SIDES = (
    (Act.DISPUTE, "dispute", "discrepancy", {"step": "opened"}),
    (Act.PROPOSE, "propose", "rectification", _NONE),
)
_ALERT = (Act.ALERT, "alert", "alert", _NONE)
_ANSWER = (Act.ANSWER, "answer", "answer", _NONE)
_RECTIFY = (Act.RECTIFY, "rectify", "countersignature", {"agrees": "yes"})
_TRANSCRIBE = (Act.TRANSCRIBE, "transcribe", "paper", _NONE)


def options(life: CertificateLife, code: str, receiver: str = "") -> tuple[Option, ...]:
    """List what ``code`` may do with a certificate as it stands, plain acts first.

    Args:
        life: as the log has it.
        code: who acts.
        receiver: who received the goods, as the log has it; "" for nobody.

    What the table refuses is left out; what it admits with a finding says which.
    """
    found = []
    for act, key, word, given in _offered(life, code, receiver):
        answer = step(life.status, act)
        if answer.to is not None:
            found.append(Option(key, word, given, answer.code))
    return tuple(sorted(found, key=lambda each: bool(each.code)))


def _offered(
    life: CertificateLife, code: str, receiver: str
) -> Iterator[tuple[Act, str, str, Mapping[str, str]]]:
    issuer = life.row.holder == code
    yield from _ISSUER if issuer else _OTHERS
    if issuer or receiver == code:
        yield from _SIDES
        if _waiting(life, code):
            yield _RECTIFY
    if life.row.paper and not issuer:
        yield _TRANSCRIBE
    yield _ALERT
    if life.alerts and (issuer or any(alert.holder == code for alert in life.alerts)):
        yield _ANSWER


def _waiting(life: CertificateLife, code: str) -> bool:
    """Say whether a rectification of the other side waits for a countersignature."""
    asked = {
        act.statement for act in life.acts if act.typ == RECTIFICATION_TYP and act.holder != code
    }
    answered = {act.named["rectification"] for act in life.acts if act.typ == COUNTERSIGNATURE_TYP}
    return bool(asked - answered)
