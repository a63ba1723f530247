"""The form of a section rule: a stable code, its source, and a three-valued answer.

These rules run where sections are open: at the issuer, its signer, and the destination. They are
pure; what they need to know of the registry they ask of ``ports.Trade``.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from kimberlite.certificates.model import Certificate, Confirmation
from kimberlite.certificates.ports import Trade
from kimberlite.ledger.envelope import Verdicts
from kimberlite.registry.model import Reason, Truth

RULESET = 1
"""Version of the section rules, signed into a statement beside what they said."""


BLOCKS, SPEAKS = True, False
"""Whether a broken rule forbids issuing, or is only said."""


@dataclass(frozen=True, slots=True)
class Days:
    """The three days on which trade has to be allowed; None where a day is not known yet."""

    issued: int
    exported: int | None = None
    arrived: int | None = None

    def known(self) -> tuple[tuple[str, int], ...]:
        """List the days known, as "issue", "export" and "arrival", in that order."""
        all_days = (("issue", self.issued), ("export", self.exported), ("arrival", self.arrived))
        return tuple((name, day) for name, day in all_days if day is not None)

    @property
    def latest(self) -> int:
        """The last of the days known."""
        return self.known()[-1][1]


@dataclass(frozen=True, slots=True)
class Case:
    """What a rule looks at. ``registry`` is None where only the papers themselves are at hand."""

    certificate: Certificate
    days: Days
    receiver: str
    registry: Trade | None = None
    confirmation: Confirmation | None = None


@dataclass(frozen=True, slots=True)
class Ruling:
    """What a rule says of a case: yes, it holds; no; or cannot tell. ``facts`` fill a sentence."""

    truth: Truth
    facts: Mapping[str, str | int] = field(default_factory=dict)
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class SectionRule:
    """A rule over open sections.

    ``needs`` names what has to be at hand: sections of the certificate ("shipment", "values",
    "parties"), the "registry", the "confirmation" and its "measured" values and "named" parties.
    ``blocks``: the issuer must not issue against it, unless with a recorded legal basis.
    ``check`` gives None where the rule does not apply to the case.
    """

    code: str
    source: str
    blocks: bool
    needs: frozenset[str]
    check: Callable[[Case], Ruling | None] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Said:
    """One rule's answer, with the rule's code and source beside it."""

    code: str
    source: str
    blocks: bool
    ruling: Ruling

    @property
    def truth(self) -> Truth:
        """Whether the rule holds."""
        return self.ruling.truth


@dataclass(frozen=True, slots=True)
class Assessment:
    """What all rules said of a case; ``unseen`` lists rules whose sections were closed."""

    said: tuple[Said, ...]
    unseen: tuple[str, ...] = ()

    @property
    def broken(self) -> tuple[Said, ...]:
        """The rules that do not hold."""
        return tuple(each for each in self.said if each.truth is Truth.NO)

    @property
    def doubtful(self) -> tuple[Said, ...]:
        """The rules that cannot tell."""
        return tuple(each for each in self.said if each.truth is Truth.CANNOT_TELL)

    @property
    def contested(self) -> bool:
        """Whether an answer that is not a plain yes rests on a contested decision."""
        reasons = [r for s in (*self.broken, *self.doubtful) for r in s.ruling.reasons]
        return any(reason.contested_by for reason in reasons)

    def verdicts(self, overridden: Collection[str] = ()) -> Verdicts:
        """Give what is signed into the statement: every rule that did not simply hold."""
        words: dict[str, str] = {}
        for each in self.doubtful:
            words[each.code] = "cannot-tell"
        for each in self.broken:
            words[each.code] = "overridden" if each.code in overridden else "finding"
        return Verdicts(RULESET, tuple(sorted(words.items())))


def blocking(assessment: Assessment, overridden: Collection[str] = ()) -> tuple[Said, ...]:
    """List what forbids issuing, apart from rules overridden with a recorded legal basis.

    A rule that cannot tell does not forbid; it is signed into the statement and shows.
    """
    return tuple(each for each in assessment.broken if each.blocks and each.code not in overridden)


HOLDS = Ruling(Truth.YES)


def holds_if(holds: bool, /, **facts: str | int) -> Ruling:  # noqa: FBT001 - it is the answer
    """Give yes, or no with the facts that a sentence about it needs."""
    return HOLDS if holds else Ruling(Truth.NO, facts)


def at_hand(case: Case) -> frozenset[str]:
    """Name what ``case`` has to offer, in the words of ``SectionRule.needs``."""
    seen, told = case.certificate, case.confirmation
    offered = {
        "shipment": seen.shipment,
        "values": seen.values,
        "parties": seen.parties,
        "registry": case.registry,
        "confirmation": told,
        "measured": None if told is None else told.values,
        "named": None if told is None else told.parties,
    }
    return frozenset(name for name, thing in offered.items() if thing is not None)
