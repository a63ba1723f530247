"""The press: pages of logged certificates, each marked and sealed as it must be.

Nothing is printed that the log does not hold as it stands in the file. Only the issuer's own node
prints an original, of a certificate that is still unused; every other page is marked as a copy.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from kimberlite.certificates.file import CertificateFile, parse_file
from kimberlite.certificates.model import Certificate
from kimberlite.certificates.transitions import Status
from kimberlite.documents import address, qr, symbols
from kimberlite.documents.checkword import checkword
from kimberlite.documents.pdf import design as designs
from kimberlite.documents.pdf import page, seal, sheet
from kimberlite.documents.pdf.design import Design
from kimberlite.documents.pdf.page import Stock
from kimberlite.documents.pdf.sheet import Attachment, Code, Order
from kimberlite.documents.pdf.timestamp import LocalTimeAuthority
from kimberlite.kernel import cbor
from kimberlite.kernel.errors import NotFound, Refused, Untrusted
from kimberlite.ledger.sections import require
from kimberlite.node import clock, papers
from kimberlite.node.acting import held_files, open_certificate
from kimberlite.node.arriving import reads_now
from kimberlite.node.home import Home
from kimberlite.node.papers import Papers
from kimberlite.node.signer.client import SignerClient
from kimberlite.node.signer.deriving import DeriveRequest
from kimberlite.node.signer.sealing import SealRequest
from kimberlite.node.view import View
from kimberlite.node.wiring import desk_of

UNKNOWN_KIND: Final = "test"
"""What a page is marked as where no genesis says the kind of log."""


@dataclass(frozen=True, slots=True)
class Wish:
    """How to print. Without ``lang`` the issuer's own language stands beside English."""

    lang: str | None = None
    copy: bool = False
    overprint: bool = False
    credential: bytes | None = None
    """Credential to put into the PDF, `vc+jwt`; the issuer's own node derives it if absent."""


@dataclass(frozen=True, slots=True)
class Printed:
    """A document: its bytes, whether it is marked as a copy, and how it is sealed.

    ``seal`` is "B-LT", "B-T", "B-B", or "" for none.
    """

    pdf: bytes
    number: str
    lang: str
    copy: bool
    seal: str


