"""Status snapshots: bytes on a bad line and time for a year of 60,000 certificates."""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from collections.abc import Iterator

from benchmarks.measure import Figures
from kimberlite.certificates import status
from kimberlite.certificates.status_form import Payload, Row, pack, payload_of, unpack
from kimberlite.certificates.transitions import Status

YEAR, ISSUERS, DAYS = 60_000, 40, 365


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
