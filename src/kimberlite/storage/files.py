"""Files that are either the old whole or the new whole, and folders that one process owns."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from kimberlite.kernel.errors import Conflict, Unavailable


def write_whole(path: Path, data: bytes, *, mode: int = 0o644, durable: bool = True) -> None:
    """Replace ``path`` by ``data`` in one step; after a crash it holds the old or the new.

    Raises:
        Unavailable: ``storage.write`` when the disk is full or refuses.
    """
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
        try:
            left = memoryview(data)
            while left:
                left = left[os.write(handle, left) :]
            if durable:
                os.fsync(handle)
        finally:
            os.close(handle)
        Path(aside).replace(path)
        if durable:
            sync_folder(path.parent)
    except OSError as bad:
        with suppress(OSError):  # a parent that is a file has nothing to remove
            aside.unlink()
        raise Unavailable(
            "storage.write", f"{path.name} could not be written: {bad.strerror}"
        ) from bad


def read_if_there(path: Path) -> bytes | None:
    """Give the whole of ``path``, or None when there is no such file.

    Raises:
        Unavailable: ``storage.read``.
    """
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as bad:
        raise Unavailable("storage.read", f"{path.name} could not be read: {bad.strerror}") from bad


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock file ``path`` while the block runs; wait while another process holds it.

    Raises:
        Unavailable: ``storage.write`` when the lock file cannot be made.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as bad:
        raise Unavailable(
            "storage.write", f"{path.name} could not be made: {bad.strerror}"
        ) from bad
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def sync_folder(folder: Path) -> None:
    """Make the folder's names durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def owned(folder: Path) -> Iterator[None]:
    """Own ``folder`` for as long as the block runs, against other processes on this machine.

    Raises:
        Conflict: ``storage.owned`` when another process owns it.
        Unavailable: ``storage.write`` when the folder cannot be made or written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        opened = (folder / ".lock").open("a+")
    except OSError as bad:
        raise Unavailable(
            "storage.write", f"{folder.name} could not be used: {bad.strerror}"
        ) from bad
    with opened as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as bad:
            raise Conflict(
                "storage.owned",
                f"another process works in {folder.name}: stop it first, or use another folder",
                folder=folder.name,
            ) from bad
        yield
