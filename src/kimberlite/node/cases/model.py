"""Values of the cases: what is asked, what was decided, and what the sources say."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from kimberlite.registry.model import Reason


class Ask(Enum):
    """What a question is about: a shipment, the list of participants, or who presides."""

    SHIPMENT = "shipment"
    LISTED = "listed"
    CHAIR = "chair"


ALLOWED, REFUSED = "allowed", "refused"
CANNOT_TELL, CONTESTED = "cannot-tell", "contested"
"""What can be decided of a shipment. A contested one is left to the receiver's own policy."""


@dataclass(frozen=True, slots=True)
class Consignment:
    """A hypothetical shipment. Days since 1970; no real authority ever issued it.

    ``origins`` is empty when they are mixed and not disclosed. Without ``arrived`` the issuer's
    signer is asked on the day of issue, with it the destination on the day of arrival.
    ``heaviest`` is the weight of the heaviest stone in points (0.01 ct), ``left_origin`` the day
    on which re-exported goods first left their country of origin, where the papers show it.
    """

    issuer: str
    to: str
    issued: int
    left: int | None = None
    arrived: int | None = None
    origins: tuple[str, ...] = ()
    localities: tuple[str, ...] = ()
    tokens: tuple[tuple[str, str], ...] = ()
    heaviest: int | None = None
    left_origin: int | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """One row: what is asked on which day, and the answer that its source gives.

    ``asked`` is the day on which it is put, with what was public by then; ``day`` the day that it
    is about. ``expect`` is the answer on ``asked``; ``later`` the answer with everything published
    since. ``because`` is the code of the reason it must rest on, or "" where none is asked for.
    """

    id: str
    ask: Ask
    text: str
    asked: int
    day: int
    code: str
    expect: str
    later: str
    because: str
    source: str
    consignment: Consignment | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """A history: its questions in order of day. ``about`` says in a sentence what happened."""

    id: str
    title: str
    about: str
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class View:
    """One side of a contested matter: who or what says so, and what it comes to."""

    of: str
    decision: str


@dataclass(frozen=True, slots=True)
class Dispute:
    """What of the record is contested, by whom: its day, its neutral text, its source.

    ``day`` and ``text`` are "" where the decision itself is contested and no notice about it.
    """

    day: str
    text: str
    by: tuple[str, ...]
    source: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was decided, by which rule, and the reasons of the registry, the decisive one first.

    ``day`` is which day of the shipment decided ("issue", "export", "arrival"), else "".
    ``disputes`` are what is contested of that which the decision rests on; ``views`` the two
    sides where it can therefore not be decided for every receiver.
    """

    decision: str
    rule: str
    rule_source: str
    reasons: tuple[Reason, ...] = ()
    day: str = ""
    disputes: tuple[Dispute, ...] = ()
    views: tuple[View, ...] = ()

    @property
    def because(self) -> str:
        """Give the code of the decisive reason, or ""."""
        return self.reasons[0].code if self.reasons else ""

    @property
    def source(self) -> str:
        """Give the text on which the decisive reason rests, else the rule's own source."""
        return self.reasons[0].source if self.reasons else self.rule_source


@dataclass(frozen=True, slots=True)
class Result:
    """A question with what was decided on its day, and with the whole record (``now``)."""

    question: Question
    then: Outcome
    now: Outcome

    @property
    def holds(self) -> bool:
        """Say whether both are as the sources say, for the reason that they give."""
        asked = self.question
        because = not asked.because or self.then.because == asked.because
        return because and (self.then.decision, self.now.decision) == (asked.expect, asked.later)


@dataclass(frozen=True, slots=True)
class Told:
    """A case with its results, in the order of its questions."""

    case: Case
    results: tuple[Result, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """What a run came to, and the log it ran in.

    ``statements`` counts those of the record; days since 1970.
    """

    cases: tuple[Told, ...]
    entries: int
    statements: int
    began: int
    ended: int

    @property
    def holds(self) -> bool:
        """Say whether every decision is as its sources say."""
        return all(result.holds for told in self.cases for result in told.results)
