"""What the signer asks of the rooms above the ledger: to judge what it has opened."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from kimberlite.ledger.state import State


@dataclass(frozen=True, slots=True)
class Opened:
    """A statement about to be signed, as its type's schemas read it.

    Attributes:
        log: fields of the log section by name.
        sections: fields of each sealed section by name; their digests have been checked.
        files: certificate files that came along. Nothing in them has been checked.
        state: the signer's own view of the log.
        fetch: gives the logged statement of that id, or None.
        entry: gives the statement logged at an index, or None.
    """

    typ: str
    iss: str
    sub: str
    log: Mapping[str, Any]
    sections: Mapping[str, Mapping[str, Any]]
    files: tuple[bytes, ...]
    state: State
    fetch: Callable[[bytes], bytes | None]
    entry: Callable[[int], bytes | None]


@dataclass(frozen=True, slots=True)
class Judged:
    """What the section rules say of it.

    Attributes:
        ruleset: version of the rules, None for a type that has none.
        said: "finding" or "cannot-tell", by code, for each rule that did not just hold.
        blocking: source of each rule that forbids signing unless overridden, by code.
        unseen: rules that could not be asked, because what they look at is closed here.
        points, cents: hundredths of a carat and cents of US$ that count towards the day's limits.
    """

    ruleset: int | None = None
    said: Mapping[str, str] = field(default_factory=dict)
    blocking: Mapping[str, str] = field(default_factory=dict)
    unseen: frozenset[str] = frozenset()
    points: int = 0
    cents: int = 0


Assess: TypeAlias = Callable[[Opened], Judged]
