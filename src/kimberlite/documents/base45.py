"""Base45 (RFC 9285): bytes in the 45 characters that QR symbols pack best, read strictly."""

from __future__ import annotations

import re

import base45

from kimberlite.kernel.errors import Invalid

_WHOLE = re.compile(r"(?:[0-9A-Z $%*+./:-]{3})*(?:[0-9A-Z $%*+./:-]{2})?")


def write(data: bytes) -> str:
    """Write bytes as text, three characters for two bytes.

    >>> write(b"AB")
    'BB8'
    """
    return str(base45.b45encode(data), "ascii")


def read(text: str) -> bytes:
    """Read what ``write`` gives, and nothing else.

    Raises:
        Invalid: ``qr.base45`` for another character, a length that no bytes have, or a group
            beyond its range.

    >>> read("BB8")
    b'AB'
    """
    if _WHOLE.fullmatch(text) is None:
        raise Invalid("qr.base45", "the code's text is damaged: scan it again")
    try:
        return bytes(base45.b45decode(text.encode()))
    except ValueError:
        raise Invalid("qr.base45", "the code's text is damaged: scan it again") from None
