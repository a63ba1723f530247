"""Openings out of the vault: for who was entitled, and gone for good on lawful request."""

from __future__ import annotations

from kimberlite.certificates.file import write
from kimberlite.kernel.errors import NotFound
from kimberlite.ledger.envelope import Statement, parse
from kimberlite.node.desk import Desk
from kimberlite.node.openings import unseal


def fetch(desk: Desk, number: str, private: bytes) -> bytes:
    """Give the file of a certificate that was sealed to this authority.

    Args:
        desk: the authority's.
        number: as printed.
        private: the authority's X25519 key (32 bytes).

    Raises:
        NotFound: ``certificate.unknown``; ``vault.missing`` when nothing is sealed to it here;
            ``vault.erased``. Untrusted: ``hpke.open``, ``section.digest``, ``vault.damaged``.
    """
    statement = _statement(desk, number)
    header = statement.header
    openings = [
        unseal(private, desk.vault.get(digest, desk.holder), digest, header.iss, header.sub)
        for digest in statement.body.seals.values()
    ]
    index = desk.view.reader.index_of(statement.id)
    return write(statement.raw, openings, [desk.post.receipt(index)])


def erase(desk: Desk, number: str) -> int:
    """Erase every copy of an own certificate's sections from this vault; give how many sections.

    The statement stays in the log with its digests: that something was sealed remains provable,
    what it was does not. Copies on paper, in files and in other vaults are not reached.

    Raises:
        NotFound: ``certificate.unknown``, ``certificate.not-own``.
    """
    statement = _statement(desk, number)
    if statement.header.iss != desk.holder:
        raise NotFound(
            "certificate.not-own", f"{number} is not a certificate of {desk.holder}", number=number
        )
    for digest in statement.body.seals.values():
        desk.vault.erase(digest, on=desk.view.today())
    return len(statement.body.seals)


def _statement(desk: Desk, number: str) -> Statement:
    return parse(desk.view.reader.entry(desk.view.certificate(number).row.index).raw)
