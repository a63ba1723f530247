"""Audit: a whole log replayed from its bytes, every signature, rule, tile and fact checked."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks import limits, measure
from benchmarks.measure import Figures
from benchmarks.world import World, founder
from kimberlite.ledger.audit import audit
from kimberlite.ledger.copies import EngineCopy
from kimberlite.ledger.engine.memory import MemoryEngine
from kimberlite.ledger.envelope import parse
from kimberlite.ledger.guard import MemoryMemo
from kimberlite.node.books import BOOKS

BATCH = 1_000


def bench(*, quick: bool) -> Iterator[Figures]:
    """Time an audit of a log beside bare verification of the same entries."""
    count, rounds = (60, 2) if quick else (20_000, 5)
    engine = MemoryEngine()
    world = World(engine, MemoryMemo(), lag=20 if quick else 2_000)
    for _ in range(0, count, BATCH):
        world.append(world.traffic.take(min(BATCH, count)))
    raws = [each.raw for each in engine.entries(0, world.log.size)]
    roots = {each.key.public.kid: each.key.public.raw for each in founder().roots}
    known = [raw for raw in raws if parse(raw).header.kid in roots]
    assert len(known) == len(raws)
    for helpers in (0, 1):
        bare = limits.verification(raws, roots)

        def replay(helpers: int = helpers) -> None:
            audit(EngineCopy(engine, world.log.checkpoint), BOOKS, helpers=helpers)

        times = measure.in_turns(rounds, replay, bare)
        told = {"entries": len(raws), "processes": 1 + helpers}
        yield measure.compared("audit", times, limits.VERIFICATION, each=len(raws)) | told
