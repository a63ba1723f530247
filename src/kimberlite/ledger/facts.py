"""The facts chain: what every replay must arrive at, one digest for the whole history.

d(i) = SHA-256(d(i-1) || CBOR([index, statement id, rule version, facts])), d(-1) = 32 zero bytes.
It stands beside the checkpoint, so a replay that decided differently shows at once. Source: ours,
docs/decisions/0006.
"""

from __future__ import annotations

import hashlib
from typing import Any

from kimberlite.kernel import cbor

START = bytes(32)


def encode(index: int, statement: bytes, version: int, facts: list[list[Any]]) -> bytes:
    """Give the bytes of one entry's facts."""
    return cbor.encode([index, statement, version, facts])


def chain(previous: bytes, encoded: bytes) -> bytes:
    """Give the digest after one more entry."""
    return hashlib.sha256(previous + encoded).digest()
