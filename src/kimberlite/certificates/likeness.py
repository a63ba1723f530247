"""Look-alikes: codes that pass for a participant's, and words in two scripts at once.

A signature shows which key signed, not whom a reader takes the issuer for. A code that is not
listed looks like a listed one when it is another name of it, when its letters change places, or
when they differ only where letters are taken for one another. Source: ours, docs/spec/verdicts.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

ALIASES = {"EC": "EU", "EL": "GR", "UK": "GB", "SU": "RU", "ZR": "CD", "TP": "TL"}
"""Codes in use, or used before, for what another code names now (ISO 3166-1 and -3; "EC", "EL"
and "UK" are usual beside it)."""

GROUPS = ("CGOQD", "IJLT", "UVY", "EF", "MN", "BPR", "XK", "SZ")
"""Capital letters that are taken for one another in print, by hand or over a telephone."""

_GROUP = {letter: at for at, group in enumerate(GROUPS) for letter in group}
_WORD = re.compile(r"[^\W\d_]+")
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f\u1e00-\u1eff]")
_OTHER = re.compile(r"[\u0370-\u03ff\u0400-\u052f\u0530-\u058f\u13a0-\u13ff]")
"""Greek, Cyrillic, Armenian and Cherokee, whose letters pass for Latin ones."""

DEMO = re.compile(r"X[A-Z]")
"""ISO 3166-1 leaves XA to XZ to users; here they serve demo and test, and no state."""


def look_alike(code: str, listed: Iterable[str]) -> str | None:
    """Give the listed code for which an unlisted ``code`` may be taken, or None.

    >>> look_alike("EC", ["EU", "XA"]), look_alike("AX", ["XA"]), look_alike("XA", ["XA", "XB"])
    ('EU', 'XA', None)
    """
    found = set(listed)
    if code in found:
        return None
    known = sorted(found)
    if ALIASES.get(code) in known:
        return ALIASES[code]
    return next((each for each in known if _alike(code, each)), None)


def _alike(code: str, other: str) -> bool:
    if len(code) != len(other):
        return False
    if code == other[::-1]:
        return True
    return all(
        a == b or _GROUP.get(a, -1) == _GROUP.get(b, -2) for a, b in zip(code, other, strict=True)
    )


def mixed_scripts(text: str) -> str | None:
    """Give the first word that holds both Latin letters and letters that pass for them, or None.

    >>> mixed_scripts("Alpha Stones"), mixed_scripts("\u0410lpha Stones") is None
    (None, False)
    """
    if text.isascii():
        return None  # as nearly every name is
    words = _WORD.findall(text)
    return next((each for each in words if _LATIN.search(each) and _OTHER.search(each)), None)
