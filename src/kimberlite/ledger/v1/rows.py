"""State that the log keeps about itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kimberlite.ledger.keyring import KEYS
from kimberlite.ledger.state import State, Table


@dataclass(frozen=True, slots=True)
class Charter:
    """What genesis fixed: kind of log, origin, and how many endorsements each type needs."""

    kind: str
    origin: str
    title: str
    created: int
    thresholds: Mapping[str, int]
    digest: bytes
    """SHA-256 of the genesis statement: the name of this log for trust bundles."""


@dataclass(frozen=True, slots=True)
class Moment:
    """The log's time in seconds, the latest it may go to in one step, and the rules in force."""

    now: int
    until: int
    rules: int


@dataclass(frozen=True, slots=True)
class Pending:
    """A statement that waits for endorsements; ``raw`` is empty once it took effect or lapsed.

    ``endorsers`` are the holders that agreed, each with the id of the key it agreed with.
    """

    raw: bytes
    endorsers: tuple[tuple[str, bytes], ...]

    def agreeing(self, state: State, index: int) -> frozenset[str]:
        """Give the holders whose word counts at ``index``: not what a key said that has ended."""
        held = ((holder, state.get(KEYS, kid.hex())) for holder, kid in self.endorsers)
        return frozenset(who for who, key in held if key is not None and key.valid_at(index))


def _charter_value(row: Charter) -> list[Any]:
    return [row.kind, row.origin, row.title, row.created, dict(row.thresholds), row.digest]


def _moment_value(row: Moment) -> list[Any]:
    return [row.now, row.until, row.rules]


CHARTER = Table("ledger.charter", _charter_value, lambda value: Charter(*value))
MOMENT = Table("ledger.moment", _moment_value, lambda value: Moment(*value))
PENDING: Table[Pending] = Table(
    "ledger.pending",
    lambda row: [row.raw, [list(each) for each in row.endorsers]],
    lambda value: Pending(value[0], tuple((holder, kid) for holder, kid in value[1])),
    resident=False,
)
REPUDIATED: Table[int] = Table("ledger.repudiated", lambda row: row, lambda value: value)
"""By holder and statement id in hexadecimal: the entry at which that holder disowned it.

The holder is part of the key because nobody but a statement's issuer can disown it: what others
list says nothing, and must not stand in the issuer's way.
"""

EDITIONS: Table[list[Any]] = Table("ledger.edition", lambda row: row, lambda value: value)
"""By name and edition: [index, digest, items]. Reference data that rules read."""


def repudiated(state: State, holder: str, statement: bytes) -> int | None:
    """Give the entry at which ``holder`` disowned a statement issued in its name, or None."""
    return state.get(REPUDIATED, f"{holder}/{statement.hex()}")


ONLY = ""
"""The key of a table that holds one row."""


def charter(state: State) -> Charter | None:
    """Give what genesis fixed, or None before it."""
    return state.get(CHARTER, ONLY)


def moment(state: State) -> Moment | None:
    """Give the log's time and the rules in force, or None before genesis."""
    return state.get(MOMENT, ONLY)
