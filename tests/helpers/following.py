"""A log behind a door without a log process, and a process that follows it: to be killed.

Run as ``python -m tests.helpers.following HOME URL GENESIS CHUNK``: it follows once, says how many
entries it has, and ends.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.world import ORIGIN, World, founder
from kimberlite.crypto.hashing import sha256
from kimberlite.ledger.engine.sqlite import SqliteEngine
from kimberlite.ledger.guard import FileMemo
from kimberlite.ledger.publish import Publisher
from kimberlite.ledger.reader import Reader
from kimberlite.node import clock
from kimberlite.node.books import BOOKS
from kimberlite.node.clients import LogClient
from kimberlite.node.home import Home
from kimberlite.node.mirror import follow
from kimberlite.node.mirror.door import Door, Listening
from kimberlite.node.mirror.follow import Follower
from kimberlite.node.mirror.line import Line
from kimberlite.node.mirror.relay import Relay
from kimberlite.node.mirror.requests import Gate
from kimberlite.node.passes import Bearer


@dataclass
class Kept:
    """A log with traffic in it, published, and the name it goes by."""

    home: Home
    world: World
    engine: SqliteEngine

    @property
    def genesis(self) -> bytes:
        return sha256(self.engine.entries(0, 1)[0].raw)

    def grow(self, count: int) -> None:
        self.world.append(self.world.traffic.take(count))
        self.publish()

    def publish(self) -> None:
        signed = self.world.log.checkpoint
        assert signed is not None
        Publisher(self.home.public, self.engine).publish(signed)


def kept(folder: Path, lag: int = 20) -> Kept:
    home = Home(folder)
    home.log_key.mkdir(parents=True)
    engine = SqliteEngine(home.log)
    found = Kept(home, World(engine, FileMemo(home.guard), lag=lag), engine)
    home.describe({"kind": "test", "origin": ORIGIN, "genesis": found.genesis.hex(), "hosts": []})
    found.publish()
    return found


@contextmanager
def at_door(found: Kept) -> Iterator[int]:
    reader = Reader(SqliteEngine(found.home.log, readonly=True))
    relay = Relay(found.home.relay)
    gate = Gate(reader, found.genesis, clock.now)
    door = Door(found.home, gate, relay, LogClient(found.home.log_socket))
    with Listening(door, "127.0.0.1", 0) as listening:
        yield listening.port
    relay.close()


def bearer(holder: str = "XB", role: str = "confirm") -> Bearer:
    """Whoever has a key in the log may call with it; here it needs no card."""
    return Bearer(founder().key(holder, role), holder)


class Folder:
    """A public folder as a source: what a line gives, without a line."""

    def __init__(self, found: Kept) -> None:
        self.engine, self.signed = found.engine, found.world.log.checkpoint or b""

    def checkpoint(self) -> bytes:
        return self.signed

    def entries(self, number: int, width: int) -> Sequence[bytes]:
        start = number * 256
        return [each.raw for each in self.engine.entries(start, start + width)]

    def facts(self) -> tuple[bytes, int] | None:
        head = self.engine.head()
        return head.facts, head.size


def main(home: Path, url: str, genesis: bytes, chunk: int) -> None:
    """Follow once, ``chunk`` entries a commit."""
    vars(follow)["CHUNK"] = chunk  # many commits, so that some are hit
    line = Line(url, bearer(), genesis, clock.now)
    follower = Follower(Home(home), BOOKS, genesis)
    print(follower.follow(line).size)  # noqa: T201 - its answer
    follower.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], bytes.fromhex(sys.argv[3]), int(sys.argv[4]))
