"""Name the signature algorithms by their COSE numbers (RFC 9864)."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from types import MappingProxyType


class Algorithm(IntEnum):
    """Name what may sign a statement: fully specified algorithms of RFC 9864, nothing else."""

    ED25519 = -19
    ESP256 = -9


FOREIGN: Mapping[int, Algorithm] = MappingProxyType(
    # EdDSA and ES256 leave the curve open, so RFC 9864 retires them; they are read in objects
    # made by others, with the curve fixed by the key, and never admitted to the log.
    {-8: Algorithm.ED25519, -7: Algorithm.ESP256}
)
