"""Follow a log: fetch what is new, show that it continues what is held, replay it, keep it.

Nothing is replayed before the whole of it is shown to stand under a checkpoint that the log
signed; nothing is kept that the rules refuse. A crash at any point is taken up where it left off.
Source: ours, docs/spec/nodes.md, section "Following".
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Final

from kimberlite.crypto.hashing import sha256
from kimberlite.crypto.keys import PublicKey
from kimberlite.kernel.errors import Problem, Unavailable, Untrusted
from kimberlite.ledger import checkpoint as notes
from kimberlite.ledger import note
from kimberlite.ledger.admission import Books
from kimberlite.ledger.audit import LONG, cut
from kimberlite.ledger.checkers import Checkers
from kimberlite.ledger.checkpoint import Checkpoint
from kimberlite.ledger.copies import CHUNK
from kimberlite.ledger.engine.port import Head
from kimberlite.ledger.engine.sqlite import SqliteEngine
from kimberlite.ledger.envelope import parse
from kimberlite.ledger.growth import root_at
from kimberlite.ledger.publish import CHECKPOINT, Publisher
from kimberlite.ledger.replay import Replay
from kimberlite.ledger.state import State
from kimberlite.ledger.tiles import TILE_WIDTH
from kimberlite.ledger.tree import Frontier, leaf_hashes
from kimberlite.ledger.v1.genesis import GENESIS, log_key
from kimberlite.ledger.v1.rows import charter
from kimberlite.node.home import Home
from kimberlite.node.mirror.answers import log_keys
from kimberlite.node.mirror.dry import state_after
from kimberlite.node.mirror.evidence import CONTRADICTS, FORKED, SHRUNK, Evidence, forked
from kimberlite.node.mirror.source import Followed, Progress, Source
from kimberlite.node.mirror.spool import Spool
from kimberlite.storage.files import owned, read_if_there, write_whole

ACCEPTED: Final = "checkpoint"


class Follower:
    """Keeps one home's copy of the log. One at a time: it owns the folder while it is open."""

    def __init__(self, home: Home, books: Books, genesis: bytes, *, helpers: int = 0) -> None:
        """Take the copy for writing.

        Args:
            home: the authority node's.
            books: rule books by version.
            genesis: SHA-256 of the first entry of the log to follow, 32 bytes.
            helpers: processes that check signatures beside, for long stretches.

        Raises:
            Conflict: ``storage.owned`` when another process follows into this home.
        """
        self._home, self._books, self._genesis, self._helpers = home, books, genesis, helpers
        self._owning: AbstractContextManager[None] = owned(home.path / "log")
        self._owning.__enter__()
        self._engine = SqliteEngine(home.log)
        self._epoch = self._engine.lease()
        self._spool = Spool(home.mirror / "spool")
        self._evidence = Evidence(home.mirror / "evidence")
        self._publisher = Publisher(home.public, self._engine)

    def close(self) -> None:
        """Let go of the copy."""
        self._spool.close()
        self._engine.close()
        self._owning.__exit__(None, None, None)

    @property
    def head(self) -> Head:
        """Give the head of the copy."""
        return self._engine.head()

    def follow(
        self, source: Source, progress: Progress | None = None, *, old: bool = False
    ) -> Followed:
        """Take in whatever ``source`` has beyond the copy.

        Args:
            source: where entries come from.
            progress: told how far it has come.
            old: whether an older head than was seen before is no wonder, as in a pouch.

        Raises:
            Untrusted: ``mirror.forked``, ``mirror.shrunk``, ``mirror.contradicts`` (both
                checkpoints are kept), ``mirror.other-log``, ``mirror.facts``, ``audit.refused``,
                ``audit.malformed``, and as ``checkpoint.open_``.
            Upgrade: as ``Replay``. Unavailable: as the source; ``storage.write``.
        """
        self._evidence.refuse_fork()
        before = self._engine.head().size
        signed = source.checkpoint()
        first = () if before else self._first(source, signed)
        found = self._opened(signed, self._log_keys(first), self._origin(first))
        if found is None:
            found = self._foretold(source, signed, self._origin(first))
        if self._continues(found, signed, old=old):
            self._fetch(source, found, signed, progress)
            if found.size >= self._known():
                write_whole(self._home.mirror / ACCEPTED, signed)
            self._replay(found.size, progress)
            self._spool.remove()
        self._publish()
        self._compare(source)
        size = self._engine.head().size
        return Followed(size, size - before)

    # ---- is it this log, and does it go on -------------------------------------------------

    @staticmethod
    def _first(source: Source, signed: bytes) -> Sequence[bytes]:
        """Give the first entries, to learn the log's key from; believed only for their digest."""
        size = notes.parse_body(note.parse(signed).text).size
        entries = source.entries(0, min(size, TILE_WIDTH)) if size else ()
        if not entries:
            raise Unavailable("mirror.empty", "the log has not begun yet: found it first")
        return entries

    def _log_keys(self, first: Sequence[bytes]) -> list[PublicKey]:
        if not first:
            return log_keys(State(self._engine))
        if sha256(first[0]) != self._genesis:
            raise _other()
        key = log_key(GENESIS.schema.read(parse(first[0]).body.log)["roots"])
        if key is None:
            raise _other()
        return [key]

    @staticmethod
    def _opened(signed: bytes, keys: Sequence[PublicKey], origin: str) -> Checkpoint | None:
        """Read a checkpoint that one of ``keys`` signed, or give None."""
        for key in keys:
            try:
                return notes.open_(signed, key, origin=origin)
            except Untrusted as bad:
                if bad.code == "checkpoint.other-log":
                    raise
        return None

    def _foretold(self, source: Source, signed: bytes, origin: str) -> Checkpoint:
        """Read a checkpoint by a key that entries on their way admit: decide on them, keep none."""
        found = notes.parse_body(note.parse(signed).text)
        head = self._engine.head()
        if found.size > head.size and found.origin == origin:
            self._fetch(source, found, signed, None)
            chunks = (
                part
                for chunk in self._spool.chunks(head.size, CHUNK)
                for part in cut(chunk, head.size, (1,))
            )
            keys = log_keys(state_after(self._engine, self._books, chunks))
            opened = self._opened(signed, keys, origin)
            if opened is not None:
                return opened
        raise Untrusted(
            "mirror.checkpoint", "no key of this log that is known here signed the checkpoint"
        )

    def _origin(self, first: Sequence[bytes]) -> str:
        if first:
            return str(GENESIS.schema.read(parse(first[0]).body.log)["origin"])
        known = charter(State(self._engine))
        if known is None or known.digest != self._genesis:
            raise _other()
        return known.origin

    def _continues(self, found: Checkpoint, signed: bytes, *, old: bool) -> bool:
        """Say whether ``found`` has more than what is held; refuse what contradicts it."""
        accepted = read_if_there(self._home.mirror / ACCEPTED)
        size = self._engine.head().size
        if found.size <= size and size and root_at(self._engine, found.size) != found.root:
            self._evidence.keep(FORKED, accepted or b"", signed)
            raise forked(f"{found.size}")
        if accepted is None:
            return found.size > size
        known = notes.parse_body(note.parse(accepted).text)
        if found.size == known.size and found.root != known.root:
            self._evidence.keep(FORKED, accepted, signed)
            raise forked(f"{found.size}")
        if found.size < known.size and not old:
            self._evidence.keep(SHRUNK, accepted, signed)
            raise Untrusted(
                "mirror.shrunk",
                f"the log showed {known.size} entries before and shows {found.size} now: an older "
                "copy answers there. Both checkpoints are kept under mirror/evidence",
                known=known.size,
                found=found.size,
            )
        return found.size > size

    # ---- fetching --------------------------------------------------------------------------

    def _fetch(
        self, source: Source, found: Checkpoint, signed: bytes, progress: Progress | None
    ) -> None:
        """Fill the spool up to ``found`` and show that its entries are those signed for."""
        head = self._engine.head()
        self._spool.take_up(head.size)
        resumed = self._spool.end > head.size
        if self._spool.end > found.size:
            self._spool.begin(head.size)
            resumed = False
        for _ in range(2 if resumed else 1):
            root = self._spooled(source, head, found.size, progress)
            if root == found.root:
                return
            self._spool.begin(head.size)  # what was left by an earlier try may have been damaged
        self._evidence.keep(CONTRADICTS, self._accepted(), signed)
        raise Untrusted(
            "mirror.contradicts",
            f"what was sent as entries {head.size} to {found.size} is not what the log signed "
            "for, or does not continue what is held. The checkpoints are kept under "
            "mirror/evidence",
            size=head.size,
            found=found.size,
        )

    def _accepted(self) -> bytes:
        return read_if_there(self._home.mirror / ACCEPTED) or b""

    def _known(self) -> int:
        accepted = self._accepted()
        return notes.parse_body(note.parse(accepted).text).size if accepted else 0

    def _spooled(self, source: Source, head: Head, size: int, progress: Progress | None) -> bytes:
        """Fetch what the spool lacks; give the root that held and spooled entries come to."""
        spool = self._spool
        while spool.end < size:
            number, skip = divmod(spool.end, TILE_WIDTH)
            width = min(TILE_WIDTH, size - number * TILE_WIDTH)
            entries = source.entries(number, width)
            if len(entries) != width:
                raise Unavailable("mirror.entries", "fewer entries were sent than asked for")
            spool.add(entries[skip:])
            if progress is not None:
                progress(spool.end, size)
        edge = Frontier.from_bytes(head.frontier)
        for chunk in spool.chunks(head.size, CHUNK):
            edge.extend(leaf_hashes(chunk))
        return edge.root()

    # ---- replaying -------------------------------------------------------------------------

    def _replay(self, size: int, progress: Progress | None) -> None:
        """Decide on every spooled entry anew, and keep it with what followed from it."""
        start = self._engine.head().size
        with self._checkers(size - start) as checkers:
            replay = Replay(self._books, self._engine, checkers=checkers, after=self._engine)
            for chunk in self._spool.chunks(start, CHUNK):
                for part in cut(chunk, replay.size, (1,)):
                    self._engine.commit(replay.feed(part), self._epoch)
                if progress is not None:
                    progress(replay.size, size)

    def _checkers(self, count: int) -> AbstractContextManager[Checkers | None]:
        return Checkers(self._helpers) if count >= LONG and self._helpers else nullcontext(None)

    def _publish(self) -> None:
        """Keep the static files level, so that this copy can be read and audited as any other."""
        accepted = self._accepted()
        level = read_if_there(self._home.public / CHECKPOINT) == accepted
        if accepted and not level and self._known() <= self._engine.head().size:
            self._publisher.publish(accepted)

    def _compare(self, source: Source) -> None:
        """Hold the facts chain against what the log node publishes, where it is level."""
        told, head = source.facts(), self._engine.head()
        if told is not None and told[1] == head.size and told[0] != head.facts:
            raise Untrusted(
                "mirror.facts",
                "this copy decided differently from what the log node publishes: one of the two "
                "does not follow the rules",
                size=head.size,
            )


def _other() -> Problem:
    return Untrusted(
        "mirror.other-log", "this is not the log that was to be followed: its genesis is another"
    )
