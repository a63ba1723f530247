"""The state's record of each certificate: small and packed, because there are millions."""

from __future__ import annotations

import struct
from dataclasses import dataclass, replace
from typing import Any

from kimberlite.certificates.transitions import Act, Status, Step, step
from kimberlite.ledger.state import State, Table
from kimberlite.ledger.types import Entry

KINDS = ("ordinary", "technical", "letter-of-comfort")
"""Kinds of certificate; the place in the list is what is signed and stored, so only append."""

MOST_ACTS = 64
"""Acts remembered by entry; later ones still enter the log with their findings."""

_HEAD = struct.Struct(">BBIIQ32s2s")
_STATUSES = tuple(Status)
_PAPER = 0x80
"""The bit beside the kind that marks a transcription."""


@dataclass(frozen=True, slots=True)
class Row:
    """What the log knows of one certificate number.

    ``index`` is where it was issued, ``statement`` the id of that statement, ``holder`` its
    issuer; ``acts`` are the entries that touched it since, oldest first. Days since 1970.
    ``paper`` says that ``statement`` only transcribes a paper certificate of ``holder``.
    """

    status: Status
    kind: str
    issued: int
    expires: int
    index: int
    statement: bytes
    holder: str
    acts: tuple[int, ...] = ()
    paper: bool = False


def _pack(row: Row) -> bytes:
    head = _HEAD.pack(
        row.status,
        KINDS.index(row.kind) | (_PAPER if row.paper else 0),
        row.issued,
        row.expires,
        row.index,
        row.statement,
        row.holder.encode(),
    )
    return head + struct.pack(f">{len(row.acts)}Q", *row.acts) if row.acts else head


def _unpack(value: Any) -> Row:
    status, kind, issued, expires, index, statement, holder = _HEAD.unpack_from(value)
    count = (len(value) - _HEAD.size) // 8
    acts = struct.unpack_from(f">{count}Q", value, _HEAD.size) if count else ()
    told = (_STATUSES[status], KINDS[kind & ~_PAPER], issued, expires)
    return Row(*told, index, statement, holder.decode(), acts, bool(kind & _PAPER))


CERTIFICATES: Table[Row] = Table("certificates.certificate", _pack, _unpack, resident=False)
"""By number key, for example "XA123"."""


def key_of(number: str) -> str:
    """Give the one spelling under which the log knows a printed number ("XA007" is "XA7")."""
    if number[2:3] != "0":
        return number
    return number[:2] + (number[2:].lstrip("0") or "0")


def find(state: State, number: str) -> Row | None:
    """Give the record of a printed number, or None."""
    return state.get(CERTIFICATES, key_of(number))


def answer(row: Row, act: Act) -> Step:
    """Give the transition table's answer to ``act`` on ``row``."""
    return step(row.status, act)


def apply(entry: Entry, key: str, act: Act) -> None:
    """Move the certificate ``key`` as the table says and remember the entry."""
    row = entry.state.get(CERTIFICATES, key)
    if row is None:
        return
    to = step(row.status, act).to
    if to is None:
        return
    acts = row.acts if len(row.acts) >= MOST_ACTS else (*row.acts, entry.index)
    entry.state.put(CERTIFICATES, key, replace(row, status=to, acts=acts))
    entry.tell("certificate", key, act.value, to.word)
