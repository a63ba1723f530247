"""The courier of an authority node: hands in what waits, in order, and fetches what is for it.

A statement counts as logged when a receipt by the log's key says so, or when this node's own copy
holds it: what a log node merely answers is not believed. Source: ours, docs/spec/nodes.md.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress

from kimberlite.crypto.keys import PublicKey
from kimberlite.crypto.random import token
from kimberlite.kernel.errors import NotFound, Problem, Refused, Unavailable, Untrusted
from kimberlite.ledger import receipt as receipts
from kimberlite.ledger import refusal as refusals
from kimberlite.ledger.envelope import parse
from kimberlite.ledger.keyring import KEYS
from kimberlite.ledger.reader import Reader
from kimberlite.ledger.v1.rows import charter
from kimberlite.node.home import Home
from kimberlite.node.mirror.box import LONGEST_WAIT, WAITING, Box, Item
from kimberlite.node.mirror.line import Line
from kimberlite.node.store import Store
from kimberlite.storage.vault import Vault

CHUNK = 1000


def index_seals(box: Box, reader: Reader) -> None:
    """Note which digests the entries seal that have come since the last time."""
    start, _ = box.told("seen")
    end = reader.size
    while start < end:
        stop = min(start + CHUNK, end)
        found: list[tuple[bytes, str, int]] = []
        for at, stored in reader.entries(start, stop):
            statement = parse(stored.raw)
            iss = statement.header.iss
            found.extend((digest, iss, at) for digest in statement.body.seals.values())
        box.note_sealed(stop, found)
        start = stop


def settle_copies(box: Box, vault: Vault, hosts: Sequence[str]) -> int:
    """Put kept copies whose entries are there into the vault; give how many."""
    count = 0
    for digest, recipient, sender, sealed in box.ripe():
        if recipient in hosts:
            put_copy(vault, digest, recipient, sealed)
            count += 1
        box.forget(digest, recipient, sender)
    return count


def put_copy(vault: Vault, digest: bytes, recipient: str, sealed: bytes) -> None:
    """Put a copy into the vault, unless it was erased there: then it stays erased."""
    try:
        vault.put(digest, recipient, sealed)
    except Refused:
        return


class Courier:
    """Works for one node. One thread at a time."""

    def __init__(
        self, home: Home, box: Box, line: Line, reader: Reader, clock: Callable[[], int]
    ) -> None:
        self._home, self._box, self._line = home, box, line
        self._reader, self._clock = reader, clock
        self._vault = Vault(home.vault)
        self._hosts: tuple[str, ...] = tuple(home.read()["hosts"])
        self._stores = {each: Store(home.office, each) for each in self._hosts}

    def close(self) -> None:
        """Let go of the operational store."""
        for each in self._stores.values():
            each.close()

    # ---- out -------------------------------------------------------------------------------

    def deliver(self) -> int:
        """Hand in what waits and is due, in order; give how many were answered.

        The first that cannot be handed in holds up those behind it, as they may rest on it.

        Raises:
            Unavailable: as the line; what was handed in before stays so.
            Untrusted: ``post.receipt`` when the log node's answer does not stand up.
        """
        done = 0
        for item in self._box.items(WAITING):
            if item.due > self._clock():
                break
            try:
                self._deliver(item)
            except Problem as bad:
                self._box.put_off(item, bad.code, self._clock() + _wait(item.tries))
                raise
            done += 1
        for item in self._box.unreceipted():
            self._box.logged(item, item.entry or 0, self._receipt(item, item.entry or 0))
        return done

    def _deliver(self, item: Item) -> None:
        if not item.carried:
            self._send_copies(item)
        held = self._reader.state().index_of(item.id)
        if held is not None:
            self._settle(item, held, None)
            return
        answer = self._line.submit(item.raw)
        if answer.refusal:
            self._refused(item, answer.refusal)
        else:
            self._settle(item, answer.index, self._receipt(item, answer.index))

    def _send_copies(self, item: Item) -> None:
        """Leave the sealed copies at the relay, before the statement is in the log."""
        for digest in parse(item.raw).body.seals.values():
            for recipient in self._vault.recipients(digest):
                if recipient not in self._hosts:
                    self._line.put(digest, recipient, self._vault.get(digest, recipient))

    def _settle(self, item: Item, entry: int, receipt: bytes | None) -> None:
        self._box.logged(item, entry, receipt)
        if item.iss in self._stores:
            self._stores[item.iss].settle(item.raw, "logged")

    def _refused(self, item: Item, signed: bytes) -> None:
        try:
            code = refusals.verify(signed, self._log_key(), raw=item.raw).code
        except Problem as bad:
            raise _unsound() from bad
        self._box.refused(item, code, signed)
        if item.iss in self._stores:
            self._stores[item.iss].settle(item.raw, "refused")

    def _receipt(self, item: Item, entry: int) -> bytes:
        """Get the receipt and make sure that it is one, for this statement in this log."""
        receipt = self._line.receipt(entry)
        known = charter(self._reader.state())
        try:
            facts = receipts.verify(
                receipt, item.raw, self._log_key(), "" if known is None else known.origin
            )
        except Problem as bad:
            raise _unsound() from bad
        if facts.index != entry:
            raise _unsound()
        return receipt

    def _log_key(self) -> PublicKey:
        for _, key in self._reader.state().scan(KEYS):
            if "log" in key.roles and key.until is None:
                return key.public
        raise Unavailable("mirror.empty", "this node has no copy of the log yet: let it sync first")

    # ---- in --------------------------------------------------------------------------------

    def collect(self) -> int:
        """Fetch copies whose entries are here into the vault; give how many.

        A copy whose entry is not here yet stays at the relay. Raises as the line.
        """
        count = 0
        for digest, sender in list(self._line.waiting()):
            if self._box.is_sealed(digest, sender):
                sealed = self._line.fetch(digest, sender)
                put_copy(self._vault, digest, self._line.holder, sealed)
                self._line.remove(digest, self._line.holder, sender)
                count += 1
        return count + settle_copies(self._box, self._vault, self._hosts)

    def withdraw(self) -> None:
        """Take back from the relay what was erased here. Raises as the line."""
        for digest, day in self._vault.erasures():
            name = f"withdrawn {digest.hex()}"
            if self._box.told(name) == (0, ""):
                with suppress(NotFound):
                    self._line.withdraw(digest)
                self._box.tell(name, max(day, 1))


def _wait(tries: int) -> int:
    """Give the seconds until the next try: twice as long each time, spread by chance."""
    longest = min(LONGEST_WAIT, 2 << min(tries, 16))
    return max(1, longest * (128 + token(1)[0] % 128) // 256)


def _unsound() -> Untrusted:
    return Untrusted(
        "post.receipt", "what the log node answered is not signed by the log: it is tried again"
    )
