"""One content in several printed codes, where a single one would be too fine to read.

Text of part I of N: "KPC1/I/N/BINDING:" and the part's bytes in base45. BINDING is the first 40
bits of SHA-256 of the whole, in eight letters, so that parts of two certificates never mix. Any
scanner reads such text; few tell the numbers of the QR standard's own sequences. Source: ours,
docs/decisions/0016.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable

from kimberlite.documents import base45, letters
from kimberlite.kernel.errors import Invalid

MOST = 6
"""Most parts of one content."""

_TEXT = re.compile(r"KPC1/([1-9])/([1-9])/([0-9A-Z]{8}):(.+)", re.DOTALL)


def split(data: bytes, limit: int) -> tuple[str, ...]:
    """Part ``data`` into texts of at most ``limit`` bytes each, as even as can be.

    Raises:
        Invalid: ``qr.too-long`` when six parts do not hold it.
    """
    count = -(-len(data) // limit)
    if count > MOST:
        raise Invalid("qr.too-long", "this is too much for printed codes", limit=MOST * limit)
    name = _binding(data)
    ends = [len(data) * each // count for each in range(count + 1)]
    return tuple(
        f"KPC1/{at + 1}/{count}/{name}:{base45.write(data[ends[at] : ends[at + 1]])}"
        for at in range(count)
    )


def is_part(text: str) -> bool:
    """Say whether a text says that it is a part."""
    return text.startswith("KPC1/")


def join(texts: Iterable[str]) -> tuple[bytes, ...]:
    """Give each content whose parts are all there, in any order, any part more than once.

    Raises:
        Invalid: ``qr.part`` for a text that is no part, or parts that do not fit together;
            ``qr.parts-missing`` naming the first part that is not there; ``qr.base45``.
    """
    found: dict[tuple[int, str], dict[int, bytes]] = {}
    for text in texts:
        match = _TEXT.fullmatch(text)
        if match is None:
            raise _damaged()
        at, count, name = int(match[1]), int(match[2]), match[3]
        if not (at <= count and 2 <= count <= MOST):
            raise _damaged()
        data = base45.read(match[4])
        if found.setdefault((count, name), {}).setdefault(at, data) != data:
            raise _damaged()
    return tuple(_whole(parts, count, name) for (count, name), parts in found.items())


def _whole(parts: dict[int, bytes], count: int, name: str) -> bytes:
    for at in range(1, count + 1):
        if at not in parts:
            raise Invalid(
                "qr.parts-missing",
                f"this certificate is printed in {count} codes: scan number {at} too",
                missing=at,
                total=count,
            )
    data = b"".join(parts[at] for at in range(1, count + 1))
    if _binding(data) != name:
        raise _damaged()
    return data


def _binding(data: bytes) -> str:
    return letters.write(int.from_bytes(hashlib.sha256(data).digest()[:5], "big"), 8)


def _damaged() -> Invalid:
    return Invalid("qr.part", "the parts of the printed code do not fit together: scan them again")
