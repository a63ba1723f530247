"""What may happen to a certificate in which state: one table that every rule consults.

An act of the issuer that comes too late is refused. What happened to the goods is never refused;
where it should not have happened, the table names the finding. Expiry is no state: it is worked
out from the days when read. Rule version 1 reads this table, so a released row never changes;
``docs/spec/certificate-states.md`` shows it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, IntEnum
from types import MappingProxyType


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

    @property
    def word(self) -> str:
        """The name in lower case, as shown and as told in facts."""
        return _WORDS[self]


_WORDS = {status: status.name.lower() for status in Status}


class Act(Enum):
    """What can happen to a certificate."""

    DISPATCH = "dispatch"
    CORRECT = "correct"
    REPLACE = "replace"
    VOID = "void"
    LOSE = "lose"
    PRESENT = "present"
    CONFIRM = "confirm"
    REFUSE = "refuse"
    DETAIN = "detain"
    SEIZE = "seize"
    RECTIFY = "rectify"
    ANNUL = "annul"


PLANNED = frozenset((Act.DISPATCH, Act.CORRECT, Act.LOSE, Act.RECTIFY, Act.ANNUL))
"""Acts that the table already answers, but that no statement type carries yet."""


@dataclass(frozen=True, slots=True)
class Step:
    """The answer to one act: the status after it, or None when it is refused, and the code said.

    A step with both a status and a code is admitted with that finding.
    """

    to: Status | None
    code: str = ""


SOURCES: Mapping[str, str] = MappingProxyType(
    {
        "certificate.used": "KPCS Core Document, Section V(f); ours: docs/spec/certificate.md",
        "certificate.confirmed-before": "KPCS Core Document, Annex I.A (unique numbering)",
        "certificate.refused-before": "ours: docs/spec/certificate.md",
        "certificate.detained-before": "ours: docs/spec/certificate.md",
        "certificate.seized-before": "ours: docs/spec/certificate.md",
        "certificate.presented-before": "ours: docs/spec/certificate.md",
        "certificate.dispatched-before": "ours: docs/spec/certificate.md",
        "certificate.replaced": "ours: docs/spec/certificate.md",
        "certificate.void": "ours: docs/spec/certificate.md",
        "certificate.lost": "ours: docs/spec/certificate.md",
        "certificate.annulled": "ours: docs/spec/certificate.md",
        "certificate.not-confirmed": "ours: docs/spec/certificate.md",
    }
)
"""Where each code of the table comes from."""

_ARRIVAL = (Act.PRESENT, Act.CONFIRM, Act.REFUSE, Act.DETAIN, Act.SEIZE)
_OUTCOMES = {
    Act.CONFIRM: Status.CONFIRMED,
    Act.REFUSE: Status.REFUSED,
    Act.DETAIN: Status.DETAINED,
    Act.SEIZE: Status.SEIZED,
}
_ANNUL = {Act.ANNUL: Step(Status.ANNULLED)}
_TOO_EARLY = {Act.RECTIFY: Step(None, "certificate.not-confirmed")}


def _open(here: Status) -> dict[Act, Step]:
    """Answer every act for a certificate that is not yet used."""
    return {
        Act.DISPATCH: Step(Status.DISPATCHED),
        Act.CORRECT: Step(here),
        Act.REPLACE: Step(Status.REPLACED),
        Act.VOID: Step(Status.VOID),
        Act.LOSE: Step(Status.LOST),
        Act.PRESENT: Step(Status.PRESENTED),
        **{act: Step(to) for act, to in _OUTCOMES.items()},
        **_TOO_EARLY,
        **_ANNUL,
    }


def _closed(here: Status, code: str, *, late: str = "") -> dict[Act, Step]:
    """Answer every act for a certificate that is done with: the issuer's acts come too late."""
    no = Step(None, late or code)
    still = Step(here, code)
    return {
        **dict.fromkeys((Act.CORRECT, Act.REPLACE, Act.VOID, Act.RECTIFY), no),
        **dict.fromkeys((Act.DISPATCH, Act.LOSE, *_ARRIVAL), still),
        **_ANNUL,
    }


def _stopped(here: Status, code: str) -> dict[Act, Step]:
    """Answer every act for goods that an importing authority stopped and may yet release."""
    moved = {act: Step(to, code) for act, to in _OUTCOMES.items()}
    return {**_open(here), **dict.fromkeys((Act.DISPATCH, Act.PRESENT), Step(here, code)), **moved}


TRANSITIONS: Mapping[Status, Mapping[Act, Step]] = MappingProxyType(
    {
        Status.ISSUED: _open(Status.ISSUED),
        Status.DISPATCHED: {
            **_open(Status.DISPATCHED),
            Act.DISPATCH: Step(Status.DISPATCHED, "certificate.dispatched-before"),
        },
        Status.PRESENTED: {
            **_open(Status.PRESENTED),
            Act.DISPATCH: Step(Status.PRESENTED, "certificate.presented-before"),
            Act.CORRECT: Step(Status.PRESENTED, "certificate.presented-before"),
            Act.REPLACE: Step(Status.REPLACED, "certificate.presented-before"),
            Act.VOID: Step(Status.VOID, "certificate.presented-before"),
            Act.LOSE: Step(Status.LOST, "certificate.presented-before"),
            Act.PRESENT: Step(Status.PRESENTED, "certificate.presented-before"),
        },
        Status.CONFIRMED: {
            **_closed(Status.CONFIRMED, "certificate.confirmed-before", late="certificate.used"),
            Act.RECTIFY: Step(Status.CONFIRMED),
        },
        Status.REFUSED: _stopped(Status.REFUSED, "certificate.refused-before"),
        Status.DETAINED: {
            **_stopped(Status.DETAINED, "certificate.detained-before"),
            # A detention ends one way or the other: that is its ordinary course.
            Act.CONFIRM: Step(Status.CONFIRMED),
            Act.REFUSE: Step(Status.REFUSED),
            Act.SEIZE: Step(Status.SEIZED),
            Act.VOID: Step(Status.VOID, "certificate.detained-before"),
        },
        Status.SEIZED: {
            **_stopped(Status.SEIZED, "certificate.seized-before"),
            **dict.fromkeys((Act.CORRECT, Act.REPLACE, Act.VOID), Step(None, "certificate.used")),
            Act.LOSE: Step(Status.SEIZED, "certificate.seized-before"),
        },
        Status.REPLACED: _closed(Status.REPLACED, "certificate.replaced"),
        Status.VOID: _closed(Status.VOID, "certificate.void"),
        Status.LOST: {
            **_stopped(Status.LOST, "certificate.lost"),
            Act.CORRECT: Step(None, "certificate.lost"),
        },
        Status.ANNULLED: {
            **_closed(Status.ANNULLED, "certificate.annulled"),
            Act.ANNUL: Step(None, "certificate.annulled"),
        },
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


def table() -> str:
    """Write the table in Markdown, as ``docs/spec/certificate-states.md`` holds it.

    A cell is the status after the act, with the finding's code behind a question mark, or the
    refusal's code behind an exclamation mark.
    """
    acts = list(Act)
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
