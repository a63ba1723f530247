"""What stands between the log key and two histories: the latest checkpoint that was ever signed.

It is kept apart from the log, is never part of a backup, and is made durable before a signature is
shown. A log that is behind it, or that disagrees with it, has been restored from an older copy or
rewritten, and gets no signature. Source: ours, docs/decisions/0009.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Protocol

from kimberlite.crypto.keys import PrivateKey, PublicKey
from kimberlite.kernel.errors import Conflict, Problem, Unavailable, Untrusted
from kimberlite.ledger import checkpoint as notes
from kimberlite.ledger.checkpoint import Checkpoint
from kimberlite.storage.files import locked, read_if_there, write_whole


class Memo(Protocol):
    """Where the latest checkpoint is remembered."""

    def held(self) -> AbstractContextManager[None]:
        """Keep every other process from it while the block runs."""

    def load(self) -> bytes | None:
        """Give the signed note, or None when nothing was ever signed here."""

    def store(self, signed: bytes) -> None:
        """Remember the note durably before returning."""


class MemoryMemo:
    """Remembers for as long as the process runs: for logs that live in memory."""

    def __init__(self) -> None:
        self._signed: bytes | None = None

    def held(self) -> AbstractContextManager[None]:
        """Keep nobody away: memory has no other processes."""
        return nullcontext()

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

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep other processes from it while the block runs; wait for them if need be."""
        with locked(self._path.with_name(f".{self._path.name}.lock")):
            yield

    def load(self) -> bytes | None:
        """Give the signed note, or None. Raises Unavailable ``storage.read``."""
        return read_if_there(self._path)

    def store(self, signed: bytes) -> None:
        """Remember the note, durably. Raises Unavailable ``storage.write``."""
        write_whole(self._path, signed)


class Guard:
    """Signs checkpoints of one log, each a continuation of the one before."""

    def __init__(
        self, origin: str, key: PrivateKey, memo: Memo, before: Sequence[PublicKey] = ()
    ) -> None:
        """Take up what ``memo`` remembers.

        Args:
            origin: the log's.
            key: what checkpoints are signed with from now on.
            before: keys that the log signed with before this one.

        Raises:
            Untrusted: ``note.unsigned``, ``note.signature`` when that is by none of these keys;
                ``checkpoint.other-log``.
        """
        self._origin, self._key, self._memo = origin, key, memo
        self._keys = (key.public, *before)
        self._signed: bytes | None = None
        self._last: Checkpoint | None = None
        self._recall()

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
            if size:
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
            Untrusted: ``note.unsigned``, ``note.signature``, ``checkpoint.other-log`` when it is
                not by this log's key; ``log.rolled-back`` when an even later one is remembered
                here; ``log.contradicts`` when another of the same size is.
        """
        found = self._open(signed)
        with self._memo.held():
            self._recall()
            last = self._last
            if last is not None and found.size < last.size:
                raise Untrusted("log.rolled-back", "a later checkpoint is remembered here")
            if last is not None and found.size == last.size and found.root != last.root:
                raise Untrusted(
                    "log.contradicts",
                    "another root is remembered here for this size: two histories were signed",
                )
            self._keep(found, signed)

    def sign(self, size: int, root: bytes) -> bytes:
        """Sign the checkpoint of a log that has only grown since the last.

        The caller has committed the entries; whether they continue the tree was made sure of by
        ``check`` when the log was opened and by the single writer since.

        Raises:
            Untrusted: ``log.contradicts``.
            Conflict: ``log.fenced`` when a longer log was signed, by this or another process.
            Unavailable: ``log.unsigned``: nothing was signed, what was committed stays.
        """
        try:
            with self._memo.held():
                self._recall()
                last = self._last
                if last is not None and self._signed is not None and size <= last.size:
                    return self._repeat(last, self._signed, size, root)
                found = Checkpoint(self._origin, size, root)
                signed = notes.sign(found, self._key)
                self._keep(found, signed)
                return signed
        except Unavailable as bad:
            raise Unavailable(
                "log.unsigned",
                "the entries are in the log, but its checkpoint could not be signed as it could "
                f"not be remembered: {bad.detail}",
                size=size,
            ) from bad

    @staticmethod
    def _repeat(last: Checkpoint, signed: bytes, size: int, root: bytes) -> bytes:
        if size < last.size:
            raise Conflict(
                "log.fenced", "a longer log was signed: another process writes it", size=last.size
            )
        if root != last.root:
            raise Untrusted("log.contradicts", "another root was signed for this size", size=size)
        return signed

    def _recall(self) -> None:
        """Read the memo again, as another process may have signed; it never makes us forget."""
        signed = self._memo.load()
        if signed is None or signed == self._signed:
            return
        try:
            found = self._open(signed)
        except Problem as bad:
            raise Untrusted(
                bad.code, f"the record of the latest checkpoint is not usable: {bad.detail}"
            ) from bad
        if self._last is None or found.size >= self._last.size:
            self._signed, self._last = signed, found

    def _open(self, signed: bytes) -> Checkpoint:
        """Read a checkpoint by one of this log's keys; by none of them, say what this key says."""
        for key in self._keys[1:]:
            with suppress(Problem):
                return notes.open_(signed, key, origin=self._origin)
        return notes.open_(signed, self._keys[0], origin=self._origin)

    def _keep(self, found: Checkpoint, signed: bytes) -> None:
        self._memo.store(signed)
        self._signed, self._last = signed, found
