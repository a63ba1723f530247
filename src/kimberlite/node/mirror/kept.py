"""Keeping what came by hand: a certificate read from its codes, its page or its file.

The statement is checked against what this node knows of keys; its openings go into the own vault,
sealed to the own key, as if they had come by post; the statement itself is put with what waits to
be handed in, in case its issuer could not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kimberlite.certificates.file import CertificateFile, parse_file
from kimberlite.documents import reading
from kimberlite.kernel.errors import NotFound, Untrusted
from kimberlite.ledger.keyring import KEYS
from kimberlite.ledger.sections import require
from kimberlite.node import clock
from kimberlite.node.desk import Desk
from kimberlite.node.home import Home
from kimberlite.node.mirror.box import Box
from kimberlite.node.openings import entrust
from kimberlite.registry.v1.sealing import sealing_key


@dataclass(frozen=True, slots=True)
class Kept:
    """What was kept: the certificate's number, sections, and the entry if this node knows it."""

    number: str
    sections: tuple[str, ...]
    entry: int | None


def keep(home: Home, desk: Desk, data: bytes, more: Sequence[bytes] = ()) -> Kept:
    """Keep the openings of a certificate that somebody brought, however it travelled.

    Args:
        home: this node's.
        desk: of the authority it was brought to.
        data, more: as ``documents.reading.read``: codes, pictures, PDF or file.

    Raises:
        Invalid: as ``reading.read``. Untrusted: ``kept.signature`` when no key of the issuer that
            is known here signed it, ``section.digest``. NotFound: ``kept.no-key`` when this
            authority has stated no key to seal to. Refused: ``vault.erased``.
    """
    found = parse_file(reading.read(data, more=more))
    state = desk.view.reader.state()
    public = sealing_key(state, desk.holder)
    if public is None:
        raise NotFound(
            "kept.no-key", f"{desk.holder} has stated no sealing key yet", holder=desk.holder
        )
    _check(desk, found)
    header = found.statement.header
    entrust(desk.vault, found.openings, {desk.holder: public}, iss=header.iss, sub=header.sub)
    entry = state.index_of(found.statement.id)
    if entry is None and "log" in home.read():
        _carry(home, found)
    names = tuple(each.section for each in found.openings)
    return Kept(str(found.named.get("number", header.sub)), names, entry)


def _check(desk: Desk, found: CertificateFile) -> None:
    """Make sure that the issuer signed it and that each opening is what was signed."""
    statement = found.statement
    header = statement.header
    held = desk.view.reader.state().get(KEYS, header.kid.hex())
    if held is None or held.holder != header.iss or not statement.signed_by(held.public):
        raise Untrusted(
            "kept.signature",
            f"no key of {header.iss} that is known here signed this: let this node catch up, or "
            "treat it as false",
            holder=header.iss,
        )
    for opening in found.openings:
        label = found.kind.section(opening.section).label
        require(opening, statement.body.seals.get(label), header.iss, header.sub)


def _carry(home: Home, found: CertificateFile) -> None:
    box = Box(home.post)
    try:
        box.add(found.statement, clock.now(), carried=True)
    finally:
        box.close()
