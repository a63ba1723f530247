"""Copies of a log that can be audited or taken over: an engine's, or a folder of static files.

A third kind, the archive in one file, is in ``archive``. A copy only hands out bytes; nothing in
it is believed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

from kimberlite.kernel.errors import Invalid, NotFound
from kimberlite.ledger import checkpoint as notes
from kimberlite.ledger import note
from kimberlite.ledger.engine.port import Engine
from kimberlite.ledger.publish import CHECKPOINT, FACTS, parse_facts
from kimberlite.ledger.tiles import ENTRIES, TILE_WIDTH, Tile, parse_bundle
from kimberlite.storage.files import read_if_there

CHUNK = 2048
"""Entries handed out at a time: some 2 MB, and eight tiles."""


class Copy(Protocol):
    """One copy of a log, of ``size`` entries.

    ``checkpoint`` is the signed note it came with; ``facts`` the published digest of the facts
    chain, with the size it belongs to. Either may be missing.
    """

    @property
    def size(self) -> int:
        """Count the entries that the copy claims to hold."""

    @property
    def checkpoint(self) -> bytes | None:
        """Give the signed checkpoint that came with it."""

    def chunks(self) -> Iterator[Sequence[bytes]]:
        """Give the entries in order, some at a time."""

    def facts(self) -> tuple[bytes, int] | None:
        """Give the published facts digest and its size; asked after the last chunk."""

    def tile(self, level: int, number: int) -> bytes | None:
        """Give a full hash tile that the copy holds, for comparison, or None."""


class EngineCopy:
    """The log of an engine, as of the moment this is made."""

    def __init__(self, engine: Engine, checkpoint: bytes | None = None) -> None:
        self._engine, self._head = engine, engine.head()
        self.checkpoint = checkpoint

    @property
    def size(self) -> int:
        """Count the entries."""
        return self._head.size

    def chunks(self) -> Iterator[Sequence[bytes]]:
        """Give the entries in order."""
        for start in range(0, self.size, CHUNK):
            found = self._engine.entries(start, min(start + CHUNK, self.size))
            yield [each.raw for each in found]

    def facts(self) -> tuple[bytes, int] | None:
        """Give the digest that the engine's head holds."""
        return self._head.facts, self._head.size

    def tile(self, level: int, number: int) -> bytes | None:
        """Give a tile that the engine holds."""
        return self._engine.tile(level, number)


class FolderCopy:
    """A folder of static files as ``publish`` writes them, from a mirror or a USB stick."""

    def __init__(self, folder: Path) -> None:
        """Read the folder's checkpoint.

        Raises:
            NotFound: ``copy.missing`` when there is none. Invalid: ``note.*``, ``checkpoint.*``.
        """
        self._folder = folder
        self.checkpoint: bytes | None = self._file(CHECKPOINT)
        self._size = notes.parse_body(note.parse(self._file(CHECKPOINT)).text).size

    @property
    def size(self) -> int:
        """Count the entries that the checkpoint speaks of."""
        return self._size

    def chunks(self) -> Iterator[Sequence[bytes]]:
        """Give the entries in order.

        Raises:
            NotFound: ``copy.missing``. Invalid: ``tiles.length`` for a damaged bundle.
        """
        waiting: list[bytes] = []
        for start in range(0, self._size, TILE_WIDTH):
            width = min(TILE_WIDTH, self._size - start)
            waiting.extend(self._bundle(start // TILE_WIDTH, width))
            if len(waiting) >= CHUNK:
                yield waiting
                waiting = []
        if waiting:
            yield waiting

    def facts(self) -> tuple[bytes, int] | None:
        """Give the published digest, or None when the folder has none.

        Raises:
            Invalid: ``publish.facts``.
        """
        told = read_if_there(self._folder / FACTS)
        return None if told is None else parse_facts(told)

    def tile(self, level: int, number: int) -> bytes | None:
        """Give a full tile of the folder."""
        return read_if_there(self._folder / Tile(level, number).path)

    def _bundle(self, number: int, width: int) -> Sequence[bytes]:
        exact = read_if_there(self._folder / Tile(ENTRIES, number, width).path)
        if exact is not None:
            return parse_bundle(exact, width)
        # The partial file goes once the full one is there.
        return parse_bundle(self._file(Tile(ENTRIES, number).path), TILE_WIDTH)[:width]

    def _file(self, name: str) -> bytes:
        found = read_if_there(self._folder / name)
        if found is None:
            raise NotFound("copy.missing", f"the copy lacks the file {name}", file=name)
        return found


def refuse_empty(copy: Copy) -> None:
    """Refuse a copy without entries. Raises Invalid ``copy.empty``."""
    if not copy.size:
        raise Invalid("copy.empty", "the copy holds no entries: there is nothing to check")
