"""Status snapshots: bytes on a bad line and time, for a year of 60,000 certificates and for ten."""

from __future__ import annotations

import hashlib
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measure import Figures
from kimberlite.certificates import status
from kimberlite.certificates.status_form import Payload, Row, pack, payload_of, unpack
from kimberlite.certificates.status_make import KEPT
from kimberlite.certificates.transitions import Status
from kimberlite.certificates.v1.rows import CERTIFICATES
from kimberlite.certificates.v1.rows import Row as Record
from kimberlite.kernel import cbor
from kimberlite.kernel.days import day_of
from kimberlite.ledger.engine.port import Batch
from kimberlite.ledger.engine.sqlite import SqliteEngine
from kimberlite.ledger.state import State
from kimberlite.node import trust
from tests.helpers.log import BEGAN, Desk, key

YEAR, ISSUERS, DAYS = 60_000, 40, 365
YEARS = 10


def bench(*, quick: bool) -> Iterator[Figures]:
    """Write and read a year's full snapshot, and the delta of one day."""
    count = 600 if quick else YEAR
    issued: Counter[str] = Counter()
    rows = [_row(at, count, issued) for at in range(count)]
    a_day = max(1, count // DAYS)
    # A day brings new certificates, and confirms about as many of two weeks before.
    day = [*rows[-a_day:], *rows[-15 * a_day : -14 * a_day]]
    for name, some in (("full", rows), ("a day", day)):
        payload = Payload(bytes(32), bytes(220), 1, 2, ended=((bytes(8), 5),) * 3)
        began = time.perf_counter()
        raw = payload_of(payload, pack(some))
        wrote = time.perf_counter()
        unpack(raw, status.LIMIT)
        read = time.perf_counter()
        yield {
            "bench": "status",
            "snapshot": name,
            "certificates": len(some),
            "bytes": len(raw) + 90,
            "bytes_each": round(len(raw) / len(some), 2),
            "write_ms": round((wrote - began) * 1e3, 1),
            "read_ms": round((read - wrote) * 1e3, 1),
            "limit": "eight bytes that stand for each statement",
            "limit_figure": 8 * len(some),
            "ratio": round(8 * len(some) / len(raw), 3),
        }

    yield from _years(2_000 if quick else YEARS * YEAR)


def _years(count: int) -> Iterator[Figures]:
    """Make full snapshots in a log of ten years: the first, and one when most is read already."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "log.sqlite"
        engine = SqliteEngine(path)
        log = Desk(engine).log
        assert log.checkpoint is not None
        head, rows = engine.head(), list(_records(count))
        batch = Batch(head.size, (), rows, (), head.frontier, head.facts)
        engine.commit(batch, engine.lease())
        reading, window = SqliteEngine(path, readonly=True), trust.Window()
        for name in ("ten years, first", "ten years, later"):
            began = time.process_time()
            told = (reading, State(reading), log.checkpoint, key("log"))
            raw = trust.status(*told, window=window)
            took = time.process_time() - began
            named = sum(1 for _ in window.rows(reading, day_of(BEGAN) - KEPT))
            yield {
                "bench": "status",
                "snapshot": name,
                "certificates": count,
                "named": named,
                "bytes": len(raw),
                "cpu_seconds": round(took, 2),
            }
        reading.close()
        engine.close()


def _records(count: int) -> Iterator[tuple[str, str, bytes]]:
    """Give the rows of ``count`` certificates, issued evenly over ten years until today."""
    issued: Counter[str] = Counter()
    for at in range(count):
        told = _row(at, count, issued)
        day = day_of(BEGAN) - (count - 1 - at) * DAYS * YEARS // count
        digest = hashlib.sha256(at.to_bytes(8, "big")).digest()
        acts = (at * 3 + 1, at * 3 + 2)
        row = Record(told.status, "ordinary", day, day + 60, at * 3, digest, told.prefix, acts)
        name = f"{told.prefix}{told.serial}"
        yield CERTIFICATES.name, name, cbor.encode(CERTIFICATES.to_value(row))


def _row(at: int, count: int, issued: Counter[str]) -> Row:
    """Give one certificate: large issuers have more, entries in between are other statements."""
    digest = hashlib.sha256(at.to_bytes(8, "big")).digest()
    issuer = min(digest[0] * digest[1] * ISSUERS >> 16, ISSUERS - 1)
    prefix = chr(65 + issuer // 26) + chr(65 + issuer % 26)
    issued[prefix] += 1
    used = at < count - 14 * max(1, count // DAYS)
    lost = digest[2] < 5
    state = Status.VOID if lost else Status.CONFIRMED if used else Status.ISSUED
    return Row(prefix, issued[prefix], at * 3 + digest[3] % 3, state, digest[8:16])
