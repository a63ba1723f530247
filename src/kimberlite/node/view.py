"""The reading side of a node, for web and command line: nothing here writes or signs."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from kimberlite.certificates.life import CertificateLife, life
from kimberlite.certificates.projection import Listed, Query, search
from kimberlite.certificates.v1.rows import CERTIFICATES
from kimberlite.kernel.days import day_of
from kimberlite.ledger.engine.sqlite import SqliteEngine
from kimberlite.ledger.envelope import Statement, parse
from kimberlite.ledger.facts import facts_of
from kimberlite.ledger.keyring import KEYS
from kimberlite.ledger.note import Verifier
from kimberlite.ledger.reader import Reader
from kimberlite.ledger.v1.rows import Charter, charter, moment
from kimberlite.node import clock
from kimberlite.node.home import Home
from kimberlite.node.projecting import Projections
from kimberlite.registry.read import Registry

Told = TypeVar("Told")


class View:
    """Reads one node's log. One instance may serve many requests of one thread."""

    def __init__(self, home: Home) -> None:
        """Open for reading. Raises NotFound ``node.absent``."""
        self.home = home
        self.described = home.read()
        self.reader = Reader(SqliteEngine(home.log, readonly=True))
        self._projections = Projections(home.projections, self.reader)

    def registry(self) -> Registry:
        """Give the registry as of the latest entry."""
        return Registry(self.reader.state())

    def charter(self) -> Charter | None:
        """Give what genesis fixed."""
        return charter(self.reader.state())

    def today(self) -> int:
        """Give today as the log knows it, or by the clock before genesis.

        At a node that follows the log, the clock counts once it is ahead: days go on without a
        line to the log.
        """
        now = moment(self.reader.state())
        if now is None or "log" in self.described:
            return day_of(max(clock.now(), 0 if now is None else now.now))
        return day_of(now.now)

    def certificate(self, number: str) -> CertificateLife:
        """Give a certificate's life.

        Raises:
            Invalid: ``number.format``. NotFound: ``certificate.unknown``.
        """
        with self.reader.steady() as state:
            return life(state, number, self._fetch, self.today())

    def certificates(self, query: Query) -> list[Listed]:
        """Search the list of certificates, the latest first."""
        with self._projections.level() as db:
            return search(db, query)

    def ask(self, question: Callable[[sqlite3.Connection], Told]) -> Told:
        """Ask the projections, level with the log, and give the answer."""
        with self._projections.level() as db:
            return question(db)

    def knows(self, key: str) -> bool:
        """Say whether the log holds a certificate under a number's key, such as XA7."""
        return self.reader.state().get(CERTIFICATES, key) is not None

    def _fetch(self, index: int) -> tuple[bytes, list[list[Any]]]:
        stored = self.reader.entry(index)
        return stored.raw, facts_of(stored.facts)

    def latest(self, count: int) -> Iterator[tuple[int, Statement, list[Any]]]:
        """Give the latest entries, newest first: index, statement, facts."""
        size = self.reader.head().size
        for index in range(size - 1, max(-1, size - 1 - count), -1):
            stored = self.reader.entry(index)
            yield index, parse(stored.raw), facts_of(stored.facts)

    def vkey(self) -> str | None:
        """Give the log's key as a C2SP vkey, by which others check its checkpoints."""
        found = self.charter()
        for _, key in self.reader.state().scan(KEYS):
            if found is not None and "log" in key.roles and key.until is None:
                return Verifier(found.origin, key.public).vkey
        return None

    def checkpoint(self) -> bytes | None:
        """Give the latest published checkpoint."""
        path = self.home.public / "checkpoint"
        return path.read_bytes() if path.exists() else None
