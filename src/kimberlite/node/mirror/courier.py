"""The courier of an authority node: hands in what waits, in order, and fetches what is for it.

A statement counts as logged when a receipt by the log's key says so, or when this node's own copy
holds it: what a log node merely answers is not believed. Source: ours, docs/spec/nodes.md.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress

from kimberlite.crypto.random import token
from kimberlite.kernel.errors import NotFound, Problem, Refused, Unavailable
from kimberlite.ledger.envelope import parse
from kimberlite.ledger.reader import Reader
from kimberlite.node.home import Home
from kimberlite.node.mirror.answers import Clerk, entry_of, rule_of, unsound
from kimberlite.node.mirror.box import LONGEST_WAIT, WAITING, Box, Item
from kimberlite.node.mirror.line import Line
from kimberlite.node.mirror.passing import to_carry
from kimberlite.storage.vault import Vault

CHUNK = 1000
PASSING = frozenset(("time.future",))
"""Refusals that time alone undoes: what they hit is tried again."""


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
    """Put a copy that came by post into the vault, where there is none yet.

    Nobody here can open it without the holder's key, so it never takes the place of one that may
    be good; what was erased stays erased.
    """
    if recipient in vault.recipients(digest):
        return
    with suppress(Refused):
        vault.put(digest, recipient, sealed)


class Courier:
    """Works for one node. One thread at a time."""

    def __init__(
        self, home: Home, box: Box, line: Line, reader: Reader, clock: Callable[[], int]
    ) -> None:
        self._box, self._line = box, line
        self._reader, self._clock = reader, clock
        self._home, self._vault = home, Vault(home.vault)
        self._hosts: tuple[str, ...] = tuple(home.read()["hosts"])
        self._clerk = Clerk(home, box, reader)

    def close(self) -> None:
        """Let go of the operational store."""
        self._clerk.close()

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
            if item.entry is not None:
                self._box.logged(item, item.entry, self._receipt(item, item.entry))
        return done

    def _deliver(self, item: Item) -> None:
        if not item.carried:
            self._send_copies(item)
        held = self._reader.state().index_of(item.id)
        if held is not None:
            self._clerk.logged(item, held, None)
            return
        answer = self._line.submit(item.raw)
        if answer.refusal:
            if rule_of(self._reader.state(), item.raw, answer.refusal) in PASSING:
                raise Unavailable("post.early", "this node's clock is ahead of the log's: later")
            self._clerk.refused(item, answer.refusal)
        else:
            self._clerk.logged(item, answer.index, self._receipt(item, answer.index))

    def _send_copies(self, item: Item) -> None:
        """Leave the sealed copies at the relay, before the statement is in the log."""
        for digest in parse(item.raw).body.seals.values():
            for recipient in self._vault.recipients(digest):
                if recipient not in self._hosts:
                    self._line.put(digest, recipient, self._vault.get(digest, recipient))

    def _receipt(self, item: Item, entry: int) -> bytes:
        """Get the receipt and make sure that it is one, for this statement in this log."""
        receipt = self._line.receipt(entry)
        if entry_of(self._reader.state(), item.raw, receipt) != entry:
            raise unsound()
        return receipt

    def pass_on(self) -> int:
        """Leave at the relay what was opened later of own sections; give how many. As the line."""
        count = 0
        for each in to_carry(self._home, self._box, self._vault, self._hosts, self._clock()):
            self._line.put(each.digest, each.recipient, each.sealed)
            each.done(self._box)
            count += 1
        return count

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
