"""What a credential or a view is derived from: a certificate file, opened and at its entry."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kimberlite.certificates import json_form
from kimberlite.certificates.file import CertificateFile, write
from kimberlite.certificates.v1.issue import TYP
from kimberlite.documents.credential import did
from kimberlite.kernel.days import show_moment, start_of
from kimberlite.kernel.errors import Invalid
from kimberlite.ledger import receipt as receipts
from kimberlite.ledger.sections import require

PURPOSES = ("revocation", "suspension")
LIST_BITS = 1 << 17
"""Entries of the log that one status list speaks of; the shortest list that W3C allows."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A certificate with its open sections in JSON form, its log's origin and its entry there."""

    file: CertificateFile
    origin: str
    index: int
    shown: Mapping[str, Mapping[str, Any]]

    @property
    def issuer(self) -> str:
        """Who issued it."""
        return self.file.statement.header.iss

    @property
    def issuer_did(self) -> str:
        """Who issued it, as a DID."""
        return did.did_of(self.origin, self.issuer)

    @property
    def valid_from(self) -> str:
        """The first second of the day of issue, RFC 3339."""
        return show_moment(start_of(self.file.named["issued"]))

    @property
    def valid_until(self) -> str:
        """The last second of the last day, RFC 3339."""
        return show_moment(start_of(self.file.named["expires"] + 1) - 1)

    @property
    def log_section(self) -> dict[str, Any]:
        """What the log shows of it."""
        return json_form.show(self.file.named)

    def urn(self) -> str:
        """Give a UUID of version 8 made of the statement's id (RFC 9562)."""
        raw = bytearray(self.file.statement.id[:16])
        raw[6], raw[8] = raw[6] & 0x0F | 0x80, raw[8] & 0x3F | 0x80
        return uuid.UUID(bytes=bytes(raw)).urn

    def status(self) -> list[dict[str, str]]:
        """Give where its status is told: one entry a purpose (W3C Bitstring Status List)."""
        return [_entry(self.origin, purpose, self.index) for purpose in PURPOSES]

    def reduced(self, sections: frozenset[str]) -> bytes:
        """Give the file with no other sections open."""
        kept = [each for each in self.file.openings if each.section in sections]
        return write(self.file.statement.raw, kept, self.file.receipts)


def list_address(origin: str, purpose: str, number: int) -> str:
    """Give the address of a status list credential."""
    return f"{did.base_of(origin)}/credentials/status/{purpose}/{number}"


def _entry(origin: str, purpose: str, index: int) -> dict[str, str]:
    number, at = divmod(index, LIST_BITS)
    where = list_address(origin, purpose, number)
    return {
        "id": f"{where}#{at}",
        "type": "BitstringStatusListEntry",
        "statusPurpose": purpose,
        "statusListIndex": str(at),
        "statusListCredential": where,
    }


def open_file(file: CertificateFile, origin: str, needed: frozenset[str]) -> Opened:
    """Open the sections of a certificate file and find its entry by its first receipt.

    Digests of openings are checked; signatures and receipts are not: that is for who signs or
    verifies.

    Raises:
        Invalid: ``credential.no-certificate``, ``credential.closed`` when a section of ``needed``
            that the statement has is not open, ``credential.no-receipt``.
        Untrusted: ``section.digest``.
    """
    header, seals = file.statement.header, file.statement.body.seals
    if header.typ != TYP:
        raise Invalid("credential.no-certificate", "only a certificate has a credential")
    if not file.receipts:
        raise Invalid("credential.no-receipt", "a credential needs the receipt of the log with it")
    shown = {}
    for opening in file.openings:
        section = file.kind.section(opening.section)
        require(opening, seals.get(section.label), header.iss, header.sub)
        shown[section.name] = json_form.show(opening.read(section.schema))
    sealed = {each.name for each in file.kind.sections if each.label in seals}
    if lacking := sorted(needed & sealed - shown.keys()):
        raise Invalid(
            "credential.closed",
            f"this needs the sections {', '.join(lacking)} open: take the issuer's own file",
            sections=", ".join(lacking),
        )
    return Opened(file, origin, receipts.parse(file.receipts[0]).position, shown)
