"""A replay that keeps nothing: rows in memory over those of an engine.

For the one case in which entries must be decided on before they are believed: a log that changed
its key says so in an entry, and signs for that entry with the new key.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from kimberlite.ledger.admission import Books
from kimberlite.ledger.engine.port import Engine
from kimberlite.ledger.replay import KeptRows, Replay
from kimberlite.ledger.state import State


class Overlay:
    """Rows of an engine, with what a replay would change laid over them."""

    def __init__(self, engine: Engine) -> None:
        self._engine, self._kept = engine, KeptRows()
        self.keep = self._kept.keep

    def row(self, table: str, key: str) -> bytes | None:
        """Give one row, or None."""
        found = self._kept.row(table, key)
        return self._engine.row(table, key) if found is None else found

    def some(self, table: str, keys: Sequence[str]) -> Mapping[str, bytes]:
        """Give those of the rows under ``keys`` that there are."""
        return {**self._engine.some(table, keys), **self._kept.some(table, keys)}

    def rows(self, table: str) -> Iterable[tuple[str, bytes]]:
        """Give a table in order of key."""
        return sorted({**dict(self._engine.rows(table)), **dict(self._kept.rows(table))}.items())

    def indexes(self, ids: Sequence[bytes]) -> Mapping[bytes, int]:
        """Give where statements stand."""
        return {**self._engine.indexes(ids), **self._kept.indexes(ids)}


def state_after(engine: Engine, books: Books, chunks: Iterable[Sequence[bytes]]) -> State:
    """Give the state as it would be after further entries; the engine stays as it is.

    Raises:
        Untrusted, Upgrade: as ``Replay.feed``.
    """
    overlay = Overlay(engine)
    replay = Replay(books, overlay, after=engine)
    for chunk in chunks:
        overlay.keep(replay.feed(chunk))
    return replay.state
