"""The answer of an offline check: a result, its reasons, and what it does and does not prove."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum

from kimberlite.certificates.model import Certificate


class Result(Enum):
    """Valid, invalid, or cannot tell."""

    VALID = "valid"
    INVALID = "invalid"
    CANNOT_TELL = "cannot-tell"


class Weight(Enum):
    """What a reason does to the result: one against makes it invalid, one doubt cannot tell."""

    FOR = "for"
    NOTE = "note"
    DOUBT = "doubt"
    AGAINST = "against"


@dataclass(frozen=True, slots=True)
class VerdictReason:
    """One reason: a stable code that is also the message's key, and what its sentence needs."""

    code: str
    weight: Weight
    facts: Mapping[str, str | int] = field(default_factory=dict)


PROVES = ("genuine", "registered", "sections-intact")
"""Keys of what a check can prove: the issuer signed it, the log holds it, nothing was altered."""

CANNOT_PROVE = ("declaration-true", "goods-match", "unused-elsewhere", "unchanged-since")
"""Keys of what no offline check proves, shown with every answer."""

REMINDERS = ("one-use", "match-seals-and-weight", "state-as-of")
SPECIMEN = "specimen"
"""Keys of what every scan reminds of; ``SPECIMEN`` first for demo and test logs."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """An offline check's answer.

    ``kind`` is the log's: demo and test are always said. ``as_of`` is the log's time in seconds
    up to which the bundle knows, ``age_days`` how old that is on the day of the check.
    """

    result: Result
    kind: str
    origin: str
    number: str
    issuer: str
    typ: str
    statement: bytes
    reasons: tuple[VerdictReason, ...]
    proves: tuple[str, ...]
    as_of: int
    age_days: int
    certificate: Certificate | None = None

    @property
    def cannot_prove(self) -> tuple[str, ...]:
        """What this check leaves open, as keys; what was not shown this time comes first."""
        return (*(key for key in PROVES if key not in self.proves), *CANNOT_PROVE)

    @property
    def reminders(self) -> tuple[str, ...]:
        """What to tell whoever holds the goods, as keys."""
        return REMINDERS if self.kind == "prod" else (SPECIMEN, *REMINDERS)

    def codes(self, weight: Weight) -> tuple[str, ...]:
        """List the codes of one weight."""
        return tuple(each.code for each in self.reasons if each.weight is weight)


_ORDER = (Weight.AGAINST, Weight.DOUBT, Weight.NOTE, Weight.FOR)


def weighed(reasons: Iterable[VerdictReason]) -> tuple[VerdictReason, ...]:
    """List reasons, the weightiest first, in the order found within a weight."""
    return tuple(sorted(reasons, key=lambda each: _ORDER.index(each.weight)))


def result_of(reasons: tuple[VerdictReason, ...]) -> Result:
    """Give the result that follows from ``reasons``."""
    weights = {each.weight for each in reasons}
    if Weight.AGAINST in weights:
        return Result.INVALID
    return Result.CANNOT_TELL if Weight.DOUBT in weights else Result.VALID
