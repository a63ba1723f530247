"""docs/spec/nodes.md says what the code does: bytes, limits, and every code it names."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

from kimberlite.crypto.keys import Ed25519PrivateKey
from kimberlite.node import passes
from kimberlite.node.mirror import box, door, messages, pouch, relay, requests, taking
from kimberlite.node.mirror.post import SILENCE
from kimberlite.words.catalogue import catalogue
from tests.helpers.codes import codes_in

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/spec/nodes.md").read_text(encoding="utf-8")
AREAS = ("caller", "mirror", "pouch", "post", "kept", "line", "relay")
KEY = Ed25519PrivateKey(b"n" * 32)
MOMENT = 1_800_000_000


def example() -> bytes:
    def sign(payload: bytes) -> bytes:
        return passes.say(passes.POUCH_TYP, "kp.log", payload, KEY, MOMENT)

    return pouch.pack(pouch.Content(), bytes(32), "XB", sign)


def test_the_example_is_that_pouch() -> None:
    shown = "".join(textwrap.wrap(example().hex(), 96))
    (block,) = re.findall(r"```text\n(84[0-9a-f\n]+)```", PAGE)
    assert block.replace("\n", "") == shown
    found = pouch.read(example())
    assert (found.signed.holder, found.signed.moment) == ("kp.log", MOMENT)
    assert found.signed.by(KEY.public)
    assert example().endswith(bytes.fromhex("4786400080808080"))


def test_every_code_on_the_page_is_one_and_has_a_sentence() -> None:
    known = codes_in(ROOT / "src" / "kimberlite")
    areas = "|".join(AREAS)
    named = set(re.findall(rf"`((?:{areas})\.[a-z-]+)`", PAGE))
    assert len(named) > 25
    assert sorted(named - known.keys()) == []
    assert sorted(each for each in named if each not in catalogue("en")) == []


def test_limits_are_those_of_the_code() -> None:
    for figure in (
        messages.BODY_LIMIT,
        relay.MOST_COPIES,
        requests.MOST_SEEN,
        passes.SIGNED_LIMIT,
        pouch.MOST_ENTRIES,
        pouch.MOST_STATEMENTS,
    ):
        assert f"{figure:,}" in PAGE
    assert f"{passes.CARD_DAYS} days" in PAGE
    assert f"{relay.LISTED}" in PAGE
    assert f"{door.CALLERS}\nconnections" in PAGE
    assert f"{SILENCE} seconds" in PAGE
    assert f"1 to {box.LONGEST_WAIT} seconds" in PAGE
    assert passes.SKEW == taking.FURTHEST == 600
    for typ in (passes.CARD_TYP, passes.POUCH_TYP, requests.REQUEST_TYP):
        assert f'"{typ}"' in PAGE
