"""Laws of engines and of files from outside."""

from __future__ import annotations

import tempfile
from contextlib import suppress
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from kimberlite.kernel.errors import Problem
from kimberlite.ledger import bundle
from kimberlite.ledger.admission import Admitted, Refused
from kimberlite.ledger.archive import ArchiveCopy, export
from kimberlite.ledger.audit import audit
from kimberlite.ledger.copies import FolderCopy
from kimberlite.ledger.engine.memory import MemoryEngine
from kimberlite.ledger.engine.sqlite import SqliteEngine
from kimberlite.ledger.guard import MemoryMemo
from kimberlite.ledger.publish import Publisher
from tests.helpers.log import BOOKS, Desk, new_key, sample, statement

STEPS = st.lists(
    st.one_of(
        st.builds(sample, st.integers(0, 4), st.sampled_from(["XA", "XB"])),
        st.builds(lambda: new_key("XA", "XA second", ["issue"])),
        st.builds(
            lambda n: statement("XB", "kp-sample+cose", {"number": n}, by="XA second"),
            st.integers(0, 4),
        ),
        st.just(b"garbage"),
        st.sampled_from(["reopen", "tick"]),
    ),
    max_size=14,
)


@settings(max_examples=40)
@given(STEPS)
def test_every_engine_comes_to_the_same_log(steps: list[bytes | str]) -> None:
    """Law: memory and SQLite decide, keep and prove the same, reopened at any point or not."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "log.db"
        one, two = Desk(), Desk(engine=SqliteEngine(path), memo=MemoryMemo())
        for step in steps:
            if step == "reopen":
                two.engine.close()
                two.engine = SqliteEngine(path)
                two.open()
            elif step == "tick":
                one.clock.now += 1
                two.clock.now += 1
            elif isinstance(step, bytes):
                assert _told(one.say(step)) == _told(two.say(step))
        assert one.checkpoint == two.checkpoint
        memory, head = one.engine, two.engine.head()
        assert isinstance(memory, MemoryEngine)
        assert (memory.head().size, memory.head().facts) == (head.size, head.facts)
        assert memory.head().frontier == head.frontier
        assert list(two.engine.entries(0, 99)) == list(memory.entries(0, 99))
        for table in memory._rows:
            assert list(two.engine.rows(table)) == list(memory.rows(table))
        two.engine.close()


def _told(outcome: Admitted | Refused) -> object:
    return outcome.encoded() if isinstance(outcome, Admitted) else (outcome.code, outcome.facts)


def _archive() -> tuple[bytes, Desk]:
    desk = Desk()
    desk.log.append([sample(number) for number in range(5)])
    with tempfile.TemporaryDirectory() as folder:
        export(desk.engine, desk.checkpoint, Path(folder) / "log.kpl")
        return (Path(folder) / "log.kpl").read_bytes(), desk


ARCHIVE, ORIGINAL = _archive()


@given(
    st.binary(max_size=300)
    | st.builds(
        lambda at, bits, cut: (
            ARCHIVE[:at] + bytes((ARCHIVE[at] ^ bits,)) + ARCHIVE[at + 1 : len(ARCHIVE) - cut]
        ),
        st.integers(0, len(ARCHIVE) - 1),
        st.integers(0, 255),
        st.integers(0, 3),
    )
)
def test_a_strange_archive_is_the_same_log_or_a_problem(data: bytes) -> None:
    """Law: a file from outside is read as exactly what was exported, or refused as ours."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "log.kpl"
        path.write_bytes(data)
        with suppress(Problem):
            found = audit(ArchiveCopy(path), BOOKS, helpers=0)
            assert data == ARCHIVE
            assert found.facts == ORIGINAL.log.facts


@settings(max_examples=60)
@given(st.integers(0, 5), st.binary(max_size=60), st.integers(0, 200))
def test_a_strange_public_folder_is_the_same_log_or_a_problem(
    which: int, data: bytes, at: int
) -> None:
    """Law: whatever stands in a mirror's files, an audit accepts only what was signed."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        Publisher(folder, ORIGINAL.engine).publish(ORIGINAL.checkpoint)
        files = sorted(each for each in folder.rglob("*") if each.is_file())
        spoilt = files[which % len(files)]
        old = spoilt.read_bytes()
        spoilt.write_bytes(old[:at] + data + old[at + len(data) :])
        with suppress(Problem):
            found = audit(FolderCopy(folder), BOOKS, helpers=0)
            assert found.facts == ORIGINAL.log.facts or not found.facts_compared


@given(st.binary(max_size=400))
def test_a_strange_bundle_raises_nothing_but_our_own_errors(data: bytes) -> None:
    """Law: a trust bundle from outside is read or refused as ours."""
    with suppress(Problem):
        bundle.verify(data)
