"""Lay a tree out as static files: hash tiles and entry bundles.

Immutable files of fixed names need no server of ours: any web server, mirror or USB stick that
holds them is a complete way to read the log and to build every proof. Format: C2SP tlog-tiles.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kimberlite.kernel.errors import Invalid
from kimberlite.ledger.tree import HASH_SIZE, SIZE_LIMIT, parents

TILE_HEIGHT = 8
TILE_WIDTH = 1 << TILE_HEIGHT
MAX_ENTRY = 0xFFFF
ENTRIES = -1
"""The ``level`` of an entry bundle: one step below the leaf hashes."""

_MAX_LEVEL = 63
_PATH = re.compile(
    r"tile/(?P<level>entries|0|[1-9][0-9]?)/(?P<index>(?:x[0-9]{3}/)*[0-9]{3})"
    r"(?:\.p/(?P<width>[1-9][0-9]{0,2}))?",
    re.ASCII,
)


@dataclass(frozen=True, slots=True, order=True)
class Tile:
    """Names one file: ``level`` (``ENTRIES`` or 0 to 63), ``index`` in the level, ``width``.

    ``width`` counts hashes or entries, 1 to 256; below 256 the tile is partial.
    """

    level: int
    index: int
    width: int = TILE_WIDTH

    def __post_init__(self) -> None:
        if not ENTRIES <= self.level <= _MAX_LEVEL or not 0 <= self.index < SIZE_LIMIT:
            raise Invalid("tiles.range", "there is no such tile")
        if not 0 < self.width <= TILE_WIDTH:
            raise Invalid("tiles.width", "a tile is 1 to 256 wide", width=self.width)

    @property
    def full(self) -> bool:
        """Tell whether the tile can never change again."""
        return self.width == TILE_WIDTH

    @property
    def start(self) -> int:
        """Number the first hash of the tile within its level; for a bundle, the first entry."""
        return self.index << TILE_HEIGHT

    @property
    def path(self) -> str:
        """Name the file, for example ``tile/0/x001/x234/067.p/5``. Source: C2SP tlog-tiles."""
        digits = str(self.index)
        digits = digits.zfill(-(-len(digits) // 3) * 3)
        groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
        index = "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])
        level = "entries" if self.level == ENTRIES else str(self.level)
        return f"tile/{level}/{index}" + ("" if self.full else f".p/{self.width}")


def parse_path(path: str) -> Tile:
    """Read a file name back, accepting only the one spelling a tile has.

    Raises:
        Invalid: ``tiles.path``.
    """
    found = _PATH.fullmatch(path) if len(path) < 64 else None
    if found is None:
        raise _bad_path()
    level = ENTRIES if found["level"] == "entries" else int(found["level"])
    index = int(found["index"].replace("/", "").replace("x", ""))
    width = int(found["width"] or TILE_WIDTH)
    if level > _MAX_LEVEL or width > TILE_WIDTH or index >= SIZE_LIMIT:
        raise _bad_path()
    tile = Tile(level, index, width)
    if tile.path != path:
        raise _bad_path()
    return tile


def tile_width(level: int, index: int, size: int) -> int:
    """Tell how wide this tile is in a tree of ``size`` leaves: 0 (absent) to 256."""
    held = size >> (TILE_HEIGHT * max(level, 0))
    return max(0, min(TILE_WIDTH, held - (index << TILE_HEIGHT)))


def changed_tiles(old: int, new: int) -> list[Tile]:
    """List the files that a tree of ``new`` leaves has and the same tree at ``old`` had not.

    Bundles first and lower levels before higher, so that whoever writes them in this order never
    shows a hash whose entries are missing. Partial files of the older size stay valid for it.

    Raises:
        Invalid: ``tiles.range`` when the sizes are negative, too large, or shrink.
    """
    if not 0 <= old <= new < SIZE_LIMIT:
        raise Invalid("tiles.range", "the sizes of a log never shrink", old=old, new=new)
    found: list[Tile] = []
    for level in range(ENTRIES, _MAX_LEVEL):
        shift = TILE_HEIGHT * max(level, 0)
        before, after = old >> shift, new >> shift
        if before == after:
            break
        first, last = before >> TILE_HEIGHT, after >> TILE_HEIGHT
        found.extend(Tile(level, index) for index in range(first, last))
        if width := after % TILE_WIDTH:
            found.append(Tile(level, last, width))
    return found


def encode_hashes(hashes: Sequence[bytes]) -> bytes:
    """Write a hash tile: 1 to 256 hashes of 32 bytes in a row.

    Raises:
        Invalid: ``tiles.width``, ``tiles.hash``.
    """
    _check_width(len(hashes))
    if set(map(len, hashes)) != {HASH_SIZE}:
        raise Invalid("tiles.hash", "a tree hash has 32 bytes")
    return b"".join(hashes)


def parse_hashes(data: bytes, width: int) -> list[bytes]:
    """Read a hash tile of ``width`` hashes. Raises Invalid ``tiles.width``, ``tiles.length``."""
    _check_width(width)
    if len(data) != width * HASH_SIZE:
        raise Invalid("tiles.length", "the tile is shorter or longer than its name says")
    return [data[at : at + HASH_SIZE] for at in range(0, len(data), HASH_SIZE)]


def encode_bundle(entries: Sequence[bytes]) -> bytes:
    """Write an entry bundle: 1 to 256 times two bytes of length (big-endian) and the entry.

    Raises:
        Invalid: ``tiles.width``, ``tiles.entry`` when an entry is over 65,535 bytes.
    """
    _check_width(len(entries))
    if max(map(len, entries)) > MAX_ENTRY:
        raise Invalid("tiles.entry", "an entry of the log has at most 65,535 bytes")
    return b"".join([part for entry in entries for part in (len(entry).to_bytes(2, "big"), entry)])


def parse_bundle(data: bytes, width: int) -> list[bytes]:
    """Read an entry bundle of ``width`` entries.

    Raises:
        Invalid: ``tiles.width``, ``tiles.length`` when bytes are missing or left over.
    """
    _check_width(width)
    entries: list[bytes] = []
    at = 0
    for _ in range(width):
        start = at + 2
        at = start + int.from_bytes(data[at:start], "big")
        if at > len(data) or start > len(data):
            break
        entries.append(data[start:at])
    if len(entries) != width or at != len(data):
        raise Invalid("tiles.length", "the bundle is shorter or longer than its name says")
    return entries


class TileSource:
    """Reads nodes of a tree out of its tiles; a ``NodeSource`` for ``proofs``.

    ``read(level, index, width)`` gives the bytes of one hash tile and is asked only for tiles
    that a tree of ``size`` leaves must have. The last few tiles are kept unfolded: the tiles
    at the top of the tree serve every proof.
    """

    _KEPT = 32

    def __init__(self, size: int, read: Callable[[int, int, int], bytes]) -> None:
        if not 0 <= size < SIZE_LIMIT:
            raise Invalid("tiles.range", "a log has 0 to 2^63 - 1 entries", size=size)
        self._size, self._read = size, read
        self._unfolded: OrderedDict[tuple[int, int], list[list[bytes]]] = OrderedDict()

    def node(self, level: int, index: int) -> bytes:
        """Give the hash of the ``index``-th complete subtree of 2^level leaves, 32 bytes.

        Raises:
            Invalid: ``tiles.range`` when the tree does not hold that subtree whole,
                ``tiles.length`` when a tile read is not as long as the tree's size demands.
        """
        if level < 0 or index < 0 or (index + 1) << level > self._size:
            raise Invalid("tiles.range", "the tree has no such complete subtree")
        tile_level, height = divmod(level, TILE_HEIGHT)
        first = index << height
        rows = self._rows(tile_level, first >> TILE_HEIGHT)
        return rows[height][(first % TILE_WIDTH) >> height]

    def _rows(self, level: int, index: int) -> list[list[bytes]]:
        """Unfold one tile into its eight levels of complete subtrees."""
        key = level, index
        if key in self._unfolded:
            self._unfolded.move_to_end(key)
            return self._unfolded[key]
        width = tile_width(level, index, self._size)
        rows = [parse_hashes(self._read(level, index, width), width)]
        for _ in range(TILE_HEIGHT - 1):
            rows.append(parents(rows[-1]))
        self._unfolded[key] = rows
        if len(self._unfolded) > self._KEPT:
            self._unfolded.popitem(last=False)
        return rows


def _check_width(width: int) -> None:
    if not 0 < width <= TILE_WIDTH:
        raise Invalid("tiles.width", "a tile or bundle is 1 to 256 wide", width=width)


def _bad_path() -> Invalid:
    return Invalid("tiles.path", "this is not the name of a tile or an entry bundle")
