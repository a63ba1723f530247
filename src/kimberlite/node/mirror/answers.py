"""What a log says to a statement, receipt or refusal: believed by the log's signature alone."""

from __future__ import annotations

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


def log_key(state: State) -> PublicKey:
    """Give the key that signs for the log now. Raises Unavailable ``mirror.empty``."""
    for _, key in state.scan(KEYS):
        if "log" in key.roles and key.until is None:
            return key.public
    raise Unavailable("mirror.empty", "this node has no copy of the log yet: let it sync first")


def entry_of(state: State, raw: bytes, receipt: bytes) -> int:
    """Give the index at which a receipt shows ``raw`` to be in this log.

    Raises:
        Untrusted: ``post.receipt`` when it shows no such thing.
    """
    key, known = log_key(state), charter(state)
    try:
        origin = "" if known is None else known.origin
        return receipts.verify(receipt, raw, key, origin).index
    except Problem as bad:
        raise unsound() from bad


def rule_of(state: State, raw: bytes, refusal: bytes) -> str:
    """Give the rule under which the log says it refuses ``raw``.

    Raises:
        Untrusted: ``post.receipt`` when the log says no such thing.
    """
    try:
        return refusals.verify(refusal, log_key(state), raw=raw).code
    except Problem as bad:
        raise unsound() from bad


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
