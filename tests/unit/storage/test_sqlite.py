"""SQLite as the project uses it: durable, whole, fenced, and with errors of our own."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

import pytest

from kimberlite.kernel.errors import Conflict, NotFound, Problem, Unavailable, Untrusted
from kimberlite.storage.sqlite import connect, migrate, reading, transaction

Open: TypeAlias = Callable[..., sqlite3.Connection]

TABLE = "CREATE TABLE thing (key INTEGER PRIMARY KEY, value TEXT) STRICT"


def put(db: sqlite3.Connection, *keys: int, then: BaseException | None = None) -> None:
    """Insert ``keys`` with 2 kB each, then fail if told to."""
    for key in keys:
        db.execute("INSERT INTO thing VALUES (?, ?)", (key, "x" * 2000))
    if then is not None:
        raise then


def things(db: sqlite3.Connection) -> list[int]:
    return [row[0] for row in db.execute("SELECT key FROM thing ORDER BY key")]


@pytest.fixture
def open_(tmp_path: Path) -> Iterator[Open]:
    """Open a file of this test's folder; every connection is closed at the end."""
    opened = []

    def go(name: str, **more: bool) -> sqlite3.Connection:
        db = connect(tmp_path / name, **more)
        opened.append(db)
        return db

    yield go
    for each in opened:
        each.close()


@pytest.fixture
def db(open_: Open) -> sqlite3.Connection:
    opened = open_("deep/file.db")
    migrate(opened, (TABLE,))
    return opened


def test_commits_survive_a_power_cut(db: sqlite3.Connection) -> None:
    """WAL and synchronous=FULL: NORMAL may lose the last commits."""
    assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert db.execute("PRAGMA synchronous").fetchone() == (2,)
    assert db.execute("PRAGMA foreign_keys").fetchone() == (1,)


def test_a_transaction_is_kept_whole(db: sqlite3.Connection, open_: Open) -> None:
    with transaction(db):
        db.execute("INSERT INTO thing VALUES (1, 'a')")
        db.execute("INSERT INTO thing VALUES (2, 'b')")
        other = open_("deep/file.db", readonly=True)
        assert things(other) == []
    assert things(other) == [1, 2]


@pytest.mark.parametrize("error", [NotFound("a.b", "gone"), ValueError("x"), KeyboardInterrupt()])
def test_a_block_that_fails_leaves_nothing_and_its_error_goes_on(
    db: sqlite3.Connection, error: BaseException
) -> None:
    with pytest.raises(type(error)), transaction(db):
        put(db, 1, then=error)
    assert things(db) == []
    with transaction(db):
        db.execute("INSERT INTO thing VALUES (2, 'b')")
    assert things(db) == [2]


def test_a_broken_constraint_is_our_error_and_leaves_nothing(db: sqlite3.Connection) -> None:
    with pytest.raises(Unavailable) as refused, transaction(db):
        put(db, 1, 1)
    assert refused.value.code == "storage.write"
    assert things(db) == []


def test_a_file_that_may_not_grow_is_told_and_can_be_used_again(db: sqlite3.Connection) -> None:
    """A page limit stands for a full disk; SQLite answers both with the same error."""
    (pages,) = db.execute("PRAGMA page_count").fetchone()
    db.execute(f"PRAGMA max_page_count = {pages + 1}")
    with pytest.raises(Unavailable) as refused, transaction(db):
        put(db, *range(100))
    assert refused.value.code == "storage.write"
    assert things(db) == []
    db.execute("PRAGMA max_page_count = 1000000")
    with transaction(db):
        db.execute("INSERT INTO thing VALUES (1, 'a')")
    assert things(db) == [1]


def test_a_second_writer_is_told_to_try_again(db: sqlite3.Connection, open_: Open) -> None:
    other = open_("deep/file.db")
    other.execute("PRAGMA busy_timeout = 1")
    with transaction(db), pytest.raises(Conflict) as refused, transaction(other):
        pytest.fail("two writers")
    assert refused.value.code == "storage.busy"
    with transaction(other):
        other.execute("INSERT INTO thing VALUES (1, 'a')")


def test_each_step_of_a_migration_runs_once(open_: Open) -> None:
    steps = (
        TABLE + ";\nINSERT INTO thing VALUES (1, 'first step')",
        "INSERT INTO thing VALUES (2, 'second step')",
    )
    db = open_("file.db")
    migrate(db, steps[:1])
    assert things(db) == [1]
    migrate(db, steps)
    migrate(db, steps)
    assert things(db) == [1, 2]
    db.close()
    migrate(open_("file.db"), steps)
    assert things(open_("file.db")) == [1, 2]


def test_a_step_that_fails_leaves_the_schema_as_it_was(open_: Open) -> None:
    db = open_("file.db")
    migrate(db, (TABLE,))
    with pytest.raises(Problem):
        migrate(db, (TABLE, "INSERT INTO thing VALUES (1, 'a');\nINSERT INTO nowhere VALUES (1)"))
    assert things(db) == []
    migrate(db, (TABLE, "INSERT INTO thing VALUES (3, 'mended')"))
    assert things(db) == [3]


def test_a_file_of_a_later_version_is_not_touched(open_: Open) -> None:
    db = open_("file.db")
    migrate(db, (TABLE, "INSERT INTO thing VALUES (1, 'later')"))
    with pytest.raises(Untrusted) as refused:
        migrate(db, (TABLE,))
    assert refused.value.code == "storage.newer"


def test_a_file_that_is_no_database_is_told(open_: Open, tmp_path: Path) -> None:
    path = tmp_path / "file.db"
    path.write_bytes(b"this is not what SQLite wrote" * 100)
    with pytest.raises(Untrusted) as refused:
        open_("file.db")
    assert refused.value.code == "storage.damaged"


def test_damage_inside_is_told_when_it_is_read(open_: Open, tmp_path: Path) -> None:
    path = tmp_path / "file.db"
    db = open_("file.db")
    migrate(db, (TABLE,))
    with transaction(db):
        db.executemany("INSERT INTO thing VALUES (?, ?)", [(at, "x" * 500) for at in range(100)])
    db.close()
    data = bytearray(path.read_bytes())
    data[4096:] = b"\xff" * (len(data) - 4096)
    path.write_bytes(data)
    with pytest.raises(Untrusted) as refused, reading():
        things(open_("file.db", readonly=True))
    assert refused.value.code == "storage.damaged"


def test_reading_what_is_not_there_is_told(open_: Open) -> None:
    with pytest.raises(Unavailable) as refused:
        open_("absent.db", readonly=True)
    assert refused.value.code == "storage.open"
    with pytest.raises(Unavailable) as unread, reading():
        open_("new.db").execute("SELECT 1 FROM nowhere")
    assert unread.value.code == "storage.read"


def test_a_reader_cannot_write(db: sqlite3.Connection, open_: Open) -> None:
    reader = open_("deep/file.db", readonly=True)
    with pytest.raises(Problem), transaction(reader):
        reader.execute("INSERT INTO thing VALUES (1, 'a')")
    assert things(db) == []
