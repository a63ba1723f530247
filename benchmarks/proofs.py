"""Inclusion and consistency proofs, made from a log's tiles on disk and checked."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import filling, limits, measure
from benchmarks.measure import Figures
from kimberlite.ledger import proofs
from kimberlite.ledger.engine.sqlite import SqliteEngine
from kimberlite.ledger.growth import read_tile, root_at, source
from kimberlite.ledger.tiles import TILE_WIDTH, TileSource
from kimberlite.ledger.tree import leaf_hash

SIZES = (10_000, 1_000_000)
STRIDE = 7_919
"""A prime, so that proofs are for places all over the log."""


def bench(*, quick: bool) -> Iterator[Figures]:
    """Time proofs beside the hashing of the nodes that cannot be avoided."""
    each, rounds = (5, 2) if quick else (200, 15)
    with tempfile.TemporaryDirectory() as folder:
        engine = SqliteEngine(Path(folder) / "log.db")
        epoch = engine.lease()
        for size in (300, 600) if quick else SIZES:
            filling.fill(engine, epoch, size)
            for case in (_inclusion(engine, size, each), _consistency(engine, size, each)):
                yield from _timed(engine, case, rounds)
        engine.close()


@dataclass(frozen=True, slots=True)
class Case:
    """One kind of proof of a log: how to make one, those that were made, and how to check one."""

    kind: str
    size: int
    places: Sequence[int]
    make: Callable[[TileSource, int], list[bytes]]
    check: Callable[[int, list[bytes]], None]


def _inclusion(engine: SqliteEngine, size: int, each: int) -> Case:
    places = [at * STRIDE % size for at in range(each)]
    root = root_at(engine, size)
    leaves = {at: leaf_hash(engine.entries(at, at + 1)[0].raw) for at in places}
    return Case(
        "inclusion",
        size,
        places,
        lambda nodes, at: proofs.inclusion_path(nodes, at, size),
        lambda at, path: proofs.verify_inclusion(at, size, leaves[at], path, root),
    )


def _consistency(engine: SqliteEngine, size: int, each: int) -> Case:
    olds = [1 + at * STRIDE % (size - 1) for at in range(each)]
    root = root_at(engine, size)
    roots = {old: root_at(engine, old) for old in olds}
    return Case(
        "consistency",
        size,
        olds,
        lambda nodes, old: proofs.consistency_path(nodes, old, size),
        lambda old, path: proofs.verify_consistency(old, size, roots[old], root, path),
    )


def _timed(engine: SqliteEngine, case: Case, rounds: int) -> Iterator[Figures]:
    """Time making and checking.

    Tiles hold every eighth level only, so whoever makes a proof hashes up the tiles it passes;
    whoever checks one hashes a node for each hash in it.
    """
    paths = [case.make(source(engine, case.size), at) for at in case.places]
    tiles = _tiles_read(engine, case)
    hashes = sum(map(len, paths))

    def make() -> None:
        nodes = source(engine, case.size)
        for at in case.places:
            case.make(nodes, at)

    def check() -> None:
        for at, path in zip(case.places, paths, strict=True):
            case.check(at, path)

    each = len(paths)
    work = ((make, "made", tiles * (TILE_WIDTH - 1)), (check, "checked", hashes))
    for run, name, nodes in work:
        turns = measure.in_turns(rounds, run, limits.hashing(nodes))
        told = {"entries": case.size, "nodes_hashed_a_proof": round(nodes / each, 1)}
        bench = f"{case.kind} proof {name}"
        yield measure.compared(bench, turns, limits.HASHING, each=each) | told


def _tiles_read(engine: SqliteEngine, case: Case) -> int:
    """Count the tiles that are unfolded for all proofs of a case: the same in every run."""
    count = 0

    def read(level: int, number: int, width: int) -> bytes:
        nonlocal count
        count += 1
        return read_tile(engine, case.size, level, number, width)

    nodes = TileSource(case.size, read)
    for at in case.places:
        case.make(nodes, at)
    return count
