"""The work of an authority node, one round after another: follow, hand in, fetch."""

from __future__ import annotations

import threading
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from kimberlite.kernel.errors import Invalid, Problem
from kimberlite.ledger.engine.sqlite import SqliteEngine
from kimberlite.ledger.reader import Reader
from kimberlite.node import clock
from kimberlite.node.books import BOOKS
from kimberlite.node.home import Home
from kimberlite.node.mirror.box import Box
from kimberlite.node.mirror.courier import Courier, index_seals
from kimberlite.node.mirror.follow import Follower
from kimberlite.node.mirror.line import Line
from kimberlite.node.mirror.source import Followed, Progress
from kimberlite.node.mirror.taking import Hands, Taken, take
from kimberlite.node.passes import Bearer
from kimberlite.storage.files import write_whole

READY: Final = 3_600
"""Seconds after which a bundle and a status are got anew, to be at hand when the line goes."""


@dataclass(frozen=True, slots=True)
class Done:
    """What one round came to."""

    followed: Followed
    delivered: int
    collected: int


class Mirror:
    """The work of one authority node: rounds of following, handing in and fetching."""

    def __init__(self, home: Home, bearer: Bearer, *, helpers: int = 0) -> None:
        """Take the copy of the log for writing.

        Raises:
            NotFound: ``node.absent``. Invalid: ``node.not-following`` at a log node.
            Conflict: ``storage.owned``.
        """
        told = home.read()
        if "log" not in told:
            raise Invalid("node.not-following", "this node keeps the log itself: it follows none")
        genesis = bytes.fromhex(told["genesis"])
        self.home = home
        self.box = Box(home.post)
        self._follower = Follower(home, BOOKS, genesis, helpers=helpers)
        self.reader = Reader(SqliteEngine(home.log, readonly=True))
        self.line = Line(told["log"], bearer, genesis, clock.now)
        self._courier = Courier(home, self.box, self.line, self.reader, clock.now)
        self._lock = threading.Lock()

    def close(self) -> None:
        """Let go of everything."""
        self._follower.close()
        self._courier.close()
        self.line.close()
        self.box.close()

    def round(self, progress: Progress | None = None) -> Done:
        """Follow, hand in, follow what was handed in, and fetch.

        Raises:
            Problem: as ``Follower.follow``, ``Courier.deliver`` and ``Courier.collect``. What
                could be done before stays done, and how things stand is kept for ``node outbox``.
        """
        try:
            with self._lock:
                followed = self._follower.follow(self.line, progress)
                index_seals(self.box, self.reader)
                if self.box.told("failing")[0]:
                    self.box.wake()  # the line is back: nothing has to wait for its turn
                delivered = self._courier.deliver()
                if delivered:
                    again = self._follower.follow(self.line)
                    followed = Followed(again.size, followed.new + again.new)
                    index_seals(self.box, self.reader)
                collected = self._courier.collect()
                self._courier.pass_on()
                self._courier.withdraw()
                self._keep_ready()
        except Problem as bad:
            if self.box.told("failing")[0] == 0:
                self.box.tell("failing", clock.now(), bad.code)
            raise
        self.box.tell("contact", clock.now())
        self.box.tell("failing", 0)
        return Done(followed, delivered, collected)

    def fetch(self, name: str) -> bytes:
        """Get the log's "bundle" or "status", and keep it for days without a line.

        Raises:
            As ``Line.ask``.
        """
        found = self.line.ask("GET", f"/{name}")
        write_whole(self.home.mirror / name, found)
        return found

    def _keep_ready(self) -> None:
        """Keep a bundle and a status at hand: who is cut off has to check papers all the same."""
        if clock.now() - self.box.told("ready")[0] < READY:
            return
        with suppress(Problem):
            self.fetch("bundle")
            self.fetch("status")
            self.box.tell("ready", clock.now())

    def take(self, raw: bytes, progress: Progress | None = None) -> Taken:
        """Take a pouch in. Raises as ``taking.take``."""
        with self._lock:
            hands = Hands(self.home, self.box, self.reader, self._follower)
            return take(hands, raw, progress)

    def hand_in(self) -> None:
        """Try at once to hand in what waits. Raises as ``Courier.deliver``."""
        if self.reader.size == 0:
            return
        with self._lock:
            self.box.wake()
            self._courier.deliver()
