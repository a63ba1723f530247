"""Typst at work: the one place that imports it. Same data, same bytes.

Documents claim PDF/A-3a (ISO 19005-3) and PDF/UA-1 (ISO 14289-1); the compiler refuses what
breaks either, such as a character for which no font here has a shape.
"""

from __future__ import annotations

import functools
import json
import re
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, Literal

import typst

from kimberlite.kernel.errors import Invalid

STANDARDS: Final[tuple[Literal["a-3a", "ua-1"], ...]] = ("a-3a", "ua-1")
_TEMPLATES = Path(str(files("kimberlite.documents.pdf")))
_NO_SHAPE = re.compile(r'the text `"(.+?)"` could not be displayed')
_SHOWN = 8


_TYPE = (
    "fontpkg_amiri",
    "fontpkg_frank_ruhl_libre",
    "fontpkg_noto_sans",
    "fontpkg_source_serif_4",
    "pylopdf_fonts_zh_cn",
)
"""Packages that hold fonts and nothing else: they are never imported."""


@functools.cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=False,
        font_paths=[str(files(each)) for each in _TYPE],
    )


@functools.cache
def _compiler(template: str) -> typst.Compiler:
    return typst.Compiler(str(_TEMPLATES / template), root=str(_TEMPLATES), font_paths=_fonts())


def render(template: str, told: dict[str, Any], moment: int) -> bytes:
    """Make a PDF from a template of this room.

    Args:
        template: its file name.
        told: what it reads, as JSON.
        moment: the document's date, UTC seconds.

    Raises:
        Invalid: ``pdf.glyphs`` naming characters that no font has, ``pdf.render``.
    """
    try:
        made = _compiler(template).compile(
            format="pdf",
            sys_inputs={"data": json.dumps(told, ensure_ascii=False)},
            pdf_standards=list(STANDARDS),
            timestamp=datetime.fromtimestamp(moment, UTC),
        )
    except typst.TypstError as bad:
        raise _problem(str(bad.diagnostic)) from bad
    assert isinstance(made, bytes)
    return made


def _problem(diagnostic: str) -> Invalid:
    missing = dict.fromkeys(_NO_SHAPE.findall(diagnostic))
    if missing:
        shown = " ".join(list(missing)[:_SHOWN])
        return Invalid(
            "pdf.glyphs", f"no font here has these characters: {shown}", characters=shown
        )
    return Invalid("pdf.render", f"the page could not be made: {diagnostic[:400]}")
