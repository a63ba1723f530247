"""Make a log's state again from its entries' bytes alone, deciding on each as if it were new."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from kimberlite.kernel.errors import Invalid, Untrusted
from kimberlite.ledger import facts as chain
from kimberlite.ledger.admission import Admitted, Books, Outcome, Upgrade, admit
from kimberlite.ledger.checkers import Checkers
from kimberlite.ledger.checking import Ahead, collector_at_rest, foresee
from kimberlite.ledger.engine.port import Batch, Engine
from kimberlite.ledger.envelope import Statement, parse
from kimberlite.ledger.growth import Growth
from kimberlite.ledger.state import Rows, State
from kimberlite.ledger.tree import Frontier, leaf_hashes

_NEEDS_NEWER = frozenset(("type.unknown", "type.version"))


class KeptRows:
    """The state of a replay between chunks, in memory: about 150 bytes an entry and a row each."""

    def __init__(self) -> None:
        self.tables: dict[str, dict[str, bytes]] = {}
        self._places: dict[bytes, int] = {}

    def row(self, table: str, key: str) -> bytes | None:
        """Give one row, or None."""
        return self.tables.get(table, {}).get(key)

    def some(self, table: str, keys: Sequence[str]) -> Mapping[str, bytes]:
        """Give those of the rows under ``keys`` that there are."""
        rows = self.tables.get(table, {})
        return {key: rows[key] for key in keys if key in rows}

    def rows(self, table: str) -> Iterable[tuple[str, bytes]]:
        """Give a table in order of key."""
        return sorted(self.tables.get(table, {}).items())

    def indexes(self, ids: Sequence[bytes]) -> Mapping[bytes, int]:
        """Give where statements stand."""
        places = self._places
        return {each: places[each] for each in ids if each in places}

    def keep(self, batch: Batch) -> None:
        """Take over what a chunk changed."""
        for table, key, value in batch.rows:
            self.tables.setdefault(table, {})[key] = value
        for at, (statement, _, _) in enumerate(batch.entries, start=batch.first):
            self._places[statement] = at


class Replay:
    """A replay in progress. What ``feed`` gives must be kept in ``rows`` before the next call."""

    def __init__(
        self,
        books: Books,
        rows: Rows,
        *,
        checkers: Checkers | None = None,
        after: Engine | None = None,
    ) -> None:
        """Begin before the first entry, or after the last that ``after`` holds.

        Args:
            books: rule books by version.
            rows: the state so far; the engine itself, to go on.
            checkers: processes that check signatures beside the rules.
            after: an engine that was filled by a replay.
        """
        self.state = State(rows)
        self.facts = chain.START if after is None else after.head().facts
        self.admitted: Sequence[Admitted] = ()
        """What the last ``feed`` decided."""
        self._books, self._checkers = books, checkers
        self._growth = Growth(Frontier(), []) if after is None else Growth.of(after)

    @property
    def size(self) -> int:
        """Count the entries so far."""
        return self._growth.size

    @property
    def root(self) -> bytes:
        """Give the tree's root so far, 32 bytes."""
        return self._growth.root()

    def feed(self, raws: Sequence[bytes]) -> Batch:
        """Decide on the next entries; every one has to be admitted.

        Raises:
            Untrusted: ``audit.malformed`` when an entry is no statement, ``audit.refused`` when
                the rules refuse one that stands in the log; both say which.
            Upgrade: ``rules.unknown-version``, ``audit.unknown-type``: this program is too old.
        """
        with collector_at_rest():
            return self._feed(raws)

    def _feed(self, raws: Sequence[bytes]) -> Batch:
        first = self.size
        statements = []
        ahead = Ahead(self.state, 0, self._checkers)
        for at, raw in enumerate(raws, first):
            statement = _parse(raw, at)
            statements.append(statement)
            ahead.give(statement)
        ahead.start()
        foresee(self.state, self._books, statements)
        digest = self.facts
        entries = []
        admitted = []
        for at, statement in enumerate(statements):
            outcome = admit(self.state, self._books, statement, first + at, ahead.take(at))
            if not isinstance(outcome, Admitted):
                raise _refused(outcome, statement, first + at)
            encoded = outcome.encoded()
            digest = chain.chain(digest, encoded)
            entries.append((statement.id, statement.raw, encoded))
            admitted.append(outcome)
        tiles = self._growth.extend(leaf_hashes(raws))
        batch = Batch(first, entries, self.state.changes(), tiles, self._growth.edge(), digest)
        self.facts, self.admitted = digest, admitted
        self.state.settle()
        return batch


def _parse(raw: bytes, index: int) -> Statement:
    try:
        return parse(raw)
    except Invalid as bad:
        raise Untrusted(
            "audit.malformed",
            f"entry {index} is not a statement: {bad.detail}",
            index=index,
            why=bad.code,
        ) from None


def _refused(outcome: Outcome, statement: Statement, index: int) -> Upgrade | Untrusted:
    code = "" if isinstance(outcome, Admitted) else outcome.code
    typ = statement.header.typ
    if code in _NEEDS_NEWER:
        return Upgrade(
            "audit.unknown-type",
            f"entry {index} is of a type or version that this program does not know ({typ}): "
            "upgrade it",
            index=index,
            typ=typ,
        )
    return Untrusted(
        "audit.refused",
        f"entry {index} stands in the log although the rules refuse it: {code}",
        index=index,
        typ=typ,
        rule=code,
    )
