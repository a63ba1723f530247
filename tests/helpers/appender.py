"""Processes that append numbered statements until they are killed, and say what was promised.

Run as ``python -m tests.helpers.appender FOLDER``. For each line on its input it forks one such
process and prints ``{"pid": ...}``, then, once that is dead, ``{"status": ...}``. The process
prints a line for each acknowledged batch: numbers, size after it, and the signed checkpoint; a
line is on its way before the next batch begins, and in one piece. Forking saves the imports.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from kimberlite.ledger.engine.sqlite import SqliteEngine
from kimberlite.ledger.guard import FileMemo, Guard
from kimberlite.ledger.log import Log, Writer
from tests.helpers.log import BEGAN, BOOKS, LOG, ORIGIN, Clock, genesis, key, sample


def open_log(folder: Path, clock: Clock, helpers: int = 0) -> tuple[Log, SqliteEngine]:
    """Open the log of ``folder``, made if absent."""
    engine = SqliteEngine(folder / "log.db")
    guard = Guard(ORIGIN, key("log"), FileMemo(folder / "guard"))
    return Log(engine, Writer(BOOKS, key("log"), LOG, guard, clock, helpers)), engine


def append(folder: Path, batches: int = 1_000_000) -> None:
    """Append batches of one to five, in an order that depends on the size alone."""
    log, _ = open_log(folder, Clock(BEGAN))
    if not log.size:
        log.append([genesis()])
    for _ in range(batches):
        first = log.size
        numbers = list(range(first, first + 1 + first % 5))
        log.append([sample(each) for each in numbers])
        tell(numbers=numbers, size=log.size, note=(log.checkpoint or b"").decode())


def tell(**told: object) -> None:
    """Print one line in one write: the system never cuts it."""
    os.write(1, json.dumps(told).encode() + b"\n")


def main(folder: Path) -> None:
    """Serve one death after another."""
    for _ in sys.stdin:
        child = os.fork()
        if not child:
            append(folder)
        tell(pid=child)
        _, status = os.waitpid(child, 0)
        tell(status=status)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
