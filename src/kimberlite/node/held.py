"""What an office holds of a certificate: its statements in the log, and what opens them here.

Openings come from the office's own acts, from certificate files that were presented to it, and,
where its sealing key is at hand, from the copies sealed to it in the vault.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from kimberlite.certificates.file import parse_file
from kimberlite.certificates.life import ActView, CertificateLife
from kimberlite.certificates.v1.beside import DISPUTES
from kimberlite.kernel import cbor
from kimberlite.kernel.errors import NotFound, Problem
from kimberlite.kernel.ids import CertificateNumber
from kimberlite.ledger.envelope import Statement, parse
from kimberlite.ledger.sections import Opening
from kimberlite.ledger.types import StatementType
from kimberlite.node.books import V1
from kimberlite.node.desk import Desk
from kimberlite.node.openings import unseal
from kimberlite.node.signer.request import Request
from kimberlite.node.store import Store
from kimberlite.node.view import View
from kimberlite.storage.vault import Vault


@dataclass(frozen=True, slots=True)
class Sealed:
    """One sealed section: its name, digest (32 bytes), what opens it here, and its erasure's day.

    ``opening`` is None where nothing here opens it; ``erased`` None where nothing was erased.
    """

    section: str
    digest: bytes
    opening: Opening | None
    erased: int | None


@dataclass(frozen=True, slots=True)
class Held:
    """One statement about a certificate with its sealed sections, as an office holds them."""

    act: ActView
    statement: Statement
    kind: StatementType
    sections: tuple[Sealed, ...]

    @property
    def erased(self) -> int | None:
        """The first day on which openings of it were erased here, or None."""
        return min((s.erased for s in self.sections if s.erased is not None), default=None)

    def read(self, section: str) -> dict[str, Any] | None:
        """Give the fields of a section that is open here, else None."""
        for each in self.sections:
            if each.section == section and each.opening is not None:
                return each.opening.read(self.kind.section(section).schema)
        return None


@dataclass(frozen=True, slots=True)
class Folder:
    """Everything that an office holds of one certificate, oldest statement first."""

    life: CertificateLife
    held: tuple[Held, ...]
    disputed: bool = False
    """Whether a file of discrepancy is open: both sides have not told the same outcome."""

    @property
    def destination(self) -> str:
        """Where the goods go, as the latest open section says; "" where none is open here."""
        for each in reversed(self.held):
            shipment = each.read("shipment")
            if shipment is not None:
                return str(shipment.get("destination", ""))
        return ""

    @property
    def erased(self) -> int | None:
        """The first day on which openings of it were erased here, or None."""
        days = (each.erased for each in self.held)
        return min((day for day in days if day is not None), default=None)


def gather(desk: Desk, number: str, private: bytes | None = None) -> Folder:
    """Gather what ``desk`` holds of a certificate.

    Args:
        desk: the authority's.
        number: as printed.
        private: its X25519 key (32 bytes), to open what others sealed to it; None does without.

    Raises:
        Invalid: ``number.format``. NotFound: ``certificate.unknown``.
    """
    known = dict(_own(desk.store, CertificateNumber.parse(number).key))
    return _folder(desk.view, desk.vault, number, _Keys(known, desk.holder, private))


def gather_closed(view: View, vault: Vault, number: str) -> Folder:
    """Gather what the log holds of a certificate, with every section closed. Raises as above."""
    return _folder(view, vault, number, _Keys({}, "", None))


@dataclass(frozen=True, slots=True)
class _Keys:
    """What can open a section: openings by digest, and the copies of a holder with its key."""

    known: Mapping[bytes, Opening]
    holder: str
    private: bytes | None


def _folder(view: View, vault: Vault, number: str, keys: _Keys) -> Folder:
    life = view.certificate(number)
    dispute = view.reader.state().get(DISPUTES, CertificateNumber.parse(number).key)
    held = []
    for act in life.acts:
        statement = parse(view.reader.entry(act.index).raw)
        kind = V1.types[act.typ]
        held.append(Held(act, statement, kind, _sections(vault, statement, kind, keys)))
    return Folder(life, tuple(held), dispute is not None and not dispute.settled)


def _sections(
    vault: Vault, statement: Statement, kind: StatementType, keys: _Keys
) -> tuple[Sealed, ...]:
    found = []
    for section in kind.sections:
        digest = statement.body.seals.get(section.label)
        if digest is None:
            continue
        erased = vault.erased_on(digest)
        opening = keys.known.get(digest) if erased is None else None
        if opening is None and erased is None and keys.private is not None:
            header = statement.header
            with suppress(NotFound):
                copy = vault.get(digest, keys.holder)
                opening = unseal(keys.private, copy, digest, header.iss, header.sub)
        found.append(Sealed(section.name, digest, opening, erased))
    return tuple(found)


def _own(store: Store, sub: str) -> Iterator[tuple[bytes, Opening]]:
    """Give by digest what the office's own acts about a number's key hold."""
    for act in store.granted.acts_about(sub):
        kept = store.act(act).proposal
        if kept is None:
            continue
        value: Any = cbor.decode(kept)
        request = Request.from_args(value)
        told = request.proposal
        for opening in request.openings:
            yield opening.digest(told.iss, told.sub), opening
        for file in request.files:
            with suppress(Problem):  # what was presented need not be what it claims
                read = parse_file(file)
                header = read.statement.header
                for opening in read.openings:
                    yield opening.digest(header.iss, header.sub), opening
