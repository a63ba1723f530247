"""Kill -9 at any moment: nothing acknowledged is lost, nothing half-written is read.

For real: a process of its own appends, is killed, and is started again on the same files.
``KIMBERLITE_KILLS`` says how often (200; ``make soak`` asks for 1,000).
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from kimberlite.ledger import checkpoint as notes
from kimberlite.ledger.checkpoint import Checkpoint
from kimberlite.ledger.envelope import parse
from kimberlite.ledger.proofs import verify_consistency
from kimberlite.ledger.reader import Reader
from kimberlite.ledger.self_audit import audit_engine
from tests.helpers.appender import open_log
from tests.helpers.log import BOOKS, Clock, key

KILLS = int(os.environ.get("KIMBERLITE_KILLS", "200"))
ROUND = 20
"""How many deaths one log goes through; a long log would only make each check slower."""


@dataclass
class Witness:
    """What the outside has seen of one log: promises it must keep for ever."""

    promised: list[Checkpoint] = field(default_factory=list)
    acknowledged: dict[int, int] = field(default_factory=dict)

    def hear(self, line: bytes) -> None:
        told = json.loads(line)
        signed = notes.open_(told["note"].encode(), key("log").public)
        assert signed.size == told["size"]
        self.promised.append(signed)
        for at, number in enumerate(reversed(told["numbers"]), start=1):
            self.acknowledged[number] = told["size"] - at

    def check(self, folder: Path, seen: int) -> None:
        """Open as the next process will, and hold the log to everything it ever promised."""
        log, engine = open_log(folder, Clock())
        reader = Reader(engine)
        head = reader.head()
        assert head.size == log.size
        for number, index in self.acknowledged.items():
            if index >= seen:
                assert parse(reader.entry(index).raw).header.sub == f"n{number}"
        for old in self.promised[-30:]:
            path = reader.consistency(old.size, head.size)
            verify_consistency(old.size, head.size, old.root, head.root, path)
        engine.close()


class Victims:
    """Starts appending processes one after another, on the same files, and kills them."""

    def __init__(self, folder: Path) -> None:
        command = [sys.executable, "-m", "tests.helpers.appender", str(folder)]
        self._parent = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._rest = b""

    def close(self) -> None:
        assert self._parent.stdin is not None
        assert self._parent.stdout is not None
        self._parent.stdin.close()
        assert self._parent.wait(10) == 0
        self._parent.stdout.close()

    def one_more(self, rng: random.Random) -> Iterator[bytes]:
        """Let one live for a random while, then give every line it got out before its death."""
        assert self._parent.stdin is not None
        self._parent.stdin.write(b"go\n")
        self._parent.stdin.flush()
        lines, pid, status = [], 0, None
        # Some die while starting and recovering, most in full flight, at any point of a batch.
        left = rng.choice([0, 0, *range(1, 13)])
        while status is None:
            for line in self._lines():
                told = json.loads(line)
                pid, status = told.get("pid", pid), told.get("status", status)
                if "numbers" in told:
                    lines.append(line)
            if pid and len(lines) >= left and status is None:
                time.sleep(rng.random() * 0.006)
                os.kill(pid, signal.SIGKILL)
                left = 1 << 30
        assert os.waitstatus_to_exitcode(status) == -signal.SIGKILL
        yield from lines

    def _lines(self) -> list[bytes]:
        assert self._parent.stdout is not None
        part = os.read(self._parent.stdout.fileno(), 65536)
        assert part, "the parent of the processes has died"
        *whole, self._rest = (self._rest + part).split(b"\n")
        return whole


@pytest.mark.kill
@pytest.mark.parametrize("seed", range((KILLS + ROUND - 1) // ROUND))
def test_a_killed_log_keeps_every_promise(seed: int, tmp_path: Path) -> None:
    rng, witness, checked = random.Random(seed), Witness(), 0
    with closing(Victims(tmp_path)) as victims:
        for _ in range(min(ROUND, KILLS - seed * ROUND)):
            for line in victims.one_more(rng):
                witness.hear(line)
            # Otherwise it is the next process that finds what the dead one left.
            if rng.random() < 0.6:
                witness.check(tmp_path, checked)
                checked = witness.promised[-1].size if witness.promised else 0

    assert witness.promised, "nothing was ever acknowledged: the test proved nothing"
    _, engine = open_log(tmp_path, Clock())
    promised = [notes.sign(each, key("log")) for each in witness.promised]
    found = audit_engine(engine, BOOKS, checkpoints=promised)
    assert found.facts_compared
    for number, index in witness.acknowledged.items():
        assert parse(engine.entries(index, index + 1)[0].raw).header.sub == f"n{number}"
    engine.close()
