"""Where a follower gets entries from, and what it says of how far it has come."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

Progress = Callable[[int, int], None]
"""Told how many entries of how many are there."""


class Source(Protocol):
    """Where entries come from: a line to the log node, or a pouch."""

    def checkpoint(self) -> bytes:
        """Give the signed checkpoint that the entries stand under."""

    def entries(self, number: int, width: int) -> Sequence[bytes]:
        """Give the first ``width`` entries of bundle ``number``, 256 a bundle."""

    def facts(self) -> tuple[bytes, int] | None:
        """Give the published digest of the facts chain and its size, or None."""


@dataclass(frozen=True, slots=True)
class Followed:
    """Where the copy stands, and how many entries are new."""

    size: int
    new: int
