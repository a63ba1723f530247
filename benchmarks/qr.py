"""Printed codes: how long they are, how fast, and how often they are read after what paper meets.

`python -m benchmarks.qr [--quick] [--photos N]`. Two decoders that share no code: zxing-cpp, with
the second looks of ``documents.symbols``, and the browser page's own module for pictures, in a real
Chromium (``decoders``). Counts repeat exactly, as every photo has its seed; times do not.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from random import Random
from statistics import median
from time import perf_counter
from typing import Any

from benchmarks.decoders import Decoder, decoder
from benchmarks.photos import Conditions, photo
from kimberlite.documents import base45, qr, symbols
from tests.helpers.carried import ARABIC, carried, mixed
from tests.helpers.certificates import Desk

DOT = symbols.MODULE_MM / 25.4
"""Width of a printed module, in inches."""

NEAR = 12 * symbols.MODULE_MM
FAR = 9 * symbols.MODULE_MM
"""Pixels a module where 50 mm of paper fill 600 and 450 pixels of the picture."""

PAPER = Conditions(pixels=NEAR)
POOR = Conditions(pixels=NEAR, blur=1.5, quality=40, turn=25, slant=0.05, noise=8)
SCAN = Conditions(blur=0.5, quality=80, turn=2, slant=0, noise=3, shade=0.05)

CONDITIONS: dict[str, Conditions] = {
    "scanner, 300 dpi": replace(SCAN, pixels=300 * DOT),
    "scanner, 200 dpi": replace(SCAN, pixels=200 * DOT),
    "scanner, 150 dpi": replace(SCAN, pixels=150 * DOT),
    "good photo": replace(PAPER, blur=0.6, quality=80, turn=10, slant=0.02),
    "typical photo": PAPER,
    "typical, at any angle": replace(PAPER, turn=180, slant=0.06),
    "typical, from further away": replace(PAPER, pixels=FAR),
    "out of focus": replace(PAPER, blur=2.2),
    "dim light": replace(PAPER, blur=1.2, quality=40, noise=20, shade=0.6),
    "poor photo": POOR,
    "poor, from further away": replace(POOR, pixels=FAR),
    "two folds": replace(PAPER, folds=2),
    "four folds": replace(PAPER, folds=4),
    "stamp across": replace(PAPER, stamp=True),
    "signature across": replace(PAPER, pen=True),
    "stamp, signature, two folds": replace(PAPER, folds=2, stamp=True, pen=True),
    "stain on 5 %": replace(PAPER, stain=0.05),
    "stain on 8 %": replace(PAPER, stain=0.08),
    "stain on 10 %": replace(PAPER, stain=0.10),
    "stain on 12 %": replace(PAPER, stain=0.12),
    "all of it, stain on 2 %": replace(
        PAPER, blur=1.2, quality=40, folds=2, stamp=True, pen=True, stain=0.02
    ),
}
PAYLOADS = {"KPC1, 350 bytes": 350, "KPC1, 550 bytes": 550, "KPC1, 700 bytes": 700}
WEAKER = "KPC1, 550 bytes, level M"
"""The same code with less correction, to compare."""

RECEIPT = "KPC2, 1,120 bytes"
QUICK = ("typical photo", "two folds")
ORIGINS = (1, 3, 6, 14)


def text_of(size: int, prefix: str = "KPC1:") -> str:
    """Give a text of ``size`` bytes that deflate no further; the same every time."""
    return prefix + base45.write(Random(size).randbytes(size))


def sizes() -> Iterator[dict[str, Any]]:
    """Tell how long QR-1 of sample certificates is, by origins and by the parties' script."""
    desk = Desk()
    for at, (script, parties) in enumerate((("Latin", {}), ("Arabic", ARABIC))):
        for origins in ORIGINS:
            number = f"XA{1000 + 100 * at + origins:06d}"
            file = carried(desk, number, shipment=mixed(origins), parties=parties)
            (text,) = qr.qr1(file)
            symbol = symbols.draw(text)
            yield {
                "bench": "qr-size",
                "parties": script,
                "origins": origins,
                "content": len(qr.content(file)),
                "deflated": len(qr.deflate(qr.content(file))),
                "characters": len(text),
                "version": symbol.version,
                "millimetres": symbol.millimetres,
                "receipt_characters": len(qr.qr2(file)),
            }


def robustness(photos: int, names: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Tell how many of ``photos`` each decoder reads, by condition and by length."""
    drawn = {name: (text_of(size), symbols.draw(text_of(size))) for name, size in PAYLOADS.items()}
    drawn[WEAKER] = (text_of(550), symbols.draw(text_of(550), "M"))
    drawn[RECEIPT] = (text_of(1120, "KPC2:"), symbols.draw(text_of(1120, "KPC2:")))
    with decoder() as browser:
        for name in names:
            for payload, (text, symbol) in drawn.items():
                if payload == RECEIPT and not name.startswith("scanner"):
                    continue
                yield {
                    "bench": "qr-read",
                    "condition": name,
                    "code": payload,
                    **_read(text, symbol, [CONDITIONS[name]] * photos, browser),
                }


def _read(
    text: str, symbol: symbols.Symbol, taken: Sequence[Conditions], browser: Decoder | None
) -> dict[str, Any]:
    ours: list[tuple[bool, float]] = []
    theirs: list[tuple[bool, float]] = []
    for seed, how in enumerate(taken):
        picture = photo(symbol, how, seed)
        start = perf_counter()
        found = symbols.read(picture)
        ours.append((found == (text,), perf_counter() - start))
        if browser is not None:
            texts, seconds = browser.read(picture)
            theirs.append((texts == [text], seconds))
    told: dict[str, Any] = {"version": symbol.version, "photos": len(taken)}
    name_of_theirs = "browser" if browser is None else browser.name
    for name, results in (("zxing", ours), (name_of_theirs, theirs)):
        if results:
            told[name] = sum(good for good, _ in results)
            told[f"{name}_ms"] = round(1000 * median(seconds for _, seconds in results), 1)
    return told


def rates(repeats: int) -> Iterator[dict[str, Any]]:
    """Tell how many codes a second are written, drawn and read on one core."""
    file = carried(Desk(), "XA002000")
    (text,) = qr.qr1(file)
    picture = symbols.draw(text).png(4)
    work: dict[str, Callable[[], object]] = {
        "text of QR-1 from a file": lambda: qr.qr1(file),
        "symbol as SVG from a text": lambda: symbols.draw(text).svg(),
        "symbol as PNG from a text": lambda: symbols.draw(text).png(),
        "text from a clean picture": lambda: symbols.read(picture),
        "file from a text": lambda: qr.files([text]),
    }
    for name, run in work.items():
        times = []
        for _ in range(repeats):
            start = perf_counter()
            run()
            times.append(perf_counter() - start)
        yield {"bench": "qr-rate", "what": name, "per_second": round(1 / median(times))}


def bench(*, quick: bool = False, photos: int = 40) -> Iterator[dict[str, Any]]:
    """Give every figure; ``quick`` to see that it works."""
    yield from sizes()
    yield from rates(5 if quick else 100)
    yield from robustness(2 if quick else photos, QUICK if quick else tuple(CONDITIONS))


def main() -> None:
    """Print one JSON object a line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.qr", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="two photos, two conditions")
    parser.add_argument("--photos", type=int, default=40, help="photos of each condition")
    asked = parser.parse_args()
    for figures in bench(quick=asked.quick, photos=asked.photos):
        print(json.dumps(figures), flush=True)


if __name__ == "__main__":
    main()
