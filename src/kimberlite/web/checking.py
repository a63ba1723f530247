"""Check a certificate file with what this node knows now, as anyone could offline."""

from __future__ import annotations

from starlette.datastructures import UploadFile

from kimberlite.certificates.verdict import Verdict
from kimberlite.certificates.verify import verify
from kimberlite.documents import reading
from kimberlite.documents.credential import check as credentials
from kimberlite.kernel.errors import Invalid
from kimberlite.kernel.ids import PARTICIPANT
from kimberlite.ledger import bundle as bundles
from kimberlite.web import problems
from kimberlite.web.desk import Visit

LIMIT = 120 * 1024
"""Longest upload, in bytes: a certificate file of 64 KiB, or a credential around a smaller one."""


async def read_upload(upload: UploadFile) -> bytes:
    """Read an uploaded file of at most 120 KiB.

    Raises:
        TooLarge: ``reading.too-long``. Invalid: ``verify.no-file`` for an empty one.
    """
    raw = await upload.read(LIMIT + 1)
    return checked_size(raw)


def checked_size(raw: bytes) -> bytes:
    """Give ``raw`` back. Raises as ``read_upload``."""
    if not raw:
        raise Invalid("verify.no-file", "choose a certificate file first")
    if len(raw) > LIMIT:
        raise problems.TooLarge(
            "reading.too-long", "this is too long to be a certificate", limit=LIMIT
        )
    return raw


async def check(visit: Visit, raw: bytes, receiver: str = "") -> Verdict:
    """Check ``raw`` against a trust bundle of this log as it stands.

    Args:
        visit: whose node this is.
        raw: a certificate file, a signed statement, the text of printed codes, a credential or a
            view of it. Pictures and PDFs are for the visitor's own device.
        receiver: the participant that checks, if the certificate must be addressed to it.

    Raises:
        Invalid: ``verify.receiver`` for what is no code, and as ``reading.read_light``,
            ``credential.check.judge`` and ``certificates.verify``.
        Unavailable: when the log process cannot be asked for a bundle.
    """
    if receiver and PARTICIPANT.fullmatch(receiver) is None:
        raise Invalid("verify.receiver", "a participant's code is two letters", text=receiver[:20])
    view = visit.desk.view
    charter = view.charter()
    pinned = None if charter is None else charter.digest
    bundle = bundles.verify(await visit.desk.bundle(), pinned)
    found = verify(reading.read_light(raw), bundle, view.today(), receiver or None)
    return credentials.judge(raw, bundle, found) if credentials.is_credential(raw) else found
