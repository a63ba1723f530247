from __future__ import annotations

import contextlib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kimberlite.kernel.errors import Invalid, Problem
from kimberlite.ledger.proofs import consistency_path, inclusion_path
from kimberlite.ledger.tiles import (
    ENTRIES,
    Tile,
    TileSource,
    changed_tiles,
    encode_bundle,
    encode_hashes,
    parse_bundle,
    parse_hashes,
    parse_path,
    tile_width,
)
from kimberlite.ledger.tree import leaf_hashes, root_of
from tests.helpers.trees import SlowTree, some_entries


class Shelf:
    """Files by name, as a web server would hold them; written as a log grows."""

    def __init__(self, tree: SlowTree) -> None:
        self.tree, self.size = tree, 0
        self.files: dict[str, bytes] = {}
        self.read_names: list[str] = []

    def grow(self, size: int) -> None:
        for tile in changed_tiles(self.size, size):
            if tile.level != ENTRIES:
                assert tile.path not in self.files, "a written file never changes"
                places = range(tile.start, tile.start + tile.width)
                nodes = [self.tree.node(8 * tile.level, i) for i in places]
                self.files[tile.path] = encode_hashes(nodes)
        self.size = size

    def read(self, level: int, index: int, width: int) -> bytes:
        name = Tile(level, index, width).path
        self.read_names.append(name)
        return self.files[name]


# Names and widths from the examples in C2SP tlog-tiles.
@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (Tile(0, 1234067), "tile/0/x001/x234/067"),
        (Tile(0, 0), "tile/0/000"),
        (Tile(0, 999), "tile/0/999"),
        (Tile(0, 1000), "tile/0/x001/000"),
        (Tile(0, 1234067, 5), "tile/0/x001/x234/067.p/5"),
        (Tile(ENTRIES, 7, 255), "tile/entries/007.p/255"),
        (Tile(63, 12, 1), "tile/63/012.p/1"),
    ],
)
def test_names(tile: Tile, path: str) -> None:
    assert tile.path == path
    assert parse_path(path) == tile


@pytest.mark.parametrize(
    "path",
    [
        "",
        "tile/0/0",
        "tile/0/00",
        "tile/0/0000",
        "tile/0/x000/001",
        "tile/0/001/002",
        "tile/0/x001",
        "tile/0/X001/002",
        "tile/00/001",
        "tile/64/001",
        "tile/-1/001",
        "tile/data/001",
        "tile/0/001.p/0",
        "tile/0/001.p/05",
        "tile/0/001.p/256",
        "tile/0/001.p/",
        "tile/0/001.p",
        "tile/0/001/",
        "tile/0/001\n",
        "/tile/0/001",
        "tile/0/../001",
        "tile/0/\u0661\u0662\u0663",
        "tile/0/x999/x999/x999/x999/x999/x999/999",
        "tile/0/" + "x001/" * 1000 + "001",
    ],
)
def test_names_that_no_tile_has(path: str) -> None:
    with pytest.raises(Invalid) as bad:
        parse_path(path)
    assert bad.value.code == "tiles.path"


@pytest.mark.parametrize(
    ("level", "index", "width", "code"),
    [
        (-2, 0, 256, "tiles.range"),
        (64, 0, 256, "tiles.range"),
        (0, -1, 256, "tiles.range"),
        (0, 1 << 63, 256, "tiles.range"),
        (0, 0, 0, "tiles.width"),
        (0, 0, 257, "tiles.width"),
    ],
)
def test_tiles_that_cannot_be(level: int, index: int, width: int, code: str) -> None:
    with pytest.raises(Invalid) as bad:
        Tile(level, index, width)
    assert bad.value.code == code


def test_the_example_of_seventy_thousand() -> None:
    tiles = changed_tiles(0, 70_000)
    for level in (ENTRIES, 0):
        here = [tile for tile in tiles if tile.level == level]
        assert here == [*(Tile(level, i) for i in range(273)), Tile(level, 273, 112)]
    assert [tile for tile in tiles if tile.level > 0] == [
        Tile(1, 0),
        Tile(1, 1, 17),
        Tile(2, 0, 1),
    ]


def test_a_tree_of_256_has_one_full_tile_and_one_above() -> None:
    assert changed_tiles(255, 256) == [Tile(ENTRIES, 0), Tile(0, 0), Tile(1, 0, 1)]


def test_what_changes_is_what_a_larger_tree_has_more() -> None:
    assert changed_tiles(5, 5) == []
    assert changed_tiles(0, 0) == []
    assert changed_tiles(300, 301) == [Tile(ENTRIES, 1, 45), Tile(0, 1, 45)]
    assert changed_tiles(255, 513) == [
        Tile(ENTRIES, 0),
        Tile(ENTRIES, 1),
        Tile(ENTRIES, 2, 1),
        Tile(0, 0),
        Tile(0, 1),
        Tile(0, 2, 1),
        Tile(1, 0, 2),
    ]


@pytest.mark.parametrize(("old", "new"), [(-1, 5), (6, 5), (0, 1 << 63)])
def test_sizes_that_no_log_goes_through(old: int, new: int) -> None:
    with pytest.raises(Invalid) as bad:
        changed_tiles(old, new)
    assert bad.value.code == "tiles.range"


@pytest.mark.parametrize(
    ("level", "index", "width"),
    [
        (0, 0, 256),
        (0, 273, 112),
        (0, 274, 0),
        (ENTRIES, 273, 112),
        (1, 1, 17),
        (2, 0, 1),
        (3, 0, 0),
    ],
)
def test_widths(level: int, index: int, width: int) -> None:
    assert tile_width(level, index, 70_000) == width


