"""One contract for every engine: what a log may rely on, whatever keeps it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kimberlite.kernel.errors import Conflict
from kimberlite.ledger.admission import Admitted
from kimberlite.ledger.engine.memory import MemoryEngine
from kimberlite.ledger.engine.port import Batch, Engine, Head, Stored
from kimberlite.ledger.engine.sqlite import SqliteEngine
from kimberlite.ledger.guard import MemoryMemo
from kimberlite.ledger.reader import Reader
from kimberlite.ledger.tree import Frontier, leaf_hash
from tests.helpers.log import SAMPLES, Clock, Desk, sample

Open = Callable[[], Engine]


@pytest.fixture(params=["memory", "sqlite"])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Open]:
    """Open the same log as often as asked, as several processes would."""
    kept: list[Engine] = []
    shared = MemoryEngine()

    def another() -> Engine:
        engine = shared if request.param == "memory" else SqliteEngine(tmp_path / "log.db")
        kept.append(engine)
        return engine

    yield another
    for each in kept:
        each.close()


def batch(first: int, *raws: bytes, rows: tuple[tuple[str, str, bytes], ...] = ()) -> Batch:
    tree = Frontier()
    for each in raws:
        tree.append(leaf_hash(each))
    entries = [(leaf_hash(raw), raw, b"facts of " + raw) for raw in raws]
    return Batch(first, entries, rows, [(0, first, b"tile")], tree.to_bytes(), bytes([first]) * 32)


def test_a_new_log_is_empty(opened: Open) -> None:
    engine = opened()
    assert engine.head() == Head()
    assert engine.entries(0, 10) == []
    assert engine.row("any", "key") is None
    assert list(engine.rows("any")) == []
    assert engine.indexes([bytes(32)]) == {}
    assert engine.tile(0, 0) is None


def test_a_batch_is_kept_whole_and_read_by_others(opened: Open) -> None:
    engine, other = opened(), opened()
    epoch = engine.lease()
    told = batch(0, b"a", b"b", rows=(("t", "k", b"1"), ("t", "a", b"2"), ("u", "k", b"3")))

    head = engine.commit(told, epoch)

    assert head == other.head() == Head(2, told.frontier, told.facts, epoch)
    assert list(other.entries(0, 9)) == [
        Stored(b"a", b"facts of a"),
        Stored(b"b", b"facts of b"),
    ]
    assert list(other.entries(1, 2)) == [Stored(b"b", b"facts of b")]
    assert list(other.rows("t")) == [("a", b"2"), ("k", b"1")]
    assert other.row("u", "k") == b"3"
    assert other.indexes([leaf_hash(b"b"), bytes(32)]) == {leaf_hash(b"b"): 1}
    assert other.tile(0, 0) == b"tile"


def test_rows_and_tiles_are_replaced_by_later_ones(opened: Open) -> None:
    engine = opened()
    epoch = engine.lease()
    engine.commit(batch(0, b"a", rows=(("t", "k", b"1"),)), epoch)
    engine.commit(batch(1, b"b", rows=(("t", "k", b"2"),)), epoch)
    assert engine.row("t", "k") == b"2"


def test_the_earlier_of_two_writers_is_fenced_off(opened: Open) -> None:
    first, second = opened(), opened()
    old = first.lease()
    first.commit(batch(0, b"a"), old)
    new = second.lease()
    assert new > old

    with pytest.raises(Conflict) as refused:
        first.commit(batch(1, b"b"), old)

    assert refused.value.code == "log.fenced"
    assert second.head().size == 1
    second.commit(batch(1, b"c"), new)
    assert [each.raw for each in first.entries(0, 9)] == [b"a", b"c"]


@pytest.mark.parametrize("first", [0, 2])
def test_a_batch_that_does_not_follow_on_the_head_is_refused(opened: Open, first: int) -> None:
    engine = opened()
    epoch = engine.lease()
    engine.commit(batch(0, b"a"), epoch)
    with pytest.raises(Conflict) as refused:
        engine.commit(batch(first, b"b", rows=(("t", "k", b"1"),)), epoch)
    assert refused.value.code == "log.moved"
    assert engine.head().size == 1
    assert engine.row("t", "k") is None


def test_many_ids_are_looked_up_at_once(opened: Open) -> None:
    engine = opened()
    raws = [str(n).encode() for n in range(1_300)]
    engine.commit(batch(0, *raws), engine.lease())
    ids = [leaf_hash(each) for each in raws]
    assert engine.indexes([*ids, bytes(32)]) == {each: at for at, each in enumerate(ids)}


def test_many_rows_of_one_table_are_looked_up_at_once(opened: Open) -> None:
    engine = opened()
    rows = tuple(("t", str(n), str(n).encode()) for n in range(1_300))
    engine.commit(batch(0, b"a", rows=(*rows, ("u", "other", b"x"))), engine.lease())
    keys = [key for _, key, _ in rows]
    assert engine.some("t", [*keys, "other"]) == {key: value for _, key, value in rows}
    assert engine.some("t", []) == engine.some("none", keys) == {}


def test_inside_a_snapshot_everything_is_of_one_moment(opened: Open) -> None:
    engine = opened()
    desk = Desk(engine=engine)
    desk.must(sample(1))
    reader, seen = Reader(engine), threading.Event()
    found: list[tuple[int, list[Any] | None, int]] = []

    def read() -> None:
        with reader.steady() as state:
            size = reader.head().size
            seen.set()
            writer.join(0.3)  # a memory engine lets the writer wait; SQLite does not
            found.append((size, state.get(SAMPLES, "2"), reader.head().size))

    def write() -> None:
        seen.wait(5)
        desk.must(sample(2))

    writer = threading.Thread(target=write)
    reading = threading.Thread(target=read)
    writer.start()
    reading.start()
    reading.join(10)
    writer.join(10)

    assert found == [(2, None, 2)]
    with reader.steady() as state, reader.steady():
        assert (reader.head().size, state.get(SAMPLES, "2")) == (3, [2, "XA"])


def test_a_log_can_be_closed_and_taken_up_again(opened: Open) -> None:
    memo, clock = MemoryMemo(), Clock()
    desk = Desk(engine=opened(), memo=memo, clock=clock)
    for number in range(300):
        desk.must(sample(number))
    again = Desk(engine=opened(), memo=memo, clock=clock)
    assert (again.log.size, again.log.facts) == (desk.log.size, desk.log.facts)
    assert again.must(sample(7, "XB")).findings == [("sample.seen-before", {"before": 8})]


def test_a_log_that_was_fenced_off_says_so_and_keeps_nothing(opened: Open) -> None:
    memo = MemoryMemo()
    desk = Desk(engine=opened(), memo=memo)
    other = Desk(engine=opened(), memo=memo)

    with pytest.raises(Conflict) as refused:
        desk.say(sample(1))

    assert refused.value.code == "log.fenced"
    assert isinstance(other.say(sample(1)), Admitted)
    assert other.log.size == 2


def test_a_thread_that_ends_leaves_no_open_file(tmp_path: Path) -> None:
    engine = SqliteEngine(tmp_path / "log.db")
    Desk(engine=engine)

    def open_files() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    def read() -> None:
        assert engine.head().size == 1

    if not Path("/proc/self/fd").exists():
        pytest.skip("needs /proc to count open files")
    before = open_files()
    for _ in range(20):
        thread = threading.Thread(target=read)
        thread.start()
        thread.join()
    assert open_files() <= before + 2
    engine.close()
