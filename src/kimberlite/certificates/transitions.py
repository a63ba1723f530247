"""What may happen to a certificate in which state: one table that every rule consults.

An act of the issuer that comes too late is refused. What happened to the goods is never refused;
where it should not have happened, the table names the finding. Expiry is no state: it is worked
out from the days when read. Rule version 1 reads this table, so a released row never changes;
``docs/spec/certificate-states.md`` shows it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, IntEnum
from types import MappingProxyType
from typing import TypeAlias


class Status(IntEnum):
    """Where a certificate stands. The numbers are part of the state's format: only append."""

    ISSUED = 0
    DISPATCHED = 1
    PRESENTED = 2
    CONFIRMED = 3
    REFUSED = 4
    DETAINED = 5
    SEIZED = 6
    REPLACED = 7
    VOID = 8
    LOST = 9
    ANNULLED = 10
    REPORTED = 11
    SENT_BACK = 12
    RETURNED = 13
    FORFEITED = 14
    DISPOSED = 15

    @property
    def word(self) -> str:
        """The name in lower case, as shown and as told in facts."""
        return _WORDS[self]


_WORDS = {status: status.name.lower().replace("_", "-") for status in Status}


class Act(Enum):
    """What can happen to a certificate."""

    DISPATCH = "dispatch"
    TRANSIT = "transit"
    DIVERT = "divert"
    CORRECT = "correct"
    REPLACE = "replace"
    VOID = "void"
    LOSE = "lose"
    PRESENT = "present"
    PART = "part"
    CONFIRM = "confirm"
    REPORT = "report"
    REFUSE = "refuse"
    DETAIN = "detain"
    SEIZE = "seize"
    FORFEIT = "forfeit"
    DISPOSE = "dispose"
    SEND_BACK = "send-back"
    RETURN = "return"
    DISPUTE = "dispute"
    PROPOSE = "propose"
    RECTIFY = "rectify"
    ANNUL = "annul"
    ALERT = "alert"
    ANSWER = "answer"
    TRANSCRIBE = "transcribe"


@dataclass(frozen=True, slots=True)
class Step:
    """The answer to one act: the status after it, or None when it is refused, and the code said.

    A step with both a status and a code is admitted with that finding.
    """

    to: Status | None
    code: str = ""


_OURS = "ours: docs/spec/certificate-states.md"

SOURCES: Mapping[str, str] = MappingProxyType(
    {
        "certificate.used": "KPCS Core Document, Section V(f); ours: docs/spec/certificate.md",
        "certificate.confirmed-before": "KPCS Core Document, Annex I.A (unique numbering)",
        "certificate.reported-before": _OURS,
        "certificate.refused-before": _OURS,
        "certificate.detained-before": _OURS,
        "certificate.seized-before": _OURS,
        "certificate.presented-before": _OURS,
        "certificate.dispatched-before": _OURS,
        "certificate.replaced": _OURS,
        "certificate.void": _OURS,
        "certificate.lost": _OURS,
        "certificate.annulled": _OURS,
        "certificate.sent-back": _OURS,
        "certificate.returned": _OURS,
        "certificate.forfeited": _OURS,
        "certificate.disposed": _OURS,
        "certificate.not-confirmed": _OURS,
        "certificate.not-held": _OURS,
        "certificate.not-forfeited": _OURS,
    }
)
"""Where each code of the table comes from."""

Row: TypeAlias = dict[Act, Step]

_ARRIVAL = (Act.PRESENT, Act.PART, Act.CONFIRM, Act.REPORT, Act.REFUSE, Act.DETAIN, Act.SEIZE)
_GOODS = (Act.FORFEIT, Act.DISPOSE, Act.SEND_BACK, Act.RETURN)
_MOVING = (Act.DISPATCH, Act.TRANSIT)
_ISSUER = (Act.DIVERT, Act.CORRECT, Act.REPLACE, Act.VOID)
_OUTCOMES = {
    Act.CONFIRM: Status.CONFIRMED,
    Act.REPORT: Status.REPORTED,
    Act.REFUSE: Status.REFUSED,
    Act.DETAIN: Status.DETAINED,
    Act.SEIZE: Status.SEIZED,
    Act.FORFEIT: Status.FORFEITED,
    Act.DISPOSE: Status.DISPOSED,
    Act.SEND_BACK: Status.SENT_BACK,
    Act.RETURN: Status.RETURNED,
}
"""What an act makes of a certificate when nothing stands in its way."""


