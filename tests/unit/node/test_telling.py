"""What a log signs besides heads is made beside the writer, of one moment, with its checkpoint."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kimberlite.certificates.transitions import Status
from kimberlite.certificates.trust import STATUS
from kimberlite.certificates.v1.rows import CERTIFICATES, Row
from kimberlite.kernel import cbor
from kimberlite.kernel.days import day_of
from kimberlite.kernel.errors import Unavailable
from kimberlite.ledger import bundle as bundles
from kimberlite.ledger import checkpoint as checkpoints
from kimberlite.ledger import note
from kimberlite.ledger.engine.memory import MemoryEngine
from kimberlite.ledger.engine.sqlite import SqliteEngine
from kimberlite.ledger.log import Log
from kimberlite.ledger.sequencer import Sequencer
from kimberlite.ledger.state import State
from kimberlite.node import telling, trust
from kimberlite.node.telling import Teller
from tests.helpers.log import BEGAN, SAMPLES, Desk, key, sample

WAIT = 10.0
TODAY = day_of(BEGAN)


class Room:
    """A writer on its thread, and a teller beside it."""

    def __init__(self, path: Path) -> None:
        self.log = Desk(SqliteEngine(path)).log
        self.reading = SqliteEngine(path, readonly=True)
        self.asked = 0
        self.teller = Teller(self.reading, self._ask)
        self.sequencer = Sequencer(self.log, settled=self._settled)
        self.teller.signed(self.log.checkpoint)

    def _settled(self, log: Log) -> None:
        self.teller.signed(log.checkpoint)

    def _ask(self) -> bytes | None:
        self.asked += 1
        return self.sequencer.call(lambda log: log.checkpoint, WAIT)

    def sizes(self, name: str = "sizes") -> tuple[int, int]:
        """Give the size that is read and the size that was signed, as something made saw them."""

        def make(state: State, checkpoint: bytes) -> bytes:
            assert state.get(SAMPLES, "none") is None
            size = checkpoints.parse_body(note.parse(checkpoint).text).size
            return b"%d %d" % (self.reading.head().size, size)

        read, signed = self.teller.tell(name, make).split()
        return int(read), int(signed)


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    made = Room(tmp_path / "log.sqlite")
    with made.sequencer:
        yield made
    made.reading.close()


def test_a_slow_making_does_not_hold_up_the_writer(room: Room) -> None:
    begun, finish = threading.Event(), threading.Event()
    seen: list[tuple[int, int]] = []

    def make(_state: State, checkpoint: bytes) -> bytes:
        begun.set()
        assert finish.wait(WAIT)
        size = checkpoints.parse_body(note.parse(checkpoint).text).size
        seen.append((room.reading.head().size, size))
        return b"made"

    slow = threading.Thread(target=lambda: room.teller.tell("slow", make))
    slow.start()
    assert begun.wait(WAIT)
    before = room.log.size
    room.sequencer.append([sample(1)], WAIT)
    room.sequencer.append([sample(2)], WAIT)
    finish.set()
    slow.join(WAIT)
    assert room.log.size > before
    assert seen == [(before, before)], "what is made is of the moment at which it was begun"


def test_state_and_checkpoint_agree_however_fast_the_log_grows(room: Room) -> None:
    ended = threading.Event()

    def grow() -> None:
        for number in range(60):
            room.sequencer.append([sample(number)], WAIT)
        ended.set()

    writer = threading.Thread(target=grow)
    writer.start()
    seen: list[tuple[int, int]] = []
    while not ended.is_set():
        seen.append(room.sizes(f"at {len(seen)}"))
    writer.join(WAIT)
    assert len(seen) > 2
    assert all(read == signed for read, signed in seen)


def test_what_is_made_is_kept_until_the_log_grows(room: Room) -> None:
    made: list[bytes] = []

    def make(_state: State, checkpoint: bytes) -> bytes:
        made.append(checkpoint)
        return b"%d" % len(made)

    assert [room.teller.tell("it", make) for _ in range(3)] == [b"1"] * 3
    room.sequencer.append([sample(1)], WAIT)
    assert room.teller.tell("it", make) == b"2"


def test_only_so_much_is_kept(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telling, "KEPT", 2)
    made: list[int] = []

    def tell(name: int) -> None:
        def make(_state: State, _checkpoint: bytes) -> bytes:
            made.append(name)
            return b""

        room.teller.tell(name, make)

    for name in (1, 2, 3, 3, 1):
        tell(name)
    assert made == [1, 2, 3, 1]


def test_a_head_that_nobody_told_of_is_asked_for(room: Room) -> None:
    """As after an operator's leave to go on, which is no batch."""
    room.sequencer.call(lambda log: log.append([sample(7)]), WAIT)
    read, signed = room.sizes()
    assert read == signed == room.log.size
    assert room.asked == 1


