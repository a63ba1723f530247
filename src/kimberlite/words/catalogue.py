"""The catalogues: one JSON file a room and language, flat, ``{key: "text with {facts}"}``.

A key is the code that a rule or an error carries, so the domain never holds a sentence that a
translator would have to find. Source: ours, docs/decisions/0013.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from importlib.resources import files

from kimberlite.kernel.errors import Invalid

NAMES: Mapping[str, str] = {
    "en": "English",
    "ar": "العربية",
    "fr": "Français",
    "pt": "Português",
    "ru": "Русский",
    "zh": "中文",
    "es": "Español",
}
"""Languages by code, each under its own name, in the order in which they are offered."""

LANGUAGES = tuple(NAMES)
FALLBACK = "en"


@functools.cache
def catalogue(lang: str) -> Mapping[str, str]:
    """Give every text of one language by key.

    Raises:
        Invalid: ``words.language`` for a language there is none for, ``words.damaged`` when a
            catalogue of this installation cannot be read or holds a key of another file again.
    """
    if lang not in NAMES:
        known = ", ".join(LANGUAGES)
        raise Invalid("words.language", f"choose one of the languages {known}", lang=lang[:20])
    texts: dict[str, str] = {}
    root = files("kimberlite.words")
    folder = root / lang
    # A catalogue joins by lying there, in English first.
    names = (each.name for each in (root / FALLBACK).iterdir())
    for room in sorted(name.removesuffix(".json") for name in names if name.endswith(".json")):
        try:
            found = json.loads((folder / f"{room}.json").read_text(encoding="utf-8"))
        except (OSError, ValueError) as bad:
            raise Invalid(
                "words.damaged", f"the catalogue {lang}/{room} cannot be read: install again"
            ) from bad
        if not texts.keys().isdisjoint(found):
            twice = min(texts.keys() & found.keys())
            raise Invalid("words.damaged", f"{twice} stands in two catalogues of {lang}", key=twice)
        texts.update(found)
    return texts


def direction(lang: str) -> str:
    """Give "rtl" or "ltr", as the HTML attribute ``dir`` wants it.

    >>> direction("ar"), direction("ru")
    ('rtl', 'ltr')
    """
    return "rtl" if lang == "ar" else "ltr"


def preferred(accept: str) -> str:
    """Choose the language for an ``Accept-Language`` header. Source: RFC 9110 section 12.5.4.

    >>> preferred("de, pt-BR;q=0.8, en;q=0.3")
    'pt'
    """
    ranked: list[tuple[float, int, str]] = []
    for place, part in enumerate(accept[:400].split(",")):
        tag, _, weight = part.strip().partition(";q=")
        try:
            quality = float(weight) if weight else 1.0
        except ValueError:
            continue
        lang = tag.partition("-")[0].lower()
        if lang in NAMES and quality > 0:
            ranked.append((-quality, place, lang))
    return min(ranked)[2] if ranked else FALLBACK
