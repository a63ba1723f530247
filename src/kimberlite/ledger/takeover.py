"""Begin a database from a copy of a log, by replaying every entry: all of it or nothing."""

from __future__ import annotations

from pathlib import Path

from kimberlite.kernel.errors import Conflict, Unavailable, Untrusted
from kimberlite.ledger.admission import Books
from kimberlite.ledger.audit import Audit, Progress, audit, checkers_for, cut
from kimberlite.ledger.copies import Copy
from kimberlite.ledger.engine.port import Engine
from kimberlite.ledger.engine.sqlite import SqliteEngine
from kimberlite.ledger.replay import Replay
from kimberlite.storage.files import sync_folder


def import_into(
    engine: Engine,
    copy: Copy,
    books: Books,
    *,
    helpers: int = 1,
    progress: Progress | None = None,
) -> int:
    """Fill an empty engine by replaying a copy that ``audit`` has found good; give the size.

    Raises:
        Conflict: ``import.not-empty``. Untrusted, Upgrade: as ``replay``; then the engine holds
        a beginning only: throw it away.
    """
    if engine.head().size:
        raise Conflict("import.not-empty", "there is a log here already: import beside it")
    epoch = engine.lease()
    with checkers_for(copy, helpers) as checkers:
        replay = Replay(books, engine, checkers=checkers)
        for chunk in copy.chunks():
            for part in cut(chunk, replay.size, (1,)):
                engine.commit(replay.feed(part), epoch)
            if progress is not None:
                progress(replay.size, copy.size)
    return replay.size


def import_file(
    copy: Copy,
    target: Path,
    books: Books,
    *,
    genesis: bytes | None = None,
    progress: Progress | None = None,
) -> Audit:
    """Make the database ``target`` from a copy, after auditing it; all of it or nothing.

    The copy is read twice: to check it, and to fill the database, which gets its name only when
    it is complete. The log cannot be written before its guard knows what was signed
    (``Guard.adopt``).

    Args:
        copy: an archive, a folder or another engine's log.
        target: the database file to make.
        books: rule books by version.
        genesis: SHA-256 of the first entry that you trust, if you know it.
        progress: told entries done of twice the copy's size.

    Raises:
        Conflict: ``import.not-empty`` when ``target`` is there already.
        Untrusted, Upgrade, Invalid, NotFound: as ``audit``. Unavailable: ``storage.write``.
    """
    if target.exists():
        raise Conflict("import.not-empty", "there is a log here already: import beside it")
    tell = progress or _quiet
    found = audit(copy, books, genesis=genesis, progress=lambda done, of: tell(done, 2 * of))
    aside = target.with_name(f".{target.name}.importing")
    _remove(aside)
    try:
        engine = SqliteEngine(aside)
        try:
            import_into(engine, copy, books, progress=lambda done, of: tell(of + done, 2 * of))
            same = (engine.head().size, engine.head().root) == (found.size, found.root)
        finally:
            engine.close()
        if not same:
            raise Untrusted("import.changed", "the copy changed while it was being read")
        aside.rename(target)
        sync_folder(target.parent)
    except OSError as bad:
        raise Unavailable(
            "storage.write", f"{target.name} could not be written: {bad.strerror}"
        ) from bad
    finally:
        _remove(aside)
    return found


def _remove(path: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def _quiet(_done: int, _of: int) -> None:
    """Show no progress."""
