"""A certificate's life: issued, dispatched, presented, confirmed, each act through a whole log."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from benchmarks import limits, measure
from benchmarks.measure import Figures, Turn, compared
from benchmarks.world import World, public_keys
from kimberlite.ledger.engine.sqlite import SqliteEngine
from kimberlite.ledger.guard import FileMemo


@dataclass(frozen=True, slots=True)
class Size:
    """How many certificates live through each round, and how many rounds there are."""

    batch: int
    rounds: int


FULL, QUICK = Size(1_000, 6), Size(10, 2)


def bench(*, quick: bool) -> Iterator[Figures]:
    """Time each act by batches, beside bare verification of the same statements; then all four."""
    size = QUICK if quick else FULL
    keys = public_keys()
    with tempfile.TemporaryDirectory(prefix="kimberlite-bench-") as folder:
        engine = SqliteEngine(Path(folder) / "log.db")
        world = World(engine, FileMemo(Path(folder) / "guard"), lag=0)
        turns: dict[str, list[Turn]] = {}
        for _ in range(size.rounds):
            for act, raws in world.traffic.lives(size.batch).items():
                bare = measure.took(limits.verification(raws, keys))
                taken = measure.took(partial(world.append, raws))
                turns.setdefault(act, []).append(Turn(taken, bare))
        engine.close()
    told = {"batch": size.batch, "certificates": size.batch * size.rounds}
    for act, each in turns.items():
        yield compared("life", each, limits.VERIFICATION, each=size.batch) | told | {"act": act}
    every = [turn for each in turns.values() for turn in each]
    yield compared("life", every, limits.VERIFICATION, each=size.batch) | told | {"act": "all four"}
