"""What a log says to a statement, receipt or refusal: believed by the log's signature alone."""

from __future__ import annotations

from contextlib import suppress

from kimberlite.crypto.keys import PublicKey
from kimberlite.kernel.errors import Problem, Unavailable, Untrusted
from kimberlite.ledger import receipt as receipts
from kimberlite.ledger import refusal as refusals
from kimberlite.ledger.keyring import KEYS
from kimberlite.ledger.reader import Reader
from kimberlite.ledger.state import State
from kimberlite.ledger.v1.rows import charter
from kimberlite.node.home import Home
from kimberlite.node.mirror.box import WAITING, Box, Item
from kimberlite.node.store import Store


def log_keys(state: State) -> list[PublicKey]:
    """Give the keys that may sign for the log now. Raises Unavailable ``mirror.empty``."""
    found = [key.public for _, key in state.scan(KEYS) if "log" in key.roles and key.until is None]
    if not found:
        raise Unavailable("mirror.empty", "this node has no copy of the log yet: let it sync first")
    return found


def entry_of(state: State, raw: bytes, receipt: bytes) -> int:
    """Give the index at which a receipt shows ``raw`` to be in this log.

    Raises:
        Untrusted: ``post.receipt`` when it shows no such thing.
    """
    known = charter(state)
    origin = "" if known is None else known.origin
    for key in log_keys(state):
        with suppress(Problem):
            return receipts.verify(receipt, raw, key, origin).index
    raise unsound()


def rule_of(state: State, raw: bytes, refusal: bytes) -> str:
    """Give the rule under which the log says it refuses ``raw``.

    Raises:
        Untrusted: ``post.receipt`` when the log says no such thing.
    """
    for key in log_keys(state):
        with suppress(Problem):
            return refusals.verify(refusal, key, raw=raw).code
    raise unsound()


def unsound() -> Untrusted:
    """Say that an answer does not stand up."""
    return Untrusted(
        "post.receipt", "what the log node answered is not signed by the log: it is tried again"
    )


class Clerk:
    """Notes answers in the post box and at the acts of who is hosted here."""

    def __init__(self, home: Home, box: Box, reader: Reader) -> None:
        self._box, self._reader = box, reader
        hosts: list[str] = home.read()["hosts"]
        self._stores = {each: Store(home.office, each) for each in hosts}

    def close(self) -> None:
        """Let go of the operational store."""
        for each in self._stores.values():
            each.close()

    def logged(self, item: Item, entry: int, receipt: bytes | None) -> None:
        """Note that the log holds a statement; the receipt has been checked."""
        self._box.logged(item, entry, receipt)
        self._settle(item, "logged")

    def refused(self, item: Item, refusal: bytes) -> None:
        """Note that the log refused a statement. Raises Untrusted ``post.receipt``."""
        code = rule_of(self._reader.state(), item.raw, refusal)
        self._box.refused(item, code, refusal)
        self._settle(item, "refused")

    def look(self) -> int:
        """Note which waiting statements the copy of the log holds by now; give how many."""
        state, count = self._reader.state(), 0
        for item in self._box.items(WAITING):
            held = state.index_of(item.id)
            if held is not None:
                self.logged(item, held, None)
                count += 1
        return count

    def _settle(self, item: Item, stage: str) -> None:
        if item.iss in self._stores:
            self._stores[item.iss].settle(item.raw, stage)
