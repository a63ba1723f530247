"""The background: fine line ornament worked out from the certificate itself.

The same statement always gives the same lines, another statement others, so a page copied around
another certificate shows it to whoever draws the lines again. It is a help for the eye, not a
proof. Source: ours, docs/spec/pdf.md.
"""

from __future__ import annotations

import hashlib
import itertools
import math
from collections.abc import Iterator, Sequence

from kimberlite.documents.pdf.layout import HEIGHT, PERFORATION, WIDTH

_DOMAIN = b"kp-guilloche/1"
_UNITS = 20  # drawing units a millimetre
_POINTS = 400


class _Numbers:
    """Small numbers out of a seed, one after the other."""

    def __init__(self, seed: bytes) -> None:
        self._bytes = iter(hashlib.shake_256(_DOMAIN + seed).digest(256))

    def whole(self, low: int, high: int) -> int:
        return low + next(self._bytes) % (high - low + 1)

    def part(self) -> float:
        return next(self._bytes) / 255


def background(seed: bytes, ink: str, accent: str) -> str:
    """Draw the background of a page as SVG.

    Args:
        seed: the statement's id; for a blank form, its number.
        ink, accent: colours such as "#1d2b4f".

    Returns:
        An SVG of 210 by 297 mm, the same for the same arguments.
    """
    told = _Numbers(seed)
    lines = [
        *_waves(told),
        *_rosette(told, (105, 104), 74),
        *_rosette(told, (105, 247), 38),
    ]
    border = [
        *_border(told, 7.5, PERFORATION - 4.5),
        *_border(told, PERFORATION + 3.4, HEIGHT - 7.5),
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH:g}mm" height="{HEIGHT:g}mm" '
        f'viewBox="0 0 {WIDTH * _UNITS:g} {HEIGHT * _UNITS:g}" fill="none">'
        f'<path stroke="{ink}" stroke-width="1.8" stroke-opacity=".32" d="{"".join(lines)}"/>'
        f'<path stroke="{accent}" stroke-width="2" stroke-opacity=".7" d="{"".join(border)}"/>'
        "</svg>"
    )


def emblem(seed: bytes, ink: str, accent: str) -> str:
    """Draw a participant's ornament, 20 by 20 mm, from its code: an invented mark, no arms."""
    told = _Numbers(b"emblem" + seed)
    points = told.whole(5, 9)
    rings = []
    for scale in (190, 150, 105):
        turn = told.part() * math.tau
        petals = [
            (
                200
                + scale * (1 + 0.16 * math.cos(points * t)) / 1.16 * math.cos(t + turn / points),
                200
                + scale * (1 + 0.16 * math.cos(points * t)) / 1.16 * math.sin(t + turn / points),
            )
            for t in _steps(240)
        ]
        rings.append(_path(petals) + "z")
    stone = (
        "M200 285L130 180L158 145H242L270 180ZM130 180H270M200 285L172 180L186 145"
        "M200 285L228 180L214 145"
    )
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="20mm" height="20mm" viewBox="0 0 400 400" '
        f'fill="none"><path stroke="{ink}" stroke-width="5" d="{"".join(rings)}"/>'
        f'<path stroke="{accent}" stroke-width="7" stroke-linejoin="round" d="{stone}"/></svg>'
    )


def _steps(count: int) -> Iterator[float]:
    return (math.tau * at / count for at in range(count))


def _rosette(told: _Numbers, centre: tuple[float, float], radius: float) -> Iterator[str]:
    """Nested closed curves whose radius swings with two frequencies; where they cross, a mesh."""
    slow, fast = told.whole(7, 15), told.whole(21, 33)
    deep, shallow = 0.10 + 0.10 * told.part(), 0.03 + 0.05 * told.part()
    for ring in range(8):
        turn = ring * math.tau / 8 / slow + told.part() * 0.1
        size = radius * (1 - 0.095 * ring)
        yield (
            _path(
                [
                    (
                        centre[0] * _UNITS + _UNITS * size * swing * math.cos(t),
                        centre[1] * _UNITS + _UNITS * size * swing * math.sin(t),
                    )
                    for t in _steps(_POINTS)
                    for swing in (
                        1
                        - deep
                        + deep * math.sin(slow * (t + turn))
                        + shallow * math.cos(fast * (t - turn)),
                    )
                ]
            )
            + "z"
        )


def _waves(told: _Numbers) -> Iterator[str]:
    """Two families of waves across the page, whose distance swells and shrinks."""
    for family in range(2):
        length, phase = told.whole(24, 52), told.part() * math.tau
        drift = told.whole(3, 9) * (1 if family else -1)
        for line in range(38):
            middle = 4 + line * (HEIGHT - 8) / 37
            lean = phase + line / drift
            points = [
                (
                    x * 3 * _UNITS,
                    _UNITS * (middle + 3.2 * math.sin(math.tau * 3 * x / length + lean)),
                )
                for x in range(int(WIDTH) // 3 + 1)
            ]
            yield _path(points)


def _border(told: _Numbers, top: float, bottom: float) -> Iterator[str]:
    """Three strands twined along a rectangle."""
    left, right = 7.5, WIDTH - 7.5
    beats = told.whole(56, 76)
    corners = ((left, top), (right, top), (right, bottom), (left, bottom), (left, top))
    for strand in range(3):
        points = []
        for (x0, y0), (x1, y1) in itertools.pairwise(corners):
            length = math.hypot(x1 - x0, y1 - y0)
            count = int(length * 1.4)
            waves = max(1, round(beats * length / 190))
            for at in range(count):
                along = at / count
                off = (
                    1.3
                    * math.sin(math.pi * along) ** 0.1
                    * math.sin(math.pi * waves * along + strand * math.tau / 3)
                )
                x = x0 + (x1 - x0) * along + (y0 - y1) / length * off
                y = y0 + (y1 - y0) * along + (x1 - x0) / length * off
                points.append((x * _UNITS, y * _UNITS))
        yield _path(points) + "z"


def _path(points: Sequence[tuple[float, float]]) -> str:
    """Write a line in whole units, each step from the last: short, and the same everywhere."""
    whole = [(round(x), round(y)) for x, y in points]
    parts = [f"M{whole[0][0]} {whole[0][1]}l"]
    for (x0, y0), (x1, y1) in itertools.pairwise(whole):
        parts.append(f"{x1 - x0} {y1 - y0} ")
    return "".join(parts).rstrip()
