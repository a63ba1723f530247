"""Authenticated copies: made by the authority that confirmed an arrival, numbered and kept.

A number is written down before the copy is handed out, so that no two copies have the same.
Source: Regulation (EC) 2368/2002, Art. 5; how it is kept is ours.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

from kimberlite.certificates.file import write
from kimberlite.certificates.model import Confirmation
from kimberlite.certificates.transitions import Status
from kimberlite.documents.checkword import checkword
from kimberlite.documents.pdf import authenticated, seal
from kimberlite.documents.pdf.authenticated import Copy, Named
from kimberlite.documents.pdf.sheet import Attachment
from kimberlite.documents.pdf.timestamp import LocalTimeAuthority
from kimberlite.kernel import cbor
from kimberlite.kernel.errors import Invalid, NotFound, Refused
from kimberlite.kernel.ids import CertificateNumber
from kimberlite.ledger.sections import Opening
from kimberlite.node import clock, contacts, papers
from kimberlite.node.correspondence import Copied, Correspondence
from kimberlite.node.desk import Desk
from kimberlite.node.held import Folder, Held, gather
from kimberlite.node.papers import Papers
from kimberlite.node.shown import shown
from kimberlite.node.sight import Asker, Sight
from kimberlite.node.signer.client import SignerClient
from kimberlite.node.signer.sealing import SealRequest

RECIPIENTS: Final = ("importer", "exporter", "customs", "authority")
"""For whom a copy is made, by role: a name would be personal data in clear."""
_CONFIRMATION: Final = "kp-confirmation+cose"


@dataclass(frozen=True, slots=True)
class Made:
    """A copy: its bytes, what was kept of it, and how it is sealed ("" for not at all)."""

    pdf: bytes
    copied: Copied
    seal: str


@dataclass(frozen=True, slots=True)
class Wish:
    """Who has it made (a staff pseudonym), for whom, in which language beside English."""

    officer: str
    recipient: str = "importer"
    lang: str | None = None


def make(desk: Desk, number: str, wish: Wish) -> Made:
    """Make the next authenticated copy of a certificate that ``desk`` confirmed.

    Raises:
        Invalid: ``copy.recipient``, ``letter.officer``, ``number.format``; as the pages.
        NotFound: ``certificate.unknown``; ``copy.closed`` when a section is closed here.
        Refused: ``copy.not-confirmed``; as the signer.
        Conflict: ``copy.number`` when another was made at the same moment.
    """
    if wish.recipient not in RECIPIENTS:
        known = ", ".join(RECIPIENTS)
        raise Invalid("copy.recipient", f"say for whom: {known}", field="recipient")
    if not 1 <= len(wish.officer.strip()) <= 40:
        raise Invalid("letter.officer", "say who writes, by staff pseudonym", field="officer")
    folder = gather(desk, number)
    held = _confirmed_by(desk, folder)
    key = CertificateNumber.parse(folder.life.number).key
    kept = Correspondence(desk.store.db, desk.holder)
    at, now = kept.next_copy(key), clock.now()
    told = _copy(desk, folder, held, at, wish)
    pdf, level = _sealed(desk, authenticated.authenticated(told, now), told, now)
    copied = Copied(
        key,
        at,
        now,
        wish.officer.strip(),
        wish.recipient,
        held.act.statement,
        hashlib.sha256(pdf).digest(),
    )
    kept.copied(copied)
    return Made(pdf, copied, level)


def _confirmed_by(desk: Desk, folder: Folder) -> Held:
    """Give the confirmation of ``desk`` that stands."""
    status = folder.life.status
    own = [
        each
        for each in folder.held
        if each.act.typ == _CONFIRMATION
        and each.act.holder == desk.holder
        and each.act.named["outcome"].startswith("confirmed")
    ]
    if status is not Status.CONFIRMED or not own:
        number = folder.life.number
        raise Refused(
            "copy.not-confirmed",
            f"{number} is not confirmed by {desk.holder}",
            number=number,
            status=status.word,
        )
    return own[0]  # the first confirmation stands


def _copy(desk: Desk, folder: Folder, held: Held, at: int, wish: Wish) -> Copy:
    certificate = shown(desk, folder).certificate
    sight = Sight(folder, Asker(desk.holder), desk.view.registry(), desk.view.today())
    names = [each.section for each in held.sections if sight.opens(held, each.section)]
    told = {name: section for name in names if (section := held.read(name)) is not None}
    confirmation = Confirmation.of(desk.holder, held.act.named, told)
    closed = (certificate.shipment, certificate.values, certificate.parties, confirmation.values)
    if None in closed:
        number = folder.life.number
        raise NotFound("copy.closed", f"nothing here opens {number}", number=number)
    view, registry = desk.view, desk.view.registry()
    charter, today = view.charter(), view.today()
    issued = next(e for e in folder.held if e.act.index == folder.life.row.index)
    offices = registry.offices(desk.holder, today)
    return Copy(
        certificate,
        confirmation,
        _named(issued),
        _named(held),
        at,
        today,
        offices[0].name if offices else desk.holder,
        wish.lang or contacts.language(registry, desk.holder, today),
        "test" if charter is None else charter.kind,
        registry.names,
        (
            _file(desk, issued, "certificate.kpc", "The certificate as its issuer signed it"),
            _file(desk, held, "confirmation.kpc", "The confirmation of its arrival, signed"),
        ),
    )


def _named(held: Held) -> Named:
    return Named(held.act.statement, held.act.index, checkword(held.act.statement))


def _file(desk: Desk, held: Held, name: str, about: str) -> Attachment:
    openings: list[Opening] = [e.opening for e in held.sections if e.opening is not None]
    receipt = desk.post.receipt(held.act.index)
    data = write(held.statement.raw, openings, [receipt])
    return Attachment(name, "application/octet-stream", about, "source", data)


def _sealed(desk: Desk, pdf: bytes, copy: Copy, now: int) -> tuple[bytes, str]:
    """Have it sealed by this authority; as it is where the authority has no papers for seals."""
    home = desk.view.home
    own = papers.read(home, desk.holder)
    if own is None:
        return pdf, ""
    time = papers.demo_time(home)
    stamp = (
        None
        if time is None
        else LocalTimeAuthority(time.certificate, (time.root,), time.key.sign, now)
    )
    client = SignerClient(home.signer_socket(desk.holder))
    statement = copy.confirmed.statement

    def sign(attributes: bytes) -> bytes:
        request = SealRequest(_kid(own), statement, _page(copy), copy=True, attributes=attributes)
        return client.seal(request)

    sealing = seal.Sealing(own.certificate, own.chain, own.revocations, sign, now, stamp)
    number = copy.certificate.number
    sealed = seal.seal(
        pdf,
        sealing,
        name=copy.authority,
        reason=f"{number}, authenticated copy {copy.number}, statement {statement.hex()}",
    )
    return sealed, "B-B" if stamp is None else "B-LT" if own.revocations else "B-T"


def _kid(own: Papers) -> bytes:
    return own.public.kid


def _page(copy: Copy) -> bytes:
    told = ["kp-copy/1", copy.confirmed.statement, copy.number]
    return hashlib.sha256(cbor.encode(told)).digest()
