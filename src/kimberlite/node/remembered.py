"""The folder in which a verifier without a node remembers a log, so that it never goes back."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from kimberlite.certificates.verify import Verifier
from kimberlite.ledger import memory
from kimberlite.storage.files import write_whole


class Remembered:
    """One folder, one log: ``trust.json`` in it."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "trust.json"

    def verifier(
        self,
        raw: bytes,
        status: Sequence[bytes] = (),
        *,
        pinned: bytes | None = None,
        root: bytes | None = None,
    ) -> Verifier:
        """Check a bundle and status snapshots against what is remembered, and remember them.

        Nothing is remembered of what was refused.

        Raises:
            Untrusted, Invalid: as ``ledger.memory.accept`` and ``accept_status``.
        """
        known = memory.parse(self._file.read_bytes()) if self._file.is_file() else None
        bundle, seen = memory.accept(raw, known, pinned=pinned, root=root)
        verifier = Verifier(bundle, status)
        if verifier.status_size:
            seen = memory.accept_status(seen, verifier.status_size)
        if seen != known:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            write_whole(self._file, seen.to_bytes())
        return verifier
