"""Deterministic CBOR (RFC 8949 section 4.2.1), strict in both directions.

One value has one encoding and one encoding has one value, because these bytes are what gets
signed and replayed. The subset is small on purpose: integers of 64 bits, byte and text strings,
arrays, maps with integer or text keys, true, false and null. No floats, no tags, no indefinite
lengths. Why this is our own code and not a library: docs/decisions/0002.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from kimberlite.kernel.errors import Invalid

Value: TypeAlias = (
    int | bytes | str | bool | None | list["Value"] | dict[int, "Value"] | dict[str, "Value"]
)

MAX_DEPTH = 12
MAX_COUNT = 4096
MAX_BYTES = 1 << 20
INT_MAX = (1 << 63) - 1
INT_MIN = -(1 << 63)

_WIDTH = {24: 1, 25: 2, 26: 4, 27: 8}
_MINIMUM = {24: 24, 25: 1 << 8, 26: 1 << 16, 27: 1 << 32}


_SHORT = tuple(bytes((each,)) for each in range(256))


def head(major: int, argument: int) -> bytes:
    """Encode the shortest head of ``major`` type (0 to 7) with ``argument`` (0 to 2^64 - 1)."""
    top = major << 5
    if argument < 24:
        return _SHORT[top | argument]
    if argument < 0x100:
        return bytes((top | 24, argument))
    if argument < 0x10000:
        return bytes((top | 25,)) + argument.to_bytes(2, "big")
    if argument < 0x100000000:
        return bytes((top | 26,)) + argument.to_bytes(4, "big")
    return bytes((top | 27,)) + argument.to_bytes(8, "big")


def encode(value: object) -> bytes:
    """Encode ``value`` deterministically.

    Raises:
        Invalid: ``cbor.type`` for a value outside the subset, ``cbor.range`` for an integer
            beyond 64 bits, ``cbor.depth`` beyond 12 levels.
    """
    parts: list[bytes] = []
    _write(value, parts.append, 0)
    return b"".join(parts)


def _write(value: Any, put: Callable[[bytes], None], depth: int) -> None:
    kind = type(value)
    if kind is int:
        put(_SHORT[value] if 0 <= value < 24 else _integer(value))
    elif kind is str:
        raw = _utf8(value)
        put(head(3, len(raw)) + raw)
    elif kind is bytes:
        put(head(2, len(value)) + value)
    elif value is None:
        put(b"\xf6")
    elif kind is bool:
        put(b"\xf5" if value else b"\xf4")
    elif depth >= MAX_DEPTH:
        raise Invalid("cbor.depth", "nested too deeply", limit=MAX_DEPTH)
    elif kind is list or kind is tuple:
        put(head(4, len(value)))
        for each in value:
            _write(each, put, depth + 1)
    elif kind is dict:
        _write_map(value, put, depth)
    else:
        raise Invalid("cbor.type", "this kind of value has no place here", kind=kind.__name__)


def _write_map(value: dict[Any, Any], put: Callable[[bytes], None], depth: int) -> None:
    put(head(5, len(value)))
    keyed = []
    for key, each in value.items():
        if type(key) is int:
            keyed.append((_SHORT[key] if 0 <= key < 24 else _integer(key), each))
        elif type(key) is str:
            raw = _utf8(key)
            keyed.append((head(3, len(raw)) + raw, each))
        else:
            raise Invalid("cbor.type", "a map key must be an integer or text")
    keyed.sort(key=_first)
    for name, each in keyed:
        put(name)
        _write(each, put, depth + 1)


def _first(pair: tuple[bytes, object]) -> bytes:
    return pair[0]


def _integer(value: int) -> bytes:
    if value >= 0:
        if value > INT_MAX:
            raise Invalid("cbor.range", "integer beyond 64 bits")
        return head(0, value)
    if value < INT_MIN:
        raise Invalid("cbor.range", "integer beyond 64 bits")
    return head(1, -1 - value)


def _utf8(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError as bad:
        raise Invalid("cbor.text", "text is not valid Unicode") from bad


def decode(data: bytes, *, limit: int = MAX_BYTES) -> Value:
    """Decode one value and nothing else.

    Args:
        data: the whole encoding.
        limit: longest accepted encoding, in bytes.

    Raises:
        Invalid: ``cbor.length`` over the limit, ``cbor.truncated``, ``cbor.trailing``,
            ``cbor.not-shortest``, ``cbor.forbidden`` (float, tag, indefinite length, undefined),
            ``cbor.order`` (map keys not in bytewise order, or twice), ``cbor.text`` (not UTF-8),
            ``cbor.range``, ``cbor.depth``, ``cbor.count``, ``cbor.type`` (a map key of another
            kind).
    """
    if len(data) > limit:
        raise Invalid("cbor.length", "longer than allowed here", limit=limit)
    value: Value
    try:
        value, at = _read(data, 0, 0)
    except IndexError:
        raise Invalid("cbor.truncated", "the bytes end in the middle of a value") from None
    if at != len(data):
        raise Invalid("cbor.trailing", "bytes follow the value", at=at)
    return value


def read_head(data: bytes, at: int) -> tuple[int, int, int]:
    """Read one head at ``at``: its major type, its argument, and where the next byte stands.

    Raises:
        Invalid: ``cbor.forbidden``, ``cbor.not-shortest``, ``cbor.truncated``.
    """
    first = data[at]
    low = first & 31
    at += 1
    if low < 24:
        return first >> 5, low, at
    width = _WIDTH.get(low)
    if width is None or first >= 0xE0:
        raise Invalid("cbor.forbidden", "a form that this encoding does not use", at=at - 1)
    end = at + width
    if end > len(data):
        raise Invalid("cbor.truncated", "the bytes end in the middle of a value")
    argument = int.from_bytes(data[at:end], "big")
    if argument < _MINIMUM[low]:
        raise Invalid("cbor.not-shortest", "a length or number is not in its shortest form", at=at)
    return first >> 5, argument, end


def _read(data: bytes, at: int, depth: int) -> tuple[Any, int]:
    """Read one value. The short forms come first: nearly every value in a statement is one."""
    first = data[at]
    low = first & 31
    if low < 24:
        major, argument, at = first >> 5, low, at + 1
    elif low == 24 and first < 0xE0 and (argument := data[at + 1]) > 23:
        major, at = first >> 5, at + 2
    else:
        major, argument, at = read_head(data, at)
    if major == 2 or major == 3:
        content = data[at : at + argument]
        if len(content) != argument:
            raise Invalid("cbor.truncated", "the bytes end in the middle of a value")
        if major == 2:
            return content, at + argument
        try:
            return content.decode(), at + argument
        except UnicodeDecodeError:
            raise Invalid("cbor.text", "text is not valid UTF-8", at=at) from None
    if major == 0:
        if argument > INT_MAX:
            raise Invalid("cbor.range", "integer beyond 64 bits")
        return argument, at
    if major == 5 or major == 4:
        if depth >= MAX_DEPTH:
            raise Invalid("cbor.depth", "nested too deeply", limit=MAX_DEPTH)
        if argument > MAX_COUNT:
            raise Invalid("cbor.count", "too many members", limit=MAX_COUNT)
        if major == 5:
            return _read_map(data, at, argument, depth + 1)
        members: list[Any] = []
        for _ in range(argument):
            member, at = _read(data, at, depth + 1)
            members.append(member)
        return members, at
    if major == 1:
        if argument > INT_MAX:
            raise Invalid("cbor.range", "integer beyond 64 bits")
        return -1 - argument, at
    if major == 7 and argument in _SIMPLE and low < 24:
        return _SIMPLE[argument], at
    raise Invalid("cbor.forbidden", "a form that this encoding does not use", at=at - 1)


_SIMPLE: dict[int, bool | None] = {20: False, 21: True, 22: None}


def _read_map(data: bytes, at: int, count: int, depth: int) -> tuple[dict[Any, Any], int]:
    found: dict[Any, Any] = {}
    previous = b""
    for _ in range(count):
        start = at
        first = data[at]
        if first < 24:  # a small unsigned key: nearly every key there is
            key, at = first, at + 1
        elif first >> 5 in (0, 1, 3):
            key, at = _read(data, at, depth)
        else:
            raise Invalid("cbor.type", "a map key must be an integer or text", at=at)
        name = data[start:at]
        if name <= previous:
            raise Invalid("cbor.order", "map keys are out of order or repeated", at=start)
        previous = name
        first = data[at]
        if first < 24:  # likewise a small unsigned value
            found[key], at = first, at + 1
        else:
            found[key], at = _read(data, at, depth)
    return found, at
