"""Nodes: a copy that catches up with its log over the door, and pouches for a bad line."""

from __future__ import annotations

import tempfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from benchmarks import limits, measure
from benchmarks.measure import Figures
from benchmarks.world import ORIGIN, World, founder
from kimberlite.crypto.hashing import sha256
from kimberlite.ledger.engine.sqlite import SqliteEngine
from kimberlite.ledger.envelope import parse
from kimberlite.ledger.guard import FileMemo
from kimberlite.ledger.publish import Publisher
from kimberlite.ledger.reader import Reader
from kimberlite.node import clock
from kimberlite.node.books import BOOKS
from kimberlite.node.clients import LogClient
from kimberlite.node.home import Home
from kimberlite.node.mirror.door import Door, Listening
from kimberlite.node.mirror.follow import Follower
from kimberlite.node.mirror.line import Line
from kimberlite.node.mirror.pouch import Content, pack, read, signer_of
from kimberlite.node.mirror.relay import Relay
from kimberlite.node.mirror.requests import Gate
from kimberlite.node.passes import Bearer

BATCH = 1_000
POUCHES = (1, 10, 100, 1_000, 10_000)


def bench(*, quick: bool) -> Iterator[Figures]:
    """Time following a log from nothing, and measure pouches of its last entries."""
    count, rounds = (60, 1) if quick else (10_000, 3)
    with tempfile.TemporaryDirectory(prefix="kimberlite-bench-") as folder:
        kept = _Kept.made(Path(folder), count)
        yield from _caught_up(kept, Path(folder), rounds)
        yield from _pouches(kept, count)
        kept.engine.close()


@dataclass(frozen=True, slots=True)
class _Kept:
    home: Home
    engine: SqliteEngine
    checkpoint: bytes
    genesis: bytes

    @classmethod
    def made(cls, folder: Path, count: int) -> _Kept:
        home = Home(folder / "log")
        home.log_key.mkdir(parents=True)
        engine = SqliteEngine(home.log)
        world = World(engine, FileMemo(home.guard), lag=20 if count < BATCH else 2_000)
        for _ in range(0, count, BATCH):
            world.append(world.traffic.take(min(BATCH, count)))
        genesis = sha256(engine.entries(0, 1)[0].raw)
        home.describe({"origin": ORIGIN, "genesis": genesis.hex(), "hosts": []})
        signed = world.log.checkpoint or b""
        Publisher(home.public, engine).publish(signed)
        return cls(home, engine, signed, genesis)


def _caught_up(kept: _Kept, folder: Path, rounds: int) -> Iterator[Figures]:
    """Follow over HTTP on this machine: fetch, check, replay, write, publish."""
    raws = [each.raw for each in kept.engine.entries(0, kept.engine.head().size)]
    roots = {each.key.public.kid: each.key.public.raw for each in founder().roots}
    assert all(parse(raw).header.kid in roots for raw in raws)
    bare = limits.verification(raws, roots)
    reader = Reader(SqliteEngine(kept.home.log, readonly=True))
    relay = Relay(kept.home.relay)
    door = Door(
        kept.home, Gate(reader, kept.genesis, clock.now), relay, LogClient(kept.home.log_socket)
    )
    bearer = Bearer(founder().key("XB", "confirm"), "XB")
    made = 0
    with Listening(door, "127.0.0.1", 0) as listening:
        line = Line(f"http://127.0.0.1:{listening.port}", bearer, kept.genesis, clock.now)

        def follow() -> None:
            nonlocal made
            made += 1
            follower = Follower(Home(folder / f"copy-{made}"), BOOKS, kept.genesis, helpers=1)
            assert follower.follow(line).size == len(raws)
            follower.close()

        times = measure.in_turns(rounds, follow, bare)
        line.close()
    relay.close()
    figures = measure.compared("nodes", times, limits.VERIFICATION, each=len(raws))
    seconds = sum(turn.figure.wall for turn in times) / len(times)
    per = round(seconds * 10_000 / len(raws), 2)
    yield figures | {"what": "catching up", "entries": len(raws), "seconds_per_10000": per}


def _pouches(kept: _Kept, count: int) -> Iterator[Figures]:
    """Measure pouches of the last entries, packed and read; deflated, as mail would send them."""
    size = kept.engine.head().size
    sign = signer_of(Bearer(founder().key("XA", "issue"), "XA"), clock.now())
    for some in POUCHES:
        if some > count:
            return
        first = size - some
        entries = tuple(each.raw for each in kept.engine.entries(first, size))
        began = perf_counter()
        raw = pack(Content(kept.checkpoint, first, entries), kept.genesis, "XB", sign)
        packed = perf_counter()
        read(raw)
        done = perf_counter()
        yield {
            "bench": "nodes",
            "what": "pouch",
            "entries": some,
            "bytes": len(raw),
            "bytes_each": round(len(raw) / some, 1),
            "deflated": len(zlib.compress(raw, 9)),
            "seconds_at_9600_baud": round(len(raw) * 10 / 9600, 1),
            "pack_ms": round((packed - began) * 1e3, 2),
            "read_ms": round((done - packed) * 1e3, 2),
            "limit": "the entries alone",
            "limit_figure": sum(map(len, entries)),
            "ratio": round(sum(map(len, entries)) / len(raw), 3),
        }