class Press:
    """Prints on one node. Raises problems with stable codes."""

    def __init__(self, home: Home, *, now: Callable[[], int] = clock.now) -> None:
        """Open the node. Raises NotFound ``node.absent``."""
        self._home, self._now = home, now
        self._view = View(home)
        self._registry = self._view.registry()

    def certificate(self, raw: bytes, wish: Wish) -> Printed:
        """Print the certificate in a certificate file, sealed where this node is its issuer's.

        Raises:
            Invalid: as ``parse_file`` and ``documents.pdf.page``.
            NotFound: ``print.not-logged`` when the log does not hold it.
            Refused: ``print.not-issued`` for the original of a certificate that was used or
                voided; as ``page.overprint``; as the signer.
            Untrusted: ``section.digest``, ``print.not-logged``, ``pdf.design-altered``.
        """
        file = parse_file(raw)
        seen = open_certificate(file)
        self._check_logged(file, seen)
        own = seen.issuer in self._view.described["hosts"]
        copy = sheet.is_copy(seen, asked=wish.copy, own=own)
        if not copy:
            self._check_unused(seen)
        if wish.credential is None and own and file.receipts:
            wish = replace(wish, credential=self._credential(file))
        order = self._order(file, seen, wish, copy=copy)
        if copy and own:
            order = self._as_it_stands(order, raw)
        made = page.overprint(order) if wish.overprint else page.certificate(order)
        sealed, level = self._sealed(made, order, _page(order, wish)) if own else (made, "")
        return Printed(sealed, seen.number, order.lang, copy, level)

    def stock(self, holder: str, serials: range, lang: str | None = None) -> bytes:
        """Print blank numbered forms of ``holder``. Raises as ``page.blank``."""
        today = self._view.today()
        told = Stock(
            self._design(holder, today),
            holder,
            serials,
            lang or self._language(holder, today),
            self._kind(),
            self._registry.names,
        )
        return page.blank(told, self._now())

    def _credential(self, file: CertificateFile) -> bytes | None:
        """Have the issuer's signer derive the credential, where it will be asked for a seal too."""
        issuer = file.statement.header.iss
        if papers.read(self._home, issuer) is None:
            return None
        request = DeriveRequest(file.statement.id, file.openings, file.receipts[0], "credential")
        return SignerClient(self._home.signer_socket(issuer)).derive(request).encode()

    def _as_it_stands(self, order: Order, raw: bytes) -> Order:
        """Give the order of a copy with what was corrected since, where its issuer holds it."""
        issuer, number = order.certificate.issuer, order.certificate.number
        desk = desk_of(self._home, issuer)
        told = reads_now(desk, desk.view.certificate(number), (raw, *held_files(desk, number)))
        if told is None or not told.changed:
            return order
        return replace(order, certificate=told.certificate, corrected=True)

    def _check_logged(self, file: CertificateFile, seen: Certificate) -> None:
        header, seals = file.statement.header, file.statement.body.seals
        if self._view.certificate(seen.number).row.statement != file.statement.id:
            raise Untrusted("print.not-logged", "the log holds another statement under this number")
        for opening in file.openings:
            label = file.kind.section(opening.section).label
            require(opening, seals.get(label), header.iss, header.sub)

    def _check_unused(self, seen: Certificate) -> None:
        status = self._view.certificate(seen.number).status
        if status is not Status.ISSUED:
            raise Refused(
                "print.not-issued",
                f"{seen.number} is {status.word}: print a copy",
                number=seen.number,
                status=status.word,
            )

    def _order(self, file: CertificateFile, seen: Certificate, wish: Wish, *, copy: bool) -> Order:
        office = self._registry.office(seen.issuer, seen.office) if seen.office else None
        return Order(
            certificate=seen,
            statement=file.statement.id,
            moment=file.statement.header.iat,
            lang=wish.lang or self._language(seen.issuer, seen.issued),
            kind=self._kind(),
            copy=copy,
            design=self._design(seen.issuer, seen.issued),
            names=self._registry.names,
            authority="" if office is None else office.name,
            checkword=checkword(file.statement.id),
            address=address.address(address.base_of(self._view.described["origin"]), file),
            codes=_codes(file),
            attachments=_attachments(file, wish.credential),
        )

    def _kind(self) -> str:
        charter = self._view.charter()
        return UNKNOWN_KIND if charter is None else charter.kind

    def _language(self, code: str, day: int) -> str:
        stated = self._registry.practice(code, day).languages
        return next((each for each in stated if each != "en"), "en")

    def _design(self, code: str, day: int) -> Design:
        """Give the design that ``code`` notified for that day, as its file here has it."""
        notified = self._registry.specimens(code, day)
        for specimen in sorted(notified, key=lambda each: each.begins, reverse=True):
            path = self._home.path / "designs" / f"{specimen.template}.json"
            try:
                found = (
                    designs.parse(path.read_bytes())
                    if path.is_file()
                    else designs.shipped(specimen.template)
                )
            except NotFound:
                continue
            if specimen.image not in {None, found.digest}:
                raise Untrusted(
                    "pdf.design-altered",
                    f"the design {found.name} is not the one that {code} notified",
                    name=found.name,
                )
            return found
        return designs.shipped(designs.PLAIN)

    def _sealed(self, made: bytes, order: Order, name: bytes) -> tuple[bytes, str]:
        issuer = order.certificate.issuer
        own = papers.read(self._home, issuer)
        if own is None:
            return made, ""
        time = papers.demo_time(self._home)
        now = self._now()
        stamp = (
            None
            if time is None
            else LocalTimeAuthority(time.certificate, (time.root,), time.key.sign, now)
        )
        sealing = seal.Sealing(
            own.certificate,
            own.chain,
            own.revocations,
            self._hand(own, order, name),
            now,
            stamp,
        )
        form = "copy" if order.copy else "original"
        number, statement = order.certificate.number, order.statement.hex()
        sealed = seal.seal(
            made,
            sealing,
            name=order.authority or issuer,
            reason=f"{number}, {form}, statement {statement}",
        )
        level = "B-B" if stamp is None else "B-LT" if own.revocations else "B-T"
        return sealed, level

    def _hand(self, own: Papers, order: Order, name: bytes) -> Callable[[bytes], bytes]:
        """Give what asks the issuer's signer process to sign the seal's attributes."""
        client = SignerClient(self._home.signer_socket(order.certificate.issuer))
        kid = own.public.kid

        def sign(attributes: bytes) -> bytes:
            return client.seal(SealRequest(kid, order.statement, name, order.copy, attributes))

        return sign


def _page(order: Order, wish: Wish) -> bytes:
    """Name a page by what makes another original: not by its bytes, as receipts are renewed."""
    told = ["kp-page/1", order.statement, order.lang, order.design.digest, wish.overprint]
    return hashlib.sha256(cbor.encode(told)).digest()


def _codes(file: CertificateFile) -> tuple[Code, ...]:
    def drawn(texts: Sequence[str], label: str) -> list[Code]:
        return [
            Code(symbols.draw(text).svg(), label, at, len(texts))
            for at, text in enumerate(texts, 1)
        ]

    receipt = drawn((qr.qr2(file),), "paper.receipt") if file.receipts else []
    return (*drawn(qr.qr1(file), "paper.code"), *receipt)


def _attachments(file: CertificateFile, credential: bytes | None) -> tuple[Attachment, ...]:
    told = [
        Attachment(
            "certificate.kpc",
            "application/octet-stream",
            "The certificate: the signed statement with what opens it and its receipts",
            "source",
            file.to_bytes(),
        )
    ]
    told.extend(
        Attachment(
            f"receipt-{at}.cose" if at > 1 else "receipt.cose",
            "application/cose",
            "Receipt: the log's signed proof that it holds the statement",
            "supplement",
            receipt,
        )
        for at, receipt in enumerate(file.receipts, 1)
    )
    if credential is not None:
        told.append(
            Attachment(
                "credential.jwt",
                "application/vc+jwt",
                "The certificate as a verifiable credential",
                "alternative",
                credential,
            )
        )
    return tuple(told)
