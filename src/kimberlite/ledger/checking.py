"""Signatures of a batch, checked ahead of admission, on one thread or several.

libsodium lets go of the interpreter while it works, so a second thread helps although the rules
themselves run on one. A check made ahead counts only under the key that admission then finds.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence

from kimberlite.ledger.admission import Checked
from kimberlite.ledger.envelope import Statement
from kimberlite.ledger.keyring import KEYS
from kimberlite.ledger.state import State


class Ahead:
    """Helpers that check from the far end of a batch while admission works from the front."""

    def __init__(self, statements: Sequence[Statement], state: State, helpers: int) -> None:
        self._work = [(each, state.get(KEYS, each.header.kid.hex())) for each in statements]
        self._done: list[Checked | None] = [None] * len(statements)
        self._front = 0
        self._back = len(statements)
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._help, daemon=True) for _ in range(helpers)]
        for thread in self._threads:
            thread.start()

    def _help(self) -> None:
        while True:
            with self._lock:
                self._back -= 1
                at = self._back
                if at <= self._front:
                    return
            statement, key = self._work[at]
            if key is not None:
                self._done[at] = Checked(key.public, statement.signed_by(key.public))

    def take(self, at: int) -> Checked | None:
        """Give what is known of statement ``at``; None tells admission to check it itself."""
        with self._lock:
            self._front = at
        return self._done[at]
