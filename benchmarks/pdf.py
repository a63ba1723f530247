"""Documents a second: pages in three scripts, their codes, their seals, and their bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from benchmarks.measure import Figures, compared, in_turns
from kimberlite.certificates.file import parse_file
from kimberlite.documents.pdf import page
from kimberlite.documents.pdf.rendering import render
from kimberlite.documents.pdf.seal import seal
from tests.helpers.carried import ARABIC
from tests.helpers.printed import codes, file_of, order
from tests.helpers.seals import Cabinet, key

MOMENT = 1_773_100_800
_EMPTY: dict[str, Any] = {
    "title": "Empty",
    "author": "",
    "description": "",
    "attachments": [],
    "sheets": [],
}


def bench(*, quick: bool) -> Iterator[Figures]:
    """Time a page, its codes and its seals, each beside its limit."""
    rounds = 2 if quick else 40
    yield from _pages(("en",) if quick else ("en", "ar", "zh"), rounds)
    file = file_of()
    turns = in_turns(rounds, lambda: codes(file), lambda: render("page.typ", _EMPTY, MOMENT))
    yield {**compared("pdf", turns, "an empty document"), "step": "codes"}
    yield from _seals(("B-B",) if quick else ("B-B", "B-LT"), rounds)
    yield _whole(rounds)


def _whole(rounds: int) -> Figures:
    """Time a document as a node makes it: codes drawn, page set, sealed B-LT; files at hand."""
    cabinet = Cabinet()
    files = [file_of(number=f"XA{at:06d}") for at in range(1, rounds + 2)]
    asked = iter([order("fr", file=file) for file in files])

    def make() -> int:
        told = next(asked)
        drawn = replace(told, codes=codes(parse_file(told.attachments[0].data)))
        made = page.certificate(drawn)
        return len(seal(made, cabinet.sealing("B-LT"), name="XA", reason="bench"))

    size = make()
    turns = in_turns(rounds, make, lambda: render("page.typ", _EMPTY, MOMENT))
    told = compared("pdf", turns, "an empty document")
    return {**told, "step": "codes, page and seal B-LT", "language": "fr", "bytes": size}


def _pages(languages: tuple[str, ...], rounds: int) -> Iterator[Figures]:
    for lang in languages:
        # Another statement each time: what a compiler remembers of the last page must not help.
        asked = iter(
            [
                order(lang, number=f"XA{at:06d}", parties=ARABIC if lang == "ar" else {})
                for at in range(1, rounds + 2)
            ]
        )
        size = len(page.certificate(next(asked)))
        turns = in_turns(
            rounds,
            lambda asked=asked: page.certificate(next(asked)),  # type: ignore[misc]
            lambda: render("page.typ", _EMPTY, MOMENT),
        )
        told = compared("pdf", turns, "an empty document")
        yield {**told, "step": "page", "language": lang, "bytes": size}


def _seals(levels: tuple[str, ...], rounds: int) -> Iterator[Figures]:
    cabinet, pdf, own = Cabinet(), page.certificate(order("en")), key(2)
    for level in levels:
        made = seal(pdf, cabinet.sealing(level), name="XA", reason="bench")

        def bare() -> None:
            own.sign(hashlib.sha256(pdf).digest())

        def sealed(level: str = level) -> None:
            seal(pdf, cabinet.sealing(level), name="XA", reason="bench")

        turns = in_turns(rounds, sealed, bare)
        told = compared("pdf", turns, "SHA-256 of the file and one P-256 signature")
        yield {**told, "step": "seal", "level": level, "bytes": len(made) - len(pdf)}
