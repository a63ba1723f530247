"""The specifications of statement and admission are held to the bytes and codes of the code."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from kimberlite.ledger.admission import AHEAD, DOOR
from kimberlite.ledger.envelope import LIMIT, parse
from kimberlite.ledger.log import HEARTBEAT
from kimberlite.ledger.v1.genesis import STEP

SPEC = Path(__file__).resolve().parents[2] / "docs" / "spec"
STATEMENT = (SPEC / "statement.md").read_text(encoding="utf-8")
ADMISSION = (SPEC / "admission.md").read_text(encoding="utf-8")
_BYTES = re.compile(r"^ *((?:[0-9a-f]{2}(?:[0-9a-f]{2})* ?)+)(?: {2,}|$)")


def hex_of(page: str, block: int) -> bytes:
    """Give the bytes that a block of annotated hexadecimal spells."""
    found = re.findall(r"```text\n(.*?)```", page, re.DOTALL)[block]
    lines = [_BYTES.match(line) for line in found.splitlines()]
    return bytes.fromhex("".join(each[1] for each in lines if each is not None))


@pytest.fixture(scope="module")
def entry(repository: Path) -> dict[str, Any]:
    corpus = json.loads((repository / "vectors" / "rules-v1.json").read_text())
    (found,) = [each for each in corpus["steps"] if each.get("index") == 5]
    assert isinstance(found, dict)
    return found


def test_the_example_is_the_entry_it_says(entry: dict[str, Any]) -> None:
    raw = bytes.fromhex(entry["raw"])
    assert hex_of(STATEMENT, -2) == raw
    assert hex_of(STATEMENT, -1) == parse(raw).id


def test_the_facts_of_the_example_are_those_of_the_entry(entry: dict[str, Any]) -> None:
    assert hex_of(ADMISSION, -2) == bytes.fromhex(entry["facts"])


def test_the_door_is_described_whole_and_in_its_order() -> None:
    table = ADMISSION[ADMISSION.index("| # |") : ADMISSION.index("A key is valid at index")]
    told = [code for code in re.findall(r"`([a-z.-]+)` \|", table) if code in DOOR]
    assert set(told) == DOOR.keys()


def test_every_code_of_an_audit_is_described() -> None:
    room = Path(__file__).resolve().parents[2] / "src" / "kimberlite" / "ledger"
    source = "".join(
        (room / name).read_text() for name in ("audit.py", "self_audit.py", "replay.py")
    )
    codes = set(re.findall(r'"(audit\.[a-z-]+)"', source))
    assert codes
    assert codes == set(re.findall(r"`(audit\.[a-z-]+)`", ADMISSION))


def test_numbers_are_those_of_the_code() -> None:
    assert f"**{LIMIT:,} bytes**" in STATEMENT
    assert AHEAD == STEP == 600
    assert f"more than {AHEAD} s ahead" in ADMISSION
    assert f"after {HEARTBEAT} s of silence" in ADMISSION
