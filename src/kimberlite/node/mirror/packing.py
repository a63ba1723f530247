"""Packing pouches: what waits to be handed in, entries that another node lacks, and copies due."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from kimberlite.kernel.errors import Invalid, NotFound
from kimberlite.ledger import checkpoint as notes
from kimberlite.ledger import note
from kimberlite.ledger.engine.sqlite import SqliteEngine
from kimberlite.ledger.envelope import parse
from kimberlite.ledger.reader import Reader
from kimberlite.node.clients import LogClient
from kimberlite.node.home import Home
from kimberlite.node.mirror.box import REFUSED, WAITING, Box
from kimberlite.node.mirror.courier import index_seals
from kimberlite.node.mirror.pouch import (
    MOST_STATEMENTS,
    Answer,
    Content,
    Copy,
    Sign,
    pack,
)
from kimberlite.node.mirror.relay import Relay
from kimberlite.storage.files import read_if_there
from kimberlite.storage.vault import Vault


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to pack: for whom (empty: anybody), and entries from which index on (None: none)."""

    recipient: str = ""
    since: int | None = None


def export(home: Home, wanted: Wanted, sign: Sign, card: bytes = b"") -> bytes:
    """Pack a pouch: entries as asked, whatever waits to be handed in, and copies that are due.

    Copies are those of statements that wait here, and of entries in the pouch, sealed to the
    recipient by who issued them here; at a log node, what waits at its relay as well.

    Raises:
        NotFound: ``node.absent``. Invalid: ``pouch.since`` for entries that are not there,
            ``pouch.too-long``.
    """
    told = home.read()
    hosts: Sequence[str] = told["hosts"]
    box, reader = Box(home.post), Reader(SqliteEngine(home.log, readonly=True))
    try:
        index_seals(box, reader)
        content = _entries(home, reader, wanted)
        waiting = [each for each in box.items(WAITING) if "log" in told]
        content = replace(content, statements=tuple(parse(each.raw) for each in waiting))
        copies = _copies(home, box, content, wanted.recipient, hosts)
        if "log" not in told and home.relay.exists():
            copies += _relayed(home, wanted.recipient)
            content = replace(content, answers=_answers(box, wanted.recipient))
    finally:
        box.close()
    unique = tuple({(c.digest, c.recipient, c.sender): c for c in copies}.values())
    genesis = bytes.fromhex(told["genesis"])
    return pack(replace(content, copies=unique), genesis, wanted.recipient, sign, card)


def _entries(home: Home, reader: Reader, wanted: Wanted) -> Content:
    if wanted.since is None:
        return Content()
    follows = "log" in home.read()
    # At a log node the static files may be a moment behind the log itself.
    told = None if follows else LogClient(home.log_socket).head()["checkpoint"]
    signed = read_if_there(home.public / "checkpoint") if follows else told
    if signed is None:
        raise NotFound("mirror.empty", "there is no log here yet to pack entries of")
    size = notes.parse_body(note.parse(signed).text).size
    if not 0 <= wanted.since <= size:
        raise Invalid("pouch.since", f"the log here has {size} entries", size=size)
    entries = tuple(stored.raw for _, stored in reader.entries(wanted.since, size))
    return Content(signed, wanted.since, entries)


def _copies(
    home: Home, box: Box, content: Content, recipient: str, hosts: Sequence[str]
) -> list[Copy]:
    vault = Vault(home.vault)
    digests = [
        (digest, each.header.iss)
        for each in content.statements
        for digest in each.body.seals.values()
    ]
    end = content.first + len(content.entries)
    digests.extend((d, iss) for d, iss, _ in box.sealed_from(content.first, end))
    return [
        Copy(digest, name, iss, vault.get(digest, name))
        for digest, iss in digests
        if iss in hosts
        for name in vault.recipients(digest)
        if name not in hosts and recipient in {"", name}
    ]


def _answers(box: Box, recipient: str) -> tuple[Answer, ...]:
    """Give what the log said to statements of the recipient that came in pouches."""
    found = []
    for item in box.items():
        word = item.refusal if item.state == REFUSED else item.receipt
        if item.iss == recipient and word is not None:
            found.append(Answer(item.id, item.state == REFUSED, word))
    return tuple(found[-MOST_STATEMENTS:])


def _relayed(home: Home, recipient: str) -> list[Copy]:
    relay = Relay(home.relay)
    try:
        rows = relay.copies()
    finally:
        relay.close()
    return [Copy(*row) for row in rows if recipient in {"", row[1]}]
