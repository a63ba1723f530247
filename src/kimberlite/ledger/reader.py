"""The reading side of a log: heads, entries, state and proofs. Nothing here writes or signs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from kimberlite.kernel.errors import Invalid, NotFound
from kimberlite.ledger import checkpoint as notes
from kimberlite.ledger import note, tlogproof
from kimberlite.ledger.engine.port import Engine, Head, Stored
from kimberlite.ledger.growth import root_at, source
from kimberlite.ledger.proofs import consistency_path, inclusion_path
from kimberlite.ledger.state import State
from kimberlite.ledger.tree import SIZE_LIMIT

CHUNK = 1024
"""How many entries are fetched at a time when reading a range."""


class Reader:
    """Reads one log through its engine, while another thread or process may be writing."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._seen: Head | None = None
        self._state = State(engine)

    def head(self) -> Head:
        """Give the latest durable head."""
        return self._engine.head()

    @property
    def size(self) -> int:
        """Count the durable entries."""
        return self._engine.head().size

    @contextmanager
    def steady(self) -> Iterator[State]:
        """Hold one moment of the log still while the block runs, and give the state as of it.

        Everything read inside, by this thread, is of the same head. Keep the block short: what
        is held still cannot be tidied away.
        """
        with self._engine.snapshot():
            yield self.state()

    def state(self) -> State:
        """Give the state as of the latest head; a fresh one whenever the log has moved.

        Small tables are read once and kept. Rows of large tables are fetched as of now: whoever
        needs all of them of one moment reads inside ``steady``.
        """
        head = self._engine.head()
        seen = self._seen
        if seen is None or (seen.size, seen.facts) != (head.size, head.facts):
            # A new one and no refresh: whoever still holds the old one keeps a whole of its own.
            self._state, self._seen = State(self._engine), head
        return self._state

    def entry(self, index: int) -> Stored:
        """Give one entry. Raises NotFound ``log.no-entry``."""
        found = self._engine.entries(index, index + 1) if 0 <= index < SIZE_LIMIT else ()
        if not found:
            raise NotFound("log.no-entry", f"the log has no entry {index} yet", index=index)
        return found[0]

    def entries(self, start: int = 0, end: int | None = None) -> Iterator[tuple[int, Stored]]:
        """Give entries ``start`` to ``end`` (not included) with their indexes, as many as exist.

        Entries never change, so a range may be read over a long time. Without ``end`` it goes to
        where the log ends when the reading begins.
        """
        last = self.size if end is None else min(end, self.size)
        for first in range(max(start, 0), last, CHUNK):
            yield from enumerate(self._engine.entries(first, min(first + CHUNK, last)), first)

    def index_of(self, statement: bytes) -> int:
        """Give where the statement of this id stands. Raises NotFound ``log.no-statement``."""
        found = self._engine.indexes((statement,)).get(statement)
        if found is None:
            raise NotFound(
                "log.no-statement", "the log holds no such statement", statement=statement.hex()
            )
        return found

    def root(self, size: int | None = None) -> bytes:
        """Give the root that the log had at ``size``; now, if not given.

        Raises:
            Invalid: ``proof.size`` when the log is not that long.
        """
        head = self._engine.head()
        if size is None:
            return head.root
        _within(size, head.size)
        return root_at(self._engine, size)

    def inclusion(self, index: int, size: int) -> list[bytes]:
        """Give the path from entry ``index`` to the root at ``size``, leaf side first.

        Raises:
            Invalid: ``proof.index``, ``proof.size``.
        """
        _within(size, self.size)
        return inclusion_path(source(self._engine, size), index, size)

    def consistency(self, old: int, new: int) -> list[bytes]:
        """Give the path that shows the tree at ``new`` to continue the one at ``old``.

        Raises:
            Invalid: ``proof.size``.
        """
        _within(new, self.size)
        return consistency_path(source(self._engine, new), old, new)

    def proof(self, where: int | bytes, checkpoint: bytes) -> bytes:
        """Write the C2SP tlog-proof of one entry under a signed ``checkpoint`` of this log.

        Args:
            where: the entry's index, or its statement's id.
            checkpoint: the signed note that the proof is to lead to.

        Raises:
            NotFound: ``log.no-statement``.
            Invalid: ``proof.index`` when the checkpoint is older than the entry, ``proof.size``
                when it is newer than the log here, ``note.*``, ``checkpoint.*``.
        """
        found = notes.parse_body(note.parse(checkpoint).text)
        index = where if isinstance(where, int) else self.index_of(where)
        return tlogproof.write(index, self.inclusion(index, found.size), checkpoint)


def _within(size: int, held: int) -> None:
    if not 0 <= size <= held:
        raise Invalid(
            "proof.size", f"the log here has {held} entries, not {size}", size=size, held=held
        )
