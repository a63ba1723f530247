"""Projections kept level with the log: every room's, found as the rule books are."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from pkgutil import iter_modules

import kimberlite
from kimberlite.ledger.facts import facts_of
from kimberlite.ledger.reader import Reader
from kimberlite.storage.projection import Fact, Projection, catch_up, prepare
from kimberlite.storage.sqlite import connect


def projections() -> Iterator[Projection]:
    """Give the projection of every room that has one, in its module ``projection``."""
    rooms = (each.name for each in iter_modules(kimberlite.__path__) if each.ispkg)
    for name in sorted(f"kimberlite.{room}.projection" for room in rooms):
        # The room storage holds the machinery under the same name, and no projection.
        if find_spec(name) is not None and hasattr(import_module(name), "PROJECTION"):
            yield import_module(name).PROJECTION


class Projections:
    """The projections of one node, for one process."""

    def __init__(self, path: Path, reader: Reader) -> None:
        self._path, self._reader = path, reader
        self._lock = threading.Lock()
        self._db: sqlite3.Connection | None = None
        self._seen: dict[str, int] = {}
        self._all = tuple(projections())

    @contextmanager
    def level(self) -> Iterator[sqlite3.Connection]:
        """Bring every projection level with the log and give the database to ask.

        Raises:
            Unavailable, Conflict: as ``storage.sqlite``.
        """
        with self._lock:
            db = self._opened()
            size = self._reader.size
            for each in self._all:
                start = self._seen[each.name]
                if start < size:
                    catch_up(db, each, self._entries(start, size))
                    self._seen[each.name] = size
            yield db

    def _opened(self) -> sqlite3.Connection:
        if self._db is None:
            self._db = connect(self._path)
            self._seen = {each.name: prepare(self._db, each) for each in self._all}
        return self._db

    def _entries(self, start: int, end: int) -> Iterator[tuple[int, bytes, list[Fact]]]:
        for index, stored in self._reader.entries(start, end):
            yield index, stored.raw, facts_of(stored.facts)
