"""PDFs: what is attached to them, and how their pages look. The one place that knows pypdfium2.

PDFium is the reader inside Chromium, made for hostile files; forms and scripts are left out of it.
Source: ours, docs/decisions/0016.
"""

from __future__ import annotations

from collections.abc import Iterator
from threading import Lock
from typing import Self

import pypdfium2 as pdfium
from PIL import Image

from kimberlite.kernel.errors import Invalid

MOST_PAGES = 20
MOST_ATTACHED = 20
MOST_BYTES = 1 << 20
"""Limits on what is looked at; a certificate has one page and a handful of attachments."""

DPI = 200
"""Resolution at which a page is looked at. Source: measured, docs/spec/qr.md."""

_LONGEST = 4000
"""Most pixels along a side: a page larger than A3 is looked at more coarsely."""

_ONE_AT_A_TIME = Lock()  # PDFium takes no two calls at once


class Pages:
    """An open PDF.

    Raises:
        Invalid: ``pdf.form`` when it does not open, needs a password, or is not a PDF.
    """

    def __init__(self, data: bytes) -> None:
        _ONE_AT_A_TIME.acquire()
        try:
            self._document = pdfium.PdfDocument(data)
        except pdfium.PdfiumError as bad:
            _ONE_AT_A_TIME.release()
            raise Invalid("pdf.form", "this PDF does not open, or wants a password") from bad

    def __enter__(self) -> Self:
        """Give the open PDF; it is closed when the block ends."""
        return self

    def __exit__(self, *told: object) -> None:
        """Close it, and let the next thread have one."""
        self._document.close()
        _ONE_AT_A_TIME.release()

    def attached(self) -> dict[str, bytes]:
        """Give the attachments by name, as far as they are small and their names differ."""
        found: dict[str, bytes] = {}
        for at in range(min(self._document.count_attachments(), MOST_ATTACHED)):
            each = self._document.get_attachment(at)
            try:
                data = bytes(each.get_data())
            except pdfium.PdfiumError:
                continue  # named, and not there: as if it were not attached
            if len(data) <= MOST_BYTES:
                found.setdefault(each.get_name(), data)
        return found

    def pictures(self) -> Iterator[Image.Image]:
        """Draw each of the first pages in grey levels."""
        for at in range(min(len(self._document), MOST_PAGES)):
            try:
                page = self._document[at]
                longest = max(page.get_size(), default=1.0)
                scale = min(DPI / 72, _LONGEST / max(longest, 1.0))
                drawn = page.render(scale=scale, grayscale=True)
            except pdfium.PdfiumError as bad:
                raise Invalid("pdf.form", f"page {at + 1} of this PDF does not show") from bad
            picture: Image.Image = drawn.to_pil().convert("L")
            yield picture
