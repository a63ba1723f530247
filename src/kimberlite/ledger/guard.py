"""What stands between the log key and two histories: the latest checkpoint that was ever signed.

It is kept apart from the log, is never part of a backup, and is made durable before a signature is
shown. A log that is behind it, or that disagrees with it, has been restored from an older copy or
rewritten, and gets no signature. Source: ours, docs/decisions/0009.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from kimberlite.crypto.keys import PrivateKey
from kimberlite.kernel.errors import Untrusted
from kimberlite.ledger import checkpoint as notes
from kimberlite.ledger.checkpoint import Checkpoint
from kimberlite.storage.files import write_whole


class Memo(Protocol):
    """Where the latest checkpoint is remembered."""

    def load(self) -> bytes | None:
        """Give the signed note, or None when nothing was ever signed here."""

    def store(self, signed: bytes) -> None:
        """Remember the note durably before returning."""


class MemoryMemo:
    """Remembers for as long as the process runs: for logs that live in memory."""

    def __init__(self) -> None:
        self._signed: bytes | None = None

    def load(self) -> bytes | None:
        """Give the signed note, or None."""
        return self._signed

    def store(self, signed: bytes) -> None:
        """Remember the note."""
        self._signed = signed


class FileMemo:
    """Remembers in a file beside the log key."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def load(self) -> bytes | None:
        """Give the signed note, or None."""
        return self._path.read_bytes() if self._path.exists() else None

    def store(self, signed: bytes) -> None:
        """Remember the note, durably. Raises Unavailable ``storage.write``."""
        write_whole(self._path, signed)


class Guard:
    """Signs checkpoints of one log, each a continuation of the one before."""

    def __init__(self, origin: str, key: PrivateKey, memo: Memo) -> None:
        self._origin, self._key, self._memo = origin, key, memo
        signed = memo.load()
        self._signed = signed
        self._last = None if signed is None else notes.open_(signed, key.public)

    @property
    def signed(self) -> bytes | None:
        """Give the latest signed checkpoint."""
        return self._signed

    @property
    def last(self) -> Checkpoint | None:
        """Give what the latest signed checkpoint says."""
        return self._last

    def check(self, size: int, root_at: Callable[[int], bytes]) -> None:
        """Make sure that the log of ``size`` entries continues what was signed last.

        Raises:
            Untrusted: ``log.unguarded`` when entries exist but nothing remembers a checkpoint;
                ``log.rolled-back`` when the log is shorter than one that was signed;
                ``log.contradicts`` when it has other entries.
        """
        last = self._last
        if last is None:
            if size > 1:
                raise Untrusted(
                    "log.unguarded",
                    "this log has entries but no record of what was signed: if it was restored "
                    "from a backup, name the latest checkpoint that others hold",
                    size=size,
                )
        elif size < last.size:
            raise Untrusted(
                "log.rolled-back",
                f"this log has {size} entries, but a checkpoint of {last.size} was signed: it is "
                "an older copy and must not sign",
                size=size,
                signed=last.size,
            )
        elif root_at(last.size) != last.root:
            raise Untrusted(
                "log.contradicts",
                f"the first {last.size} entries are not those that were signed",
                signed=last.size,
            )

    def adopt(self, signed: bytes) -> None:
        """Take a checkpoint that others hold as the latest signed, after a restore.

        Raises:
            Untrusted: when it is not by this log's key; ``log.rolled-back`` when an even later
                one is remembered here.
        """
        found = notes.open_(signed, self._key.public)
        if self._last is not None and found.size < self._last.size:
            raise Untrusted("log.rolled-back", "a later checkpoint is remembered here")
        self._memo.store(signed)
        self._last, self._signed = found, signed

    def sign(self, size: int, root: bytes) -> bytes:
        """Sign the checkpoint of a log that has only grown since the last.

        The caller has committed the entries; whether they continue the tree was made sure of by
        ``check`` when the log was opened and by the single writer since.

        Raises:
            Untrusted: ``log.rolled-back``, ``log.contradicts``.
            Unavailable: ``storage.write``; then nothing was signed.
        """
        last = self._last
        if last is not None:
            if size < last.size:
                raise Untrusted("log.rolled-back", "a longer log was signed before")
            if size == last.size:
                if root != last.root:
                    raise Untrusted("log.contradicts", "another root was signed for this size")
                if self._signed is not None:
                    return self._signed
        found = Checkpoint(self._origin, size, root)
        signed = notes.sign(found, self._key)
        self._memo.store(signed)
        self._last, self._signed = found, signed
        return signed
