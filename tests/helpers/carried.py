"""Certificates to carry: from small to too long, in English and Arabic, and what proposed them."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from kimberlite.certificates.drafting import from_json
from kimberlite.certificates.file import CertificateFile, parse_file
from kimberlite.ledger.approval import Proposal
from tests.helpers.certificates import Desk, certificate_json

ARABIC: dict[str, Any] = {
    "exporter": {
        "name": "شركة ألفا للأحجار الكريمة ذ.م.م",
        "address": "١ طريق المنجم، مدينة ألفا، الطابق الثاني",
    },
    "importer": {"name": "مؤسسة بيتا للمجوهرات", "address": "٢ شارع الميناء، مدينة بيتا"},
}
COUNTRIES = [f"X{letter}" for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"]


def mixed(origins: int) -> dict[str, Any]:
    """Give a shipment of one origin, or of a listed mixture of several."""
    if origins == 1:
        return {}
    listed = [{"country": code} for code in COUNTRIES[:origins]]
    return {"origin_mode": "mixed-listed", "origins": listed}


def papers(count: int) -> dict[str, Any]:
    """Give parties that show ``count`` papers with the digests of their scans."""
    shown = [
        {"kind": "invoice", "text": f"INV-{at:04d}", "digest": sha256(bytes([at])).hexdigest()}
        for at in range(count)
    ]
    return {"papers": shown}


def carried(desk: Desk, number: str = "XA000123", **changes: Any) -> CertificateFile:
    """Issue a certificate and give its file, opened and with its receipt."""
    draft = from_json(certificate_json(number=number, **changes))
    issued = desk.issue(number, **changes)
    return parse_file(desk.file(issued, draft))


def proposal_of(file: CertificateFile) -> Proposal:
    """Give what was proposed before a file's statement was signed."""
    header, body = file.statement.header, file.statement.body
    return Proposal(
        header.typ,
        header.iss,
        header.sub,
        header.iat,
        body.version,
        body.log,
        body.seals,
        body.verdicts,
    )
