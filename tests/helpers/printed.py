"""Pages to look at: orders for the sample certificate, and what stands on a PDF."""

from __future__ import annotations

import ctypes
import re
from collections.abc import Mapping
from typing import Any

import pypdfium2 as pdfium
from PIL import Image
from pypdfium2 import raw

from kimberlite.certificates.file import CertificateFile
from kimberlite.documents import qr, symbols
from kimberlite.documents.checkword import checkword
from kimberlite.documents.pdf import design
from kimberlite.documents.pdf.sheet import Attachment, Code, Order
from kimberlite.node.acting import open_certificate
from tests.helpers.carried import carried
from tests.helpers.certificates import Desk

NAMES: Mapping[str, Mapping[str, str]] = {
    "XA": {"en": "Adamantia", "ar": "أدامانتيا", "fr": "Adamantie", "he": "אדמנטיה"},
    "XB": {"en": "Brilliana", "ar": "بريليانا", "fr": "Brillianie"},
}
ADDRESS = "https://demo.kimberlite.example/v#XA123.ER5C-G6ME-496Z"
PAPER: Mapping[str, Any] = {"original": "paper", "form": "XA-F-000017"}


def names(code: str) -> Mapping[str, str]:
    return NAMES.get(code, {})


def file_of(**changes: Any) -> CertificateFile:
    """Issue the sample certificate with changes, and give its file."""
    return carried(Desk(), **changes)


def codes(file: CertificateFile) -> tuple[Code, ...]:
    """Draw the codes of a file."""
    one, two = qr.qr1(file), qr.qr2(file)
    return (
        *(Code(symbols.draw(t).svg(), "paper.code", at, len(one)) for at, t in enumerate(one, 1)),
        Code(symbols.draw(two).svg(), "paper.receipt"),
    )


def order(
    lang: str = "fr",
    *,
    file: CertificateFile | None = None,
    kind: str = "test",
    copy: bool = False,
    template: str = "XA-2026",
    **changes: Any,
) -> Order:
    """Order the page of a file, by default of the sample certificate with ``changes``."""
    file = file or file_of(**changes)
    kept = Attachment(
        "certificate.kpc", "application/octet-stream", "it", "source", file.to_bytes()
    )
    return Order(
        open_certificate(file),
        file.statement.id,
        file.statement.header.iat,
        lang,
        kind,
        copy,
        design.shipped(template),
        names,
        "Government Diamond Office",
        checkword(file.statement.id),
        ADDRESS,
        codes(file),
        (kept,),
    )


def texts(pdf: bytes) -> list[str]:
    """Give the text of each page, as a reader selects it, with single spaces."""
    document = pdfium.PdfDocument(pdf)
    try:
        found = [page.get_textpage().get_text_bounded() for page in document]
        return [re.sub(r"\s+", " ", each) for each in found]
    finally:
        document.close()


def positions(pdf: bytes, word: str, page: int = 0) -> list[tuple[float, float]]:
    """Give where a word begins, in millimetres from the upper left corner, each time it stands."""
    document = pdfium.PdfDocument(pdf)
    try:
        sheet = document[page]
        text = sheet.get_textpage()
        searcher = text.search(word, match_case=True)
        found = []
        while (at := searcher.get_next()) is not None:
            left, _bottom, _right, top = text.get_charbox(at[0])
            found.append((left / 72 * 25.4, 297 - top / 72 * 25.4))
        return found
    finally:
        document.close()


def picture(pdf: bytes, dpi: int, page: int = 0) -> Image.Image:
    """Render a page in grey levels."""
    document = pdfium.PdfDocument(pdf)
    try:
        image: Image.Image = document[page].render(scale=dpi / 72).to_pil()
        return image.convert("L")
    finally:
        document.close()


def attachments(pdf: bytes) -> dict[str, bytes]:
    """Give the files inside a PDF by name."""
    document = pdfium.PdfDocument(pdf)
    try:
        count = document.count_attachments()
        found = [document.get_attachment(at) for at in range(count)]
        return {each.get_name(): bytes(each.get_data()) for each in found}
    finally:
        document.close()


def is_tagged(pdf: bytes) -> bool:
    """Say whether a PDF claims to be tagged."""
    document = pdfium.PdfDocument(pdf)
    try:
        return bool(raw.FPDFCatalog_IsTagged(document.raw))
    finally:
        document.close()


def alternative_texts(pdf: bytes, page: int = 0) -> list[str]:
    """Give what is said aloud instead of each picture of a page."""
    document = pdfium.PdfDocument(pdf)
    found: list[str] = []
    try:
        sheet = document[page]
        tree = raw.FPDF_StructTree_GetForPage(sheet.raw)
        count = raw.FPDF_StructTree_CountChildren(tree)
        waiting = [raw.FPDF_StructTree_GetChildAtIndex(tree, at) for at in range(count)]
        while waiting:
            element = waiting.pop(0)
            size = raw.FPDF_StructElement_GetAltText(element, None, 0)
            if size > 2:
                buffer = ctypes.create_string_buffer(size)
                raw.FPDF_StructElement_GetAltText(element, buffer, size)
                found.append(buffer.raw[: size - 2].decode("utf-16-le"))
            children = raw.FPDF_StructElement_CountChildren(element)
            below = (raw.FPDF_StructElement_GetChildAtIndex(element, at) for at in range(children))
            waiting.extend(each for each in below if each)
        raw.FPDF_StructTree_Close(tree)
        return found
    finally:
        document.close()
