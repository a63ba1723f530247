"""Letters that people can read out and copy: 32 of them, none to be taken for another.

Alphabet: Crockford's Base32, without I, L, O and U. What people write for them is understood.
"""

from __future__ import annotations

from kimberlite.kernel.errors import Invalid

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_VALUE = {letter: value for value, letter in enumerate(ALPHABET)}
_TAKEN_FOR = str.maketrans({"I": "1", "L": "1", "O": "0"})
_GAPS = str.maketrans("", "", " -\u00a0\u2010\u2011\u2013")


def write(value: int, count: int) -> str:
    """Write the lowest ``5 * count`` bits of ``value`` as ``count`` letters, highest first.

    >>> write(1000, 3)
    '0Z8'
    """
    return "".join(ALPHABET[value >> 5 * place & 31] for place in reversed(range(count)))


def values(text: str) -> list[int]:
    """Read letters as people write them: any case, gaps and hyphens, O for 0, I and L for 1.

    Raises:
        Invalid: ``letters.unknown`` naming the first that is none of them.

    >>> values("o1-zl")
    [0, 1, 31, 1]
    """
    tidy = text.translate(_GAPS).upper().translate(_TAKEN_FOR)
    for each in tidy:
        if each not in _VALUE:
            raise Invalid(
                "letters.unknown",
                "use the digits 0 to 9 and the letters A to Z without I, L, O and U",
                letter=each,
            )
    return [_VALUE[each] for each in tidy]


def tidy(text: str) -> str:
    """Spell ``text`` in the alphabet, without gaps. Raises Invalid ``letters.unknown``."""
    return "".join(ALPHABET[value] for value in values(text))


def grouped(text: str, size: int = 4) -> str:
    """Part letters by hyphens into groups, as they are printed.

    >>> grouped("7ZK4M2QX")
    '7ZK4-M2QX'
    """
    return "-".join(text[at : at + size] for at in range(0, len(text), size))
