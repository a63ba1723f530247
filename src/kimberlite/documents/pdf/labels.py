"""The printed words: the catalogues' seven languages, and Hebrew, which is printed only."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from importlib.resources import files

from kimberlite.kernel.errors import Invalid
from kimberlite.words import display
from kimberlite.words.catalogue import LANGUAGES, catalogue

PAPER_LANGUAGES = (*LANGUAGES, "he")
RIGHT_TO_LEFT = frozenset(("ar", "he"))


@functools.cache
def texts(lang: str) -> Mapping[str, str]:
    """Give the printed words of a language by key.

    Raises:
        Invalid: ``pdf.language``; as ``catalogue``.
    """
    if lang not in PAPER_LANGUAGES:
        known = ", ".join(PAPER_LANGUAGES)
        raise Invalid("pdf.language", f"choose one of the languages {known}", known=known)
    if lang in LANGUAGES:
        return catalogue(lang)
    told: dict[str, str] = json.loads(
        (files("kimberlite.documents.pdf") / f"{lang}.json").read_text(encoding="utf-8")
    )
    return told


def label(lang: str, key: str) -> str:
    """Give a printed word, in English where the language has none."""
    return texts(lang).get(key) or texts("en").get(key, key)


def country(lang: str, code: str, names: Mapping[str, str]) -> str:
    """Name a country: as the registry names it, else as CLDR does, else by its code.

    Args:
        names: the registry's names of it by language.
    """
    found = names.get(lang) or texts(lang).get(f"territory.{code}")
    if found is None and not code.startswith("X"):
        found = display.territory(lang, code)
    return found or names.get("en") or texts("en").get(f"territory.{code}") or code


def day(lang: str, number: int) -> str:
    """Write a day, in Latin digits."""
    return display.day(lang, number)


def script(text: str) -> str:
    """Give the language whose type a text needs: "ar", "he", "zh", or "" for Latin and Cyrillic.

    >>> script("Alpha"), script("شركة"), script("חברה"), script("公司")
    ('', 'ar', 'he', 'zh')
    """
    for each in text:
        point = ord(each)
        if 0x0590 <= point < 0x0600:
            return "he"
        if 0x0600 <= point < 0x0780 or 0xFB50 <= point < 0xFF00:
            return "ar"
        if 0x2E80 <= point < 0xA000 or 0x20000 <= point < 0x32000:
            return "zh"
    return ""
