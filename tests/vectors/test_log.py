"""The bytes printed in docs/spec/log.md, against the code that claims to follow it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kimberlite.crypto import Ed25519PrivateKey
from kimberlite.ledger import receipt
from kimberlite.ledger.checkpoint import Checkpoint, open_, sign
from kimberlite.ledger.note import parse_vkey
from kimberlite.ledger.receipt import ReceiptFacts
from kimberlite.ledger.tiles import changed_tiles, encode_bundle
from kimberlite.ledger.tree import Frontier, leaf_hash
from tests.helpers.trees import SlowTree, some_entries

KEY = Ed25519PrivateKey(b"l" * 32)
ORIGIN = "log.example/xa"
ENTRIES = some_entries(20)
TREE = SlowTree.of(ENTRIES)
HEAD = Checkpoint(ORIGIN, 20, TREE.root(20))


@pytest.fixture
def page(repository: Path) -> str:
    return (repository / "docs/spec/log.md").read_text()


@pytest.fixture
def blocks(page: str) -> list[str]:
    return re.findall(r"```text\n(.*?)```", page, re.DOTALL)


def _hex(block: str) -> bytes | None:
    joined = "".join(block.split())
    return bytes.fromhex(joined) if re.fullmatch("[0-9a-f]+", joined) else None


def test_the_page_shows_these_bytes_and_no_others(blocks: list[str]) -> None:
    edge = Frontier()
    edge.extend(TREE.leaves[:3])
    made = receipt.issue(HEAD, 17, TREE.path(17, 20), KEY, iss="log.example", sub="XA-1")
    assert [raw for block in blocks if (raw := _hex(block)) is not None] == [
        leaf_hash(b"entry 0") + TREE.root(3),
        edge.to_bytes(),
        made,
    ]


def test_the_printed_receipt_verifies(blocks: list[str]) -> None:
    printed = [raw for block in blocks if (raw := _hex(block)) is not None][-1]
    facts = receipt.verify(printed, ENTRIES[17], KEY.public, ORIGIN)
    assert facts == ReceiptFacts(ORIGIN, 20, 17, TREE.root(20))


def test_the_printed_checkpoint_opens(page: str, blocks: list[str]) -> None:
    (printed,) = [block for block in blocks if block.startswith(f"{ORIGIN}\n20\n")]
    assert printed.encode() == sign(HEAD, KEY)
    (vkey,) = re.findall(r"vkey is `([^`]+)`", page)
    assert open_(printed.encode(), parse_vkey(vkey).key) == HEAD


def test_the_printed_names_and_bundle(page: str) -> None:
    names = set(re.findall(r"`(tile/[0-9][^`<]*)`", page))
    assert names == {
        "tile/0/273.p/112",
        "tile/1/000",
        "tile/1/001.p/17",
        "tile/2/000.p/1",
    }
    assert names <= {tile.path for tile in changed_tiles(0, 70_000)}
    (bundle,) = re.findall(r"\"bc\": `([0-9a-f]+)`", page)
    assert bytes.fromhex(bundle) == encode_bundle([b"", b"a", b"bc"])
