"""Trust roots and memory: rotation, thresholds, and no way back."""

from __future__ import annotations

import functools
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kimberlite.kernel import cbor
from kimberlite.kernel.errors import Problem
from kimberlite.ledger import bundle as bundles
from kimberlite.ledger import memory, roots
from kimberlite.ledger.bundle import TrustBundle
from kimberlite.ledger.roots import LogKey, Root, RootBody
from tests.helpers.certificates import Desk
from tests.helpers.world import key_of

OLD, NEW = ("a", "b", "c"), ("c", "d", "e")


@pytest.fixture
def desk() -> Desk:
    return Desk()


def body(bundle: TrustBundle, version: int = 1, names: tuple[str, ...] = OLD) -> RootBody:
    keys = tuple(key_of(f"root {name}").public for name in names)
    log = (LogKey(key_of("kp.log").public),)
    return RootBody(version, bundle.kind, bundle.origin, bundle.genesis, 1, 2**32, 2, keys, log)


def signed(told: RootBody, *names: str) -> Root:
    made = roots.draft(told)
    for name in names:
        made = roots.sign(made, key_of(f"root {name}"))
    return made


def code(bad: pytest.ExceptionInfo[Problem]) -> str:
    return bad.value.code


def test_a_new_version_needs_a_threshold_of_both(desk: Desk) -> None:
    bundle = desk.bundle()
    first = signed(body(bundle), "a", "b")
    both = signed(body(bundle, 2, NEW), "a", "b", "d", "e")
    assert roots.follow(first, [both.to_bytes()]).body.version == 2
    for names in (("a", "d", "e"), ("a", "b", "d"), ("d", "e"), ()):
        with pytest.raises(Problem) as bad:
            roots.follow(first, [signed(body(bundle, 2, NEW), *names).to_bytes()])
        assert code(bad) == "root.threshold", names


def test_versions_are_followed_one_by_one(desk: Desk) -> None:
    bundle = desk.bundle()
    made = [signed(body(bundle, n), "a", "b") for n in (1, 2, 3)]
    raws = [each.to_bytes() for each in made]
    assert roots.follow(made[0], raws[::-1]).body.version == 3
    assert roots.follow(made[2], raws).body.version == 3
    with pytest.raises(Problem) as bad:
        roots.follow(made[0], [raws[2]])
    assert code(bad) == "root.gap"
    other = replace(body(bundle), expires=2**32 + 1)
    with pytest.raises(Problem) as bad:
        roots.follow(made[0], [signed(other, "a", "b").to_bytes()])
    assert code(bad) == "root.other"
    with pytest.raises(Problem) as bad:
        roots.follow(made[0], [signed(replace(body(bundle, 2), kind="prod"), "a").to_bytes()])
    assert code(bad) == "root.other-log"


def test_one_key_twice_counts_once(desk: Desk) -> None:
    made = signed(body(desk.bundle()), "a")
    twice = replace(made, signatures=made.signatures * 2)
    with pytest.raises(Problem) as bad:
        roots.verify(twice.to_bytes())
    assert code(bad) == "root.threshold"


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_a_touched_root_is_not_accepted(data: st.DataObject) -> None:
    """Law: no change of a byte leaves a root signed by its threshold."""
    raw = bytearray(signed(body(_bundle()), "a", "b").to_bytes())
    raw[data.draw(st.integers(0, len(raw) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(Problem):
        roots.verify(bytes(raw))


@functools.cache
def _bundle() -> TrustBundle:
    return Desk().bundle()


def test_memory_takes_no_older_bundle_and_no_other_log(desk: Desk) -> None:
    first = desk.bundle_bytes()
    pin = bundles.verify(first).genesis
    with pytest.raises(Problem) as bad:
        memory.accept(first, None)
    assert code(bad) == "memory.first-contact"
    _, seen = memory.accept(first, None, pinned=pin)
    assert memory.parse(seen.to_bytes()) == seen
    newer = desk.bundle_bytes(version=8)
    _, later = memory.accept(newer, seen)
    with pytest.raises(Problem) as bad:
        memory.accept(first, later)
    assert code(bad) == "bundle.older"
    with pytest.raises(Problem) as bad:
        memory.accept(Desk("demo").bundle_bytes(version=99), later)
    assert code(bad) == "bundle.other-log"
    with pytest.raises(Problem) as bad:
        memory.accept_status(memory.accept_status(later, 9), 8)
    assert code(bad) == "status.older"
    for raw in (b"", b"{}", b"[]", seen.to_bytes()[:-9], seen.to_bytes().replace(b"test", b"\xff")):
        with pytest.raises(Problem) as bad:
            memory.parse(raw)
        assert code(bad) == "memory.form"


def test_a_head_of_the_same_size_is_the_same_head(desk: Desk) -> None:
    raw = desk.bundle_bytes()
    _, seen = memory.accept(raw, None, pinned=bundles.verify(raw).genesis)
    with pytest.raises(Problem) as bad:
        memory.accept(raw, replace(seen, head="07" * 32))
    assert code(bad) == "log.split-view"


def test_a_bundle_brings_the_next_roots(desk: Desk) -> None:
    bundle = desk.bundle()
    one, two = (signed(body(bundle, n), "a", "b").to_bytes() for n in (1, 2))
    raw = desk.bundle_bytes(parts={roots.PART: cbor.encode([one, two])})
    found, seen = memory.accept(raw, None, root=one)
    assert found.root is not None
    assert (found.pinned, found.root.body.version) == (True, 2)
    with pytest.raises(Problem) as bad:
        memory.accept(raw, replace(seen, trusted=b"\xa0"))
    assert code(bad) == "memory.form"
    # A root given later by hand has to follow from the one remembered.
    with pytest.raises(Problem) as bad:
        memory.accept(raw, seen, root=signed(body(bundle, 3, NEW), "d", "e").to_bytes())
    assert code(bad) == "root.threshold"
