"""The acts on a certificate, one row each: who, by which statement, what is opened, until when.

With ``transitions.TRANSITIONS`` this is the whole table of ``docs/spec/certificate-states.md``,
which is written from here. Deadlines name the field of the participant's practice that holds the
number of days: no KP text sets one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from kimberlite.certificates.transitions import SOURCES, Act
from kimberlite.certificates.v1 import TYPES, alerts, dispute, goods, mending, moving, paper
from kimberlite.certificates.v1.arrival import CONFIRMATION_TYP, PRESENTATION_TYP
from kimberlite.certificates.v1.issue import TYP as CERTIFICATE_TYP
from kimberlite.certificates.v1.void import TYP as VOID_TYP
from kimberlite.kernel.rules import Force
from kimberlite.ledger.types import StatementType

_ISSUER = "issuer"
_RECEIVER = "authority of arrival"
_BOTH = "issuer and receiver"


@dataclass(frozen=True, slots=True)
class ActRow:
    """One act. ``deadline`` names a practice and from when it counts, or is empty.

    ``typ`` is the statement that is the act's evidence, ``when`` the field and value that make it
    this act, where the statement can be several.
    """

    actor: str
    typ: str
    when: str
    deadline: str
    source: str

    @property
    def statement(self) -> StatementType:
        """The type of the evidence."""
        return _BY_TYP[self.typ]


_BY_TYP = {each.typ: each for each in TYPES}
_MINIMUM = "KPCS Core Document, Section III(b)"
_IDENTICAL = "KPCS Core Document, Section III(d)"
_FAILURES = "KPCS Core Document, Section V(f)"
_FEATURES = "KPCS Core Document, Section II(d)"
_LAWS = "KPCS Core Document, Section IV(d)"
_ADVICE = "KPCS Core Document, Annex II (19)"
_CONFIRM_DAYS = "receiver's confirm_days, from presentation"
_DETAIN_DAYS = "receiver's detain_days, from detention"

ACTS: Mapping[Act, ActRow] = MappingProxyType(
    {
        Act.DISPATCH: ActRow(_ISSUER, moving.DISPATCH_TYP, "", "", _ADVICE),
        Act.TRANSIT: ActRow("authority crossed", moving.TRANSIT_TYP, "", "", _IDENTICAL),
        Act.DIVERT: ActRow(_ISSUER, mending.CORRECTION_TYP, "ground: diversion", "", _FAILURES),
        Act.CORRECT: ActRow(_ISSUER, mending.CORRECTION_TYP, "any other ground", "", _FAILURES),
        Act.REPLACE: ActRow(
            _ISSUER,
            CERTIFICATE_TYP,
            "replaces",
            "",
            "Canada SOR/2003-15, s. 3; ours: docs/spec/certificate.md",
        ),
        Act.VOID: ActRow(
            _ISSUER,
            VOID_TYP,
            "",
            "unused: issuer's unused_days, from expiry",
            "Regulation (EC) 2368/2002, Art. 11-12",
        ),
        Act.LOSE: ActRow(_ISSUER, alerts.LOSS_TYP, "", "", _FAILURES),
        Act.PRESENT: ActRow(_RECEIVER, PRESENTATION_TYP, "", "", _MINIMUM),
        Act.PART: ActRow(
            _RECEIVER, goods.TYP, "outcome: arrived-in-part, released-in-part", "", _MINIMUM
        ),
        Act.CONFIRM: ActRow(
            _RECEIVER,
            CONFIRMATION_TYP,
            "outcome: confirmed, confirmed-with-discrepancy",
            _CONFIRM_DAYS,
            _MINIMUM,
        ),
        Act.REPORT: ActRow(
            _ISSUER,
            paper.SLIP_TYP,
            "outcome: confirmed, confirmed-with-discrepancy",
            _CONFIRM_DAYS,
            _MINIMUM,
        ),
        Act.REFUSE: ActRow(
            _RECEIVER, CONFIRMATION_TYP, "outcome: refused", _CONFIRM_DAYS, _MINIMUM
        ),
        Act.DETAIN: ActRow(_RECEIVER, CONFIRMATION_TYP, "outcome: detained", _CONFIRM_DAYS, _LAWS),
        Act.SEIZE: ActRow(_RECEIVER, CONFIRMATION_TYP, "outcome: seized", _CONFIRM_DAYS, _LAWS),
        Act.FORFEIT: ActRow(_RECEIVER, goods.TYP, "outcome: forfeited", _DETAIN_DAYS, _LAWS),
        Act.DISPOSE: ActRow(_RECEIVER, goods.TYP, "outcome: disposed, destroyed", "", _LAWS),
        Act.SEND_BACK: ActRow(_RECEIVER, goods.TYP, "outcome: sent-back", "", _IDENTICAL),
        Act.RETURN: ActRow(
            _ISSUER,
            moving.RETURN_TYP,
            "",
            "return_by of the shipment; issuer's confirm_days, from the sending back",
            _FAILURES,
        ),
        Act.DISPUTE: ActRow(
            _BOTH, dispute.TYP, "", "settle_days of each side, from the opening", _FAILURES
        ),
        Act.PROPOSE: ActRow(_BOTH, mending.RECTIFICATION_TYP, "", "", _FAILURES),
        Act.RECTIFY: ActRow(
            "the side that did not propose",
            mending.COUNTERSIGNATURE_TYP,
            "agrees: true",
            "its countersign_days, from the proposal",
            _FAILURES,
        ),
        Act.ANNUL: ActRow(_ISSUER, mending.ANNULMENT_TYP, "", "", _LAWS),
        Act.ALERT: ActRow("any authority", alerts.ALERT_TYP, "", "", _FEATURES),
        Act.ANSWER: ActRow(
            "issuer; who raised it may withdraw",
            alerts.ANSWER_TYP,
            "",
            "issuer's answer_days, from the alert",
            _FEATURES,
        ),
        Act.TRANSCRIBE: ActRow(
            _RECEIVER, paper.PAPER_TYP, "taken down again by another", "", _FEATURES
        ),
    }
)
"""Every act of the transition table."""


def findings(row: ActRow) -> tuple[str, ...]:
    """List what can be found about the act beyond what the transition table answers."""
    found = (rule.code for rule in row.statement.rules if rule.force is Force.FINDS)
    return tuple(dict.fromkeys(code for code in found if code not in SOURCES))


def table() -> str:
    """Write the table of acts in Markdown."""
    lines = [
        "| act | who | signed evidence | seals | may be found | deadline | source |",
        "|---|---|---|---|---|---|---|",
    ]
    for act, row in ACTS.items():
        page = row.typ.removesuffix("+cose")
        evidence = f"[{page}](statements/{page}.md)" + (f" with {row.when}" if row.when else "")
        seals = ", ".join(each.name for each in row.statement.sections) or "–"
        found = ", ".join(f"`{code}`" for code in findings(row)) or "–"
        told = (act.value, row.actor, evidence, seals, found, row.deadline or "–", row.source)
        lines.append("| " + " | ".join(told) + " |")
    return "\n".join(lines) + "\n"
