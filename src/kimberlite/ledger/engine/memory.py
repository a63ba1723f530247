"""The engine that keeps everything in memory: for tests, simulated days, and dry runs."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from kimberlite.kernel.errors import Conflict
from kimberlite.ledger.engine.port import Batch, Head, Stored


class MemoryEngine:
    """A log in memory. Same promises as any engine but durability."""

    def __init__(self) -> None:
        self._head = Head()
        self._still = threading.RLock()
        self._entries: list[Stored] = []
        self._indexes: dict[bytes, int] = {}
        self._rows: dict[str, dict[str, bytes]] = {}
        self._tiles: dict[tuple[int, int], bytes] = {}

    def head(self) -> Head:
        """Give the latest head."""
        return self._head

    def lease(self) -> int:
        """Become the one writer."""
        head = self._head
        self._head = Head(head.size, head.frontier, head.facts, head.epoch + 1)
        return self._head.epoch

    def commit(self, batch: Batch, epoch: int) -> Head:
        """Keep ``batch``. Raises Conflict ``log.fenced`` or ``log.moved``."""
        with self._still:
            refuse_strangers(self._head, batch, epoch)
            for at, (statement, raw, facts) in enumerate(batch.entries, start=batch.first):
                self._entries.append(Stored(raw, facts))
                self._indexes[statement] = at
            for table, key, value in batch.rows:
                self._rows.setdefault(table, {})[key] = value
            for level, number, data in batch.tiles:
                self._tiles[level, number] = data
            size = batch.first + len(batch.entries)
            self._head = Head(size, batch.frontier, batch.facts, epoch)
            return self._head

    def entries(self, start: int, end: int) -> Sequence[Stored]:
        """Give entries ``start`` to ``end``, as many as there are."""
        return self._entries[start:end]

    def row(self, table: str, key: str) -> bytes | None:
        """Give one row of the state, or None."""
        return self._rows.get(table, {}).get(key)

    def some(self, table: str, keys: Sequence[str]) -> Mapping[str, bytes]:
        """Give those of the rows under ``keys`` that there are."""
        rows = self._rows.get(table, {})
        return {key: rows[key] for key in keys if key in rows}

    def rows(self, table: str) -> Iterable[tuple[str, bytes]]:
        """Give a table of the state in order of key."""
        return sorted(self._rows.get(table, {}).items())

    def indexes(self, ids: Sequence[bytes]) -> Mapping[bytes, int]:
        """Give where statements stand."""
        return {each: self._indexes[each] for each in ids if each in self._indexes}

    def tile(self, level: int, number: int) -> bytes | None:
        """Give a hash tile, or None."""
        return self._tiles.get((level, number))

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Hold one moment still: nothing is committed while the block runs, by other threads."""
        with self._still:
            yield

    def close(self) -> None:
        """Nothing to let go of."""


def refuse_strangers(head: Head, batch: Batch, epoch: int) -> None:
    """Refuse a commit by a fenced writer, or one that does not follow on the head.

    Raises:
        Conflict: ``log.fenced``, ``log.moved``.
    """
    if head.epoch != epoch:
        raise Conflict("log.fenced", "another process has become the writer of this log")
    if head.size != batch.first:
        raise Conflict("log.moved", "the log is not where this batch begins", size=head.size)
