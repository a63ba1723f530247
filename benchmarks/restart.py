"""Restart and memory at twenty years of the world: 5 million entries, 1.2 million certificates."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

from benchmarks import filling, limits, measure
from benchmarks.measure import Figures, Turn
from benchmarks.world import World, public_keys
from kimberlite.certificates.v1.rows import find
from kimberlite.ledger.engine.sqlite import SqliteEngine
from kimberlite.ledger.guard import FileMemo
from kimberlite.ledger.reader import Reader

SIZE = 5_000_000
BARE = "bare Python: python -c pass"
_HERE = Path(__file__).resolve().parents[1]
PARTS = ("writer", "reader")


def bench(*, quick: bool) -> Iterator[Figures]:
    """Fill a log, then start a writer and a reader on it, each in a fresh process."""
    size, rounds = (3_000, 1) if quick else (SIZE, 5)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        built = measure.took(lambda: _build(path, size)).wall
        on_disk = sum(each.stat().st_size for each in path.iterdir())
        told = {"entries": size, "database_mb": round(on_disk / 1e6), "built_seconds": round(built)}
        for part in PARTS:
            yield _started(part, path, rounds, told)
        yield _admission(path, 20 if quick else 1_000, rounds)


def _build(path: Path, size: int) -> None:
    engine = SqliteEngine(path / "log.db")
    world = World(engine, FileMemo(path / "guard"), lag=1)
    filling.fill(engine, engine.head().epoch, size)
    engine.close()
    reopened = SqliteEngine(path / "log.db")
    World(reopened, FileMemo(path / "guard"))
    reopened.close()
    del world


def _started(part: str, path: Path, rounds: int, told: Figures) -> Figures:
    """Start ``part`` some times, beside a Python that does nothing."""
    answers: list[dict[str, Any]] = []
    bare = limits.program("-c", "pass")
    command = [sys.executable, "-m", "benchmarks.restart", part, str(path)]

    def start() -> None:
        done = subprocess.run(command, check=True, capture_output=True, cwd=_HERE)
        answers.append(json.loads(done.stdout))

    figures = measure.compared(f"restart: {part}", measure.in_turns(rounds, start, bare), BARE)
    middle = sorted(answers, key=lambda each: each["seconds"])[len(answers) // 2]
    return {**figures, **told, **middle}


def _admission(path: Path, batch: int, rounds: int) -> Figures:
    """Time batches on the full log, where ids and rows no longer fit in the page cache."""
    engine = SqliteEngine(path / "log.db")
    world = World(engine, FileMemo(path / "guard"), lag=batch)
    world.append(world.traffic.take(batch))
    times = []
    for _ in range(rounds):
        raws = world.traffic.take(batch)
        beside = measure.took(limits.verification(raws, public_keys()))
        times.append(Turn(measure.took(partial(world.append, raws)), beside))
    engine.close()
    told = {"batch": batch, "entries": world.log.size}
    return measure.compared("admission on it", times, limits.VERIFICATION, each=batch) | told


def _writer(path: Path) -> None:
    """Open the log as its writer, and admit one statement."""
    engine = SqliteEngine(path / "log.db")
    world = World(engine, FileMemo(path / "guard"), lag=10**9)
    world.traffic.skip(world.log.size)
    world.append([world.traffic.certificate()[0]])


def _reader(path: Path) -> None:
    """Open the log for reading, and answer one question about a certificate."""
    reader = Reader(SqliteEngine(path / "log.db", readonly=True))
    at = reader.size // 2 // filling.SHARE * filling.SHARE
    with reader.steady() as state:
        row = find(state, filling.number(at))
    assert row is not None
    assert row.index == at


def _memory(name: str) -> float:
    """Give this process's resident memory now ("VmRSS") or at its highest ("VmHWM"), in MB."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    (kib,) = (line.split()[1] for line in status.splitlines() if line.startswith(f"{name}:"))
    return round(int(kib) * 1024 / 1e6, 1)


def main() -> None:
    """Do one part in this process; print how long it took and what memory it holds."""
    part, path = sys.argv[1], Path(sys.argv[2])
    start = perf_counter()
    {"writer": _writer, "reader": _reader}[part](path)
    took = perf_counter() - start
    told = {
        "seconds": round(took, 3),
        "resident_mb": _memory("VmRSS"),
        "highest_mb": _memory("VmHWM"),
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main()
