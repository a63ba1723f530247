"""A copy that follows its log: through kill -9, bad bytes, forks, and logs that shrink."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from benchmarks.world import founder
from kimberlite.crypto.keys import Ed25519PrivateKey
from kimberlite.kernel.errors import Conflict, Problem, Unavailable, Untrusted
from kimberlite.ledger import checkpoint as notes
from kimberlite.ledger.checkpoint import Checkpoint
from kimberlite.ledger.engine.sqlite import SqliteEngine
from kimberlite.ledger.self_audit import audit_engine
from kimberlite.ledger.v1.keys import possession_message
from kimberlite.node import clock
from kimberlite.node.books import BOOKS
from kimberlite.node.founding import Draft
from kimberlite.node.home import Home
from kimberlite.node.mirror.evidence import Evidence
from kimberlite.node.mirror.follow import Follower
from kimberlite.node.mirror.line import Line
from kimberlite.node.mirror.spool import Spool
from tests.helpers.following import Folder, Kept, at_door, bearer, kept

ROOT = Path(__file__).resolve().parents[2]
KILLS = max(6, int(os.environ.get("KIMBERLITE_KILLS", "200")) // 20)


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Kept]:
    found = kept(tmp_path / "log")
    found.grow(600)
    yield found
    found.engine.close()


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "copy")


class Following:
    """One follower at a time, as a process would be."""

    def __init__(self, home: Home, log: Kept) -> None:
        self.home, self.log = home, log

    def go(self, source: Folder) -> int:
        follower = Follower(self.home, BOOKS, self.log.genesis)
        try:
            return follower.follow(source).size
        finally:
            follower.close()

    def refused(self, source: Folder) -> str:
        before = self.size()
        with pytest.raises(Problem) as bad:
            self.go(source)
        assert self.size() == before, "nothing of what was refused is kept"
        return bad.value.code

    def size(self) -> int:
        if not self.home.log.exists():
            return 0
        engine = SqliteEngine(self.home.log)
        size = engine.head().size
        engine.close()
        return size


@pytest.fixture
def copy(home: Home, log: Kept) -> Following:
    return Following(home, log)


def sign(log: Kept, size: int, root: bytes) -> bytes:
    found = Checkpoint("bench.kimberlite.example/log", size, root)
    return notes.sign(found, founder().key("kp.log", "log"))


@pytest.mark.kill
def test_kill_at_any_moment_and_it_goes_on_where_it_stopped(log: Kept, home: Home) -> None:
    rng = random.Random(20)
    with at_door(log) as port:
        told = [str(home.path), f"http://127.0.0.1:{port}", log.genesis.hex(), "60"]
        command = [sys.executable, "-m", "tests.helpers.following", *told]
        sizes = [0]
        for _ in range(KILLS):
            process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)
            started = time.monotonic()
            _wait_for_work(home, process)
            time.sleep(rng.random() * 0.25)
            process.kill()
            process.communicate()
            assert time.monotonic() - started < 60
            engine = SqliteEngine(home.log)
            sizes.append(engine.head().size)
            engine.close()
            if sizes[-1] == log.engine.head().size:
                log.grow(100)
        assert sizes == sorted(sizes), "what was kept is never lost"
        done = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True)
    assert int(done.stdout) == log.engine.head().size
    engine = SqliteEngine(home.log, readonly=True)
    assert engine.head().root == log.engine.head().root
    assert engine.head().facts == log.engine.head().facts
    assert audit_engine(engine, BOOKS).size == log.engine.head().size
    engine.close()


def _wait_for_work(home: Home, process: subprocess.Popen[bytes]) -> None:
    """Wait until it has begun to work: not only to import."""
    began = time.time() - 0.01
    spool = home.mirror / "spool"
    while process.poll() is None:
        if spool.exists() and spool.stat().st_mtime >= began:
            return
        time.sleep(0.005)


def test_a_copy_is_the_log_and_stays_level(log: Kept, copy: Following) -> None:
    copy.go(Folder(log))
    log.grow(300)
    assert copy.go(Folder(log)) == log.engine.head().size
    assert copy.go(Folder(log)) == log.engine.head().size
    engine = SqliteEngine(copy.home.log, readonly=True)
    head = engine.head()
    assert (head.root, head.facts) == (log.engine.head().root, log.engine.head().facts)
    engine.close()
    assert (copy.home.public / "checkpoint").read_bytes() == log.world.log.checkpoint


def test_entries_that_were_not_signed_for_are_not_taken(log: Kept, copy: Following) -> None:
    class Altered(Folder):
        def entries(self, number: int, width: int) -> Sequence[bytes]:
            found = list(super().entries(number, width))
            if number == 1:
                found[7] = found[7][:-1] + bytes((found[7][-1] ^ 1,))
            return found

    assert copy.refused(Altered(log)) == "mirror.contradicts"
    assert Evidence(copy.home.mirror / "evidence").pairs()[0].startswith("contradicts")
    assert copy.go(Folder(log)) == log.engine.head().size, "an honest source is taken after it"


def test_a_spool_that_was_damaged_is_fetched_anew(log: Kept, copy: Following) -> None:
    size = copy.go(Folder(log))
    log.grow(200)

    class Cut(Folder):
        def entries(self, number: int, width: int) -> Sequence[bytes]:
            if (number + 1) * 256 > log.engine.head().size:
                raise Unavailable("line.down", "in the middle")
            return super().entries(number, width)

    log.grow(300)
    with pytest.raises(Unavailable):
        copy.go(Cut(log))
    spool = copy.home.mirror / "spool"
    data = bytearray(spool.read_bytes())
    data[40] ^= 1
    spool.write_bytes(bytes(data))
    assert copy.go(Folder(log)) == log.engine.head().size > size


def test_a_fork_stops_it_for_good_and_both_checkpoints_are_kept(log: Kept, copy: Following) -> None:
    size = copy.go(Folder(log))
    honest = Folder(log)
    forked = Folder(log)
    forked.signed = sign(log, size, bytes(32))
    assert copy.refused(forked) == "mirror.forked"
    assert copy.refused(honest) == "mirror.forked", "not even an honest answer is taken now"
    (name,) = Evidence(copy.home.mirror / "evidence").pairs()
    kept_by_us = [
        (copy.home.mirror / "evidence" / f"{name}.{who}").read_bytes() for who in ("ours", "theirs")
    ]
    assert kept_by_us == [honest.signed, forked.signed]
    public = founder().key("kp.log", "log").public
    ours, theirs = (notes.open_(each, public) for each in kept_by_us)
    assert ours.size == theirs.size
    assert ours.root != theirs.root


def test_a_fork_in_the_past_is_a_fork(log: Kept, copy: Following) -> None:
    size = copy.go(Folder(log))
    forked = Folder(log)
    forked.signed = sign(log, size - 10, bytes(range(32)))
    assert copy.refused(forked) == "mirror.forked"


def test_a_log_that_does_not_continue_the_copy_is_refused(log: Kept, copy: Following) -> None:
    size = copy.go(Folder(log))
    log.grow(50)
    other = Folder(log)
    other.signed = sign(log, size + 20, bytes(range(32)))
    assert copy.refused(other) == "mirror.contradicts"
    assert copy.go(Folder(log)) > size


def test_a_log_that_has_shrunk_is_not_followed(log: Kept, copy: Following) -> None:
    older = Folder(log)
    log.grow(50)
    copy.go(Folder(log))
    assert copy.refused(older) == "mirror.shrunk"
    assert Evidence(copy.home.mirror / "evidence").pairs()[0].startswith("shrunk")
    assert copy.go(Folder(log)) == log.engine.head().size, "it goes on when the log is back"


def test_facts_that_differ_are_an_alarm(log: Kept, copy: Following) -> None:
    class Differs(Folder):
        def facts(self) -> tuple[bytes, int] | None:
            return bytes(32), self.engine.head().size

    with pytest.raises(Untrusted) as bad:
        copy.go(Differs(log))
    assert bad.value.code == "mirror.facts"


def test_another_log_is_not_followed(log: Kept, home: Home) -> None:
    follower = Follower(home, BOOKS, bytes(32))
    with pytest.raises(Untrusted) as bad:
        follower.follow(Folder(log))
    follower.close()
    assert bad.value.code == "mirror.other-log"


def test_a_checkpoint_by_another_key_is_refused(log: Kept, copy: Following) -> None:
    source = Folder(log)
    head = log.engine.head()
    found = Checkpoint("bench.kimberlite.example/log", head.size, head.root)
    source.signed = notes.sign(found, founder().key("XA", "issue"))
    assert copy.refused(source) == "mirror.checkpoint"
    log.grow(30)
    head = log.engine.head()
    source.signed = notes.sign(
        Checkpoint("bench.kimberlite.example/log", head.size, head.root),
        founder().key("XA", "issue"),
    )
    assert copy.refused(source) == "mirror.checkpoint"


def test_a_log_that_changed_its_key_is_followed(log: Kept, copy: Following) -> None:
    size = copy.go(Folder(log))
    spare, now = Ed25519PrivateKey(bytes(range(32))), log.world.clock.now
    told = {
        "public": spare.public.cose_key(),
        "holder": "kp.log",
        "roles": ["log"],
        "proof": spare.sign(possession_message("kp.log", spare.public)),
    }
    draft = Draft("kp-key-admission+cose", "kp.log", told)
    founder().decide(log.world.log, ("kp.chair", "XA"), draft, now)
    log.grow(30)
    head, source = log.engine.head(), Folder(log)
    source.signed = notes.sign(
        Checkpoint("bench.kimberlite.example/log", head.size, head.root), spare
    )
    assert copy.go(source) == head.size > size


def test_one_process_follows_into_one_home(log: Kept, home: Home) -> None:
    follower = Follower(home, BOOKS, log.genesis)
    with pytest.raises(Conflict) as bad:
        Follower(home, BOOKS, log.genesis)
    follower.close()
    assert bad.value.code == "storage.owned"


def test_a_spool_gives_back_what_was_put_in_after_a_crash(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool")
    spool.take_up(10)
    spool.add([b"a", b"bb", bytes(3000)])
    spool.close()
    with (tmp_path / "spool").open("ab") as file:
        file.write(b"\x00\x09cut")
    again = Spool(tmp_path / "spool")
    again.take_up(11)
    assert (again.first, again.end) == (10, 13)
    assert list(again.chunks(11, 1)) == [[b"bb"], [bytes(3000)]]
    again.add([b"c"])
    assert list(again.chunks(12, 9)) == [[bytes(3000), b"c"]]
    again.take_up(20)
    assert (again.first, again.count) == (20, 0)
    again.remove()


def test_the_line_gives_what_the_folder_gives(log: Kept) -> None:
    with at_door(log) as port:
        line = Line(f"http://127.0.0.1:{port}", bearer(), log.genesis, clock.now)
        folder = Folder(log)
        assert line.checkpoint() == folder.checkpoint()
        assert line.facts() == folder.facts()
        size = log.engine.head().size
        last = size // 256
        for number in range(last):
            assert line.entries(number, 256) == folder.entries(number, 256)
        assert line.entries(last, size % 256) == folder.entries(last, size % 256)
        # A partial bundle that has gone is taken from the full one.
        assert line.entries(0, 100) == folder.entries(0, 100)
        line.close()
