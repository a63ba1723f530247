"""A log of any length, made without signatures: what restart, memory and proofs are measured on.

Entries have the size of real ones, certificates their real rows; only nobody signed them. What a
replay would make of them is beside the point: nothing here replays.
"""

from __future__ import annotations

import struct
from hashlib import sha256

from benchmarks.measure import whisper
from kimberlite.certificates.transitions import Status
from kimberlite.certificates.v1.rows import CERTIFICATES, Row
from kimberlite.kernel import cbor
from kimberlite.ledger import facts
from kimberlite.ledger.engine.port import Batch, Engine
from kimberlite.ledger.growth import Growth
from kimberlite.ledger.tree import leaf_hashes

CHUNK = 100_000
ENTRY_BYTES = 300
SHARE = 4
"""One entry in so many issues a certificate: 1.2 million in 5 million entries."""

_FIRST = 10**8
"""Serials from here on, well above those that signed traffic uses."""

_BODY = bytes(range(256)) * 2


def fill(engine: Engine, epoch: int, size: int) -> None:
    """Append entries until the log holds ``size``, 100,000 a commit, telling how far it is."""
    growth = Growth.of(engine)
    digest = engine.head().facts
    while growth.size < size:
        first = growth.size
        last = min(first + CHUNK, size)
        entries = [_entry(at) for at in range(first, last)]
        for _, _, told in entries:
            digest = facts.chain(digest, told)
        rows = [_row(at, entries[at - first][0]) for at in range(first, last) if at % SHARE == 0]
        tiles = growth.extend(leaf_hashes(raw for _, raw, _ in entries))
        batch = Batch(first, entries, rows, tiles, growth.edge(), digest)
        engine.commit(batch, epoch)
        whisper(f"filling: {last:,} of {size:,} entries")


def number(at: int) -> str:
    """Name the certificate that entry ``at`` issues, as the log knows it."""
    prefix = chr(ord("A") + at // SHARE % 26)
    return f"X{prefix}{_FIRST + at // SHARE // 26}"


def _entry(at: int) -> tuple[bytes, bytes, bytes]:
    raw = struct.pack(">Q", at) + _BODY[: ENTRY_BYTES - 8]
    statement = sha256(raw).digest()
    told = facts.encode(at, statement, 1, [["certificate", number(at), "issue", "issued"]])
    return statement, raw, told


def _row(at: int, statement: bytes) -> tuple[str, str, bytes]:
    key = number(at)
    row = Row(Status.CONFIRMED, "ordinary", 20_000, 20_060, at, statement, key[:2], (at + 1,))
    return CERTIFICATES.name, key, cbor.encode(CERTIFICATES.to_value(row))
