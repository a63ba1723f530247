"""Disks that fill up, tails that were torn off, files that were changed, two writers."""

from __future__ import annotations

import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from kimberlite.kernel.errors import Conflict, Problem, Unavailable
from kimberlite.ledger import checkpoint as notes
from kimberlite.ledger.engine.port import Stored
from kimberlite.ledger.engine.sqlite import SqliteEngine
from kimberlite.ledger.envelope import parse
from kimberlite.ledger.guard import FileMemo
from kimberlite.ledger.log import Log
from kimberlite.ledger.reader import Reader
from kimberlite.ledger.self_audit import audit_engine
from tests.helpers.appender import open_log
from tests.helpers.log import BOOKS, Clock, Desk, genesis, key, sample


def sound(folder: Path, size: int) -> None:
    """Make sure that the log opens for writing and is whole."""
    log, engine = open_log(folder, Clock())
    assert log.size == size
    assert audit_engine(engine, BOOKS, checkpoints=[log.checkpoint or b""]).size == size
    engine.close()


def fill(log: Log, batch: int) -> tuple[int, str]:
    """Append until the log says no; give the first number of that batch and the code."""
    for number in range(0, 100_000, batch):
        try:
            log.append([sample(each) for each in range(number, number + batch)])
        except Unavailable as bad:
            return number, bad.code
    pytest.fail("this disk never fills up")


def test_a_full_database_keeps_nothing_of_the_batch_and_goes_on_with_room(tmp_path: Path) -> None:
    log, engine = open_log(tmp_path, Clock())
    log.append([genesis()])
    (pages,) = engine._db.execute("PRAGMA page_count").fetchone()
    engine._db.execute(f"PRAGMA max_page_count = {pages + 20}")
    number, code = fill(log, 50)
    assert code == "storage.write"
    size = engine.head().size
    assert size == 1 + number
    assert engine.row("test.sample", str(number)) is None

    engine._db.execute("PRAGMA max_page_count = 1000000")
    log.append([sample(each) for each in range(number, number + 50)])

    assert log.size == size + 50
    engine.close()
    sound(tmp_path, size + 50)


