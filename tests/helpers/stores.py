"""What a node keeps, as bytes to compare: every row of every database, every other file."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TypeVar

from kimberlite.kernel.errors import Problem
from kimberlite.node.home import Home
from tests.helpers.codes import codes_in

SOURCE = Path(__file__).resolve().parents[2] / "src" / "kimberlite"
CODES = frozenset(codes_in(SOURCE))
"""Every code that the product can say."""

_PASSING = ("-wal", "-shm", "-journal", ".sock", ".port", ".out", ".lock")
_DERIVED = ("projections/", "run/", "log/public/")
"""Made anew from the log at any time, some by a thread of their own."""

_Given = TypeVar("_Given")


def contents(home: Home) -> dict[str, str]:
    """Give a digest of everything that a node keeps, by path."""
    found = {}
    for path in sorted(home.path.rglob("*")):
        inside = path.relative_to(home.path).as_posix()
        if not path.is_file() or inside.startswith(_DERIVED) or inside.endswith(_PASSING):
            continue
        raw = path.read_bytes()
        kept = _rows(path) if raw.startswith(b"SQLite format 3") else raw
        found[inside] = hashlib.sha256(kept).hexdigest()
    return found


def _rows(path: Path) -> bytes:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
        return "\n".join(db.iterdump()).encode()


def tried(home: Home, what: Callable[[], _Given]) -> _Given | str:
    """Do something that may be refused; a refusal has a known code, and leaves all as it was.

    Returns:
        What it gave, or the code.
    """
    before = contents(home)
    try:
        return what()
    except Problem as bad:
        code = bad.code
    assert code in CODES, code
    after = contents(home)
    changed = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    assert not changed, code
    return code
