"""What a batch needs, looked up at once, and its signatures checked ahead on other threads.

libsodium lets go of the interpreter while it works, so a second thread helps although the rules
themselves run on one. A check made ahead counts only under the key that admission then finds.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

from kimberlite.ledger.admission import Books, Checked
from kimberlite.ledger.envelope import Statement
from kimberlite.ledger.keyring import KEYS
from kimberlite.ledger.state import State, Table
from kimberlite.ledger.v1.rows import moment


def foresee(state: State, books: Books, statements: Sequence[Statement]) -> None:
    """Look up at once what admission will ask about each of ``statements``.

    Where they already stand, and the rows of large tables under their subjects. It changes no
    decision: what is not foreseen is asked for one by one.
    """
    state.expect([each.id for each in statements])
    now = moment(state)
    book = None if now is None else books.get(now.rules)
    if book is None:
        return
    wanted: dict[str, tuple[Table[Any], list[str]]] = {}
    for each in statements:
        kind = book.types.get(each.header.typ)
        if kind is not None and kind.asks is not None:
            wanted.setdefault(kind.asks.name, (kind.asks, []))[1].append(each.header.sub)
    for table, keys in wanted.values():
        state.fetch(table, keys)


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
