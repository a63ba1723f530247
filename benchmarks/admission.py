"""Admission: batches of 1, 100 and 1,000 through a whole log on disk, every rule on."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from benchmarks import limits, measure
from benchmarks.measure import Figures, Steps, Turn, compared
from benchmarks.world import World, public_keys
from kimberlite.ledger import admission, facts, growth, log
from kimberlite.ledger.checkers import Checkers
from kimberlite.ledger.engine.sqlite import SqliteEngine
from kimberlite.ledger.envelope import Statement
from kimberlite.ledger.guard import FileMemo, Guard
from kimberlite.ledger.state import State

HELP = {"alone": (0, 0), "one thread more": (1, 0), "one process more": (0, 1)}
"""Who checks signatures beside the writer: threads, processes."""

PATCHES = (
    (log, "_parse", "parse"),
    (log, "foresee", "look up"),
    (SqliteEngine, "row", "look up"),
    (SqliteEngine, "indexes", "look up"),
    (Statement, "signed_by", "verify"),
    (log, "admit", "rules and fold"),
    (admission.Admitted, "encoded", "encode facts"),
    (facts, "chain", "encode facts"),
    (State, "changes", "encode state"),
    (log, "leaf_hashes", "tree"),
    (growth.Growth, "extend", "tree"),
    (growth.Growth, "edge", "tree"),
    (SqliteEngine, "commit", "commit"),
    (Guard, "sign", "checkpoint and guard"),
    (log.Log, "append", "rest"),
)


@dataclass(frozen=True, slots=True)
class Size:
    """How much to do: statements a batch, and rounds."""

    batch: int
    rounds: int


FULL = (Size(1_000, 15), Size(100, 60), Size(1, 300))
QUICK = (Size(20, 2), Size(1, 2))


def bench(*, quick: bool) -> Iterator[Figures]:
    """Time admission beside bare verification, and split the time of the largest batches."""
    sizes = QUICK if quick else FULL
    for name in HELP:
        with _writing(name, 20 if quick else 2_000) as (world, folder):
            for size in sizes:
                yield from _batches(world, size, name, folder)
            if name == "alone":
                yield _split(world, sizes[0])


@contextmanager
def _writing(name: str, lag: int) -> Iterator[tuple[World, Path]]:
    """Found a log on disk, with certificates in it that wait to be confirmed."""
    threads, processes = HELP[name]
    with tempfile.TemporaryDirectory() as folder, Checkers(processes) as checkers:
        path = Path(folder)
        engine = SqliteEngine(path / "log.db")
        memo = FileMemo(path / "guard")
        world = World(engine, memo, lag=lag, helpers=threads, checkers=checkers)
        world.append(world.traffic.take(lag))
        yield world, path
        engine.close()


def _batches(world: World, size: Size, help_: str, folder: Path) -> Iterator[Figures]:
    keys = public_keys()
    bare_commit = limits.Commits(folder / f"bare-{size.batch}.db")
    checked, committed = [], []
    for _ in range(size.rounds):
        raws = world.traffic.take(size.batch)
        commit = measure.took(bare_commit)
        verification = measure.took(limits.verification(raws, keys))
        taken = measure.took(partial(world.append, raws))
        checked.append(Turn(taken, verification))
        committed.append(Turn(taken, commit))
    bare_commit.close()
    told = {"batch": size.batch, "signatures": help_}
    yield compared("admission", checked, limits.VERIFICATION, each=size.batch) | told
    if size.batch == 1:
        yield compared("admission", committed, limits.COMMIT) | told


def _split(world: World, size: Size) -> Figures:
    """Give CPU microseconds an entry by step; the watching itself adds some five to all."""
    steps = Steps()
    keys = public_keys()
    bare = 0.0
    for _ in range(size.rounds):
        raws = world.traffic.take(size.batch)
        bare += measure.took(limits.verification(raws, keys)).cpu
        with steps.timing(PATCHES):
            world.append(raws)
    count, spent = size.batch * size.rounds, sum(steps.spent.values())
    each = {step: round(taken / count * 1e6, 2) for step, taken in steps.spent.items()}
    return {
        "bench": "admission by step",
        "batch": size.batch,
        "microseconds": each,
        "per_second": measure.rate(count / spent),
        "limit": limits.VERIFICATION,
        "limit_figure": measure.rate(count / bare),
        "ratio": round(bare / spent, 3),
    }
