"""SQLite as this project uses it: WAL, synchronous=FULL, explicit transactions, our own errors.

FULL and not NORMAL, because a checkpoint that someone has cosigned must never be lost: the log
could never again satisfy its cosigners.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from kimberlite.kernel.errors import Conflict, NotFound, Problem, Unavailable, Untrusted

CACHE_KIB = 32 * 1024
"""Page cache of one connection, in KiB."""


def connect(path: Path, *, readonly: bool = False) -> sqlite3.Connection:
    """Open ``path``. The connection may be used by one thread at a time.

    Raises:
        Unavailable: ``storage.open``; Untrusted: ``storage.damaged``.
    """
    try:
        if readonly:
            db = sqlite3.connect(read_only(path), uri=True, check_same_thread=False)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            db = sqlite3.connect(path, check_same_thread=False)
        db.isolation_level = None
        db.execute("PRAGMA busy_timeout = 5000")
        db.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        if not readonly:
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("PRAGMA synchronous = FULL")
            db.execute("PRAGMA foreign_keys = ON")
    except (sqlite3.Error, OSError) as bad:
        raise _problem(bad, "storage.open") from bad
    return db


def read_only(path: Path) -> str:
    """Name ``path`` for SQLite so that it is only read, whatever characters stand in it."""
    return f"file:{quote(str(path.absolute()))}?mode=ro"


@contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[None]:
    """Run the block as one transaction: all of it becomes durable, or nothing of it.

    Raises:
        Unavailable: ``storage.write`` when the disk is full or fails.
        Conflict: ``storage.busy`` when another process holds the file.
        Untrusted: ``storage.damaged`` when the file is not what SQLite wrote.
        NotFound: ``storage.number`` for a row number that no database holds.
    """
    try:
        db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            _roll_back(db)
            raise
        try:
            db.execute("COMMIT")
        except sqlite3.Error:
            _roll_back(db)
            raise
    except OverflowError as bad:
        raise _too_large() from bad
    except sqlite3.Error as bad:
        raise _problem(bad, "storage.write") from bad


def _roll_back(db: sqlite3.Connection) -> None:
    if db.in_transaction:
        db.execute("ROLLBACK")


def migrate(db: sqlite3.Connection, steps: tuple[str, ...]) -> None:
    """Bring the schema up to the last of ``steps``; each runs once, in order, ever.

    Raises:
        Invalid kinds as ``transaction``; Untrusted ``storage.newer`` when the file was made by a
        later version of this program.
    """
    (done,) = db.execute("PRAGMA user_version").fetchone()
    if done > len(steps):
        raise Untrusted("storage.newer", "this file was made by a later version: upgrade first")
    for number, step in enumerate(steps[done:], start=done + 1):
        with transaction(db):
            for sql in step.split(";\n"):
                db.execute(sql)
            db.execute(f"PRAGMA user_version = {number}")


@contextmanager
def reading() -> Iterator[None]:
    """Turn SQLite's errors inside the block into ours.

    Raises:
        NotFound: ``storage.number`` for a row number that no database holds; Unavailable:
            ``storage.read``; and as ``transaction``.
    """
    try:
        yield
    except OverflowError as bad:
        raise _too_large() from bad
    except sqlite3.Error as bad:
        raise _problem(bad, "storage.read") from bad


def _too_large() -> NotFound:
    """Say that a number passes 64 bits, which is more than SQLite counts."""
    return NotFound("storage.number", "nothing here has a number that large")


def _problem(bad: Exception, code: str) -> Problem:
    words = str(bad)
    if isinstance(bad, sqlite3.OperationalError) and "locked" in words:
        return Conflict("storage.busy", "another process is writing here: try again")
    if isinstance(bad, sqlite3.DatabaseError) and (
        "malformed" in words or "not a database" in words
    ):
        return Untrusted("storage.damaged", "the database file is damaged: restore it from backup")
    return Unavailable(code, f"the database could not be used: {words}")
