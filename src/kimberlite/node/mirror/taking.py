"""Taking pouches in: the same work as over the line, by hand.

Everything is checked before the first byte is kept; taking a pouch in twice changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kimberlite.kernel.errors import Conflict, Refused, Unavailable, Untrusted
from kimberlite.ledger.engine.sqlite import SqliteEngine
from kimberlite.ledger.reader import Reader
from kimberlite.ledger.tiles import TILE_WIDTH
from kimberlite.node import clock, passes
from kimberlite.node.books import BOOKS
from kimberlite.node.clients import LogClient
from kimberlite.node.home import Home
from kimberlite.node.mirror.answers import Clerk, entry_of
from kimberlite.node.mirror.box import REFUSED, WAITING, Box, Item
from kimberlite.node.mirror.courier import index_seals, settle_copies
from kimberlite.node.mirror.follow import Follower
from kimberlite.node.mirror.pouch import (
    LIMIT,
    Content,
    Pouch,
    read,
)
from kimberlite.node.mirror.relay import Relay
from kimberlite.node.mirror.source import Progress
from kimberlite.storage.vault import Vault

FURTHEST = passes.SKEW
"""How far, in seconds, a pouch may be dated ahead of this machine's clock."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What a pouch brought: new entries, statements to hand in, and copies for who is here."""

    entries: int
    statements: int
    copies: int


class _Source:
    """The entries of a pouch as a follower asks for them, behind those that are held."""

    def __init__(self, content: Content, reader: Reader) -> None:
        self._content, self._reader = content, reader

    def checkpoint(self) -> bytes:
        return self._content.checkpoint

    def entries(self, number: int, width: int) -> Sequence[bytes]:
        start, first = number * TILE_WIDTH, self._content.first
        held = [stored.raw for _, stored in self._reader.entries(start, max(start, first))]
        at = max(start - first, 0)
        return [*held, *self._content.entries[at:]][:width]

    def facts(self) -> None:
        return None


def read_pouch(path: Path) -> bytes:
    """Read a file that is to be a pouch, and not more of it than a pouch may have.

    Raises:
        Unavailable: ``storage.read``.
    """
    try:
        with path.open("rb") as file:
            return file.read(LIMIT + 1)
    except OSError as bad:
        raise Unavailable("storage.read", f"{path.name} could not be read: {bad.strerror}") from bad


@dataclass(frozen=True, slots=True)
class Hands:
    """What takes a pouch in at an authority node: the one that follows, and what it works with."""

    home: Home
    box: Box
    reader: Reader
    follower: Follower


def take_here(home: Home, raw: bytes) -> Taken:
    """Take a pouch in while no mirror process runs.

    Raises:
        Conflict: ``storage.owned`` when one does; and as ``take``.
    """
    box, reader = Box(home.post), Reader(SqliteEngine(home.log, readonly=True))
    follower = Follower(home, BOOKS, bytes.fromhex(home.read()["genesis"]), helpers=1)
    try:
        return take(Hands(home, box, reader, follower), raw)
    finally:
        follower.close()
        box.close()


def take(hands: Hands, raw: bytes, progress: Progress | None = None) -> Taken:
    """Take a pouch in at an authority node.

    Raises:
        Conflict: ``pouch.seen`` when it was taken in before, ``pouch.gap`` when an earlier one
            has to come first. Untrusted: ``pouch.other-log``, ``pouch.damaged``, and as
            ``passes.vouch`` and ``Follower.follow``. Refused: ``pouch.not-for-here``,
            ``pouch.future``, ``pouch.sender``, ``pouch.full``. Invalid: as ``pouch.read``.
            Then nothing of it was kept.
    """
    box, reader, told = hands.box, hands.reader, hands.home.read()
    hosts: Sequence[str] = told["hosts"]
    found = read(raw)
    check(found, told, box, reader)
    content = found.content
    size = reader.size
    if content.first > size:
        raise Conflict(
            "pouch.gap",
            f"this pouch begins at entry {content.first} and {size} are here: take the earlier one "
            "in first",
            first=content.first,
            size=size,
        )
    new = 0
    if content.entries:
        new = hands.follower.follow(_Source(content, reader), progress, old=True).new
    copies = [
        (each.digest, each.recipient, each.sender, each.sealed)
        for each in content.copies
        if each.recipient in hosts
    ]
    box.take_pouch(found.digest, content.statements, copies, clock.now())
    index_seals(box, reader)
    settle_copies(box, Vault(hands.home.vault), hosts)
    _note_answers(hands, content)
    return Taken(new, len(content.statements), len(copies))


def _note_answers(hands: Hands, content: Content) -> None:
    """Note what the log said to statements that wait here, where it stands up."""
    clerk = Clerk(hands.home, hands.box, hands.reader)
    try:
        clerk.look()
        for answer in content.answers:
            item = hands.box.find(answer.statement)
            if item is None or item.state == REFUSED:
                continue
            with suppress(Untrusted):
                if not answer.refused:
                    entry = entry_of(hands.reader.state(), item.raw, answer.word)
                    clerk.logged(item, entry, answer.word)
                elif item.state == WAITING:
                    clerk.refused(item, answer.word)
    finally:
        clerk.close()


def take_at_log(home: Home, raw: bytes) -> Taken:
    """Take a pouch in at a log node: statements are handed in, copies go to the relay.

    What the log says to each statement is kept, and goes back in the next pouch for its issuer.

    Raises:
        As ``take``; entries are not looked at. Unavailable: when the log process does not run.
    """
    told = home.read()
    found = read(raw)
    box, reader = Box(home.post), Reader(SqliteEngine(home.log, readonly=True))
    relay, log = Relay(home.relay), LogClient(home.log_socket)
    try:
        check(found, told, box, reader)
        for copy in found.content.copies:
            relay.put(copy.digest, copy.recipient, copy.sender, copy.sealed, clock.now())
        for each in found.content.statements:
            _hand_in(box, log, box.add(each, clock.now(), carried=True))
        box.take_pouch(found.digest, (), (), clock.now())
    finally:
        relay.close()
        box.close()
    return Taken(0, len(found.content.statements), len(found.content.copies))


def _hand_in(box: Box, log: LogClient, item: Item) -> None:
    answer = log.told(item.raw)
    if "refused" in answer:
        box.refused(item, answer["refused"], answer["signed"])
    else:
        box.logged(item, answer["index"], log.receipt(answer["index"]))


def check(found: Pouch, told: Mapping[str, Any], box: Box, reader: Reader) -> None:
    """Make sure that a pouch is for this log and this node, genuine, and new.

    Raises:
        As ``take``.
    """
    if found.genesis.hex() != told["genesis"]:
        raise Untrusted("pouch.other-log", "this pouch is of another log")
    if found.recipient and found.recipient not in told["hosts"] and "log" in told:
        raise Refused(
            "pouch.not-for-here", f"this pouch is for {found.recipient}", holder=found.recipient
        )
    now = clock.now()
    if found.signed.moment > now + FURTHEST:
        raise Refused(
            "pouch.future",
            "this pouch is dated in the future: check the clocks",
            moment=found.signed.moment,
            now=now,
        )
    key = passes.vouch(reader.state(), reader.size, found.signed, found.card, found.genesis)
    senders = {each.sender for each in found.content.copies}
    if senders - {found.signed.holder} and "log" not in key.roles:
        raise Refused("pouch.sender", "a node packs copies of its own authority, and no others")
    if box.pouch_seen(found.digest):
        raise Conflict("pouch.seen", "this pouch was taken in before: nothing has to be done")
