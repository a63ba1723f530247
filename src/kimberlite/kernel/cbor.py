"""Deterministic CBOR (RFC 8949 section 4.2.1), strict in both directions.

One value has one encoding and one encoding has one value, because these bytes are what gets
signed and replayed. The subset is small on purpose: integers of 64 bits, byte and text strings,
arrays, maps with integer or text keys, true, false and null. No floats, no tags, no indefinite
lengths. Why this is our own code and not a library: docs/decisions/0002.
"""

from __future__ import annotations

from collections.abc import Callable, Sized
from typing import Any, TypeAlias

from kimberlite.kernel.errors import Invalid

Value: TypeAlias = (
    int | bytes | str | bool | None | list["Value"] | dict[int, "Value"] | dict[str, "Value"]
)

MAX_DEPTH = 12
MAX_COUNT = 1 << 20
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
        return _SHORT[top | 24] + _SHORT[argument]
    if argument < 0x10000:
        return _SHORT[top | 25] + argument.to_bytes(2, "big")
    if argument < 0x100000000:
        return _SHORT[top | 26] + argument.to_bytes(4, "big")
    return _SHORT[top | 27] + argument.to_bytes(8, "big")


def encode(value: object) -> bytes:
    """Encode ``value`` deterministically.

    Raises:
        Invalid: ``cbor.type`` for a value outside the subset, ``cbor.range`` for an integer
            beyond 64 bits, ``cbor.depth`` beyond 12 levels, ``cbor.count`` beyond 2^20 members,
            ``cbor.text`` for text that is not valid Unicode.
    """
    if type(value) is bytes:
        return head(2, len(value)) + value
    parts: list[bytes] = []
    try:
        _write(value, parts.append, 0)
    except UnicodeEncodeError as bad:
        raise Invalid("cbor.text", "text is not valid Unicode") from bad
    return b"".join(parts)


def _write(value: Any, put: Callable[[bytes], None], depth: int) -> None:
    kind = type(value)
    if kind is int:
        put(_SHORT[value] if 0 <= value < 24 else _integer(value))
    elif kind is str:
        put(_text(value))
    elif kind is bytes:
        put(head(2, len(value)) + value)
    elif value is None:
        put(b"\xf6")
    elif kind is bool:
        put(b"\xf5" if value else b"\xf4")
    elif depth >= MAX_DEPTH:
        raise Invalid("cbor.depth", "nested too deeply", limit=MAX_DEPTH)
    elif kind is list or kind is tuple:
        put(head(4, _counted(value)))
        for each in value:
            _write(each, put, depth + 1)
    elif kind is dict:
        _write_map(value, put, depth)
    else:
        raise Invalid("cbor.type", "this kind of value has no place here", kind=kind.__name__)


def _write_map(value: dict[Any, Any], put: Callable[[bytes], None], depth: int) -> None:
    put(head(5, _counted(value)))
    keyed = []
    for key, each in value.items():
        if type(key) is int:
            keyed.append((_SHORT[key] if 0 <= key < 24 else _integer(key), each))
        elif type(key) is str:
            keyed.append((_text(key), each))
        else:
            raise Invalid("cbor.type", "a map key must be an integer or text")
    keyed.sort(key=_first)
    for name, each in keyed:
        put(name)
        _write(each, put, depth + 1)


def _counted(members: Sized) -> int:
    """Count members, as nothing is written that could not be read again."""
    count = len(members)
    if count > MAX_COUNT:
        raise Invalid("cbor.count", "too many members", limit=MAX_COUNT)
    return count


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


def _text(text: str) -> bytes:
    raw = text.encode()
    return (_SHORT[0x60 | len(raw)] if len(raw) < 24 else head(3, len(raw))) + raw


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
        value, at = _READERS[data[0]](data, 0, 0)
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


_Reader: TypeAlias = Callable[[bytes, int, int], tuple[Any, int]]
"""Reads the value at a place, at a depth; gives it and where the next byte stands."""


