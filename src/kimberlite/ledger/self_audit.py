"""Audit a log in its own database: the entries, and everything else that is kept beside them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kimberlite.kernel.errors import Untrusted
from kimberlite.ledger import facts as chain
from kimberlite.ledger.admission import Books
from kimberlite.ledger.audit import Audit, Auditor, Progress, checkers_for
from kimberlite.ledger.copies import EngineCopy, refuse_empty
from kimberlite.ledger.engine.port import Engine


def audit_engine(
    engine: Engine,
    books: Books,
    *,
    genesis: bytes | None = None,
    checkpoints: Iterable[bytes] = (),
    helpers: int = 1,
    progress: Progress | None = None,
) -> Audit:
    """Audit the log of an engine, and everything else that it keeps: facts, state and head.

    Raises:
        As ``audit``; Untrusted ``audit.kept`` when a row of the state, an entry's facts or the
        tree's edge in the database is not what the entries make.
    """
    with engine.snapshot():
        copy = EngineCopy(engine)
        refuse_empty(copy)
        with checkers_for(copy, helpers) as checkers:
            found = _EngineAuditor(copy, books, genesis, checkers)
            found.engine = engine
            result = found.run(checkpoints, progress)
        found.compare_kept()
    return result


class _EngineAuditor(Auditor):
    """Compares what the database keeps beside the entries as the replay goes by."""

    engine: Engine
    kept_facts = chain.START

    def take(self, raws: Sequence[bytes]) -> None:
        first = self.replay.size
        super().take(raws)
        ids = [each.statement.id for each in self.replay.admitted]
        held = self.engine.indexes(ids)
        if [held.get(each) for each in ids] != list(range(first, first + len(ids))):
            raise _kept("where statements stand")
        digest = self.kept_facts
        for stored in self.engine.entries(first, first + len(ids)):
            digest = chain.chain(digest, stored.facts)
        self.kept_facts = digest
        if digest != self.replay.facts:
            raise _kept("the facts of an entry")

    def compare_kept(self) -> None:
        if self.engine.head().root != self.replay.root:
            raise _kept("the edge of the tree")
        for table, rows in sorted(self.rows.tables.items()):
            if list(self.engine.rows(table)) != sorted(rows.items()):
                raise _kept(f"the table {table}")


def _kept(what: str) -> Untrusted:
    return Untrusted(
        "audit.kept",
        f"{what} in the database is not what the entries make: import the entries afresh",
        what=what,
    )