def test_nothing_is_told_of_entries_that_are_not_signed_for(tmp_path: Path) -> None:
    engine = SqliteEngine(tmp_path / "log.sqlite")
    old = (log := Desk(engine).log).checkpoint
    teller = Teller(engine, lambda: old)
    log.append([sample(1)])
    with pytest.raises(Unavailable) as unsigned:
        teller.tell("it", lambda _state, _checkpoint: b"")
    assert unsigned.value.code == "log.unsigned"


def test_too_many_at_once_are_sent_away(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telling, "PATIENCE", 0.05)
    begun, finish = threading.Event(), threading.Event()

    def make(_state: State, _checkpoint: bytes) -> bytes:
        begun.set()
        assert finish.wait(WAIT)
        return b""

    first = threading.Thread(target=lambda: room.teller.tell("one", make))
    first.start()
    assert begun.wait(WAIT)
    with pytest.raises(Unavailable) as busy:
        room.teller.tell("two", make)
    finish.set()
    first.join(WAIT)
    assert busy.value.code == "log.slow"


# --- what a log of many years has to read ---------------------------------------------------------


class _Rows(MemoryEngine):
    """An engine that holds these certificates."""

    def __init__(self, rows: Mapping[str, Row] | None = None) -> None:
        super().__init__()
        self.held: dict[str, bytes] = {}
        self.hold(rows or {})

    def hold(self, rows: Mapping[str, Row]) -> None:
        self.held = {key: cbor.encode(CERTIFICATES.to_value(row)) for key, row in rows.items()}

    def rows(self, table: str) -> Iterable[tuple[str, bytes]]:
        return sorted(self.held.items()) if table == CERTIFICATES.name else super().rows(table)


def _row(expires: int, status: Status = Status.ISSUED) -> Row:
    return Row(status, "ordinary", expires - 60, expires, 0, bytes(32), "XA")


def test_a_record_is_read_again_only_when_it_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = {"XA1": _row(100), "XA2": _row(900), "XA3": _row(500)}
    engine = _Rows(rows)
    read: list[Any] = []

    def counted(value: Any) -> Row:
        read.append(value)
        return CERTIFICATES.from_value(value)

    monkeypatch.setattr(trust, "CERTIFICATES", replace(CERTIFICATES, from_value=counted))
    window = trust.Window()
    assert [key for key, _ in window.rows(engine, 400)] == ["XA2", "XA3"]
    assert len(read) == 3
    engine.hold({**rows, "XA2": _row(900, Status.VOID)})
    found = dict(window.rows(engine, 600))
    assert found == {"XA2": _row(900, Status.VOID)}
    assert len(read) == 4
    assert dict(trust.Window().rows(engine, 600)) == found, "as one that remembers nothing"


@pytest.mark.parametrize(
    ("expires", "told"),
    [((TODAY,) * 2, True), ((TODAY,) * 3, False), ((TODAY, TODAY, TODAY - 500), True)],
)
def test_only_certificates_in_use_count_for_a_bundle(
    monkeypatch: pytest.MonkeyPatch, expires: Sequence[int], told: bool
) -> None:
    """A log is not too large because it is old."""
    monkeypatch.setattr(trust, "MOST_NUMBERS", 2)
    engine = _Rows()
    desk = Desk(engine)
    engine.hold({f"XA{at}": _row(day) for at, day in enumerate(expires, 1)})
    raw = trust.bundle(engine, desk.log.state, desk.checkpoint, key("log"))
    assert (STATUS in bundles.verify(raw).contents.parts) is told
