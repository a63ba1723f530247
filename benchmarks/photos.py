"""Printed codes as they come back: folded, stamped, stained, photographed badly. Seeded, so the
same call gives the same picture; Pillow only.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from math import cos, radians, sin
from random import Random
from statistics import NormalDist

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from kimberlite.documents.symbols import MODULE_MM, QUIET, Symbol

PRINT = 10
"""Pixels a module on the simulated sheet, before any camera sees it."""

MARGIN = 8
"""Modules of paper around the quiet zone."""

STAMP = 12.5 / MODULE_MM
"""Radius of the stamp, in modules."""

PEN = round(0.5 / MODULE_MM * PRINT)
"""Width of a pen's line, in pixels of the sheet."""


@dataclass(frozen=True, slots=True)
class Conditions:
    """What happened to a sheet, and how it was taken.

    Attributes:
        pixels: the camera's pixels a module.
        blur: of the lens, sigma in camera pixels.
        quality: of JPEG, 1 to 95.
        turn: largest rotation, in degrees.
        slant: largest shift of a corner, in parts of the width.
        noise: of the sensor, sigma in grey levels.
        shade: how much darker the darkest side is, in parts.
        gain: blur of the ink, sigma in parts of a module.
        stain: part of the symbol under an opaque stain.
        folds: creases across the symbol, from which ink has come off.
        stamp: whether a round stamp stands across the symbol.
        pen: whether a signature runs across it.
    """

    pixels: float = 5.0
    blur: float = 1.0
    quality: int = 60
    turn: float = 20.0
    slant: float = 0.03
    noise: float = 6.0
    shade: float = 0.3
    gain: float = 0.15
    stain: float = 0.0
    folds: int = 0
    stamp: bool = False
    pen: bool = False


def photo(symbol: Symbol, how: Conditions, seed: int) -> bytes:
    """Give the JPEG of a sheet with ``symbol`` under these conditions."""
    rng = Random(f"{seed} {how}")
    sheet = _sheet(symbol, how)
    _spoil(sheet, how, rng, symbol.modules)
    taken = _camera(sheet, how, rng)
    out = io.BytesIO()
    taken.save(out, "JPEG", quality=how.quality)
    return out.getvalue()


