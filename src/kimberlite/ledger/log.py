"""The one writer of a log: admit a batch, commit it in one piece, then sign what it came to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from kimberlite.crypto.keys import PrivateKey
from kimberlite.kernel.errors import Invalid, Unavailable
from kimberlite.ledger import facts as chain
from kimberlite.ledger import receipt as receipts
from kimberlite.ledger.admission import OURS, Admitted, Books, Outcome, Refused, admit
from kimberlite.ledger.checkers import Checkers
from kimberlite.ledger.checking import Ahead, collector_at_rest, foresee
from kimberlite.ledger.engine.port import Batch, Engine
from kimberlite.ledger.envelope import Body, Header, Statement, parse, sign
from kimberlite.ledger.growth import Growth, root_at, source
from kimberlite.ledger.guard import Guard
from kimberlite.ledger.proofs import consistency_path, inclusion_path
from kimberlite.ledger.state import State
from kimberlite.ledger.tree import leaf_hashes
from kimberlite.ledger.v1.rows import Moment, moment
from kimberlite.ledger.v1.time import TIME

HEARTBEAT = 300
"""Longest silence, in seconds, before time alone is logged: half of what it may step."""


@dataclass(frozen=True, slots=True)
class Writer:
    """What the writer of a log needs besides the engine: rules, the log key, a guard, a clock.

    ``clock`` gives UTC seconds. ``checkers`` are processes that check signatures beside it; else
    ``helpers`` is how many threads do, which help less.
    """

    books: Books
    key: PrivateKey
    holder: str
    guard: Guard
    clock: Callable[[], int]
    helpers: int = 0
    checkers: Checkers | None = None


class Log:
    """An open log. Use from one thread; readers have their own way in (``reader``)."""

    def __init__(self, engine: Engine, writer: Writer) -> None:
        """Take the lease and check that the log continues what was signed.

        An empty log is signed for too, so that one without any record of what was signed can
        only be a copy.

        Raises:
            Untrusted: ``log.unguarded``, ``log.rolled-back``, ``log.contradicts``,
                ``log.damaged``.
            Unavailable: ``log.unsigned``.
        """
        self._engine, self._writer = engine, writer
        self._epoch = engine.lease()
        head = engine.head()
        writer.guard.check(head.size, lambda size: root_at(engine, size))
        self._facts = head.facts
        self.state = State(engine)
        self._growth = Growth.of(engine)
        self._stale = False
        writer.guard.sign(head.size, self._growth.root())

    @property
    def size(self) -> int:
        """Count the entries."""
        return self._growth.size

    @property
    def facts(self) -> bytes:
        """Give the facts chain's digest after the last entry."""
        return self._facts

    @property
    def checkpoint(self) -> bytes | None:
        """Give the latest signed checkpoint."""
        return self._writer.guard.signed

    @property
    def time(self) -> int:
        """Give the log's own time in seconds; 0 before genesis."""
        now = moment(self.state)
        return 0 if now is None else now.now

    def append(self, raws: Sequence[bytes]) -> list[Outcome]:
        """Decide on statements in order; what is admitted is durable and signed for on return.

        Raises:
            Unavailable: ``storage.write`` (nothing of the batch was kept), ``log.unsigned`` (the
                batch was kept, and is signed for with the next one), ``time.stopped`` when the
                clock is further ahead than the log may go by itself.
            Conflict: ``log.fenced`` when another process became the writer.
            Upgrade: ``rules.unknown-version``.
        """
        with self._whole(), collector_at_rest():
            return self._append(raws)

    @contextmanager
    def _whole(self) -> Iterator[None]:
        """Leave nothing of a batch in memory when it fails, whatever the failure is."""
        if self._stale:
            self._reload()
        self._stale = True
        yield
        self._stale = False

    def _append(self, raws: Sequence[bytes]) -> list[Outcome]:
        ahead = Ahead(self.state, self._writer.helpers, self._writer.checkers)
        parsed: list[Statement | Refused] = []
        for raw in raws:
            parsed.append(read := _parse(raw))
            if isinstance(read, Statement):
                ahead.give(read)
        ahead.start()
        statements = [each for each in parsed if isinstance(each, Statement)]
        admitted: list[Admitted] = []
        outcomes: list[Outcome] = []
        first = self.size
        if statements and (tick := self._tick()) is not None:
            self._admit_own(tick, admitted)
        foresee(self.state, self._writer.books, statements)
        at = 0
        for each in parsed:
            if isinstance(each, Refused):
                outcomes.append(each)
                continue
            index = first + len(admitted)
            outcome = admit(self.state, self._writer.books, each, index, ahead.take(at))
            at += 1
            outcomes.append(outcome)
            if isinstance(outcome, Admitted):
                admitted.append(outcome)
        if any(isinstance(each, Admitted) for each in outcomes):
            self._commit(first, admitted)
        else:
            self.state.undo()  # the time entry too: refusals alone never make the log grow
        return outcomes

    def beat(self) -> bool:
        """Log the time alone if the log has been silent for long; say whether it did.

        Also signs for what an earlier batch kept but could not be signed.

        Raises:
            As ``append``.
        """
        with self._whole():
            now = moment(self.state)
            if now is None or self._writer.clock() - now.now < HEARTBEAT:
                self._sign()
                return False
            tick = self._tick()
            if tick is None:
                return False
            admitted: list[Admitted] = []
            first = self.size
            self._admit_own(tick, admitted)
            self._commit(first, admitted)
            return True

    def _tick(self) -> Statement | None:
        """Make the time entry that goes before a batch, if time has moved.

        A clock that went back changes nothing: log time stands still until it is overtaken.
        """
        now = moment(self.state)
        clock = self._writer.clock()
        if now is None or clock <= now.now:
            return None
        if clock > now.until:
            raise _stopped(now, clock)
        body = Body(TIME.version, TIME.schema.write({"at": clock}))
        public = self._writer.key.public
        header = Header(public.algorithm, public.kid, TIME.typ, self._writer.holder, "time", clock)
        return parse(sign(header, body, self._writer.key))

    def _admit_own(self, statement: Statement, admitted: list[Admitted]) -> None:
        outcome = admit(self.state, self._writer.books, statement, self.size + len(admitted))
        if isinstance(outcome, Refused):
            raise Unavailable("log.key-refused", f"the log's own entry was refused: {outcome.code}")
        admitted.append(outcome)

    def jump(self, raw: bytes) -> Outcome:
        """Take an operator's leave to let time go further ahead, without a time entry before it.

        Raises:
            As ``append``.
        """
        with self._whole():
            statement = _parse(raw)
            if isinstance(statement, Refused):
                return statement
            outcome = admit(self.state, self._writer.books, statement, self.size)
            if isinstance(outcome, Admitted):
                self._commit(self.size, [outcome])
            return outcome

    def _commit(self, first: int, admitted: Sequence[Admitted]) -> None:
        digest = self._facts
        entries = []
        for each in admitted:
            encoded = each.encoded()
            digest = chain.chain(digest, encoded)
            entries.append((each.statement.id, each.statement.raw, encoded))
        tiles = self._growth.extend(leaf_hashes(raw for _, raw, _ in entries))
        batch = Batch(first, entries, self.state.changes(), tiles, self._growth.edge(), digest)
        self._engine.commit(batch, self._epoch)
        self._facts = digest
        self.state.settle()
        self._sign()

    def _sign(self) -> None:
        last = self._writer.guard.last
        if last is None or last.size != self.size:
            self._writer.guard.sign(self.size, self._growth.root())

    def _reload(self) -> None:
        """Forget what a failed batch left in memory; the engine is the truth."""
        self.state.forget()
        self._growth = Growth.of(self._engine)
        self._facts = self._engine.head().facts

    def receipt(self, index: int) -> bytes:
        """Give the COSE receipt of one entry against the latest signed checkpoint.

        Raises:
            Invalid: ``proof.index`` when no signed checkpoint covers such an entry.
        """
        at = self._writer.guard.last
        if at is None or not 0 <= index < at.size:
            raise Invalid("proof.index", f"nothing is signed yet over entry {index}", index=index)
        path = inclusion_path(source(self._engine, at.size), index, at.size)
        return receipts.issue(
            at, index, path, self._writer.key, iss=self._writer.holder, sub=f"entry-{index}"
        )

    def consistency(self, old: int) -> list[bytes]:
        """Give the path that shows the present tree to continue the one of ``old`` entries."""
        return consistency_path(source(self._engine, self.size), old, self.size)


def _parse(raw: bytes) -> Statement | Refused:
    try:
        return parse(raw)
    except Invalid as bad:
        return Refused(bad.code, OURS, bad.facts)


def _stopped(now: Moment, clock: int) -> Unavailable:
    return Unavailable(
        "time.stopped",
        "the log stood still for longer than it may make up by itself: an operator must let its "
        "time go on (kimberlite node resume), after checking the clock",
        now=now.now,
        clock=clock,
    )
