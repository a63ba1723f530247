"""Backup and restore of what a node must not lose: the log, the vault and the operational store.

Keys are not in it: they have a ceremony of their own (docs/security/key-ceremony.md), and the
guard beside the log key must never go back in time, or a restored older log could sign a second
history. Every file stands in a manifest with its SHA-256; restore checks all of it first.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

from kimberlite.kernel.errors import Conflict, Invalid, NotFound, Unavailable, Untrusted
from kimberlite.node.erasing import repeat
from kimberlite.node.erasures import Erasure, Erasures, read
from kimberlite.node.home import Home
from kimberlite.storage.files import sync_folder, write_whole
from kimberlite.storage.sqlite import read_only

MANIFEST = "manifest.json"
FORM = "kimberlite-backup/1"


def backup(home: Home, target: Path, progress: Callable[[int], None] | None = None) -> int:
    """Copy a node's data to ``target``, a new folder, while the node runs; give the file count.

    Raises:
        NotFound: ``node.absent``. Conflict: ``backup.exists`` when the folder is not empty.
        Unavailable: ``backup.write``.
    """
    home.read()
    if target.exists() and any(target.iterdir()):
        raise Conflict("backup.exists", "the backup folder is not empty: name a new one")
    try:
        target.mkdir(parents=True, exist_ok=True)
        files = dict(_copy(home, target, progress or _quiet))
    except (OSError, sqlite3.Error) as bad:
        raise Unavailable("backup.write", f"the backup could not be written: {bad}") from bad
    told = {"form": FORM, "files": files}
    write_whole(target / MANIFEST, json.dumps(told, indent=1, sort_keys=True).encode())
    return len(files)


def _copy(home: Home, target: Path, progress: Callable[[int], None]) -> Iterator[tuple[str, str]]:
    for done, source in enumerate(_sources(home), start=1):
        name = source.relative_to(home.path).as_posix()
        copy = target / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        if source.suffix == ".db":
            _copy_database(source, copy)
        else:
            shutil.copyfile(source, copy)
        sync_folder(copy.parent)
        progress(done)
        yield name, _digest(copy)


def _quiet(_done: int) -> None:
    """Show no progress."""


def _sources(home: Home) -> Iterator[Path]:
    """List what is kept: databases first, so that every opening they speak of is in the vault."""
    yield home.described
    if home.erasures.exists():
        yield home.erasures
    for database in (home.office, home.post, home.log):
        if database.exists():
            yield database
    if home.vault.exists():
        yield from sorted(
            each for each in home.vault.rglob("*") if each.is_file() and each.name[0] != "."
        )
    for pattern in ("papers/*/*.cer", "papers/*/*.crl", "designs/*.json"):  # no key is among them
        yield from sorted(home.path.glob(pattern))


def _copy_database(source: Path, copy: Path) -> None:
    """Copy through SQLite, which sees a whole moment even while the node writes."""
    db = sqlite3.connect(read_only(source), uri=True)
    into = sqlite3.connect(copy)
    try:
        db.backup(into)
    finally:
        into.close()
        db.close()


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def restore(source: Path, home: Home) -> int:
    """Put a backup back in place of a node's data; keys and the guard stay as they are.

    What was there is kept beside it, under ``before-restore``. Every erasure that this node or the
    backup knows of is repeated, so what was erased after the backup does not come back with it.

    Raises:
        NotFound: ``backup.absent``. Untrusted: ``backup.damaged`` when a file is not what the
            manifest says; then nothing was changed. ``erasures.damaged``: likewise.
        Conflict: ``backup.kept`` when an earlier ``before-restore`` is still there.
    """
    files = _manifest(source)
    for name, digest in files.items():
        path = source / name
        if not path.is_file() or _digest(path) != digest:
            raise Untrusted("backup.damaged", f"{name} is not what was backed up", file=name)
    erased = _erasures(source, home, files)
    aside = home.path / "before-restore"
    if aside.exists():
        raise Conflict(
            "backup.kept", "before-restore is still there from an earlier restore: move it away"
        )
    aside.mkdir(parents=True)
    for part in ("log", "vault", "office", "post", "node.json"):
        if (home.path / part).exists():
            (home.path / part).rename(aside / part)
    Erasures(home.erasures).add(erased)  # before the first byte of what was erased is back
    for name in files:
        if home.path / name == home.erasures:
            continue
        copy = home.path / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source / name, copy)
        sync_folder(copy.parent)
    repeat(home)
    return len(files)


def _erasures(source: Path, home: Home, files: dict[str, str]) -> tuple[Erasure, ...]:
    """Give the erasures that the backup holds; both records have to be readable."""
    Erasures(home.erasures).all()
    kept = home.erasures.relative_to(home.path).as_posix()
    return read((source / kept).read_bytes()) if kept in files else ()


def _manifest(source: Path) -> dict[str, str]:
    path = source / MANIFEST
    if not path.is_file():
        raise NotFound("backup.absent", f"there is no backup in {source.name}: no {MANIFEST}")
    try:
        told = json.loads(path.read_text())
        files = {str(name): str(digest) for name, digest in told["files"].items()}
    except (ValueError, KeyError, AttributeError, TypeError) as bad:
        raise Invalid("backup.manifest", "the manifest is damaged") from bad
    if told.get("form") != FORM or any(_outside(name) for name in files):
        raise Invalid("backup.manifest", "the manifest is not of this form")
    return files


def _outside(name: str) -> bool:
    path = Path(name)
    return path.is_absolute() or ".." in path.parts
