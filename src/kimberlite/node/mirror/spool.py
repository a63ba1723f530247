"""Entries on their way in: fetched, but not yet shown to be those that a checkpoint speaks of.

A file of the first index (8 bytes) and entries, each after its length (2 bytes, big-endian). It
survives a crash, so that a bad line is not paid for twice; nothing in it is believed.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from kimberlite.kernel.errors import Unavailable

_FIRST, _LENGTH = struct.Struct(">Q"), struct.Struct(">H")


class Spool:
    """The spool of one node; used by its one follower."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: BinaryIO | None = None
        self.first = 0
        """Index of the first entry in the file."""
        self.count = 0

    def take_up(self, size: int) -> None:
        """Go on with what is there for a log of ``size`` entries, or begin anew.

        Raises:
            Unavailable: ``storage.write``.
        """
        self.close()
        try:
            if not self._recover(size):
                self.begin(size)
        except OSError as bad:
            raise _unwritten(bad) from bad

    def begin(self, size: int) -> None:
        """Throw away what is there and begin at ``size``. Raises Unavailable ``storage.write``."""
        self.close()
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._path.open("w+b")
            self._file.write(_FIRST.pack(size))
            self._file.flush()
        except OSError as bad:
            raise _unwritten(bad) from bad
        self.first, self.count = size, 0

    def _recover(self, size: int) -> bool:
        if not self._path.exists():
            return False
        file = self._file = self._path.open("r+b")
        head = file.read(_FIRST.size)
        if len(head) != _FIRST.size:
            return False
        (self.first,) = _FIRST.unpack(head)
        end, self.count = file.tell(), 0
        for entry in _entries(file):
            end += _LENGTH.size + len(entry)
            self.count += 1
        file.truncate(end)
        file.seek(end)
        return self.first <= size <= self.first + self.count

    @property
    def end(self) -> int:
        """Give the index after the last entry."""
        return self.first + self.count

    def add(self, entries: Sequence[bytes]) -> None:
        """Put entries at the end. Raises Unavailable ``storage.write``."""
        file = self._opened()
        try:
            file.write(b"".join([_LENGTH.pack(len(each)) + each for each in entries]))
            file.flush()
        except OSError as bad:
            raise _unwritten(bad) from bad
        self.count += len(entries)

    def chunks(self, start: int, most: int) -> Iterator[list[bytes]]:
        """Give entries from index ``start`` on, ``most`` at a time."""
        file = self._opened()
        file.seek(_FIRST.size)
        chunk: list[bytes] = []
        for at, entry in enumerate(_entries(file), self.first):
            if at >= start:
                chunk.append(entry)
            if len(chunk) == most:
                yield chunk
                chunk = []
        if chunk:
            yield chunk

    def close(self) -> None:
        """Let go of the file, and leave it."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def remove(self) -> None:
        """Let go of the file, and remove it."""
        self.close()
        self._path.unlink(missing_ok=True)

    def _opened(self) -> BinaryIO:
        if self._file is None:
            self.begin(self.first)
        assert self._file is not None
        return self._file


def _entries(file: BinaryIO) -> Iterator[bytes]:
    while True:
        head = file.read(_LENGTH.size)
        if len(head) != _LENGTH.size:
            return
        (length,) = _LENGTH.unpack(head)
        entry = file.read(length)
        if len(entry) != length:
            return
        yield entry


def _unwritten(bad: OSError) -> Unavailable:
    return Unavailable("storage.write", f"the spool could not be written: {bad.strerror}")
