"""The signer's own record of what it was asked and what it answered: lines of JSON, no secrets."""

from __future__ import annotations

import json
import os
import threading
from contextlib import suppress
from pathlib import Path
from typing import Final

from kimberlite.kernel.days import show_moment

LONGEST: Final = 16 * 1024 * 1024
"""Bytes after which the file is set aside as ``.1`` and a new one begun."""


class Notes:
    """A file of lines, for people and their tools; what counts is in the journal.

    A disk that cannot take a line does not stop the signer: the journal would.
    """

    def __init__(self, path: Path, *, longest: int = LONGEST) -> None:
        self._path, self._longest = path, longest
        self._lock = threading.Lock()

    def note(self, moment: int, what: str, **details: str | int | list[str]) -> None:
        """Add one line: when, what, and details, none of them content of a sealed section."""
        told = {"at": show_moment(moment), "what": what, **details}
        line = json.dumps(told, ensure_ascii=True, sort_keys=True) + "\n"
        with self._lock, suppress(OSError):
            self._make_room()
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
            handle = os.open(self._path, flags, 0o600)
            try:
                os.write(handle, line.encode())
            finally:
                os.close(handle)

    def _make_room(self) -> None:
        if self._path.exists() and self._path.stat().st_size >= self._longest:
            self._path.replace(self._path.with_name(self._path.name + ".1"))
