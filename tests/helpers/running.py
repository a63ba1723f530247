"""A signer process of its own, started, killed and counted by a test."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from kimberlite.kernel.errors import Problem
from kimberlite.node.signer.client import SignerClient
from kimberlite.node.signer.journal import Journal
from tests.helpers.signing import NOW, Bench, set_up

ROOT = Path(__file__).resolve().parents[2]


class Running:
    """One signer process at a time, in a folder of its own."""

    def __init__(self, bench: Bench, socket: Path) -> None:
        self.bench, self.socket = bench, socket
        self.client = SignerClient(socket)
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, crash: str = "", moment: int = NOW) -> None:
        bench = self.bench
        words = [sys.executable, "-m", "tests.helpers.signer_process"]
        told = [str(bench.home), str(bench.log_file), str(self.socket), str(moment)]
        self.process = subprocess.Popen([*words, *told, *([crash] if crash else [])], cwd=ROOT)
        for _ in range(600):
            with suppress(Problem):
                self.client.about()
                return
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        pytest.fail("the signer process did not start")

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        assert self.process is not None
        self.process.terminate()
        return self.process.wait(20)

    def waited(self) -> int:
        assert self.process is not None
        return self.process.wait(20)

    def count(self) -> int:
        """Count what the journal holds, once the process is gone."""
        journal = Journal(self.bench.home / "journal.db")
        try:
            (count,) = journal._db.execute("SELECT count(*) FROM signed").fetchone()
        finally:
            journal.close()
        return int(count)


@contextmanager
def running(folder: Path) -> Iterator[Running]:
    bench = Bench(folder)
    set_up(bench.home, bench.genesis, bench.kind, ("XA", "XB"))
    found = Running(bench, folder / "s")
    try:
        yield found
    finally:
        if found.process is not None and found.process.poll() is None:
            found.kill()
