"""What a log signs besides its heads: bundles, status snapshots, status lists, beside the writer.

They read every certificate, which takes seconds in a large log, so none is made in the writer's
turn. Each is made of one moment held still, and names the checkpoint that was signed at it.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from time import monotonic
from typing import Final

from kimberlite.kernel.errors import Unavailable
from kimberlite.ledger import checkpoint as checkpoints
from kimberlite.ledger import note
from kimberlite.ledger.engine.port import Engine
from kimberlite.ledger.state import State

HEADS: Final = 1_000
"""Checkpoints remembered; so many batches may pass while one moment is held still."""
KEPT: Final = 64
"""Made things that are kept until the log grows."""
PATIENCE: Final = 25.0
"""How long, in seconds, a caller waits for its turn to have something made."""
_SIGNING: Final = 0.25
"""How long, in seconds, a batch that is committed may take to be signed for."""


class Teller:
    """Makes things of the log as it stands, one at a time, on the threads of those who ask.

    Args:
        engine: opened for reading.
        ask: gives the latest checkpoint, in the writer's turn; used where ``signed`` was not.
    """

    def __init__(self, engine: Engine, ask: Callable[[], bytes | None]) -> None:
        self._engine, self._ask = engine, ask
        self._signed: OrderedDict[int, bytes] = OrderedDict()
        self._news = threading.Condition()
        self._made: OrderedDict[Hashable, tuple[int, bytes]] = OrderedDict()
        self._turn = threading.Lock()

    def signed(self, checkpoint: bytes | None) -> None:
        """Take note of a signed checkpoint; called by the writer, never waits."""
        if checkpoint is None:
            return
        size = checkpoints.parse_body(note.parse(checkpoint).text).size
        with self._news:
            self._signed[size] = checkpoint
            while len(self._signed) > HEADS:
                self._signed.popitem(last=False)
            self._news.notify_all()

    def tell(self, name: Hashable, make: Callable[[State, bytes], bytes]) -> bytes:
        """Give what ``make`` makes of state and checkpoint; kept by ``name`` until the log grows.

        Raises:
            As ``make``; Unavailable ``log.slow`` when too many things are being made,
            ``log.unsigned`` when nothing is signed over what is committed.
        """
        if not self._turn.acquire(timeout=PATIENCE):
            raise Unavailable("log.slow", "the log is making other things: ask again")
        try:
            with self._engine.snapshot():
                size = self._engine.head().size
                known = self._made.get(name, (-1, b""))
                if known[0] == size:
                    return known[1]
                made = make(State(self._engine), self._checkpoint(size))
        finally:
            self._turn.release()
        self._keep(name, size, made)
        return made

    def _keep(self, name: Hashable, size: int, made: bytes) -> None:
        with self._turn:
            self._made[name] = (size, made)
            self._made.move_to_end(name)
            while len(self._made) > KEPT:
                self._made.popitem(last=False)

    def _checkpoint(self, size: int) -> bytes:
        """Give what was signed at ``size``: a moment after the commit, if not already."""
        end = monotonic() + _SIGNING
        with self._news:
            while size not in self._signed and (left := end - monotonic()) > 0:
                self._news.wait(left)
        if size not in self._signed:
            self.signed(self._ask())
        found = self._signed.get(size)
        if found is None:
            raise Unavailable("log.unsigned", "the latest entries are not signed for: ask again")
        return found
