"""Laws of pouches: what is packed is read; what is altered is refused with a code, and leaves
nothing behind; a pouch from a participant who means ill changes nothing but what it may.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kimberlite.crypto.hashing import sha256
from kimberlite.kernel import cbor
from kimberlite.kernel.errors import Problem
from kimberlite.ledger.engine.sqlite import SqliteEngine
from kimberlite.ledger.envelope import parse
from kimberlite.ledger.reader import Reader
from kimberlite.ledger.self_audit import audit_engine
from kimberlite.node import clock
from kimberlite.node.books import BOOKS
from kimberlite.node.home import Home
from kimberlite.node.mirror import pouch, taking
from kimberlite.node.mirror.box import Box
from kimberlite.node.mirror.follow import Follower
from kimberlite.node.mirror.pouch import Answer, Content, Copy, pack, read, signer_of
from kimberlite.node.mirror.taking import Hands
from kimberlite.storage.vault import Vault
from tests.helpers.following import Folder, Kept, bearer, kept


@dataclass
class Stage:
    """A copy at some size, and a log that has gone on since."""

    log: Kept
    hands: Hands
    size: int
    entries: tuple[bytes, ...]
    checkpoint: bytes
    waiting: tuple[bytes, ...]

    def pack(self, content: Content, to: str = "XB", holder: str = "XA") -> bytes:
        who = bearer(holder, "issue")
        return pack(content, self.log.genesis, to, signer_of(who, clock.now()))

    def good(self) -> Content:
        statements = tuple(parse(each) for each in self.waiting)
        digest = next(iter(statements[0].body.seals.values()))
        return Content(
            self.checkpoint,
            self.size,
            self.entries,
            statements,
            (Copy(digest, "XB", "XA", bytes(80)),),
            (Answer(statements[0].id, True, b"not by the log"),),
        )

    def traces(self) -> tuple[Any, ...]:
        """What a refused pouch must leave as it was."""
        box, vault = self.hands.box, Vault(self.hands.home.vault)
        return (
            self.hands.follower.head,
            [each.id for each in box.items()],
            box.ripe(),
            list(vault.copies()),
        )


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder = tmp_path_factory.mktemp("pouches")
    log = kept(folder / "log")
    log.grow(40)
    home = Home(folder / "copy")
    home.describe({"genesis": log.genesis.hex(), "hosts": ["XB"], "log": "http://localhost"})
    follower = Follower(home, BOOKS, log.genesis)
    size = follower.follow(Folder(log)).size
    log.grow(30)
    after = log.engine.head().size
    entries = tuple(each.raw for each in log.engine.entries(size, after))
    waiting = tuple(log.world.traffic.take(2))
    reader = Reader(SqliteEngine(home.log, readonly=True))
    with closing(Box(home.post)) as box:
        hands = Hands(home, box, reader, follower)
        yield Stage(log, hands, size, entries, log.world.log.checkpoint or b"", waiting)
    follower.close()
    log.engine.close()


def fresh(stage: Stage, folder: Path) -> Stage:
    """A stage whose copy may be changed."""
    home = Home(folder / "copy")
    shutil.copytree(stage.hands.home.path, home.path)
    follower = Follower(home, BOOKS, stage.log.genesis)
    reader = Reader(SqliteEngine(home.log, readonly=True))
    return replace(stage, hands=Hands(home, Box(home.post), reader, follower))


def shut(stage: Stage) -> None:
    stage.hands.follower.close()
    stage.hands.box.close()


def test_what_is_packed_is_read_and_taken_once(stage: Stage, tmp_path: Path) -> None:
    here = fresh(stage, tmp_path)
    raw = here.pack(here.good())
    assert read(raw).content == here.good()
    taken = taking.take(here.hands, raw)
    assert (taken.entries, taken.statements, taken.copies) == (len(here.entries), 2, 1)
    traces = here.traces()
    with pytest.raises(Problem) as again:
        taking.take(here.hands, raw)
    assert again.value.code == "pouch.seen"
    assert here.traces() == traces
    items = here.hands.box.items()
    assert {each.state for each in items} == {"waiting"}, "an answer not by the log says nothing"
    shut(here)


QUIET = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@QUIET
@given(
    at=st.integers(0, 2**20),
    flip=st.integers(1, 255),
    cut=st.integers(0, 2**20),
    how=st.integers(0, 2),
)
def test_altered_bytes_are_refused_and_leave_no_trace(
    stage: Stage, at: int, flip: int, cut: int, how: int
) -> None:
    raw = bytearray(stage.pack(stage.good()))
    if how == 0:
        raw[at % len(raw)] ^= flip
    elif how == 1:
        del raw[cut % len(raw) :]
    else:
        raw += bytes((flip,))
    before = stage.traces()
    with pytest.raises(Problem):
        taking.take(stage.hands, bytes(raw))
    assert stage.traces() == before


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**40), 2**40)
    | st.binary(max_size=60)
    | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=6),
    max_leaves=12,
)


@QUIET
@given(values)
def test_content_of_any_other_form_is_refused(stage: Stage, value: Any) -> None:
    inner = cbor.encode(value)
    who = bearer("XA", "issue")
    told = cbor.encode([stage.log.genesis, "XB", sha256(inner)])
    raw = cbor.encode([pouch.MAGIC, b"", signer_of(who, clock.now())(told), inner])
    before = stage.traces()
    with pytest.raises(Problem) as bad:
        taking.take(stage.hands, raw)
    assert bad.value.code.startswith("pouch.")
    assert stage.traces() == before


@QUIET
@given(
    data=st.data(),
    first=st.sampled_from([-1, 0, 1, 5]),
    drop=st.booleans(),
    swap=st.booleans(),
    alter=st.booleans(),
)
def test_entries_of_ones_own_making_are_never_kept(
    stage: Stage, data: st.DataObject, first: int, drop: bool, swap: bool, alter: bool
) -> None:
    """A participant signs the pouch, but the log did not sign for what is in it."""
    entries = list(stage.entries)
    if drop:
        entries.pop(data.draw(st.integers(0, len(entries) - 1)))
    if swap:
        entries[0], entries[-1] = entries[-1], entries[0]
    if alter:
        place = data.draw(st.integers(0, len(entries) - 1))
        entries[place] = data.draw(st.binary(min_size=1, max_size=300))
    begin = max(0, stage.size + first)
    changed = (begin, tuple(entries)) != (stage.size, stage.entries)
    if not changed:
        return
    content = replace(stage.good(), first=begin, entries=tuple(entries), copies=())
    before = stage.traces()
    with pytest.raises(Problem):
        taking.take(stage.hands, stage.pack(content))
    assert stage.traces() == before


def test_copies_in_anothers_name_are_refused(stage: Stage) -> None:
    before = stage.traces()
    with pytest.raises(Problem) as bad:
        taking.take(stage.hands, stage.pack(stage.good(), holder="XC"))
    assert bad.value.code == "pouch.sender"
    assert stage.traces() == before


def test_what_came_out_of_it_all_is_the_log(stage: Stage, tmp_path: Path) -> None:
    """After every hostile pouch, the true one is taken, and the copy audits as the log does."""
    here = fresh(stage, tmp_path)
    with suppress(Problem):
        taking.take(here.hands, here.pack(replace(here.good(), entries=here.entries[:-1])))
    taking.take(here.hands, here.pack(here.good()))
    assert here.hands.follower.head.root == stage.log.engine.head().root
    engine = SqliteEngine(here.hands.home.log, readonly=True)
    assert audit_engine(engine, BOOKS).size == stage.log.engine.head().size
    engine.close()
    shut(here)
