"""JSON and base64url as this room writes them and, as strictly, reads them.

Written: members sorted, no spaces, UTF-8, whole numbers only. Read: no member twice, no floats,
bounded depth and length, so that two readers never see two documents in the same bytes.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable
from typing import Any, NoReturn

from kimberlite.kernel.errors import Invalid

LIMIT = 384 * 1024
"""Longest token, in bytes: a certificate file of 64 KiB in base64 twice, and what it says."""
DEEPEST = 24

_BASE64URL = re.compile(rb"[A-Za-z0-9_-]*")
_MOST = 1 << 53


def encode(value: object) -> bytes:
    """Write JSON in its one form: sorted members, no spaces, UTF-8."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def decode(data: bytes) -> dict[str, Any]:
    """Read one JSON object.

    Raises:
        Invalid: ``credential.json``, also for members that stand twice, floats, numbers beyond
            2^53, lone surrogates and more than 24 levels.
    """
    found = decode_any(data)
    if not isinstance(found, dict):
        raise _bad("an object is expected")
    return found


def decode_any(data: bytes) -> object:
    """Read one JSON value. Raises Invalid ``credential.json`` as ``decode``."""
    if len(data) > LIMIT:
        raise _bad("it is too long")
    try:
        text = data.decode()
        found = json.loads(
            text,
            object_pairs_hook=_pairs,
            parse_float=_no_float,
            parse_int=_whole,
            parse_constant=_no_float,
        )
        _check_depth(found, 0)
        encode(found)
    except (ValueError, RecursionError):
        raise _bad("it does not read") from None
    return found


def to_base64url(data: bytes) -> str:
    """Write base64url without padding (RFC 7515 section 2).

    >>> to_base64url(bytes((255, 254)))
    '__4'
    """
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def from_base64url(text: str | bytes) -> bytes:
    """Read base64url without padding, in its one spelling.

    Raises:
        Invalid: ``credential.base64``.
    """
    try:
        data = text.encode("ascii") if isinstance(text, str) else text
        if _BASE64URL.fullmatch(data) is None:
            raise ValueError
        found = base64.urlsafe_b64decode(data + b"=" * (-len(data) % 4))
    except ValueError:
        found, data = b"", b"?"
    # The last letter may carry bits that mean nothing: only the encoding itself tells.
    if to_base64url(found).encode() != data:
        raise Invalid("credential.base64", "a part of this credential is not base64url")
    return found


def _pairs(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise _bad("a member stands twice")
        found[name] = value
    return found


def _no_float(_text: str) -> NoReturn:
    raise _bad("numbers are whole here")


def _whole(text: str) -> int:
    found = int(text) if len(text) <= 17 else _MOST
    if not -_MOST < found < _MOST:
        raise _bad("a number is too large")
    return found


def _check_depth(value: object, depth: int) -> None:
    if depth > DEEPEST:
        raise _bad("it is nested too deeply")
    if isinstance(value, dict):
        for each in value.values():
            _check_depth(each, depth + 1)
    elif isinstance(value, list):
        for each in value:
            _check_depth(each, depth + 1)


def _bad(why: str) -> Invalid:
    return Invalid("credential.json", f"the JSON in this credential is damaged: {why}")