def _always(here: Status) -> Row:
    """Answer the acts that are possible in any state and change none, except the annulment."""
    talk = (Act.DISPUTE, Act.ALERT, Act.ANSWER, Act.TRANSCRIBE)
    return {**dict.fromkeys(talk, Step(here)), Act.ANNUL: Step(Status.ANNULLED)}


def _unconfirmed() -> Row:
    """Answer a rectification where there is nothing confirmed to rectify."""
    return dict.fromkeys((Act.PROPOSE, Act.RECTIFY), Step(None, "certificate.not-confirmed"))


def _open(here: Status) -> Row:
    """Answer every act for a certificate that is not yet used."""
    return {
        **_always(here),
        **_unconfirmed(),
        Act.DISPATCH: Step(Status.DISPATCHED),
        # Goods in a third country have left, whether or not their dispatch was logged.
        Act.TRANSIT: Step(Status.DISPATCHED),
        Act.DIVERT: Step(here),
        Act.CORRECT: Step(here),
        Act.REPLACE: Step(Status.REPLACED),
        Act.VOID: Step(Status.VOID),
        Act.LOSE: Step(Status.LOST),
        Act.PRESENT: Step(Status.PRESENTED),
        Act.PART: Step(Status.PRESENTED),
        **{act: Step(to) for act, to in _OUTCOMES.items()},
        Act.FORFEIT: Step(Status.FORFEITED, "certificate.not-held"),
        Act.DISPOSE: Step(Status.DISPOSED, "certificate.not-forfeited"),
    }


def _closed(here: Status, code: str, *, late: str = "") -> Row:
    """Answer every act for a certificate that is done with: the issuer's acts come too late."""
    no = Step(None, late or code)
    still = Step(here, code)
    return {
        **dict.fromkeys((*_ISSUER, Act.PROPOSE, Act.RECTIFY), no),
        **dict.fromkeys((*_MOVING, Act.LOSE, *_ARRIVAL, *_GOODS), still),
        **_always(here),
    }


def _stopped(here: Status, code: str) -> Row:
    """Answer every act for goods that an importing authority stopped and may yet release."""
    moved = {act: Step(to, code) for act, to in _OUTCOMES.items()}
    still = dict.fromkeys((*_MOVING, Act.PRESENT), Step(here, code))
    return {**_open(here), **moved, **still, Act.PART: Step(here)}


def _too_late(code: str) -> Row:
    return dict.fromkeys(_ISSUER, Step(None, code))


