"""The growing tree keeps the tiles that the whole tree would have, over three levels of them."""

from __future__ import annotations

from hashlib import sha256

import pytest

from kimberlite.kernel.errors import Untrusted
from kimberlite.ledger.engine.memory import MemoryEngine
from kimberlite.ledger.growth import Growth, read_tile, root_at
from kimberlite.ledger.tiles import TILE_WIDTH
from kimberlite.ledger.tree import Frontier, root_of
from tests.helpers.log import Desk, sample

SIZE = 256 * 256 * 2 + 300
LEAVES = [sha256(number.to_bytes(4, "big")).digest() for number in range(SIZE)]


def levels() -> list[list[bytes]]:
    """Give the hashes of each level of tiles, by the book."""
    found = [LEAVES]
    while len(found[-1]) >= TILE_WIDTH:
        row = found[-1]
        whole = range(0, len(row) - TILE_WIDTH + 1, TILE_WIDTH)
        found.append([root_of(row[at : at + TILE_WIDTH]) for at in whole])
    return found


@pytest.mark.parametrize("steps", [[SIZE], [1, 255, 256, 65_023, 1, 65_535, 70_000]])
def test_each_tile_is_kept_as_the_whole_tree_has_it(steps: list[int]) -> None:
    growth, kept, at = Growth(Frontier(), []), dict[tuple[int, int], bytes](), 0
    for step in steps:
        tiles = growth.extend(LEAVES[at : at + step])
        kept.update({(level, number): data for level, number, data in tiles})
        at = min(at + step, SIZE)
    assert growth.size == at == SIZE
    rows = levels()
    assert len(rows) == 3
    for level, row in enumerate(rows):
        for first in range(0, len(row), TILE_WIDTH):
            tile = row[first : first + TILE_WIDTH]
            # The entries stand for a partial tile of the lowest level.
            expected = b"".join(tile) if level or len(tile) == TILE_WIDTH else None
            assert kept.pop((level, first // TILE_WIDTH), None) == expected
    assert not kept
    assert growth.root() == root_of(LEAVES)


def test_a_tile_that_was_lost_is_said_to_be() -> None:
    desk = Desk()
    desk.log.append([sample(number) for number in range(600)])
    engine = desk.engine
    assert isinstance(engine, MemoryEngine)
    del engine._tiles[0, 1]
    assert root_at(engine, 601) == engine.head().root  # made again from the entries
    del engine._tiles[1, 0]
    with pytest.raises(Untrusted) as refused:
        root_at(engine, 601)
    assert refused.value.code == "log.damaged"
    with pytest.raises(Untrusted):
        read_tile(engine, 601, 0, 3, 5)
