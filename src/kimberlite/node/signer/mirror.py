"""The signer's own view of the log: read-only, the right log, never older than seen before."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from kimberlite.kernel.errors import Problem, Unavailable, Untrusted
from kimberlite.ledger.engine.port import Engine, Head
from kimberlite.ledger.engine.sqlite import SqliteEngine
from kimberlite.ledger.growth import root_at
from kimberlite.ledger.state import State
from kimberlite.ledger.v1.rows import charter, moment
from kimberlite.node.signer.enrolment import Enrolment
from kimberlite.node.signer.journal import Journal, Seen


@dataclass(frozen=True, slots=True)
class Look:
    """One moment of the log. ``time`` is its own time in UTC seconds, ``rules`` those in force."""

    engine: Engine
    state: State
    head: Head
    time: int
    rules: int

    def fetch(self, statement: bytes) -> bytes | None:
        """Give the logged statement of that id, or None."""
        index = self.state.index_of(statement)
        return None if index is None else self.entry(index)

    def entry(self, index: int) -> bytes | None:
        """Give the statement logged at an index, or None."""
        found = self.engine.entries(index, index + 1)
        return found[0].raw if found else None


class Mirror:
    """A log's file that another process writes."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @contextmanager
    def look(self, enrolment: Enrolment, journal: Journal) -> Iterator[Look]:
        """Hold one moment of the log still for the block, once it has been checked.

        Opened anew each time, so that a file put back from a backup is seen for what it is.

        Raises:
            Unavailable: ``signer.log-missing`` when there is no log to read.
            Untrusted: ``signer.other-log``, ``signer.other-kind`` when it is not the log that
                this signer was set up for; ``signer.log-rolled-back`` when it is shorter than
                seen before, or has other entries.
        """
        engine = self._open()
        try:
            with engine.snapshot():
                look = _looked(engine, enrolment)
                _check_continues(look, journal)
                yield look
        finally:
            engine.close()

    def _open(self) -> SqliteEngine:
        try:
            return SqliteEngine(self._path, readonly=True)
        except Problem as bad:
            raise Unavailable(
                "signer.log-missing", f"the log cannot be read: {bad.detail}"
            ) from bad


def _looked(engine: Engine, enrolment: Enrolment) -> Look:
    state = State(engine)
    found, now = charter(state), moment(state)
    if found is None or now is None:
        raise Unavailable("signer.log-missing", "the log has not begun: found it first")
    if found.kind != enrolment.kind:
        raise Untrusted(
            "signer.other-kind",
            f"this signer is for a {enrolment.kind} log, and this is a {found.kind} log",
            expected=enrolment.kind,
            found=found.kind,
        )
    if found.digest != enrolment.genesis:
        raise Untrusted(
            "signer.other-log",
            "this is not the log that this signer was set up for: its genesis is another",
            expected=enrolment.genesis.hex(),
            found=found.digest.hex(),
        )
    return Look(engine, state, engine.head(), now.now, now.rules)


def _check_continues(look: Look, journal: Journal) -> None:
    seen = journal.seen()
    size = look.head.size
    if size < seen.size or (seen.size and root_at(look.engine, seen.size) != seen.root):
        raise Untrusted(
            "signer.log-rolled-back",
            f"the log does not continue the {seen.size} entries that this signer has seen: it is "
            "an older copy, or was rewritten",
            seen=seen.size,
            size=size,
        )
    if size > seen.size:
        journal.see(Seen(size, look.head.root, seen.enrolment))
