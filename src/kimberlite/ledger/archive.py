"""A whole log in one file, to keep, to hand over, or to begin another node from.

A CBOR sequence (RFC 8742): ["kp-archive/1", size, checkpoint note]; every entry as a byte string;
[facts digest, SHA-256 of all bytes before this item]. Taking one over replays and checks every
entry, so the file needs no more trust than a stranger's. Source: ours, docs/spec/admission.md.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from kimberlite.kernel import cbor
from kimberlite.kernel.errors import Conflict, Invalid, Problem, Unavailable, Untrusted
from kimberlite.ledger import checkpoint as notes
from kimberlite.ledger import facts as chain
from kimberlite.ledger import note
from kimberlite.ledger.audit import Progress
from kimberlite.ledger.copies import CHUNK
from kimberlite.ledger.engine.port import Engine
from kimberlite.ledger.growth import root_at
from kimberlite.ledger.note import MAX_NOTE
from kimberlite.ledger.tiles import MAX_ENTRY
from kimberlite.storage.files import sync_folder

FORM = "kp-archive/1"
_TAIL = 1 + 34 + 34
_BUFFER = 1 << 20
_BYTES, _ARRAY = 2, 4


def export(
    engine: Engine, checkpoint: bytes, target: Path, progress: Progress | None = None
) -> int:
    """Write the log up to a signed ``checkpoint`` into ``target``; give the bytes written.

    The file appears whole or not at all.

    Raises:
        Untrusted: ``archive.contradicts`` when the checkpoint is not of this log.
        Conflict: ``archive.exists``. Unavailable: ``storage.write``.
    """
    found = notes.parse_body(note.parse(checkpoint).text)
    if found.size > engine.head().size or root_at(engine, found.size) != found.root:
        raise Untrusted("archive.contradicts", "the checkpoint is not of this log")
    if target.exists():
        raise Conflict("archive.exists", f"{target.name} is there already: name another file")
    aside = target.with_name(f".{target.name}.writing")
    try:
        with aside.open("wb", buffering=_BUFFER) as file:
            written = _write(engine, found.size, checkpoint, file, progress)
            file.flush()
            os.fsync(file.fileno())
        aside.rename(target)
        sync_folder(target.parent)
    except OSError as bad:
        aside.unlink(missing_ok=True)
        raise _unwritten(target, bad) from bad
    except BaseException:
        aside.unlink(missing_ok=True)
        raise
    return written


def _write(
    engine: Engine, size: int, checkpoint: bytes, file: BinaryIO, progress: Progress | None
) -> int:
    head = cbor.encode([FORM, size, checkpoint])
    running = hashlib.sha256(head)
    file.write(head)
    written, digest = len(head), chain.START
    for start in range(0, size, CHUNK):
        stored = engine.entries(start, min(start + CHUNK, size))
        part = b"".join([cbor.head(_BYTES, len(each.raw)) + each.raw for each in stored])
        for each in stored:
            digest = chain.chain(digest, each.facts)
        running.update(part)
        written += file.write(part)
        if progress is not None:
            progress(start + len(stored), size)
    return written + file.write(cbor.encode([digest, running.digest()]))


@dataclass(frozen=True, slots=True)
class _Head:
    size: int
    checkpoint: bytes
    start: int


class ArchiveCopy:
    """An archive file, read from beginning to end as often as asked; a ``copies.Copy``."""

    def __init__(self, path: Path) -> None:
        """Read what the file says of itself.

        Raises:
            Invalid: ``archive.form``. Unavailable: ``archive.read``.
        """
        self._path = path
        try:
            self._bytes = path.stat().st_size
            with path.open("rb") as file:
                self._head = _read_head(file.read(MAX_NOTE + 64))
                file.seek(max(0, self._bytes - _TAIL))
                self._tail = _read_tail(file.read())
        except OSError as bad:
            raise _unread(path, bad) from bad

    @property
    def size(self) -> int:
        """Count the entries that the file announces."""
        return self._head.size

    @property
    def checkpoint(self) -> bytes | None:
        """Give the signed checkpoint in the file."""
        return self._head.checkpoint

    def facts(self) -> tuple[bytes, int] | None:
        """Give the facts digest in the file."""
        return self._tail[0], self._head.size

    def tile(self, level: int, number: int) -> bytes | None:  # noqa: ARG002 - a port's method
        """Give nothing: an archive holds entries alone."""
        return None

    def chunks(self) -> Iterator[Sequence[bytes]]:
        """Give the entries in order.

        Raises:
            Invalid: ``archive.form`` when bytes are missing, left over or not entries.
            Untrusted: ``archive.digest`` when a byte was changed.
            Unavailable: ``archive.read``.
        """
        try:
            with self._path.open("rb", buffering=_BUFFER) as file:
                yield from self._read(file)
        except OSError as bad:
            raise _unread(self._path, bad) from bad

    def _read(self, file: BinaryIO) -> Iterator[Sequence[bytes]]:
        running = hashlib.sha256(file.read(self._head.start))
        left = self._head.size
        while left:
            entries: list[bytes] = []
            for _ in range(min(left, CHUNK)):
                head, entry = _read_entry(file)
                running.update(head)
                running.update(entry)
                entries.append(entry)
            left -= len(entries)
            yield entries
        if file.tell() != self._bytes - _TAIL:
            raise _malformed("it holds more than the entries it announces")
        if running.digest() != self._tail[1]:
            raise Untrusted("archive.digest", "the archive was changed since it was written")


def _read_head(data: bytes) -> _Head:
    """Read the first item, without knowing beforehand where it ends."""
    try:
        kind, members, at = cbor.read_head(data, 0)
        if (kind, members) != (_ARRAY, 3):
            raise _malformed("it does not begin as an archive does")
        end = at
        for _ in range(members):
            kind, argument, end = cbor.read_head(data, end)
            end += argument if kind in {2, 3} else 0
        match cbor.decode(data[:end], limit=MAX_NOTE + 64):
            case ["kp-archive/1", int(size), bytes(checkpoint)] if type(size) is int and size > 0:
                return _Head(size, checkpoint, end)
            case _:
                pass
    except (Invalid, IndexError):
        pass
    raise _malformed("it does not begin as an archive does")


def _read_tail(data: bytes) -> tuple[bytes, bytes]:
    try:
        match cbor.decode(data):
            case [bytes(facts), bytes(digest)] if len(facts) == len(digest) == 32:
                return facts, digest
            case _:
                pass
    except Problem:
        pass
    raise _malformed("it does not end as an archive does")


def _read_entry(file: BinaryIO) -> tuple[bytes, bytes]:
    head = file.read(1)
    more = {0x58: 1, 0x59: 2}.get(head[0], 0) if head else 0
    head += file.read(more)
    try:
        kind, length, _ = cbor.read_head(head, 0)
    except (Problem, IndexError):
        raise _malformed("an entry is not a byte string") from None
    if kind != _BYTES or length > MAX_ENTRY:
        raise _malformed("an entry is not a byte string")
    entry = file.read(length)
    if len(entry) != length:
        raise _malformed("it ends in the middle of an entry")
    return head, entry


def _malformed(why: str) -> Problem:
    return Invalid("archive.form", f"this file is not an archive of a log: {why}")


def _unread(path: Path, bad: OSError) -> Problem:
    return Unavailable("archive.read", f"{path.name} could not be read: {bad.strerror}")


def _unwritten(path: Path, bad: OSError) -> Problem:
    return Unavailable("storage.write", f"{path.name} could not be written: {bad.strerror}")
