"""What the machine itself allows: bare signatures, bare hashes, bare commits, a bare start."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

from nacl.bindings import crypto_sign_open

from kimberlite.crypto.sign1 import to_be_signed
from kimberlite.ledger.envelope import parse

VERIFICATION = "bare Ed25519 verification (crypto_sign_open of the same messages)"
HASHING = "bare SHA-256 of 65-byte nodes"
COMMIT = "bare SQLite commit of one row (WAL, synchronous=FULL)"
START = "python -c pass"


def verification(
    raws: Sequence[bytes], keys: Mapping[bytes, bytes], threads: int = 1
) -> Callable[[], object]:
    """Check the signatures of ``raws``, given as libsodium wants them, and nothing else.

    ``keys`` are public keys by key id. With more threads, each takes its share.
    """
    work = []
    for statement in map(parse, raws):
        told = to_be_signed(statement.protected, statement.payload)
        work.append((statement.signature + told, keys[statement.header.kid]))
    if threads == 1:
        return lambda: _open_all(work)
    shares = [work[at::threads] for at in range(threads)]
    pool = ThreadPoolExecutor(threads)
    return lambda: list(pool.map(_open_all, shares))


def _open_all(work: Sequence[tuple[bytes, bytes]]) -> None:
    for signed, key in work:
        crypto_sign_open(signed, key)


def hashing(count: int) -> Callable[[], object]:
    """Hash ``count`` nodes of 65 bytes."""
    node = bytes(65)

    def run() -> None:
        for _ in range(count):
            sha256(node).digest()

    return run


class Commits:
    """Commits one small row at a time into a database of its own."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")
        self._db.execute("CREATE TABLE bare (raw BLOB)")

    def __call__(self) -> None:
        """Commit one row."""
        self._db.execute("BEGIN IMMEDIATE")
        self._db.execute("INSERT INTO bare VALUES (x'00')")
        self._db.execute("COMMIT")

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()


def program(*words: str) -> Callable[[], object]:
    """Run this Python with ``words``; its output is thrown away."""
    command = [sys.executable, *words]
    return lambda: subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
