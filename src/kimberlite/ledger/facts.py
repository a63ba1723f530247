"""The facts chain: what every replay must arrive at, one digest for the whole history.

d(i) = SHA-256(d(i-1) || CBOR([index, statement id, rule version, facts])), d(-1) = 32 zero bytes.
It stands beside the checkpoint, so a replay that decided differently shows at once. Source: ours,
docs/decisions/0006.
"""

from __future__ import annotations

import hashlib
from typing import Any

from kimberlite.kernel import cbor
from kimberlite.kernel.errors import Invalid

START = bytes(32)


def encode(index: int, statement: bytes, version: int, facts: list[list[Any]]) -> bytes:
    """Give the bytes of one entry's facts."""
    return cbor.encode([index, statement, version, facts])


def chain(previous: bytes, encoded: bytes) -> bytes:
    """Give the digest after one more entry."""
    return hashlib.sha256(previous + encoded).digest()


def facts_of(encoded: bytes) -> list[list[Any]]:
    """Give the facts out of one entry's encoding. Raises Invalid ``facts.form``."""
    value: Any = cbor.decode(encoded)
    match value:
        case [int(), bytes(), int(), list() as facts]:
            return list(facts)
        case _:
            raise Invalid("facts.form", "these are not an entry's facts")
