"""What a batch needs, looked up at once, and its signatures checked ahead by others.

By processes (``checkers``), or by threads, which help a little: libsodium lets go of the
interpreter while it works. A check made ahead counts only under the key that admission then finds.
"""

from __future__ import annotations

import gc
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from kimberlite.crypto.keys import PublicKey
from kimberlite.crypto.sign1 import to_be_signed
from kimberlite.ledger.admission import Books, Checked
from kimberlite.ledger.checkers import FRAME, Answer, Checkers
from kimberlite.ledger.envelope import Statement
from kimberlite.ledger.keyring import KEYS
from kimberlite.ledger.state import State, Table
from kimberlite.ledger.v1.rows import moment

FEW = 16
"""Below so many statements nobody else is asked: the way there costs more than the check."""


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


@contextmanager
def collector_at_rest() -> Iterator[None]:
    """Let Python's cycle collector rest while a batch is worked on.

    A batch makes many small objects and no cycles, and the collector would look through all of
    them again and again: measured, a quarter of an audit's time.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class Ahead:
    """A batch on its way: ``give`` each statement as it is read, ``start``, then ``take`` each.

    Processes get what is given at once, in frames; threads check from the far end of the batch
    while admission works from the front.
    """

    def __init__(self, state: State, helpers: int, checkers: Checkers | None) -> None:
        self._state, self._helpers = state, helpers
        self._checkers = checkers or None  # none at all serves as well as none given
        self._alone = not helpers and self._checkers is None
        self._work: list[tuple[Statement, PublicKey | None]] = []
        self._done: list[Checked | None] = []
        self._sent = 0
        self._answers: deque[tuple[list[tuple[int, PublicKey]], Answer]] = deque()
        self._front = self._back = 0
        self._lock = threading.Lock()

    def give(self, statement: Statement) -> None:
        """Take the next statement of the batch."""
        if self._alone:
            return
        key = self._state.get(KEYS, statement.header.kid.hex())
        self._work.append((statement, None if key is None else key.public))
        self._done.append(None)
        if self._checkers is not None and len(self._work) - self._sent == FRAME:
            self._send(self._checkers)

    def start(self) -> None:
        """Begin, now that the whole batch is given."""
        self._back = len(self._work)
        if self._checkers is not None:
            if len(self._work) >= FEW:
                self._send(self._checkers)
            return
        for _ in range(self._helpers if len(self._work) >= FEW else 0):
            threading.Thread(target=self._help, daemon=True).start()

    def take(self, at: int) -> Checked | None:
        """Give what is known of statement ``at``; None tells admission to check it itself."""
        if self._alone:
            return None
        while self._answers and self._answers[0][0][0][0] <= at:
            asked, answer = self._answers.popleft()
            for (place, public), good in zip(asked, answer.wait() or (), strict=False):
                self._done[place] = Checked(public, good == 1)
        with self._lock:
            self._front = at
        return self._done[at]

    def _send(self, checkers: Checkers) -> None:
        asked, checks = [], []
        for place in range(self._sent, len(self._work)):
            statement, public = self._work[place]
            # A key for another algorithm fails at admission, without any check.
            if public is not None and public.algorithm is statement.header.algorithm:
                asked.append((place, public))
                message = to_be_signed(statement.protected, statement.payload)
                checks.append((public, statement.signature, message))
        self._sent = len(self._work)
        if asked:
            self._answers.append((asked, checkers.send(checks)))

    def _help(self) -> None:
        while True:
            with self._lock:
                self._back -= 1
                at = self._back
                if at <= self._front:
                    return
            statement, public = self._work[at]
            if public is not None:
                self._done[at] = Checked(public, statement.signed_by(public))