TRANSITIONS: Mapping[Status, Mapping[Act, Step]] = MappingProxyType(
    {
        Status.ISSUED: _open(Status.ISSUED),
        Status.DISPATCHED: {
            **_open(Status.DISPATCHED),
            Act.DISPATCH: Step(Status.DISPATCHED, "certificate.dispatched-before"),
        },
        Status.PRESENTED: {
            **_open(Status.PRESENTED),
            **dict.fromkeys(
                (*_MOVING, Act.DIVERT, Act.CORRECT, Act.PRESENT),
                Step(Status.PRESENTED, "certificate.presented-before"),
            ),
            Act.REPLACE: Step(Status.REPLACED, "certificate.presented-before"),
            Act.VOID: Step(Status.VOID, "certificate.presented-before"),
            Act.LOSE: Step(Status.LOST, "certificate.presented-before"),
            Act.RETURN: Step(Status.RETURNED, "certificate.presented-before"),
        },
        Status.CONFIRMED: {
            **_closed(Status.CONFIRMED, "certificate.confirmed-before", late="certificate.used"),
            # A slip that says what the confirmation said before it agrees with it.
            Act.REPORT: Step(Status.CONFIRMED),
            Act.PROPOSE: Step(Status.CONFIRMED),
            Act.RECTIFY: Step(Status.CONFIRMED),
        },
        Status.REFUSED: {
            **_stopped(Status.REFUSED, "certificate.refused-before"),
            # Refused goods go back: that is the ordinary course.
            Act.SEND_BACK: Step(Status.SENT_BACK),
            Act.RETURN: Step(Status.RETURNED),
        },
        Status.DETAINED: {
            **_stopped(Status.DETAINED, "certificate.detained-before"),
            # A detention ends one way or another: that is its ordinary course.
            **{
                act: Step(_OUTCOMES[act])
                for act in (Act.CONFIRM, Act.REFUSE, Act.SEIZE, Act.FORFEIT, Act.SEND_BACK)
            },
            Act.VOID: Step(Status.VOID, "certificate.detained-before"),
        },
        Status.SEIZED: {
            **_stopped(Status.SEIZED, "certificate.seized-before"),
            **_too_late("certificate.used"),
            Act.LOSE: Step(Status.SEIZED, "certificate.seized-before"),
            Act.FORFEIT: Step(Status.FORFEITED),
            Act.SEND_BACK: Step(Status.SENT_BACK),
            Act.DISPOSE: Step(Status.DISPOSED, "certificate.not-forfeited"),
        },
        Status.REPLACED: _closed(Status.REPLACED, "certificate.replaced"),
        Status.VOID: _closed(Status.VOID, "certificate.void"),
        Status.LOST: {
            **_stopped(Status.LOST, "certificate.lost"),
            Act.PART: Step(Status.LOST, "certificate.lost"),
            **dict.fromkeys((Act.CORRECT, Act.DIVERT), Step(None, "certificate.lost")),
        },
        Status.ANNULLED: {
            **_closed(Status.ANNULLED, "certificate.annulled"),
            Act.ANNUL: Step(None, "certificate.annulled"),
        },
        Status.REPORTED: {
            **_stopped(Status.REPORTED, "certificate.reported-before"),
            **_too_late("certificate.used"),
            # The authority's own word is stronger than the slip that told of it, and bears it out.
            Act.CONFIRM: Step(Status.CONFIRMED),
            Act.LOSE: Step(Status.REPORTED, "certificate.reported-before"),
            Act.PROPOSE: Step(Status.REPORTED),
            Act.RECTIFY: Step(Status.REPORTED),
        },
        Status.SENT_BACK: {
            **_stopped(Status.SENT_BACK, "certificate.sent-back"),
            **dict.fromkeys((Act.CORRECT, Act.DIVERT), Step(None, "certificate.sent-back")),
            Act.TRANSIT: Step(Status.SENT_BACK),
            Act.RETURN: Step(Status.RETURNED),
        },
        Status.RETURNED: {
            **_stopped(Status.RETURNED, "certificate.returned"),
            **dict.fromkeys((Act.CORRECT, Act.DIVERT), Step(None, "certificate.returned")),
            Act.LOSE: Step(Status.RETURNED, "certificate.returned"),
        },
        Status.FORFEITED: {
            **_closed(Status.FORFEITED, "certificate.forfeited", late="certificate.used"),
            Act.DISPOSE: Step(Status.DISPOSED),
            # A court may give back what was forfeited.
            Act.CONFIRM: Step(Status.CONFIRMED, "certificate.forfeited"),
            Act.SEND_BACK: Step(Status.SENT_BACK, "certificate.forfeited"),
        },
        Status.DISPOSED: _closed(Status.DISPOSED, "certificate.disposed", late="certificate.used"),
    }
)
"""Every status with the answer to every act."""


def step(status: Status, act: Act) -> Step:
    """Give the table's answer to ``act`` on a certificate that stands at ``status``."""
    return TRANSITIONS[status][act]


def codes(acts: tuple[Act, ...], *, refused: bool) -> tuple[str, ...]:
    """List the codes that ``acts`` can meet: of refusals, or of findings; each once, sorted."""
    found = {
        row[act].code
        for row in TRANSITIONS.values()
        for act in acts
        if row[act].code and (row[act].to is None) is refused
    }
    return tuple(sorted(found))


def table(acts: Sequence[Act]) -> str:
    """Write the columns of ``acts`` in Markdown, as ``docs/spec/certificate-states.md`` holds them.

    A cell is the status after the act, with the finding's code behind a question mark, or the
    refusal's code behind an exclamation mark.
    """
    lines = [
        "| status | " + " | ".join(act.value for act in acts) + " |",
        "|---" * (len(acts) + 1) + "|",
    ]
    for status, row in TRANSITIONS.items():
        cells = [_cell(row[act]) for act in acts]
        lines.append(f"| **{status.word}** | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def _cell(answer: Step) -> str:
    short = answer.code.removeprefix("certificate.")
    if answer.to is None:
        return f"! {short}"
    return f"{answer.to.word} ? {short}" if short else answer.to.word
