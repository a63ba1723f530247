"""Openings out of the vault: for who was entitled to them, then or later."""

from __future__ import annotations

from kimberlite.certificates.file import write
from kimberlite.kernel.errors import NotFound
from kimberlite.ledger.envelope import parse
from kimberlite.ledger.sections import Opening
from kimberlite.node.desk import Desk
from kimberlite.node.openings import unseal


def fetch(desk: Desk, number: str, private: bytes) -> bytes:
    """Give the file of a certificate, with every section that was sealed to this authority.

    Args:
        desk: the authority's.
        number: as printed.
        private: the authority's X25519 key (32 bytes).

    Raises:
        NotFound: ``certificate.unknown``; ``vault.missing`` when nothing is sealed to it here;
            ``vault.erased``. Untrusted: ``hpke.open``, ``section.digest``, ``vault.damaged``.
    """
    statement = parse(desk.view.reader.entry(desk.view.certificate(number).row.index).raw)
    header = statement.header
    openings: list[Opening] = []
    missing: NotFound | None = None
    for digest in statement.body.seals.values():
        try:
            copy = desk.vault.get(digest, desk.holder)
        except NotFound as bad:
            if bad.code == "vault.erased":
                raise
            missing = bad  # who was given one section later has that one alone
            continue
        openings.append(unseal(private, copy, digest, header.iss, header.sub))
    if not openings and missing is not None:
        raise missing
    index = desk.view.reader.index_of(statement.id)
    return write(statement.raw, openings, [desk.post.receipt(index)])
