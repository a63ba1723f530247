"""Text to QR symbols and back: the one place that knows zxing-cpp, and, for pictures, Pillow.

All texts of this project stand in the QR alphanumeric alphabet, so that a symbol has one segment,
no character set has to be guessed, and every decoder gives the same text.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import zxingcpp
from PIL import Image, ImageFilter, UnidentifiedImageError

from kimberlite.kernel.errors import Invalid

QUIET = 4
"""Modules of white around a symbol. Source: ISO/IEC 18004, quiet zone."""

MODULE_MM = 0.381
"""Width of a module in print, in millimetres: nine dots of a printer of 600 dots an inch."""

FINEST = 26
"""Largest version at level Q: 700 bytes, 49 mm wide. Source: docs/spec/qr.md (measured)."""

MOST_PIXELS = 64_000_000
FORMATS = ("PNG", "JPEG", "WEBP")
"""Pictures that are read; fewer formats are fewer ways in."""

_ALPHANUMERIC = re.compile(r"[0-9A-Z $%*+./:-]+")
_LEVELS = frozenset(("L", "M", "Q", "H", None))
_STRONGEST = (("H", 557), ("Q", 1094))  # characters of versions 20 and 26, ISO/IEC 18004 table 7
_MOST_TREATED = 3_000_000
"""Pixels above which a picture is halved before it is treated: its modules have plenty."""

_MOST_SPOTS = 8
_QR = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)


@dataclass(frozen=True)
class Symbol:
    """A QR symbol: rows of modules, True for dark, without its quiet zone."""

    rows: tuple[tuple[bool, ...], ...]

    @property
    def modules(self) -> int:
        """Modules along a side, without the quiet zone."""
        return len(self.rows)

    @property
    def version(self) -> int:
        """The QR version, 1 to 40."""
        return (self.modules - 17) // 4

    @property
    def millimetres(self) -> float:
        """Width in print with the quiet zone, at the module that was measured to be read well."""
        return round((self.modules + 2 * QUIET) * MODULE_MM, 1)

    @cached_property
    def path(self) -> str:
        """Give the dark modules as one SVG path, a run of modules a rectangle."""
        runs: list[str] = []
        for y, row in enumerate(self.rows):
            x = 0
            while x < len(row):
                start = x
                while x < len(row) and row[x]:
                    x += 1
                if x > start:
                    runs.append(f"M{start + QUIET} {y + QUIET}h{x - start}v1h-{x - start}z")
                else:
                    x += 1
        return "".join(runs)

    def svg(self, title: str = "") -> str:
        """Give a standalone SVG of the symbol with its quiet zone, in millimetres.

        Args:
            title: what a screen reader says of it; it must not hold markup.
        """
        side = self.modules + 2 * QUIET
        told = "".join(each for each in title if each not in "<>&")
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{self.millimetres}mm" '
            f'height="{self.millimetres}mm" viewBox="0 0 {side} {side}" role="img" '
            f'shape-rendering="crispEdges"><title>{told}</title>'
            f'<path fill="#fff" d="M0 0h{side}v{side}H0z"/><path d="{self.path}"/></svg>\n'
        )

    def picture(self, scale: int = 8) -> Image.Image:
        """Draw the symbol with its quiet zone, ``scale`` pixels a module, in grey levels."""
        side = self.modules + 2 * QUIET
        levels = b"".join(bytes(0 if dark else 255 for dark in row) for row in self.rows)
        drawn = Image.new("L", (side, side), 255)
        drawn.paste(Image.frombytes("L", (self.modules, self.modules), levels), (QUIET, QUIET))
        return drawn.resize((side * scale, side * scale), Image.Resampling.NEAREST)

    def png(self, scale: int = 8) -> bytes:
        """Give a PNG of :meth:`picture`, with the resolution at which it has its right size."""
        dpi = scale / MODULE_MM * 25.4
        out = io.BytesIO()
        self.picture(scale).convert("1").save(out, "PNG", dpi=(dpi, dpi))
        return out.getvalue()


def draw(text: str, level: str | None = None) -> Symbol:
    """Make the QR symbol of ``text``.

    Args:
        text: in the QR alphanumeric alphabet.
        level: error correction, L, M, Q or H; without it H up to version 20, Q up to 26,
            and M beyond.

    Raises:
        Invalid: ``symbol.text`` for other characters, or more than a symbol holds.

    Source: ISO/IEC 18004; the choice of level is ours, docs/decisions/0016.
    """
    if _ALPHANUMERIC.fullmatch(text) is None or level not in _LEVELS:
        raise Invalid("symbol.text", "a printed code holds digits, capital letters and $%*+-./:")
    if level is None:
        level = next((each for each, most in _STRONGEST if len(text) <= most), "M")
    return _drawn(text, level)


def _drawn(text: str, level: str) -> Symbol:
    try:
        made = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level=level)
    except ValueError:
        raise Invalid("symbol.text", "this is more than a printed code holds") from None
    drawn: Any = made.to_image(scale=1, add_quiet_zones=False)  # a buffer, as its stubs do not say
    rows: Any = memoryview(drawn).tolist()
    return Symbol(tuple(tuple(level == 0 for level in row) for row in rows))


def read(picture: bytes) -> tuple[str, ...]:
    """Read the text of every QR symbol in a PNG, JPEG or WebP picture, in the order found.

    Raises:
        Invalid: ``picture.form`` when it does not read, ``picture.too-large`` over 64 million
            pixels. A picture without a symbol gives nothing.
    """
    try:
        with Image.open(io.BytesIO(picture), formats=FORMATS) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise Invalid(
                    "picture.too-large", "make the picture smaller first", limit=MOST_PIXELS
                )
            grey = _flat(opened)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError) as bad:
        raise Invalid("picture.form", "this picture does not open: take it again") from bad
    except Image.DecompressionBombError as bad:
        raise Invalid(
            "picture.too-large", "make the picture smaller first", limit=MOST_PIXELS
        ) from bad
    return look(grey)


def _flat(opened: Image.Image) -> Image.Image:
    """Give grey levels; what shines through is white, as paper is."""
    if opened.mode in {"RGBA", "LA", "PA"} or "transparency" in opened.info:
        whole = opened.convert("RGBA")
        paper = Image.new("RGBA", whole.size, "white")
        return Image.alpha_composite(paper, whole).convert("L")
    return opened.convert("L")


def look(grey: Image.Image) -> tuple[str, ...]:
    """Read every QR symbol in a picture of grey levels; look harder where one is seen, not read."""
    seen = _codes(grey)
    found = dict.fromkeys(code.text for code in seen if code.valid)
    for code in [each for each in seen if not each.valid][:_MOST_SPOTS]:
        left, top, right, bottom = _spot(code.position, grey)
        if left < right and top < bottom:  # what was taken for a symbol may lie beside the picture
            found.update(dict.fromkeys(_harder(grey.crop((left, top, right, bottom)))))
    # What was seen of a poor symbol may be a corner of it, or nothing of it.
    return tuple(found or dict.fromkeys(_harder(grey)))


def _codes(grey: Image.Image) -> list[zxingcpp.Barcode]:
    return zxingcpp.read_barcodes(
        grey,
        _QR,
        text_mode=zxingcpp.TextMode.Plain,
        return_errors=True,
    )


def _spot(at: zxingcpp.Position, grey: Image.Image) -> tuple[int, int, int, int]:
    """Give the box around a symbol that was seen, with a third of its width to spare."""
    corners = (at.top_left, at.top_right, at.bottom_left, at.bottom_right)
    xs, ys = [each.x for each in corners], [each.y for each in corners]
    spare = max(max(xs) - min(xs), max(ys) - min(ys)) // 3
    return (
        max(0, min(xs) - spare),
        max(0, min(ys) - spare),
        min(grey.width, max(xs) + spare),
        min(grey.height, max(ys) + spare),
    )


def _harder(grey: Image.Image) -> list[str]:
    """Sharpen, enlarge or soften until something reads.

    Which treatments, and in which order: measured by benchmarks/qr.py; each wins pictures that the
    others lose (blur, few pixels a module, noise).
    """
    while grey.width * grey.height > _MOST_TREATED:
        grey = grey.reduce(2)
    for treated in (_sharp, _sharp_twice, _soft, _thrice):
        read = [code.text for code in _codes(treated(grey)) if code.valid]
        if read:
            return read
    return []


def _sharp(grey: Image.Image) -> Image.Image:
    return grey.filter(ImageFilter.UnsharpMask(2, 150, 0))


def _sharp_twice(grey: Image.Image) -> Image.Image:
    return _enlarged(grey, 2).filter(ImageFilter.UnsharpMask(4, 200, 0))


def _soft(grey: Image.Image) -> Image.Image:
    return grey.filter(ImageFilter.GaussianBlur(1))


def _thrice(grey: Image.Image) -> Image.Image:
    return _enlarged(grey, 3)


def _enlarged(grey: Image.Image, by: int) -> Image.Image:
    size = (grey.width * by, grey.height * by)
    return grey.resize(size, Image.Resampling.BICUBIC)
