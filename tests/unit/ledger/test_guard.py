from __future__ import annotations

from pathlib import Path

import pytest

from kimberlite.kernel.errors import Conflict, Problem, Unavailable, Untrusted
from kimberlite.ledger import checkpoint as notes
from kimberlite.ledger.checkpoint import Checkpoint
from kimberlite.ledger.engine.memory import MemoryEngine
from kimberlite.ledger.guard import FileMemo, Guard, MemoryMemo
from kimberlite.ledger.reader import Reader
from kimberlite.ledger.tree import EMPTY_ROOT
from tests.helpers.log import ORIGIN, Desk, key, sample

ROOTS = [EMPTY_ROOT, *(bytes([n]) * 32 for n in range(1, 9))]


def guard(memo: MemoryMemo | FileMemo) -> Guard:
    return Guard(ORIGIN, key("log"), memo)


def signed(size: int, root: bytes, *, name: str = "log", origin: str = ORIGIN) -> bytes:
    return notes.sign(Checkpoint(origin, size, root), key(name))


def code(found: pytest.ExceptionInfo[Problem]) -> str:
    return found.value.code


def test_what_was_signed_is_remembered_across_processes(tmp_path: Path) -> None:
    first = guard(FileMemo(tmp_path / "guard")).sign(3, ROOTS[3])
    again = guard(FileMemo(tmp_path / "guard"))
    assert again.signed == first
    assert again.last == Checkpoint(ORIGIN, 3, ROOTS[3])
    assert again.sign(3, ROOTS[3]) == first


def test_no_second_root_is_signed_for_a_size() -> None:
    one = guard(MemoryMemo())
    one.sign(3, ROOTS[3])
    with pytest.raises(Untrusted) as refused:
        one.sign(3, ROOTS[4])
    assert code(refused) == "log.contradicts"


def test_a_shorter_log_is_not_signed_after_a_longer(tmp_path: Path) -> None:
    slow, fast = guard(FileMemo(tmp_path / "g")), guard(FileMemo(tmp_path / "g"))
    slow.sign(3, ROOTS[3])
    last = fast.sign(5, ROOTS[5])
    with pytest.raises(Conflict) as refused:
        slow.sign(4, ROOTS[4])
    assert code(refused) == "log.fenced"
    assert guard(FileMemo(tmp_path / "g")).signed == last


def test_a_memo_that_vanishes_while_running_does_not_make_it_forget(tmp_path: Path) -> None:
    one = guard(FileMemo(tmp_path / "g"))
    one.sign(3, ROOTS[3])
    (tmp_path / "g").unlink()
    with pytest.raises(Conflict):
        one.sign(2, ROOTS[2])


@pytest.mark.parametrize(
    ("size", "expected"),
    [(3, None), (4, None), (2, "log.rolled-back"), (0, "log.rolled-back")],
)
def test_a_log_must_continue_what_was_signed(size: int, expected: str | None) -> None:
    one = guard(MemoryMemo())
    one.sign(3, ROOTS[3])
    if expected is None:
        one.check(size, ROOTS.__getitem__)
        return
    with pytest.raises(Untrusted) as refused:
        one.check(size, ROOTS.__getitem__)
    assert code(refused) == expected


def test_a_log_with_other_entries_is_found_out() -> None:
    one = guard(MemoryMemo())
    one.sign(3, ROOTS[3])
    with pytest.raises(Untrusted) as refused:
        one.check(5, lambda _: ROOTS[4])
    assert code(refused) == "log.contradicts"


@pytest.mark.parametrize("size", [1, 2, 100])
def test_entries_without_any_record_are_never_signed_for(size: int) -> None:
    with pytest.raises(Untrusted) as refused:
        guard(MemoryMemo()).check(size, lambda _: ROOTS[1])
    assert code(refused) == "log.unguarded"


@pytest.mark.parametrize(
    "content",
    [
        signed(3, ROOTS[3], name="another key"),
        signed(3, ROOTS[3], origin="log.example/another"),
        b"not a note",
        b"",
    ],
    ids=["another key", "another log", "garbage", "empty"],
)
def test_a_record_that_is_not_ours_stops_everything(content: bytes) -> None:
    memo = MemoryMemo()
    memo.store(content)
    with pytest.raises(Untrusted):
        guard(memo)


