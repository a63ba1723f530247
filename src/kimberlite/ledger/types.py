"""How a room joins the log: statement types with their schema, rules and fold, under a version.

A rule book holds every type of one version. Admission dispatches on the version in force at the
entry, so a book that has been released is never edited: a fix is the next version.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from kimberlite.kernel.errors import Invalid
from kimberlite.kernel.rules import Facts, Rule
from kimberlite.ledger.envelope import Statement
from kimberlite.ledger.keyring import Key
from kimberlite.ledger.schema import Schema
from kimberlite.ledger.state import State, Table


@dataclass(slots=True)
class Entry:
    """One statement on its way in: what its rules see and its fold writes to.

    ``time`` is the log's own time in seconds, ``index`` where the statement will stand. Rules
    only read; a fold writes rows to ``state`` and tells facts. ``memo`` is for what one rule has
    worked out and the next would again; whoever folds clears it.
    """

    statement: Statement
    log: Mapping[str, Any]
    index: int
    time: int
    key: Key
    state: State
    facts: list[list[Any]] = field(default_factory=list)
    memo: dict[Any, Any] = field(default_factory=dict, repr=False)

    @property
    def iss(self) -> str:
        """Who says it."""
        return self.statement.header.iss

    @property
    def sub(self) -> str:
        """What it is about."""
        return self.statement.header.sub

    def tell(self, kind: str, *details: Any) -> None:
        """Record a fact; facts are chained and published, so their form is part of the format."""
        self.facts.append([kind, *details])


@dataclass(frozen=True, slots=True)
class Section:
    """A sealed section of a type: its label in the payload, its name, what it holds."""

    label: int
    name: str
    schema: Schema


@dataclass(frozen=True, slots=True)
class StatementType:
    """One kind of official act.

    ``roles``: the signing key must hold one of them. ``summary`` says for the catalogue what the
    act is. ``endorsed``: takes effect only at the k-th endorsement, k as set in genesis.
    ``asks``: a large table whose row under the statement's subject the rules will ask for, so
    that it can be looked up for a whole batch at once; a matter of speed alone.
    """

    typ: str
    summary: str
    schema: Schema
    roles: frozenset[str]
    rules: tuple[Rule[Entry], ...]
    fold: Callable[[Entry], None] = field(repr=False)
    sections: tuple[Section, ...] = ()
    endorsed: bool = False
    version: int = 1
    asks: Table[Any] | None = field(default=None, repr=False)
    labels: frozenset[int] = field(init=False, repr=False)
    """Labels of the sections, worked out once."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "labels", frozenset(each.label for each in self.sections))

    def section(self, name: str) -> Section:
        """Give the section of that name. Raises Invalid ``section.unknown``."""
        for each in self.sections:
            if each.name == name:
                return each
        raise Invalid("section.unknown", f"{self.typ} has no section {name}", section=name)


@dataclass(frozen=True)
class RuleBook:
    """Every statement type of one rule version, by ``typ``."""

    version: int
    types: Mapping[str, StatementType]

    @classmethod
    def of(cls, version: int, *rooms: Iterable[StatementType]) -> RuleBook:
        """Bind the types that rooms bring into one book; a ``typ`` may stand once."""
        types: dict[str, StatementType] = {}
        for room in rooms:
            for each in room:
                if each.typ in types:
                    raise Invalid("type.twice", f"{each.typ} is registered twice", typ=each.typ)
                types[each.typ] = each
        return cls(version, types)


def refusal(rule: Rule[Entry], facts: Facts) -> dict[str, str | int]:
    """Give what a submitter is told when ``rule`` refuses."""
    return {"rule": rule.code, "source": rule.source, **facts}
