"""The relay: sealed copies of openings on their way from one authority to another.

It keeps bytes under a section's digest, the recipient and the sender, and can open none of them.
Copies go when the recipient has fetched them or the sender takes them back. Source: ours,
docs/spec/nodes.md, section "The relay".
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Final

from kimberlite.kernel.errors import Invalid, NotFound, Refused
from kimberlite.storage.sqlite import connect, migrate, reading, transaction
from kimberlite.storage.vault import SEALED_LIMIT

MOST_COPIES: Final = 20_000
MOST_BYTES: Final = 256 << 20
"""Copies and bytes that may wait from one sender."""
LISTED: Final = 500
"""Copies listed at a time."""
PATIENCE_DAYS: Final = 400
"""How long a copy waits to be fetched. Source: ours."""
LEAST: Final = 32 + 16
"""Shortest thing that HPKE seals: the sender's share and the tag, in bytes."""

_STEPS = (
    """
CREATE TABLE copy (
    place INTEGER PRIMARY KEY AUTOINCREMENT, digest BLOB NOT NULL, recipient TEXT NOT NULL,
    sender TEXT NOT NULL, at INTEGER NOT NULL, sealed BLOB NOT NULL,
    UNIQUE (recipient, digest, sender)) STRICT;
CREATE INDEX sent ON copy (sender)""",
)


class Relay:
    """The copies that wait at one log node. May be used from several threads."""

    def __init__(self, path: Path) -> None:
        """Open ``path``, made if absent. Raises as ``storage.sqlite``."""
        self._lock = threading.Lock()
        self._db = connect(path)
        migrate(self._db, _STEPS)

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    def put(self, digest: bytes, recipient: str, sender: str, sealed: bytes, at: int) -> None:
        """Keep a copy; a later one of the same sender takes its place. Durable on return.

        Raises:
            Invalid: ``relay.size``. Refused: ``relay.full`` when too much of the sender's waits.
        """
        if not LEAST <= len(sealed) <= SEALED_LIMIT:
            raise Invalid("relay.size", "a sealed copy has 48 bytes to 64 KiB", found=len(sealed))
        with self._lock, transaction(self._db):
            sql = "DELETE FROM copy WHERE recipient = ? AND digest = ? AND sender = ?"
            self._db.execute(sql, (recipient, digest, sender))
            sql = "SELECT count(*), coalesce(sum(length(sealed)), 0) FROM copy WHERE sender = ?"
            count, size = self._db.execute(sql, (sender,)).fetchone()
            if count >= MOST_COPIES or size + len(sealed) > MOST_BYTES:
                raise Refused(
                    "relay.full",
                    "too many copies of this sender have not been fetched: wait for them to be",
                    holder=sender,
                )
            row = (digest, recipient, sender, at, sealed)
            sql = "INSERT INTO copy (digest, recipient, sender, at, sealed) VALUES (?, ?, ?, ?, ?)"
            self._db.execute(sql, row)

    def waiting(self, recipient: str, after: int = 0) -> list[tuple[int, bytes, str]]:
        """List what waits for ``recipient`` after a place: place, digest, sender; at most 500."""
        sql = """SELECT place, digest, sender FROM copy WHERE recipient = ? AND place > ?
            ORDER BY place LIMIT ?"""
        with self._lock, reading():
            return self._db.execute(sql, (recipient, after, LISTED)).fetchall()

    def get(self, digest: bytes, recipient: str, sender: str) -> bytes:
        """Give a copy. Raises NotFound ``relay.missing``."""
        sql = "SELECT sealed FROM copy WHERE recipient = ? AND digest = ? AND sender = ?"
        with self._lock, reading():
            found = self._db.execute(sql, (recipient, digest, sender)).fetchone()
        if found is None:
            raise NotFound("relay.missing", "no such copy waits here")
        return bytes(found[0])

    def remove(self, digest: bytes, recipient: str, sender: str) -> None:
        """Remove a copy, if it is there."""
        sql = "DELETE FROM copy WHERE recipient = ? AND digest = ? AND sender = ?"
        with self._lock, transaction(self._db):
            self._db.execute(sql, (recipient, digest, sender))

    def withdraw(self, digest: bytes, sender: str) -> None:
        """Remove every copy that ``sender`` left of a section, for whomever."""
        with self._lock, transaction(self._db):
            sql = "DELETE FROM copy WHERE digest = ? AND sender = ?"
            self._db.execute(sql, (digest, sender))

    def expire(self, before: int) -> None:
        """Remove what has waited since before a moment (UTC seconds)."""
        with self._lock, transaction(self._db):
            self._db.execute("DELETE FROM copy WHERE at < ?", (before,))

    def copies(self) -> list[tuple[bytes, str, str, bytes]]:
        """List everything that waits: digest, recipient, sender, sealed bytes."""
        sql = "SELECT digest, recipient, sender, sealed FROM copy ORDER BY place"
        with self._lock, reading():
            return self._db.execute(sql).fetchall()
