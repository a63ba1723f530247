"""Cold starts of the command line, compiled modules present: help, and one certificate checked."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from benchmarks import limits, measure, offline
from benchmarks.measure import Figures
from benchmarks.world import TODAY
from kimberlite.kernel.days import show_day


def bench(*, quick: bool) -> Iterator[Figures]:
    """Time whole processes beside a Python that does nothing."""
    rounds = 1 if quick else 15
    bare = limits.program("-c", "pass")
    with tempfile.TemporaryDirectory() as folder:
        file, trusted = offline.papers()
        (Path(folder) / "certificate.kpc").write_bytes(file)
        (Path(folder) / "trust-bundle").write_bytes(trusted)
        day = show_day(TODAY)
        check = ("verify", str(Path(folder) / "certificate.kpc"), "--as-of", day)
        for name, words in (("kimberlite --help", ("--help",)), ("kimberlite verify FILE", check)):
            run = limits.program("-m", "kimberlite", *words)
            run()  # whatever was not compiled yet is now
            times = measure.in_turns(rounds, run, bare)
            told = {"milliseconds": round(median(turn.figure.wall for turn in times) * 1e3)}
            yield measure.compared(name, times, limits.START) | told
