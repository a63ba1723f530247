"""A tree spelt out the slow way: the recursive definitions of RFC 9162, and nothing clever."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from hashlib import sha256


def some_entries(count: int) -> list[bytes]:
    """Give ``count`` different entries, the same ones every time."""
    return [f"entry {i}".encode() for i in range(count)]


class SlowTree:
    """Holds all leaf hashes and hashes ranges of them by the book. Also a ``NodeSource``."""

    def __init__(self, leaves: Sequence[bytes]) -> None:
        self.leaves = list(leaves)
        self.fetched: list[tuple[int, int]] = []
        self._range = cache(self._hash_range)

    @classmethod
    def of(cls, entries: Sequence[bytes]) -> SlowTree:
        return cls([sha256(b"\x00" + entry).digest() for entry in entries])

    def root(self, size: int) -> bytes:
        """MTH(D[0:size]), RFC 9162 section 2.1.1."""
        return self._range(0, size) if size else sha256(b"").digest()

    def path(self, index: int, size: int) -> list[bytes]:
        """PATH(index, D[0:size]), RFC 9162 section 2.1.3.1."""
        return self._path(index, 0, size)

    def proof(self, old: int, new: int) -> list[bytes]:
        """PROOF(old, D[0:new]), RFC 9162 section 2.1.4.1."""
        return self._subproof(old, 0, new, whole=True)

    def node(self, level: int, index: int) -> bytes:
        self.fetched.append((level, index))
        assert (index + 1) << level <= len(self.leaves), "only complete subtrees are stored"
        return self._range(index << level, (index + 1) << level)

    def _hash_range(self, low: int, high: int) -> bytes:
        if high - low == 1:
            return self.leaves[low]
        middle = low + _split(high - low)
        return sha256(b"\x01" + self._range(low, middle) + self._range(middle, high)).digest()

    def _path(self, index: int, low: int, high: int) -> list[bytes]:
        if high - low == 1:
            return []
        middle = low + _split(high - low)
        if index < middle:
            return [*self._path(index, low, middle), self._range(middle, high)]
        return [*self._path(index, middle, high), self._range(low, middle)]

    def _subproof(self, old: int, low: int, high: int, *, whole: bool) -> list[bytes]:
        if old == high:
            return [] if whole else [self._range(low, high)]
        middle = low + _split(high - low)
        if old <= middle:
            return [*self._subproof(old, low, middle, whole=whole), self._range(middle, high)]
        return [*self._subproof(old, middle, high, whole=False), self._range(low, middle)]


def _split(count: int) -> int:
    """Find the largest power of two below ``count``."""
    power = 1
    while power * 2 < count:
        power *= 2
    return power
