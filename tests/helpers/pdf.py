"""Plain PDFs for tests: a picture on a page, files attached."""

from __future__ import annotations

import io
from collections.abc import Mapping

import pypdfium2 as pdfium
from PIL import Image


def pdf_with(picture: bytes | None = None, attached: Mapping[str, bytes] | None = None) -> bytes:
    """Make a PDF of one page, with ``picture`` at 200 dots an inch and ``attached`` by name."""
    drawn = Image.new("L", (800, 600), 255) if picture is None else Image.open(io.BytesIO(picture))
    page = io.BytesIO()
    drawn.convert("RGB").save(page, "PDF", resolution=200)
    document = pdfium.PdfDocument(page.getvalue())
    for name, data in (attached or {}).items():
        document.new_attachment(name).set_data(data)
    out = io.BytesIO()
    document.save(out)
    document.close()
    return out.getvalue()
