"""The vault: openings and files by digest, each copy sealed to one recipient, durable, erasable.

A log cannot forget, so what may have to be forgotten stands here and the log holds its digest.
Every byte is on disk before a call returns. Erasing leaves the day it happened, so that "erased"
is never mistaken for "never had". Source: ours, docs/spec/signer.md, section "Vault".
"""

from __future__ import annotations

import hashlib
import os
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kimberlite.kernel.errors import Invalid, NotFound, Problem, Refused, Unavailable, Untrusted
from kimberlite.storage.files import sync_folder, write_whole

SEALED_LIMIT: Final = 64 * 1024
"""Longest sealed copy, in bytes."""
BLOB_LIMIT: Final = 20 * 1024 * 1024
"""Longest photo or scan, in bytes."""

_MAGIC: Final = b"kp-vault/1\n"
_CHECK_BYTES: Final = 32
_HEAD_BYTES: Final = len(_MAGIC) + _CHECK_BYTES
_DIGEST_BYTES: Final = 32
# No leading dot and no slash: a recipient can name neither a hidden file nor another folder.
_RECIPIENT: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,63}")
_HEX: Final = re.compile(r"[0-9a-f]{64}")
_BLOB: Final = "blob"
_SUFFIX: Final = ".sealed"


@dataclass(frozen=True, slots=True)
class Totals:
    """What a vault holds: sealed copies, blobs, their bytes on disk, and erasures."""

    copies: int
    blobs: int
    size: int
    erased: int


