"""The trust bundle: what is written reads back, and whatever was touched does not."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from kimberlite.crypto.sign1 import join, split, to_be_signed
from kimberlite.kernel import cbor
from kimberlite.kernel.days import parse_day, start_of
from kimberlite.kernel.errors import Problem
from kimberlite.ledger import bundle as bundles
from kimberlite.ledger import checkpoint as checkpoints
from kimberlite.ledger.bundle import Contents
from kimberlite.ledger.checkpoint import Checkpoint
from kimberlite.ledger.state import State
from tests.helpers.world import LOG, MemoryRows, World, key_of

ORIGIN = "log.example/test"
EXPIRES = start_of(parse_day("2026-06-01"))


@pytest.fixture(scope="module")
def world() -> World:
    return World(types=())


def contents(world: World, **changes: Any) -> Contents:
    head = Checkpoint(ORIGIN, 1, bytes(32))
    told: dict[str, Any] = {
        "checkpoint": checkpoints.sign(head, key_of(LOG)),
        "version": 4,
        "expires": EXPIRES,
        "parts": {"room.part": b"\x01"},
        **changes,
    }
    genesis = told.pop("genesis", world.entries[0].statement.raw)
    return bundles.gather(world.state, genesis, told.pop("checkpoint"), **told)


def name(world: World) -> bytes:
    return hashlib.sha256(world.entries[0].statement.raw).digest()


def refused(raw: bytes, *args: Any, **more: Any) -> str:
    with pytest.raises(Problem) as bad:
        bundles.verify(raw, *args, **more)
    return bad.value.code


def test_what_is_gathered_reads_back(world: World) -> None:
    told = contents(world)
    found = bundles.verify(bundles.sign(told, key_of(LOG)), name(world), at_least=4)
    assert found.contents == told
    assert (found.origin, found.kind, found.title, found.size) == (
        ORIGIN,
        "test",
        "A log for tests",
        1,
    )
    assert found.genesis == name(world)
    assert found.log_key == key_of(LOG).public
    assert found.keys[key_of("XA").public.kid].holder == "XA"
    assert found.contents.as_of == world.now
    assert found.pinned


def test_without_a_pin_it_says_so(world: World) -> None:
    assert not bundles.verify(bundles.sign(contents(world), key_of(LOG))).pinned


def test_another_log_another_key_an_older_version(world: World) -> None:
    raw = bundles.sign(contents(world), key_of(LOG))
    assert refused(raw, bytes(32)) == "bundle.other-log"
    assert refused(raw, name(world), at_least=5) == "bundle.older"
    assert refused(bundles.sign(contents(world), key_of("XA"))) == "bundle.key"


def test_a_bundle_of_many_keys_is_read(world: World) -> None:
    """Twenty years of offices and rotations: more keys than any one statement has members."""
    many = contents(world)
    raw = bundles.sign(replace(many, keys=many.keys * 1_000), key_of(LOG))
    assert len(bundles.verify(raw).contents.keys) == 1_000 * len(many.keys) > 4_096


def test_a_false_signature(world: World) -> None:
    raw = bytearray(bundles.sign(contents(world), key_of(LOG)))
    raw[-1] ^= 1
    assert refused(bytes(raw)) == "bundle.signature"


def test_a_genesis_that_the_log_did_not_sign(world: World) -> None:
    genesis = bytearray(world.entries[0].statement.raw)
    genesis[-1] ^= 1
    raw = bundles.sign(contents(world, genesis=bytes(genesis)), key_of(LOG))
    assert refused(raw) == "bundle.signature"


def test_a_first_entry_that_is_no_genesis(world: World) -> None:
    time = world.sign(LOG, "kp-time+cose", {"at": world.now})
    for genesis in (b"", time):
        raw = bundles.sign(contents(world, genesis=genesis), key_of(LOG))
        assert refused(raw) == "bundle.genesis"


def test_a_checkpoint_of_another_log_or_key(world: World) -> None:
    other = checkpoints.sign(Checkpoint("other.example", 1, bytes(32)), key_of(LOG))
    assert refused(bundles.sign(contents(world, checkpoint=other), key_of(LOG))) in {
        "checkpoint.other-log",
        "note.unsigned",
    }
    forged = checkpoints.sign(Checkpoint(ORIGIN, 1, bytes(32)), key_of("XA"))
    assert refused(bundles.sign(contents(world, checkpoint=forged), key_of(LOG))).startswith("note")


def signed(world: World, change: Callable[[dict[int, Any]], None]) -> bytes:
    """Sign a payload that was changed by hand, with the log's own key."""
    parts = split(bundles.sign(contents(world), key_of(LOG)))
    assert parts.payload is not None
    payload: Any = cbor.decode(parts.payload)
    change(payload)
    raw = cbor.encode(payload)
    return join(parts.protected, raw, key_of(LOG).sign(to_be_signed(parts.protected, raw)))


@pytest.mark.parametrize(
    "change",
    [
        lambda p: p.pop(9),
        lambda p: p.update({10: 1}),
        lambda p: p.update({0: 2}),
        lambda p: p.update({1: "4"}),
        lambda p: p.update({2: -1}),
        lambda p: p.update({3: True}),
        lambda p: p.update({4: "genesis"}),
        lambda p: p.update({5: None}),
        lambda p: p.update({6: 1 << 40}),
        lambda p: p.update({7: {}}),
        lambda p: p.update({7: [1]}),
        lambda p: p[7][0].__setitem__(4, -1),
        lambda p: p[7][0].__setitem__(3, ["king"]),
        lambda p: p[7][0].__setitem__(5, "never"),
        lambda p: p.update({8: [[b"short", 1]]}),
        lambda p: p.update({8: 0}),
        lambda p: p.update({9: []}),
        lambda p: p.update({9: {1: b""}}),
        lambda p: p.update({9: {"part": "text"}}),
    ],
)
def test_a_signed_payload_of_another_form(
    world: World, change: Callable[[dict[int, Any]], None]
) -> None:
    assert refused(signed(world, change)) == "bundle.form"


def test_a_payload_signed_as_it_was_is_good(world: World) -> None:
    assert bundles.verify(signed(world, lambda _: None)).size == 1


def test_what_is_too_long_or_carries_an_unsigned_header(world: World) -> None:
    assert refused(bytes(bundles.LIMIT + 1)) == "bundle.too-long"
    with pytest.raises(Problem) as bad:
        bundles.sign(contents(world, parts={"room.part": bytes(bundles.LIMIT)}), key_of(LOG))
    assert bad.value.code == "bundle.too-long"
    parts = split(bundles.sign(contents(world), key_of(LOG)))
    extra = join(parts.protected, parts.payload, parts.signature, b"\xa1\x01\x02")
    assert refused(extra) == "bundle.form"


def test_there_is_no_bundle_before_genesis() -> None:
    with pytest.raises(Problem) as bad:
        bundles.gather(State(MemoryRows()), b"", b"", version=1, expires=1)
    assert bad.value.code == "bundle.no-log"