@pytest.mark.parametrize("limit", [60_000, 200_000, 300_000])
def test_a_write_that_the_system_refuses_loses_nothing(tmp_path: Path, limit: int) -> None:
    command = [sys.executable, "-m", "tests.helpers.cramped", str(tmp_path), str(limit)]
    done = subprocess.run(command, capture_output=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr.decode()
    told = json.loads(done.stdout)
    assert told["code"] in {"storage.write", "log.unsigned"}
    # Either nothing of the batch is there, or all of it and only the signature is owed.
    assert told["during"] - told["before"] == (2 if told["code"] == "log.unsigned" else 0)
    assert told["after"] - told["during"] in {0, 2}
    sound(tmp_path, told["after"])


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Give a folder on a file system of 600 KiB."""
    mount, umount = shutil.which("mount"), shutil.which("umount")
    if mount is None or umount is None or os.geteuid():
        pytest.skip("mounting a small disk needs root")
    folder = tmp_path / "disk"
    folder.mkdir()
    command = [mount, "-t", "tmpfs", "-o", "size=600k", "none", str(folder)]
    if subprocess.run(command, check=False, capture_output=True).returncode:
        pytest.skip("this system does not let us mount a small disk")
    yield folder
    subprocess.run([umount, "-l", str(folder)], check=True)


def test_a_disk_that_is_really_full(small_disk: Path) -> None:
    log, engine = open_log(small_disk, Clock())
    log.append([genesis()])
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(150_000))
    number, code = fill(log, 20)
    assert code in {"storage.write", "log.unsigned"}
    kept = engine.head().size
    assert kept == 1 + number + (20 if code == "log.unsigned" else 0)

    ballast.unlink()
    log.append([sample(each) for each in range(number + 20, number + 40)])

    assert log.size == kept + 20
    engine.close()
    sound(small_disk, kept + 20)


def grown(folder: Path, batches: int = 40) -> list[bytes]:
    """Make a log whose last batches are still in the write-ahead log; give its checkpoints."""
    log, engine = open_log(folder, Clock())
    engine._db.execute("PRAGMA wal_autocheckpoint = 0")
    log.append([genesis()])
    notes_seen = []
    for number in range(0, batches * 3, 3):
        log.append([sample(each) for each in range(number, number + 3)])
        notes_seen.append(log.checkpoint or b"")
    # The files as a dead process leaves them: nothing is closed.
    for each in ("log.db", "log.db-wal"):
        shutil.copyfile(folder / each, folder / f"left-{each}")
    engine.close()
    return notes_seen


@pytest.mark.parametrize("harm", ["cut", "garbled", "zeroed"])
def test_a_torn_tail_is_a_shorter_log_or_a_refusal_and_never_half_a_batch(
    tmp_path: Path, harm: str
) -> None:
    signed = [notes.open_(each, key("log").public) for each in grown(tmp_path)]
    wal = (tmp_path / "left-log.db-wal").read_bytes()
    rng = random.Random(harm)
    whole_sizes = {0, 1, *(each.size for each in signed)}
    for round_ in range(25):
        folder = tmp_path / f"{harm}{round_}"
        folder.mkdir()
        shutil.copyfile(tmp_path / "left-log.db", folder / "log.db")
        at = rng.randrange(len(wal))
        tail = {
            "cut": b"",
            "garbled": rng.randbytes(min(4096, len(wal) - at)) + wal[at + 4096 :],
            "zeroed": bytes(len(wal) - at),
        }[harm]
        (folder / "log.db-wal").write_bytes(wal[:at] + tail)
        engine = SqliteEngine(folder / "log.db")
        head = engine.head()
        assert head.size in whole_sizes
        reader = Reader(engine)
        for old in signed:
            if old.size <= head.size:
                assert reader.root(old.size) == old.root
        if head.size:
            assert audit_engine(engine, BOOKS).size == head.size
        engine.close()
        # Acknowledged batches are gone, and others have seen that they were signed for.
        shutil.copyfile(tmp_path / "guard", folder / "guard")
        if head.size < signed[-1].size:
            with pytest.raises(Problem) as refused:
                open_log(folder, Clock())
            assert refused.value.code == "log.rolled-back"


def test_a_database_that_is_something_else_is_said_to_be(tmp_path: Path) -> None:
    (tmp_path / "log.db").write_bytes(b"not a database, but long enough to be read as one" * 40)
    with pytest.raises(Problem) as refused:
        SqliteEngine(tmp_path / "log.db")
    assert refused.value.code == "storage.damaged"


def test_a_changed_entry_is_found_by_the_audit(tmp_path: Path) -> None:
    log, engine = open_log(tmp_path, Clock())
    log.append([genesis(), *(sample(each) for each in range(30))])
    assert log.size == 31
    engine.close()
    db = sqlite3.connect(tmp_path / "log.db")
    with pytest.raises(sqlite3.IntegrityError, match="never changes"):
        db.execute("UPDATE entry SET raw = ? WHERE position = 7", (sample(99),))
    with pytest.raises(sqlite3.IntegrityError, match="never goes"):
        db.execute("DELETE FROM entry WHERE position = 7")
    db.execute("DROP TRIGGER entry_stays")
    db.execute("UPDATE entry SET raw = ? WHERE position = 7", (sample(99),))
    db.commit()
    db.close()

    engine = SqliteEngine(tmp_path / "log.db")
    with pytest.raises(Problem) as found:
        audit_engine(engine, BOOKS, checkpoints=[(tmp_path / "guard").read_bytes()])
    assert found.value.code in {"audit.kept", "audit.facts", "audit.root"}
    engine.close()


def test_two_processes_write_and_the_first_is_fenced_off(tmp_path: Path) -> None:
    first, engine = open_log(tmp_path, Clock())
    first.append([genesis()])
    program = (
        "import sys; from pathlib import Path; from tests.helpers.appender import append; "
        "append(Path(sys.argv[1]), 3)"
    )
    command = [sys.executable, "-c", program, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, check=True, timeout=60)
    told = [json.loads(line) for line in done.stdout.splitlines()]

    with pytest.raises(Conflict) as refused:
        first.append([sample(1_000)])

    assert refused.value.code == "log.fenced"
    head = engine.head()
    assert head.size == told[-1]["size"]
    assert parse(engine.entries(head.size - 1, head.size)[0].raw).header.sub != "n1000"
    engine.close()
    sound(tmp_path, told[-1]["size"])


def test_opening_a_long_log_replays_nothing(tmp_path: Path) -> None:
    """Restart reads the head, the small tables and one tile a level: not the entries."""
    memo = FileMemo(tmp_path / "guard")
    desk = Desk(engine=SqliteEngine(tmp_path / "log.db"), memo=memo)
    for first in range(0, 20_000, 1_000):
        desk.log.append([sample(each) for each in range(first, first + 1_000)])
    desk.engine.close()

    class Counting(SqliteEngine):
        read = 0

        def entries(self, start: int, end: int) -> Sequence[Stored]:
            found = super().entries(start, end)
            self.read += len(found)
            return found

    engine = Counting(tmp_path / "log.db")
    again = Desk(engine=engine, memo=memo)
    assert again.log.size == 20_001
    assert engine.read < 256
    again.must(sample(20_000))
    assert engine.read < 256
    engine.close()