def test_a_bundle_by_hand() -> None:
    assert encode_bundle([b"", b"a", b"bc"]) == b"\x00\x00\x00\x01a\x00\x02bc"
    assert parse_bundle(b"\x00\x00\x00\x01a\x00\x02bc", 3) == [b"", b"a", b"bc"]


def test_the_longest_entry() -> None:
    longest = bytes(65_535)
    assert parse_bundle(encode_bundle([longest]), 1) == [longest]
    with pytest.raises(Invalid) as bad:
        encode_bundle([longest + b"."])
    assert bad.value.code == "tiles.entry"


@pytest.mark.parametrize(
    ("data", "width"),
    [(b"", 1), (b"\x00", 1), (b"\x00\x01", 1), (b"\x00\x00", 2), (b"\x00\x00\x00", 1)],
)
def test_a_bundle_holds_what_its_name_says(data: bytes, width: int) -> None:
    with pytest.raises(Invalid) as bad:
        parse_bundle(data, width)
    assert bad.value.code == "tiles.length"


def test_a_hash_tile_holds_what_its_name_says() -> None:
    hashes = leaf_hashes(some_entries(256))
    assert len(encode_hashes(hashes)) == 8192
    assert parse_hashes(encode_hashes(hashes), 256) == hashes
    for data in (b"", bytes(31), bytes(33), bytes(64)):
        with pytest.raises(Invalid) as bad:
            parse_hashes(data, 1)
        assert bad.value.code == "tiles.length"
    with pytest.raises(Invalid) as wrong:
        encode_hashes([bytes(32), bytes(31)])
    assert wrong.value.code == "tiles.hash"


@pytest.mark.parametrize("count", [0, 257])
def test_no_tile_is_empty_or_too_wide(count: int) -> None:
    attempts: list[Callable[[], object]] = [
        lambda: encode_hashes([bytes(32)] * count),
        lambda: parse_hashes(bytes(32 * count), count),
        lambda: encode_bundle([b"a"] * count),
        lambda: parse_bundle(b"\x00\x01a" * count, count),
    ]
    for attempt in attempts:
        with pytest.raises(Invalid) as bad:
            attempt()
        assert bad.value.code == "tiles.width"


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=256))
def test_bundles_go_there_and_back(entries: list[bytes]) -> None:
    assert parse_bundle(encode_bundle(entries), len(entries)) == entries


@given(st.binary(max_size=2000), st.integers(min_value=-1, max_value=300), st.text(max_size=70))
def test_nonsense_is_only_ever_refused(data: bytes, width: int, path: str) -> None:
    with contextlib.suppress(Problem):
        assert encode_bundle(parse_bundle(data, width)) == data
    with contextlib.suppress(Problem):
        assert parse_path(path).path == path


@given(st.lists(st.integers(min_value=1, max_value=1000), min_size=1, max_size=6, unique=True))
def test_tiles_of_a_growing_log_give_every_proof(stops: list[int]) -> None:
    """Law: at each size that had a checkpoint, the files alone give the proofs of the tree."""
    shelf = Shelf(BIG)
    for size in sorted(stops):
        shelf.grow(size)
        source = TileSource(size, shelf.read)
        for index in {0, size // 3, size - 1}:
            assert inclusion_path(source, index, size) == BIG.path(index, size)
            assert consistency_path(source, index + 1, size) == BIG.proof(index + 1, size)


BIG = SlowTree.of(some_entries(1000))


def test_three_levels_of_tiles() -> None:
    leaves = leaf_hashes(some_entries(70_000))
    level1 = [root_of(leaves[i : i + 256]) for i in range(0, 69_888, 256)]
    rows = {0: leaves, 1: level1, 2: [root_of(level1[:256])]}

    def read(level: int, index: int, width: int) -> bytes:
        return encode_hashes(rows[level][index * 256 : index * 256 + width])

    source = TileSource(70_000, read)
    tree = SlowTree(leaves)
    for index in (0, 255, 256, 65_535, 65_536, 69_887, 69_888, 69_999):
        assert inclusion_path(source, index, 70_000) == tree.path(index, 70_000)
        assert consistency_path(source, index + 1, 70_000) == tree.proof(index + 1, 70_000)


def test_a_tile_is_read_once_for_many_nodes() -> None:
    shelf = Shelf(BIG)
    shelf.grow(1000)
    source = TileSource(1000, shelf.read)
    for index in range(256):
        inclusion_path(source, index, 1000)
    assert sorted(shelf.read_names) == sorted(set(shelf.read_names))


def test_few_tiles_are_kept() -> None:
    source = TileSource(256 * 100, lambda level, index, width: bytes(32 * width))
    for index in range(100):
        source.node(0, index * 256)
    assert len(source._unfolded) == TileSource._KEPT


@pytest.mark.parametrize(
    ("level", "index"), [(-1, 0), (0, -1), (0, 1000), (3, 125), (9, 1), (10, 0), (64, 0)]
)
def test_nodes_that_are_not_complete_are_not_given(level: int, index: int) -> None:
    source = TileSource(1000, lambda *_: bytes(8192))
    with pytest.raises(Invalid) as bad:
        source.node(level, index)
    assert bad.value.code == "tiles.range"


def test_a_short_tile_is_noticed() -> None:
    source = TileSource(1000, lambda *_: bytes(8191))
    with pytest.raises(Invalid) as bad:
        source.node(0, 0)
    assert bad.value.code == "tiles.length"


def test_no_source_for_an_impossible_size() -> None:
    with pytest.raises(Invalid) as bad:
        TileSource(-1, lambda *_: b"")
    assert bad.value.code == "tiles.range"
