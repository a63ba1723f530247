"""The growing tree on its way to disk: right edge, and which tiles a batch fills or changes.

Level 0 tiles are kept when full, as the entries themselves stand for the rest; higher ones are
kept from their first hash, as they change once in 256 entries or less.
"""

from __future__ import annotations

from collections.abc import Sequence

from kimberlite.kernel.errors import Untrusted
from kimberlite.ledger.engine.port import Engine
from kimberlite.ledger.tiles import TILE_WIDTH, TileSource, parse_hashes
from kimberlite.ledger.tree import HASH_SIZE, Frontier, leaf_hashes, root_of


class Growth:
    """A tree that is being appended to."""

    def __init__(self, frontier: Frontier, partial: list[list[bytes]]) -> None:
        self._frontier = frontier
        self._partial = partial

    @classmethod
    def of(cls, engine: Engine) -> Growth:
        """Take up the tree where the engine's head left it."""
        head = engine.head()
        partial: list[list[bytes]] = []
        level, held = 0, head.size
        while held:
            width = held % TILE_WIDTH
            data = read_tile(engine, head.size, level, held // TILE_WIDTH, width) if width else b""
            partial.append(parse_hashes(data, width) if width else [])
            level, held = level + 1, held // TILE_WIDTH
        return cls(Frontier.from_bytes(head.frontier), partial)

    @property
    def size(self) -> int:
        """Count the leaves."""
        return self._frontier.size

    def root(self) -> bytes:
        """Compute the root, 32 bytes."""
        return self._frontier.root()

    def edge(self) -> bytes:
        """Give the right edge as the engine keeps it."""
        return self._frontier.to_bytes()

    def extend(self, hashes: Sequence[bytes]) -> list[tuple[int, int, bytes]]:
        """Append leaf hashes; give the tiles to keep: level, number, bytes."""
        size = self._frontier.size
        self._frontier.extend(hashes)
        kept: list[tuple[int, int, bytes]] = []
        level, new, number = 0, list(hashes), size // TILE_WIDTH
        while new:
            if level == len(self._partial):
                self._partial.append([])
            row = self._partial[level] + new
            new = []
            while len(row) >= TILE_WIDTH:
                full, row = row[:TILE_WIDTH], row[TILE_WIDTH:]
                kept.append((level, number, b"".join(full)))
                new.append(root_of(full))
                number += 1
            if level and row:
                kept.append((level, number, b"".join(row)))
            self._partial[level] = row
            level += 1
            number = (size >> 8 * level) // TILE_WIDTH
        return kept


def read_tile(engine: Engine, size: int, level: int, number: int, width: int) -> bytes:
    """Give ``width`` hashes of one tile of the tree of ``size`` leaves, 32 bytes each.

    A tile only ever grows, so the one that is kept now begins with what it held then.

    Raises:
        Untrusted: ``log.damaged`` when neither the tile nor the entries under it are there.
    """
    kept = engine.tile(level, number)
    if kept is not None and len(kept) >= width * HASH_SIZE:
        return kept[: width * HASH_SIZE]
    start = number * TILE_WIDTH
    found = () if level else engine.entries(start, min(start + width, size))
    if len(found) != width:
        raise Untrusted(
            "log.damaged",
            "a part of the log's tree is missing from the database: restore it from a copy",
            level=level,
            number=number,
        )
    return b"".join(leaf_hashes(each.raw for each in found))


def source(engine: Engine, size: int) -> TileSource:
    """Give the nodes of the tree of ``size`` leaves, for proofs."""
    return TileSource(
        size, lambda level, number, width: read_tile(engine, size, level, number, width)
    )


def root_at(engine: Engine, size: int) -> bytes:
    """Compute the root that the log had at ``size``, from its tiles; 32 bytes."""
    nodes = source(engine, size)
    start = 0
    edge: list[bytes] = []
    for level in reversed(range(size.bit_length())):
        if size >> level & 1:
            edge.append(nodes.node(level, start >> level))
            start += 1 << level
    return Frontier.from_bytes(size.to_bytes(8, "big") + b"".join(edge)).root()