def _read_any(data: bytes, at: int, depth: int) -> tuple[Any, int]:
    """Read one value of whatever form."""
    low = data[at] & 31
    major, argument, at = read_head(data, at)
    if major == 2 or major == 3:
        content = data[at : at + argument]
        if len(content) != argument:
            raise _truncated()
        return (content if major == 2 else _unicode(content, at)), at + argument
    if major == 0 or major == 1:
        if argument > INT_MAX:
            raise Invalid("cbor.range", "integer beyond 64 bits")
        return (argument if major == 0 else -1 - argument), at
    if major == 4 or major == 5:
        if argument > MAX_COUNT:
            raise Invalid("cbor.count", "too many members", limit=MAX_COUNT)
        return (_read_list if major == 4 else _read_map)(data, at, argument, depth)
    if major == 7 and argument in _SIMPLE and low < 24:
        return _SIMPLE[argument], at
    raise Invalid("cbor.forbidden", "a form that this encoding does not use", at=at - 1)


_SIMPLE: dict[int, bool | None] = {20: False, 21: True, 22: None}


def _read_small(data: bytes, at: int, _: int) -> tuple[int, int]:
    return data[at], at + 1


def _read_text(data: bytes, at: int, _: int) -> tuple[str, int]:
    end = at + data[at] - 0x5F
    content = data[at + 1 : end]
    if end > len(data):
        raise _truncated()
    return _unicode(content, at + 1), end


def _read_bytes(data: bytes, at: int, _: int) -> tuple[bytes, int]:
    size = data[at + 1]
    if size < 24:
        raise Invalid("cbor.not-shortest", "a length is not in its shortest form", at=at + 1)
    end = at + 2 + size
    if end > len(data):
        raise _truncated()
    return data[at + 2 : end], end


def _read_members(data: bytes, at: int, depth: int) -> tuple[list[Any], int]:
    return _read_list(data, at + 1, data[at] - 0x80, depth)


def _read_fields(data: bytes, at: int, depth: int) -> tuple[dict[Any, Any], int]:
    return _read_map(data, at + 1, data[at] - 0xA0, depth)


def _read_list(data: bytes, at: int, count: int, depth: int) -> tuple[list[Any], int]:
    if depth >= MAX_DEPTH:
        raise Invalid("cbor.depth", "nested too deeply", limit=MAX_DEPTH)
    members: list[Any] = []
    for _ in range(count):
        member, at = _READERS[data[at]](data, at, depth + 1)
        members.append(member)
    return members, at


def _read_map(data: bytes, at: int, count: int, depth: int) -> tuple[dict[Any, Any], int]:
    if depth >= MAX_DEPTH:
        raise Invalid("cbor.depth", "nested too deeply", limit=MAX_DEPTH)
    found: dict[Any, Any] = {}
    key: Any
    last, previous = -1, b""
    for _ in range(count):
        key = data[at]
        if last < key < 24:  # a small unsigned key, in order: nearly every key there is
            last = key
            at += 1
        else:
            start = at
            key, at = _read_key(data, at, _SHORT[last] if 0 <= last < 24 else previous)
            last, previous = 24, data[start:at]  # and no small one may follow
        first = data[at]
        if first < 24:  # likewise a small unsigned value
            found[key] = first
            at += 1
        else:
            found[key], at = _READERS[first](data, at, depth + 1)
    return found, at


def _read_key(data: bytes, at: int, previous: bytes) -> tuple[int | str, int]:
    """Read a key of any form, which must come after ``previous`` in bytewise order."""
    if data[at] >> 5 not in (0, 1, 3):
        raise Invalid("cbor.type", "a map key must be an integer or text", at=at)
    key, end = _read_any(data, at, 0)
    if data[at:end] <= previous:
        raise Invalid("cbor.order", "map keys are out of order or repeated", at=at)
    return key, end


def _unicode(content: bytes, at: int) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise Invalid("cbor.text", "text is not valid UTF-8", at=at) from None


def _truncated() -> Invalid:
    return Invalid("cbor.truncated", "the bytes end in the middle of a value")


def _readers() -> tuple[_Reader, ...]:
    """Say by first byte how to read a value: the short forms, which most are, take a short way."""
    readers: list[_Reader] = [_read_any] * 256
    readers[0x00:0x18] = [_read_small] * 24
    readers[0x58] = _read_bytes
    readers[0x60:0x78] = [_read_text] * 24
    readers[0x80:0x98] = [_read_members] * 24
    readers[0xA0:0xB8] = [_read_fields] * 24
    return tuple(readers)


_READERS = _readers()
