"""The seal of the issuing authority on a PDF: PAdES (ETSI EN 319 142-1), P-256, no later change.

With a time authority and lists of revoked certificates it is B-LT: everything that a reader needs
to check it later is inside. With a time alone it is B-T, without one B-B. The key is not here:
``sign`` asks whoever has it, and is shown what it signs. Source of the form: docs/spec/pdf.md.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from asn1crypto import crl, x509
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import BasePdfFileWriter
from pyhanko.sign import signers
from pyhanko.sign.fields import InvisSigSettings, MDPPerm, SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers.pdf_signer import PdfSigningSession
from pyhanko.sign.timestamps import TimeStamper
from pyhanko.sign.validation import DocumentSecurityStore
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.errors import PathError
from pyhanko_certvalidator.registry import SimpleCertificateStore

from kimberlite.documents.pdf.authority import der
from kimberlite.kernel.errors import Refused

# Without a handler it would tell people on standard error that nothing is fetched, as intended.
logging.getLogger("pyhanko").addHandler(logging.NullHandler())

FIELD = "Seal"
_LONGEST = 72  # bytes of a DER signature over P-256


@dataclass(frozen=True, slots=True)
class Sealing:
    """What a seal is made with.

    Attributes:
        certificate: the authority's certificate for seals, DER.
        chain: certificates above it up to its root, DER.
        revocations: lists of revoked certificates of the authorities in ``chain``, DER.
        sign: gives 64 bytes, r then s, over the signed attributes in DER.
        moment: the time of sealing, UTC seconds.
        time: the time authority, or None.
    """

    certificate: bytes
    chain: tuple[bytes, ...]
    revocations: tuple[bytes, ...]
    sign: Callable[[bytes], bytes]
    moment: int
    time: TimeStamper | None = None


def seal(pdf: bytes, sealing: Sealing, *, name: str, reason: str) -> bytes:
    """Seal a PDF as its author: any later change breaks the seal.

    Not from inside an event loop: it runs one of its own.

    Args:
        pdf: a document without a seal.
        name: who seals, in words.
        reason: what for, such as the certificate's number and statement.

    Raises:
        Refused: ``pdf.seal`` when the certificate is of no use for it on that day. Whatever
            who holds the key raises comes through.
    """
    long_term = sealing.time is not None and bool(sealing.revocations)
    meta = signers.PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm="sha256",
        subfilter=SigSeedSubFilter.PADES,
        certify=True,
        docmdp_permissions=MDPPerm.NO_CHANGES,
        name=name,
        reason=reason,
        validation_context=_context(sealing) if long_term else None,
    )
    field = SigFieldSpec(
        FIELD,
        on_page=0,
        readable_field_name=f"Seal: {name}",
        # Out of the page, so that readers aloud are not told of an empty field (ISO 14289-1, 7.18).
        invis_sig_settings=InvisSigSettings(
            set_print_flag=True, set_hidden_flag=False, box_out_of_bounds=True
        ),
    )
    made = io.BytesIO()
    try:
        signer = _PdfSigner(
            meta, _Elsewhere(sealing), timestamper=sealing.time, new_field_spec=field
        )
        signer.moment = datetime.fromtimestamp(sealing.moment, UTC)
        signer.sign_pdf(_Writer(io.BytesIO(_ended(pdf))), output=made)
    except (SigningError, PathError, PdfError) as bad:
        raise Refused("pdf.seal", f"the document could not be sealed: {bad}") from bad
    return _long_term(made.getvalue(), sealing) if long_term else made.getvalue()


def _long_term(sealed: bytes, sealing: Sealing) -> bytes:
    """Append what a later check needs, as B-LT has it: in an update of its own, after the seal.

    Within the seal's own update it would be covered too, but validators then see only B-T. The
    update is the one kind of change that a seal permitting none still permits (ISO 32000-2,
    12.8.2.2).
    """
    writer = _Writer(io.BytesIO(sealed))
    held = [x509.Certificate.load(each) for each in (sealing.certificate, *sealing.chain)]
    (embedded,) = PdfFileReader(io.BytesIO(sealed)).embedded_signatures
    for attribute in embedded.signer_info["unsigned_attrs"]:
        if attribute["type"].native == "signature_time_stamp_token":
            held.extend(each.chosen for each in attribute["values"][0]["content"]["certificates"])
    DocumentSecurityStore.supply_dss_in_writer(
        writer,
        None,
        certs=held,
        crls=[crl.CertificateList.load(each) for each in sealing.revocations],
    )
    made = io.BytesIO()
    writer.write(made)  # type: ignore[no-untyped-call]
    return made.getvalue()


def _context(sealing: Sealing) -> ValidationContext:
    above = [x509.Certificate.load(each) for each in sealing.chain]
    return ValidationContext(
        trust_roots=above[-1:],
        other_certs=above[:-1],
        crls=[crl.CertificateList.load(each) for each in sealing.revocations],
        revocation_mode="require",
        allow_fetching=False,
        moment=datetime.fromtimestamp(sealing.moment, UTC),
    )


class _Writer(IncrementalPdfFileWriter):
    def _update_meta(self) -> None:
        """Leave the XMP as it is: rewriting it damages the claim of PDF/A."""

    def ensure_output_version(self, version: tuple[int, int]) -> None:
        """Stay with PDF 1.7, on which PDF/A-3 is built; newer parts are declared as extensions."""


class _PdfSigner(signers.PdfSigner):
    moment: datetime

    def init_signing_session(
        self,
        pdf_out: BasePdfFileWriter,
        existing_fields_only: bool = False,  # noqa: FBT001, FBT002  # the library's own shape
    ) -> PdfSigningSession:
        session = super().init_signing_session(pdf_out, existing_fields_only)
        session.system_time = self.moment
        return session


class _Elsewhere(signers.Signer):
    """A signer whose key is in another process."""

    def __init__(self, sealing: Sealing) -> None:
        own = x509.Certificate.load(sealing.certificate)
        above = [x509.Certificate.load(each) for each in sealing.chain]
        super().__init__(
            signing_cert=own, cert_registry=SimpleCertificateStore.from_certs([own, *above])
        )
        self._sign = sealing.sign

    async def async_sign_raw(
        self,
        data: bytes,
        digest_algorithm: str,
        dry_run: bool = False,  # noqa: FBT001, FBT002  # the library's own shape
    ) -> bytes:
        del digest_algorithm
        return bytes(_LONGEST) if dry_run else der(self._sign(data))


def _ended(pdf: bytes) -> bytes:
    """End the last line, as what is appended must begin on its own (ISO 19005-3, 6.1.9)."""
    return pdf if pdf.endswith((b"\n", b"\r")) else pdf + b"\n"
