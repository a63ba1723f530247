"""The log as static files: what anybody needs to read it, replay it and build every proof.

``tile/`` and ``tile/entries/`` and ``checkpoint`` as C2SP tlog-tiles says; beside them ``facts``:
the facts chain's digest in hexadecimal, a space, and the size it belongs to. Each file is written
whole, and a checkpoint only after everything it speaks of, so that a copy taken at any moment is
a log that checks out.
"""

from __future__ import annotations

import os
import re
import shutil
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Self

from kimberlite.kernel.errors import Invalid, Problem, Unavailable, Untrusted
from kimberlite.ledger import checkpoint as notes
from kimberlite.ledger import facts as chain
from kimberlite.ledger import note
from kimberlite.ledger.checkpoint import Checkpoint
from kimberlite.ledger.engine.port import Engine
from kimberlite.ledger.growth import read_tile, root_at
from kimberlite.ledger.tiles import ENTRIES, Tile, changed_tiles, encode_bundle
from kimberlite.storage.files import read_if_there, sync_folder, write_whole

CHECKPOINT, FACTS = "checkpoint", "facts"
_CHUNK = 4096
_FACTS = re.compile(r"(?P<digest>[0-9a-f]{64}) (?P<size>0|[1-9][0-9]{0,18})\n")

Progress = Callable[[int, int], None]


class Publisher:
    """Keeps one public folder level with the log. Use from one thread."""

    def __init__(self, folder: Path, engine: Engine) -> None:
        self._folder, self._engine = folder, engine

    def publish(self, checkpoint: bytes, progress: Progress | None = None) -> int:
        """Bring the folder up to a signed ``checkpoint`` of this log; give the files written.

        Args:
            checkpoint: as the guard signed it.
            progress: told how many files of how many are written.

        Raises:
            Untrusted: ``publish.contradicts`` when the checkpoint, or what the folder holds, is
                not of this log. Unavailable: ``storage.write``; then repeating goes on where it
                stopped.
        """
        found = notes.parse_body(note.parse(checkpoint).text)
        size, digest = self._published()
        if found.size < size:
            return 0  # a later one stands there: whoever was slower has nothing to add
        if found.size > self._engine.head().size or root_at(self._engine, found.size) != found.root:
            raise Untrusted("publish.contradicts", "the checkpoint is not of this log")
        digest = self._chain(digest, size, found.size)
        tiles = changed_tiles(size, found.size)
        for done, tile in enumerate(tiles, start=1):
            path = self._folder / tile.path
            write_whole(path, self._content(tile, found.size), durable=False)
            if progress is not None:
                progress(done, len(tiles))
        self._flush(tiles)
        write_whole(self._folder / FACTS, write_facts(digest, found.size))
        write_whole(self._folder / CHECKPOINT, checkpoint)
        self._tidy(tiles)
        return len(tiles) + 2

    def _published(self) -> tuple[int, bytes]:
        """Say how far the folder is: the size whose files are all there, and its facts digest."""
        signed = read_if_there(self._folder / CHECKPOINT)
        told = read_if_there(self._folder / FACTS)
        if signed is None or told is None:
            return 0, chain.START
        try:
            checkpoint = notes.parse_body(note.parse(signed).text)
            digest, size = parse_facts(told)
        except Invalid:
            return 0, chain.START  # damaged: everything is written again
        return self._agreed(checkpoint, size, digest)

    def _agreed(self, checkpoint: Checkpoint, size: int, digest: bytes) -> tuple[int, bytes]:
        held = self._engine.head().size
        if checkpoint.size > held or root_at(self._engine, checkpoint.size) != checkpoint.root:
            raise Untrusted(
                "publish.contradicts",
                "the public folder holds a checkpoint that this log does not continue",
                size=checkpoint.size,
            )
        if size != checkpoint.size:  # stopped between the two: the chain is taken up from nothing
            return checkpoint.size, self._chain(chain.START, 0, checkpoint.size)
        return size, digest

    def _chain(self, digest: bytes, start: int, end: int) -> bytes:
        for first in range(start, end, _CHUNK):
            for stored in self._engine.entries(first, min(first + _CHUNK, end)):
                digest = chain.chain(digest, stored.facts)
        return digest

    def _content(self, tile: Tile, size: int) -> bytes:
        if tile.level != ENTRIES:
            return read_tile(self._engine, size, tile.level, tile.index, tile.width)
        found = self._engine.entries(tile.start, tile.start + tile.width)
        return encode_bundle([each.raw for each in found])

    def _flush(self, tiles: Sequence[Tile]) -> None:
        """Make the files and their names durable: together, as a disk flushes many for one."""
        folders = {self._folder}
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            for tile in tiles:
                path = self._folder / tile.path
                with path.open("rb") as file:
                    os.fsync(file.fileno())
                folders.update((path.parent, path.parent.parent))
            for each in sorted(folders):
                sync_folder(each)
        except OSError as bad:
            raise Unavailable(
                "storage.write", f"the public folder could not be written: {bad.strerror}"
            ) from bad

    def _tidy(self, tiles: Sequence[Tile]) -> None:
        """Remove the partial files of each tile that is now full; readers fall back to that."""
        for tile in tiles:
            if tile.full:
                shutil.rmtree(self._folder / f"{tile.path}.p", ignore_errors=True)


class Publishing:
    """Publishes on a thread of its own, so that no batch waits for files.

    Whatever was told last is published next; what was overtaken meanwhile is skipped.
    """

    def __init__(self, publisher: Publisher) -> None:
        self._publisher = publisher
        self._news = threading.Condition()
        self._next: bytes | None = None
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="publishing", daemon=True)
        self.trouble: Problem | None = None
        """Why the folder is behind, as long as it is."""

    def start(self) -> Self:
        """Begin. Gives itself."""
        self._thread.start()
        return self

    def tell(self, checkpoint: bytes | None) -> None:
        """Say that there is a new checkpoint. Never waits."""
        with self._news:
            self._next = checkpoint
            self._news.notify()

    def stop(self, timeout: float | None = None) -> None:
        """Publish what was told last, then end the thread."""
        with self._news:
            self._closing = True
            self._news.notify()
        self._thread.join(timeout)

    def _run(self) -> None:
        while True:
            with self._news:
                while self._next is None and not self._closing:
                    self._news.wait()
                told, self._next = self._next, None
            if told is None:
                return
            try:
                self._publisher.publish(told)
            except Problem as bad:
                self.trouble = bad
            else:
                self.trouble = None


def write_facts(digest: bytes, size: int) -> bytes:
    """Write the file ``facts``."""
    return f"{digest.hex()} {size}\n".encode()


def parse_facts(data: bytes) -> tuple[bytes, int]:
    """Read the file ``facts``: digest, size. Raises Invalid ``publish.facts``."""
    try:
        found = _FACTS.fullmatch(data.decode("ascii"))
    except UnicodeDecodeError:
        found = None
    if found is None:
        raise Invalid("publish.facts", "expected 64 hexadecimal digits, a space and a size")
    return bytes.fromhex(found["digest"]), int(found["size"])
