"""The pouch: what travels between nodes on a stick: entries, statements, sealed openings, signed.

One CBOR array: ["kp-pouch/1", card, signed, content]. ``signed`` is a COSE_Sign1 over
CBOR([genesis, recipient, SHA-256 of content]) by a node's key with its card, or by the log's key
without. Nothing is believed by reading. Source: ours, docs/spec/nodes.md, section "The pouch".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from kimberlite.crypto.hashing import sha256
from kimberlite.kernel import cbor
from kimberlite.kernel.errors import Invalid, Problem, Untrusted
from kimberlite.kernel.ids import HOLDER
from kimberlite.ledger import checkpoint as notes
from kimberlite.ledger import note
from kimberlite.ledger.envelope import LIMIT as STATEMENT_LIMIT
from kimberlite.ledger.envelope import Statement, parse
from kimberlite.ledger.note import MAX_NOTE
from kimberlite.ledger.receipt_form import MAX_RECEIPT
from kimberlite.ledger.tiles import MAX_ENTRY
from kimberlite.ledger.tree import SIZE_LIMIT
from kimberlite.node import passes
from kimberlite.node.passes import POUCH_TYP, Bearer, Signed
from kimberlite.storage.vault import SEALED_LIMIT

MAGIC: Final = "kp-pouch/1"
LIMIT: Final = 64 << 20
"""Longest pouch, in bytes: some 60,000 entries."""
MOST_ENTRIES: Final = 100_000
MOST_STATEMENTS: Final = 10_000
MOST_COPIES: Final = 20_000


@dataclass(frozen=True, slots=True)
class Copy:
    """A sealed copy of the section ``digest`` for ``recipient``, from ``sender``."""

    digest: bytes
    recipient: str
    sender: str
    sealed: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """What the log said to a statement: its receipt, or its signed refusal."""

    statement: bytes
    refused: bool
    word: bytes


@dataclass(frozen=True, slots=True)
class Content:
    """What a pouch holds.

    Attributes:
        checkpoint: signed note that the entries lead up to; empty without entries.
        first: index of the first entry.
        entries: entries ``first`` and on, up to the checkpoint's size.
        statements: signed statements that were not in the log when it was packed, in order.
        copies: sealed openings.
        answers: what the log said to statements of the recipient.
    """

    checkpoint: bytes = b""
    first: int = 0
    entries: tuple[bytes, ...] = ()
    statements: tuple[Statement, ...] = ()
    copies: tuple[Copy, ...] = ()
    answers: tuple[Answer, ...] = ()


@dataclass(frozen=True, slots=True)
class Pouch:
    """A pouch as read: who packed it when, for whom and which log, and what is in it."""

    signed: Signed
    card: bytes
    genesis: bytes
    recipient: str
    content: Content
    digest: bytes
    """SHA-256 of the content: the name by which a pouch is known."""


Sign = Callable[[bytes], bytes]
"""Signs the payload of a pouch: gives a COSE_Sign1 of type kp-pouch+cose."""


def signer_of(bearer: Bearer, now: int) -> Sign:
    """Sign as a node."""
    return lambda payload: passes.say(POUCH_TYP, bearer.holder, payload, bearer.key, now)


def pack(content: Content, genesis: bytes, recipient: str, sign: Sign, card: bytes = b"") -> bytes:
    """Put a pouch together.

    Args:
        recipient: whose node it is for; empty for anybody's.

    Raises:
        Invalid: ``pouch.too-long`` over 64 MiB; as ``read``, so that nothing is written that
            cannot be read again.
    """
    inner = cbor.encode(
        [
            content.checkpoint,
            content.first,
            list(content.entries),
            [each.raw for each in content.statements],
            [[each.digest, each.recipient, each.sender, each.sealed] for each in content.copies],
            [[each.statement, each.refused, each.word] for each in content.answers],
        ]
    )
    signed = sign(cbor.encode([genesis, recipient, sha256(inner)]))
    raw = cbor.encode([MAGIC, card, signed, inner])
    read(raw)
    return raw


def read(raw: bytes) -> Pouch:
    """Take a pouch apart, strictly; neither signature nor entries are verified.

    Raises:
        Invalid: ``pouch.too-long``, ``pouch.form``, ``pouch.entries``, ``pouch.statement``,
            ``pouch.copy``, ``caller.form``. Untrusted: ``pouch.damaged`` when the content is not
            what was signed.
    """
    if len(raw) > LIMIT:
        raise Invalid("pouch.too-long", "a pouch has at most 64 MiB", limit=LIMIT)
    match _decoded(raw):
        case [str() as magic, bytes() as card, bytes() as told, bytes() as inner] if magic == MAGIC:
            signed = passes.read(told, POUCH_TYP)
        case _:
            raise _form()
    match _decoded(signed.payload):
        case [bytes() as genesis, str() as recipient, bytes() as digest] if len(genesis) == 32:
            if recipient and not HOLDER.fullmatch(recipient):
                raise _form()
        case _:
            raise _form()
    if sha256(inner) != digest:
        raise Untrusted(
            "pouch.damaged", "the pouch was changed since it was signed: ask for another"
        )
    return Pouch(signed, card, genesis, recipient, _content(_decoded(inner)), digest)


def _decoded(data: bytes) -> Any:  # noqa: ANN401 - what CBOR holds
    try:
        return cbor.decode(data, limit=LIMIT)
    except Problem:
        raise _form() from None


def _content(value: Any) -> Content:  # noqa: ANN401 - what CBOR holds
    match value:
        case [
            bytes() as checkpoint,
            int() as first,
            list() as entries,
            list() as statements,
            list() as copies,
            list() as answers,
        ] if type(first) is int:
            pass
        case _:
            raise _form()
    if len(checkpoint) > MAX_NOTE or not 0 <= first < SIZE_LIMIT:
        raise _entries()
    if len(entries) > MOST_ENTRIES or not all(_is_entry(each) for each in entries):
        raise _entries()
    if max(len(statements), len(answers)) > MOST_STATEMENTS or len(copies) > MOST_COPIES:
        raise _form()
    if entries and _size(checkpoint) != first + len(entries):
        raise _entries()
    told = tuple(map(_statement, statements))
    if len({each.id for each in told}) != len(told):
        raise Invalid("pouch.statement", "a statement stands in the pouch twice")
    return Content(
        checkpoint,
        first,
        tuple(entries),
        told,
        tuple(map(_copy, copies)),
        tuple(map(_answer, answers)),
    )


def _size(checkpoint: bytes) -> int:
    try:
        return notes.parse_body(note.parse(checkpoint).text).size
    except Problem:
        raise _entries() from None


def _is_entry(value: object) -> bool:
    return type(value) is bytes and 0 < len(value) <= MAX_ENTRY


def _statement(value: object) -> Statement:
    if type(value) is bytes and len(value) <= STATEMENT_LIMIT:
        try:
            return parse(value)
        except Problem:
            pass
    raise Invalid("pouch.statement", "the pouch holds something that is no signed statement")


def _copy(value: object) -> Copy:
    match value:
        case [bytes() as digest, str() as recipient, str() as sender, bytes() as sealed] if (
            len(digest) == 32
            and HOLDER.fullmatch(recipient)
            and HOLDER.fullmatch(sender)
            and 48 <= len(sealed) <= SEALED_LIMIT
        ):
            return Copy(digest, recipient, sender, sealed)
    raise Invalid("pouch.copy", "the pouch holds something that is no sealed copy")


def _answer(value: object) -> Answer:
    match value:
        case [bytes() as statement, bool() as refused, bytes() as word] if (
            len(statement) == 32 and 0 < len(word) <= MAX_RECEIPT
        ):
            return Answer(statement, refused, word)
    raise Invalid("pouch.answer", "the pouch holds something that is no answer of the log")


def _form() -> Invalid:
    return Invalid("pouch.form", "this file is not a pouch, or ends in the middle")


def _entries() -> Invalid:
    return Invalid("pouch.entries", "the entries in the pouch are not as the format says")
