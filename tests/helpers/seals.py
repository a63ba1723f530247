"""Seals for tests: a certification authority, a time authority, and readers that judge a seal."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import DocumentSecurityStore, validate_pdf_signature
from pyhanko.sign.validation.status import PdfSignatureStatus
from pyhanko_certvalidator import ValidationContext

from kimberlite.crypto.keys import Esp256PrivateKey
from kimberlite.documents.pdf import authority
from kimberlite.documents.pdf.authority import Period
from kimberlite.documents.pdf.seal import Sealing
from kimberlite.documents.pdf.timestamp import LocalTimeAuthority

MOMENT = 1_773_100_800
DAY = 86_400


def key(name: int) -> Esp256PrivateKey:
    return Esp256PrivateKey(bytes(31) + bytes([name]))


@dataclass
class Cabinet:
    """Everything that sealing takes. ``signed`` keeps what the document key was asked to sign."""

    period: Period = field(default_factory=lambda: Period(MOMENT - DAY, MOMENT + 400 * DAY))
    signed: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        long = Period(MOMENT - 10 * DAY, MOMENT + 4000 * DAY)
        self.authority = authority.found("Tests", "Root of tests", key(1), long)
        names = ("Tests", "Seal of XA")
        self.certificate = authority.certify(
            self.authority, names, key(2).public, "seal", self.period
        )
        stamp = ("Tests", "Time of tests")
        self.time = authority.certify(self.authority, stamp, key(3).public, "timestamp", long)
        # No list may be older than a certificate it speaks of (ETSI EN 319 102-1, 5.2.5).
        fresh = Period(max(self.period.since, MOMENT - DAY), long.until)
        self.revoked = authority.revocations(self.authority, fresh)

    def sign(self, attributes: bytes) -> bytes:
        self.signed.append(attributes)
        return key(2).sign(attributes)

    def sealing(
        self,
        level: str = "B-LT",
        moment: int = MOMENT,
        sign: Callable[[bytes], bytes] | None = None,
    ) -> Sealing:
        root = self.authority.certificate
        stamp = LocalTimeAuthority(self.time, (root,), key(3).sign, moment)
        return Sealing(
            self.certificate,
            (root,),
            (self.revoked,) if level == "B-LT" else (),
            sign or self.sign,
            moment,
            None if level == "B-B" else stamp,
        )


def judge(pdf: bytes, root: bytes, moment: int = MOMENT + DAY) -> PdfSignatureStatus:
    """Have pyHanko judge the one seal of a PDF, trusting ``root``, with no network.

    Where the PDF brings lists of revoked certificates, they have to be there and be enough.
    """
    reader = PdfFileReader(io.BytesIO(pdf))
    (seal,) = reader.embedded_signatures
    trust: dict[str, Any] = {
        "trust_roots": [x509.Certificate.load(root)],
        "allow_fetching": False,
        "moment": datetime.fromtimestamp(moment, UTC),
    }
    if "/DSS" in reader.root:
        store = DocumentSecurityStore.read_dss(reader)
        context = store.as_validation_context({**trust, "revocation_mode": "require"})
    else:
        context = ValidationContext(**trust)
    return validate_pdf_signature(seal, context)


def poppler(pdf: bytes, folder: Path) -> str:
    """Give what poppler's pdfsig says, without line breaks; skip where it is not installed."""
    program = shutil.which("pdfsig")
    if program is None:
        pytest.skip("needs pdfsig of poppler-utils")
    path = folder / "sealed.pdf"
    path.write_bytes(pdf)
    done = subprocess.run(
        [program, "-nocert", str(path)], capture_output=True, text=True, check=False
    )
    return re.sub(r"\s+", " ", done.stdout)


def xmp(pdf: bytes) -> bytes:
    """Give the document's metadata stream."""
    reader = PdfFileReader(io.BytesIO(pdf))
    data: bytes = reader.root["/Metadata"].data
    return data