def _sheet(symbol: Symbol, how: Conditions) -> Image.Image:
    drawn = symbol.picture(PRINT)
    border = MARGIN * PRINT
    side = drawn.width + 2 * border
    sheet = Image.new("L", (side, side), 250)
    sheet.paste(drawn.point(lambda level: 30 + level * 220 // 255), (border, border))
    if how.gain:
        sheet = sheet.filter(ImageFilter.GaussianBlur(how.gain * PRINT))
    return sheet


def _spoil(sheet: Image.Image, how: Conditions, rng: Random, modules: int) -> None:
    start = (MARGIN + QUIET) * PRINT
    size = modules * PRINT
    draw = ImageDraw.Draw(sheet)
    for _ in range(how.folds):
        _fold(sheet, rng, start, size)
    if how.stain:
        _stain(draw, rng, (start, size), how.stain)
    if how.stamp:
        _stamp(sheet, rng, start, size)
    if how.pen:
        _pen(draw, rng, start, size)


def _fold(sheet: Image.Image, rng: Random, start: int, size: int) -> None:
    """Crease from side to side: half a module of bare paper, and a shadow beside it."""
    side = sheet.width
    first = start + size * rng.uniform(0.25, 0.75)
    second = first + size * rng.uniform(-0.04, 0.04)
    ends = [(0.0, first), (float(side), second)]
    if rng.random() < 0.5:
        ends = [(y, x) for x, y in ends]
    draw = ImageDraw.Draw(sheet)
    draw.line(ends, fill=235, width=PRINT // 2)
    shadow = [(x + PRINT * 0.5, y + PRINT * 0.5) for x, y in ends]
    draw.line(shadow, fill=170, width=max(2, PRINT // 4))


def _stain(draw: ImageDraw.ImageDraw, rng: Random, box: tuple[int, int], part: float) -> None:
    """Cover a part of the symbol's area by one opaque blot of many lobes, off the finders."""
    start, size = box
    radius = size * (part / 3.14159) ** 0.5
    x = start + size * rng.uniform(0.35, 0.75)
    y = start + size * rng.uniform(0.35, 0.75)
    level = rng.choice((60, 90, 200, 240))
    for _ in range(5):
        dx, dy = (rng.uniform(-0.25, 0.25) * radius for _ in "xy")
        r = radius * 0.85
        draw.ellipse((x + dx - r, y + dy - r, x + dx + r, y + dy + r), fill=level)


def _stamp(sheet: Image.Image, rng: Random, start: int, size: int) -> None:
    """Press a round stamp, 25 mm wide: two rings, letters, a line; half see-through."""
    ink = Image.new("L", sheet.size, 255)
    draw = ImageDraw.Draw(ink)
    radius = STAMP * PRINT
    x, y = (start + size * rng.uniform(0.3, 0.7) for _ in "xy")
    for part, width in ((1.0, PRINT), (0.72, PRINT // 2)):
        r = radius * part
        draw.ellipse((x - r, y - r, x + r, y + r), outline=85, width=width)
    for at in range(0, 360, 18):
        r = radius * 0.86
        cx, cy = x + r * cos(radians(at)), y + r * sin(radians(at))
        draw.rectangle((cx - PRINT, cy - PRINT, cx + PRINT, cy + PRINT), fill=90)
    draw.rectangle((x - radius * 0.6, y - PRINT, x + radius * 0.6, y + PRINT), fill=85)
    sheet.paste(ImageChops.multiply(sheet, ink))


def _pen(draw: ImageDraw.ImageDraw, rng: Random, start: int, size: int) -> None:
    """Sign across the symbol: one dark line of ten turns, half a millimetre wide."""
    at = [start + size * rng.uniform(0.0, 0.2), start + size * rng.uniform(0.4, 0.6)]
    points = [(at[0], at[1])]
    for turn in range(10):
        at[0] += size * 0.08
        points.append((at[0], at[1] + size * rng.uniform(0.05, 0.14) * (1 if turn % 2 else -1)))
    draw.line(points, fill=45, width=PEN, joint="curve")


def _camera(sheet: Image.Image, how: Conditions, rng: Random) -> Image.Image:
    """Turn, slant, light, blur and take the sheet, at the camera's resolution."""
    side = sheet.width * how.pixels / PRINT
    angle = radians(rng.uniform(-how.turn, how.turn))
    reach = abs(cos(angle)) + abs(sin(angle))
    frame = int(side * (reach + 2 * how.slant)) + 2
    corners = []
    for dx, dy in ((-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)):
        x = (dx * cos(angle) - dy * sin(angle)) * side + frame / 2
        y = (dx * sin(angle) + dy * cos(angle)) * side + frame / 2
        x, y = (each + rng.uniform(-how.slant, how.slant) * side for each in (x, y))
        corners.append((x, y))
    far = sheet.width
    # Halve the sheet while it is twice too fine, so that no module is missed between samples.
    while sheet.width > 2 * side:
        sheet = sheet.reduce(2)
    k = sheet.width / far
    back = _perspective(corners, [(0, 0), (far * k, 0), (far * k, far * k), (0, far * k)])
    taken = sheet.transform(
        (frame, frame), Image.Transform.PERSPECTIVE, back, Image.Resampling.BICUBIC, fillcolor=140
    )
    taken = _light(taken, how, rng)
    taken = taken.filter(ImageFilter.GaussianBlur(how.blur))
    return _noisy(taken, how.noise, rng)


def _perspective(
    seen: list[tuple[float, float]], sheet: list[tuple[float, float]]
) -> tuple[float, ...]:
    """Solve for the eight numbers that lead from a point seen to a point of the sheet."""
    rows: list[list[float]] = []
    for (x, y), (u, v) in zip(seen, sheet, strict=True):
        rows.append([x, y, 1, 0, 0, 0, -u * x, -u * y, u])
        rows.append([0, 0, 0, x, y, 1, -v * x, -v * y, v])
    for at in range(8):
        best = max(range(at, 8), key=lambda row: abs(rows[row][at]))
        rows[at], rows[best] = rows[best], rows[at]
        rows[at] = [each / rows[at][at] for each in rows[at]]
        for row in range(8):
            if row != at and rows[row][at]:
                by = rows[row][at]
                rows[row] = [a - by * b for a, b in zip(rows[row], rows[at], strict=True)]
    return tuple(row[8] for row in rows)


def _light(taken: Image.Image, how: Conditions, rng: Random) -> Image.Image:
    slope = Image.linear_gradient("L").rotate(rng.uniform(0, 360), Image.Resampling.BILINEAR)
    slope = slope.crop((64, 64, 192, 192)).resize(taken.size, Image.Resampling.BILINEAR)
    return ImageChops.multiply(taken, slope.point(lambda level: 255 - level * how.shade))


def _noisy(taken: Image.Image, sigma: float, rng: Random) -> Image.Image:
    """Add noise of a bell's shape, by a table from even bytes to its quantiles."""
    bell = NormalDist(128, max(sigma, 0.01))
    table = bytes(min(255, max(0, round(bell.inv_cdf((each + 0.5) / 256)))) for each in range(256))
    even = rng.randbytes(taken.width * taken.height)
    grain = Image.frombytes("L", taken.size, even.translate(table))
    return ImageChops.add(taken, grain, 1, -128)
