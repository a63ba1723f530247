"""What can happen to blank forms: from where to where, as one table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from kimberlite.kernel.errors import Invalid
from kimberlite.ledger.approval import PSEUDONYM
from kimberlite.ledger.v1.genesis import OFFICE
from kimberlite.node.stock.forms import Forms

ABSENT: Final = "absent"
HELD: Final = "held"
PRINTED: Final = "printed"
SPOILED: Final = "spoiled"
LOST: Final = "lost"
STOLEN: Final = "stolen"
DESTROYED: Final = "destroyed"

WHY_LONGEST: Final = 200


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of movement: states it starts from, the state it leads to, whether it names an office.

    ``moves`` is True where forms go to another office.
    """

    starts: frozenset[str]
    leads: str
    moves: bool = False


_OUT = frozenset((HELD, PRINTED, SPOILED))

KINDS: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        "received": Kind(frozenset((ABSENT,)), HELD, moves=True),
        "allotted": Kind(frozenset((HELD,)), HELD, moves=True),
        "returned": Kind(frozenset((HELD,)), HELD, moves=True),
        "printed": Kind(frozenset((HELD,)), PRINTED),
        "spoiled": Kind(frozenset((HELD, PRINTED)), SPOILED),
        "lost": Kind(_OUT, LOST),
        "stolen": Kind(_OUT, STOLEN),
        # What was away was announced to everyone as not to be trusted: it does not come back.
        "recovered": Kind(frozenset((LOST, STOLEN)), SPOILED),
        "destroyed": Kind(frozenset((SPOILED,)), DESTROYED),
    }
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where forms are: their state, and the office that has or had them ("" is the store)."""

    state: str
    office: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    """A movement as asked for: what, of which forms, by whom, why, and to which office."""

    kind: str
    forms: Forms
    officer: str
    why: str = ""
    office: str = ""

    def check(self) -> Kind:
        """Make sure that it is whole.

        Raises:
            Invalid: ``stock.kind``, ``stock.officer``, ``stock.why``, ``stock.office``.
        """
        kind = KINDS.get(self.kind)
        if kind is None:
            raise Invalid("stock.kind", f"forms are {', '.join(KINDS)}", kind=self.kind[:20])
        check_reason(self.officer, self.why or self.kind)
        if self.office and OFFICE.fullmatch(self.office) is None:
            raise Invalid("stock.office", "an office is letters, digits and hyphens, 24 at most")
        if self.kind == "allotted" and not self.office:
            raise Invalid("stock.office", "forms are allotted to an office: name it")
        return kind


@dataclass(frozen=True, slots=True)
class Movement:
    """A movement as kept. ``undoes`` names the movement that this one takes back."""

    id: int
    at: int
    officer: str
    kind: str
    forms: Forms
    was: Place
    now: Place
    why: str
    act: int | None = None
    undoes: int | None = None


def check_reason(officer: str, why: str) -> None:
    """Make sure that who and why are told. Raises Invalid ``stock.officer``, ``stock.why``."""
    if PSEUDONYM.fullmatch(officer) is None:
        raise Invalid("stock.officer", 'who moves forms is named, such as "officer-17"')
    if not 0 < len(why.strip()) <= len(why) <= WHY_LONGEST or not why.isprintable():
        raise Invalid("stock.why", f"say why, in 1 to {WHY_LONGEST} characters")
