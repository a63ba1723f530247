"""The port that every engine fills: keep a log's entries and the state they made, in one piece.

An engine knows nothing of rules. What it must hold: a batch is durable whole or not at all; only
the holder of the latest lease may commit; a reader sees whole batches.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Protocol

from kimberlite.ledger.facts import START
from kimberlite.ledger.tree import EMPTY_ROOT, Frontier


@dataclass(frozen=True, slots=True)
class Head:
    """The log as of a batch: size, the tree's right edge, the facts chain, the writer's epoch."""

    size: int = 0
    frontier: bytes = field(default_factory=lambda: Frontier().to_bytes())
    facts: bytes = START
    epoch: int = 0

    @property
    def root(self) -> bytes:
        """Compute the tree's root, 32 bytes."""
        return Frontier.from_bytes(self.frontier).root() if self.size else EMPTY_ROOT


@dataclass(frozen=True, slots=True)
class Batch:
    """Everything that one commit makes durable, for entries ``first`` and on.

    ``entries`` holds statement id, bytes and encoded facts of each; ``rows`` table, key and bytes
    of each changed row; ``tiles`` level, number and bytes of each full hash tile, and the partial
    ones above level 0.
    """

    first: int
    entries: Sequence[tuple[bytes, bytes, bytes]]
    rows: Sequence[tuple[str, str, bytes]]
    tiles: Sequence[tuple[int, int, bytes]]
    frontier: bytes
    facts: bytes


@dataclass(frozen=True, slots=True)
class Stored:
    """One entry as kept: the statement's bytes and its encoded facts."""

    raw: bytes
    facts: bytes


class Engine(Protocol):
    """Where one log lives."""

    def head(self) -> Head:
        """Give the latest durable head."""

    def lease(self) -> int:
        """Become the one writer: give a new epoch; every earlier holder is fenced off."""

    def commit(self, batch: Batch, epoch: int) -> Head:
        """Make ``batch`` durable.

        Raises:
            Conflict: ``log.fenced`` when a later lease was taken, ``log.moved`` when ``first`` is
                not the present size.
            Unavailable: ``storage.write``; then nothing of the batch was kept.
        """

    def entries(self, start: int, end: int) -> Sequence[Stored]:
        """Give entries ``start`` to ``end`` (not included), as many as there are."""

    def row(self, table: str, key: str) -> bytes | None:
        """Give one row of the state, or None."""

    def some(self, table: str, keys: Sequence[str]) -> Mapping[str, bytes]:
        """Give those of the rows under ``keys`` that there are."""

    def rows(self, table: str) -> Iterable[tuple[str, bytes]]:
        """Give a table of the state in order of key."""

    def indexes(self, ids: Sequence[bytes]) -> Mapping[bytes, int]:
        """Give where statements stand, for those of ``ids`` that are in the log."""

    def tile(self, level: int, number: int) -> bytes | None:
        """Give a hash tile that was committed, or None."""

    def snapshot(self) -> AbstractContextManager[None]:
        """Hold one moment still: what this thread reads inside is all of the same head."""

    def close(self) -> None:
        """Let go of files and connections."""