def test_the_record_is_durable_before_a_signature_is_shown() -> None:
    class Full(MemoryMemo):
        def store(self, signed: bytes) -> None:
            raise Unavailable("storage.write", "the disk is full")

    one = guard(Full())
    with pytest.raises(Unavailable) as refused:
        one.sign(1, ROOTS[1])
    assert code(refused) == "log.unsigned"
    assert one.signed is None
    assert one.last is None


def test_adopting_needs_a_checkpoint_of_this_log_that_is_not_older() -> None:
    one = guard(MemoryMemo())
    one.sign(3, ROOTS[3])
    cases = {
        signed(2, ROOTS[2]): "log.rolled-back",
        signed(3, ROOTS[4]): "log.contradicts",
        signed(5, ROOTS[5], name="another key"): "note.unsigned",
        signed(5, ROOTS[5], origin="log.example/another"): "checkpoint.other-log",
    }
    for content, expected in cases.items():
        with pytest.raises(Untrusted) as refused:
            one.adopt(content)
        assert code(refused) == expected
    one.adopt(signed(5, ROOTS[5]))
    assert one.last == Checkpoint(ORIGIN, 5, ROOTS[5])


def restored(desk: Desk, size: int) -> MemoryEngine:
    """Give the log as a backup of ``size`` entries would bring it back."""
    other = Desk(begin=False)
    for raw in desk.raws()[:size]:
        other.log.append([raw])
    assert isinstance(other.engine, MemoryEngine)
    return other.engine


def test_a_restored_older_copy_refuses_to_open_for_writing() -> None:
    desk = Desk()
    for number in range(5):
        desk.must(sample(number))
    with pytest.raises(Untrusted) as refused:
        Desk(engine=restored(desk, 4), memo=desk.memo)
    assert code(refused) == "log.rolled-back"


def test_a_restored_copy_without_its_guard_goes_on_once_it_holds_what_others_hold() -> None:
    desk = Desk()
    for number in range(5):
        desk.must(sample(number))
    seen, engine = desk.checkpoint, restored(desk, 4)
    with pytest.raises(Untrusted) as refused:
        Desk(engine=engine)
    assert code(refused) == "log.unguarded"

    memo = MemoryMemo()
    guard(memo).adopt(seen)
    with pytest.raises(Untrusted) as refused:
        Desk(engine=engine, memo=memo)
    assert code(refused) == "log.rolled-back"

    engine = restored(desk, 6)
    again = Desk(engine=engine, memo=memo)
    again.must(sample(9))
    old = notes.open_(seen, key("log").public)
    assert Reader(engine).root(old.size) == old.root


def test_an_empty_log_whose_entries_were_lost_does_not_begin_again() -> None:
    desk = Desk()
    with pytest.raises(Untrusted) as refused:
        Desk(memo=desk.memo)
    assert code(refused) == "log.rolled-back"


def test_entries_that_could_not_be_signed_for_are_signed_for_later() -> None:
    class Flaky(MemoryMemo):
        full = False

        def store(self, signed: bytes) -> None:
            if self.full:
                raise Unavailable("storage.write", "the disk is full")
            super().store(signed)

    memo = Flaky()
    desk = Desk(memo=memo)
    memo.full = True
    with pytest.raises(Unavailable) as refused:
        desk.say(sample(1))
    assert code(refused) == "log.unsigned"
    assert desk.engine.head().size == 2
    with pytest.raises(Problem) as unproved:
        desk.log.receipt(1)
    assert code(unproved) == "proof.index"

    memo.full = False
    desk.log.beat()

    assert notes.open_(desk.checkpoint, key("log").public).size == 2
    assert desk.log.receipt(1)


def test_a_log_key_goes_on_from_what_its_predecessor_signed() -> None:
    memo = MemoryMemo()
    guard(memo).sign(4, ROOTS[4])
    with pytest.raises(Untrusted) as stranger:
        Guard(ORIGIN, key("log 2"), memo)
    assert code(stranger) in {"note.unsigned", "note.signature"}

    after = Guard(ORIGIN, key("log 2"), memo, [key("log").public])
    after.check(4, ROOTS.__getitem__)
    assert after.sign(4, ROOTS[4]) == signed(4, ROOTS[4]), "what was signed is not signed anew"
    assert after.sign(5, ROOTS[5]) == signed(5, ROOTS[5], name="log 2")
    with pytest.raises(Untrusted):
        guard(memo)
    after.adopt(signed(5, ROOTS[5], name="log 2"))
    with pytest.raises(Untrusted) as older:
        after.adopt(signed(4, ROOTS[4]))
    assert code(older) == "log.rolled-back"