class Vault:
    """One vault in one folder. Safe to use from several threads of one process.

    All methods raise Invalid ``vault.digest`` for a digest that is not 32 bytes and Unavailable
    ``vault.disk`` or ``storage.write`` when the folder cannot be read or written.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()

    def put(self, digest: bytes, recipient: str, sealed: bytes) -> None:
        """Keep the copy of the section ``digest`` that is sealed to ``recipient``.

        Durable on return. A later copy for the same recipient replaces the earlier.

        Raises:
            Invalid: ``vault.recipient``, ``vault.too-large`` over 64 KiB.
            Refused: ``vault.erased``: what was erased does not come back.
        """
        path = self._copy(digest, recipient)
        if len(sealed) > SEALED_LIMIT:
            raise _too_large(SEALED_LIMIT)
        check = _check(digest, recipient, sealed)
        with self._lock:
            self._refuse_erased(digest)
            self._write(path, _MAGIC + check + sealed)

    def get(self, digest: bytes, recipient: str) -> bytes:
        """Give the copy sealed to ``recipient``.

        Raises:
            NotFound: ``vault.erased`` with the day, ``vault.missing``.
            Untrusted: ``vault.damaged`` when the file is not what was put there.
        """
        path = self._copy(digest, recipient)
        self._say_if_erased(digest)
        data = _read(path, _HEAD_BYTES + SEALED_LIMIT)
        sealed = data[_HEAD_BYTES:]
        if data[:_HEAD_BYTES] != _MAGIC + _check(digest, recipient, sealed):
            raise _damaged(digest)
        return sealed

    def recipients(self, digest: bytes) -> tuple[str, ...]:
        """List to whom copies of ``digest`` are sealed, sorted; none after an erasure."""
        if self.erased_on(digest) is not None:
            return ()
        names = _names(self._place("openings", digest))
        return tuple(sorted(n.removesuffix(_SUFFIX) for n in names if n.endswith(_SUFFIX)))

    def put_blob(self, data: bytes) -> bytes:
        """Keep a photo or scan; give its digest, SHA-256, 32 bytes. Durable on return.

        Raises:
            Invalid: ``vault.too-large`` over 20 MiB.
            Refused: ``vault.erased``.
        """
        if len(data) > BLOB_LIMIT:
            raise _too_large(BLOB_LIMIT)
        digest = hashlib.sha256(data).digest()
        path = self._place("blobs", digest) / _BLOB
        with self._lock:
            self._refuse_erased(digest)
            if not path.exists() or _read(path, BLOB_LIMIT) != data:
                self._write(path, data)
        return digest

    def get_blob(self, digest: bytes) -> bytes:
        """Give the photo or scan of that digest.

        Raises:
            NotFound: ``vault.erased``, ``vault.missing``.
            Untrusted: ``vault.damaged``.
        """
        path = self._place("blobs", digest) / _BLOB
        self._say_if_erased(digest)
        data = _read(path, BLOB_LIMIT)
        if hashlib.sha256(data).digest() != digest:
            raise _damaged(digest)
        return data

    def erase(self, digest: bytes, *, on: int) -> None:
        """Erase every copy and the blob of ``digest``, and remember the day ``on``.

        May be repeated: the first day stays. The mark is durable before the first byte goes, so a
        crash in between leaves nothing that ``get`` would still give; ``tidy`` ends the work.
        Overwriting is best effort: a disk that writes elsewhere may keep the old block, which is
        why copies are sealed.
        """
        mark = self._mark(digest)
        with self._lock:
            if not mark.exists():
                self._write(mark, b"%d\n" % on)
            for kind in ("openings", "blobs"):
                _remove(self._place(kind, digest))

    def erased_on(self, digest: bytes) -> int | None:
        """Give the day on which ``digest`` was erased, or None."""
        mark = self._mark(digest)
        try:
            text = mark.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as bad:
            raise _disk(bad) from bad
        return int(text) if re.fullmatch(rb"[0-9]{1,6}\n", text) else 0

    def copies(self) -> Iterator[tuple[bytes, str]]:
        """Give digest and recipient of every sealed copy, in order: what a backup walks."""
        for digest in self._digests("openings"):
            for recipient in self.recipients(digest):
                yield digest, recipient

    def blobs(self) -> Iterator[bytes]:
        """Give the digest of every photo and scan, in order."""
        for digest in self._digests("blobs"):
            if self.erased_on(digest) is None and (self._place("blobs", digest) / _BLOB).exists():
                yield digest

    def erasures(self) -> Iterator[tuple[bytes, int]]:
        """Give digest and day of every erasure, in order: a restore must repeat them."""
        for digest in self._digests("erased"):
            day = self.erased_on(digest)
            if day is not None:
                yield digest, day

    def totals(self) -> Totals:
        """Count what is here."""
        copies = blobs = size = 0
        for digest, recipient in self.copies():
            copies += 1
            size += self._copy(digest, recipient).stat().st_size
        for digest in self.blobs():
            blobs += 1
            size += (self._place("blobs", digest) / _BLOB).stat().st_size
        return Totals(copies, blobs, size, sum(1 for _ in self.erasures()))

    def tidy(self) -> int:
        """End what a crash left half done; give the number of files removed.

        Removes unfinished writes, and what an erasure did not get to. For the start of a process,
        before anything else uses the vault.
        """
        removed = 0
        with self._lock:
            for folder in sorted(self._folder.glob("*/??/*")):
                for name in _hidden(folder):
                    (folder / name).unlink(missing_ok=True)
                    removed += 1
            for digest in self._digests("erased"):
                for kind in ("openings", "blobs"):
                    removed += _remove(self._place(kind, digest))
        return removed

    def _place(self, kind: str, digest: bytes) -> Path:
        if len(digest) != _DIGEST_BYTES:
            raise Invalid("vault.digest", "a digest has 32 bytes", found=len(digest))
        name = digest.hex()
        return self._folder / kind / name[:2] / name

    def _copy(self, digest: bytes, recipient: str) -> Path:
        if _RECIPIENT.fullmatch(recipient) is None:
            raise Invalid(
                "vault.recipient", "a recipient is 1 to 64 letters, digits, dots and hyphens"
            )
        return self._place("openings", digest) / (recipient + _SUFFIX)

    def _mark(self, digest: bytes) -> Path:
        return self._place("erased", digest) / "day"

    def _write(self, path: Path, data: bytes) -> None:
        try:
            _make(path.parent, self._folder)
        except OSError as bad:
            raise _disk(bad) from bad
        write_whole(path, data, mode=0o600)

    def _refuse_erased(self, digest: bytes) -> None:
        day = self.erased_on(digest)
        if day is not None:
            raise Refused("vault.erased", "this was erased and does not come back", day=day)

    def _say_if_erased(self, digest: bytes) -> None:
        day = self.erased_on(digest)
        if day is not None:
            raise NotFound("vault.erased", "this was here and has been erased", day=day)

    def _digests(self, kind: str) -> Iterator[bytes]:
        for shelf in sorted(_names(self._folder / kind)):
            for name in sorted(_names(self._folder / kind / shelf)):
                if _HEX.fullmatch(name):
                    yield bytes.fromhex(name)


def _check(digest: bytes, recipient: str, sealed: bytes) -> bytes:
    """Bind a copy to its place, so that two swapped files show as damaged."""
    name = recipient.encode()
    told = b"".join((_MAGIC, digest, bytes((len(name),)), name, sealed))
    return hashlib.sha256(told).digest()


def _make(folder: Path, top: Path) -> None:
    """Make ``folder`` and whatever is missing above it, each name durable."""
    if folder.is_dir():
        return
    if folder != top:
        _make(folder.parent, top)
    folder.mkdir(mode=0o700, parents=folder == top, exist_ok=True)
    sync_folder(folder.parent)


def _read(path: Path, limit: int) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(limit + 1)
    except FileNotFoundError:
        raise NotFound("vault.missing", "the vault never had this, for this recipient") from None
    except OSError as bad:
        raise _disk(bad) from bad


def _listed(folder: Path) -> list[str]:
    try:
        return [each.name for each in folder.iterdir()]
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as bad:
        raise _disk(bad) from bad


def _names(folder: Path) -> list[str]:
    return [name for name in _listed(folder) if not name.startswith(".")]


def _hidden(folder: Path) -> list[str]:
    return [name for name in _listed(folder) if name.startswith(".")]


def _remove(folder: Path) -> int:
    """Overwrite and unlink all files in ``folder``, then the folder; give how many there were."""
    names = _listed(folder)
    try:
        for name in names:
            _overwrite(folder / name)
            (folder / name).unlink(missing_ok=True)
        if folder.is_dir():
            folder.rmdir()
            sync_folder(folder.parent)
    except OSError as bad:
        raise _disk(bad) from bad
    return len(names)


def _overwrite(path: Path) -> None:
    with path.open("r+b", buffering=0) as file:
        left = path.stat().st_size
        while left:
            left -= file.write(bytes(min(left, 1 << 20)))
        os.fsync(file.fileno())


def _too_large(limit: int) -> Invalid:
    return Invalid("vault.too-large", f"at most {limit} bytes can be kept here", limit=limit)


def _damaged(digest: bytes) -> Untrusted:
    return Untrusted(
        "vault.damaged",
        "what the vault holds is not what was put there: restore it from backup",
        digest=digest.hex(),
    )


def _disk(bad: OSError) -> Problem:
    reason = bad.strerror or "unknown reason"
    return Unavailable("vault.disk", f"the vault cannot be read or written: {reason}")
