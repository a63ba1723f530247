"""A check word: eight letters that two people compare by telephone to see that they mean one paper.

Seven letters are the first 35 bits of SHA-256("kp-checkword/1" || statement id); the eighth finds
slips of the tongue: over GF(32), d0 + a d1 + a^2 d2 + ... + a^7 d7 = 0, where a^5 = a^2 + 1. Every
single wrong letter and every swap of two letters is found. The word tells whether two people look
at one statement; that it is genuine, only its signature tells. Source: ours, docs/spec/qr.md.
"""

from __future__ import annotations

import hashlib
from functools import reduce

from kimberlite.documents import letters
from kimberlite.kernel.errors import Invalid

LENGTH = 8
_DOMAIN = b"kp-checkword/1"

_SAID = (
    "zero one two three four five six seven eight nine Alfa Bravo Charlie Delta Echo Foxtrot Golf "
    "Hotel Juliett Kilo Mike November Papa Quebec Romeo Sierra Tango Victor Whiskey X-ray Yankee "
    "Zulu"
)
SPELT = dict(zip(letters.ALPHABET, _SAID.split(" "), strict=True))
"""How each letter is said on a bad line. Source: ICAO Annex 10, Volume II, 5.2.1.3."""


def checkword(statement: bytes) -> str:
    """Give the check word of a statement, by its id (32 bytes), as it is printed: "7ZK4-M2QX".

    >>> checkword(bytes(32))
    '5WDB-Y0E5'
    """
    digest = hashlib.sha256(_DOMAIN + statement).digest()
    seven = letters.write(int.from_bytes(digest[:5], "big") >> 5, LENGTH - 1)
    return letters.grouped(seven + letters.ALPHABET[_last(letters.values(seven))])


def matches(word: str, statement: bytes) -> bool:
    """Say whether ``word``, as somebody read it out, is the check word of this statement.

    Raises:
        Invalid: ``checkword.length``; ``checkword.slip`` when no statement has this word, so that
            it was read or heard wrongly; ``letters.unknown``.
    """
    given = letters.values(word)
    if len(given) != LENGTH:
        raise Invalid("checkword.length", "a check word has eight letters", limit=LENGTH)
    if _last(given[:-1]) != given[-1]:
        raise Invalid("checkword.slip", "a letter was read or heard wrongly: read the word again")
    return letters.tidy(word) == letters.tidy(checkword(statement))


def spelt(word: str) -> tuple[str, ...]:
    """Give the words with which a check word is read out.

    >>> spelt("7Z")
    ('seven', 'Zulu')
    """
    return tuple(SPELT[each] for each in letters.tidy(word))


def _last(seven: list[int]) -> int:
    """Give d7 for d0 to d6: Horner's rule for the sum, then a division by a^7."""
    total = reduce(lambda sum_, value: _times_a(sum_) ^ value, reversed(seven), 0)
    for _ in range(31 - (LENGTH - 1)):  # a^31 = 1, so this divides by a^7
        total = _times_a(total)
    return total


def _times_a(value: int) -> int:
    value <<= 1
    return value ^ 0b100101 if value & 32 else value
