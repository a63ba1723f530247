from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence

import pytest

from kimberlite.kernel.errors import Invalid, Problem, Untrusted
from kimberlite.ledger import checkpoint as notes
from kimberlite.ledger.admission import Upgrade
from kimberlite.ledger.archive import ArchiveCopy, export
from kimberlite.ledger.audit import Audit, audit
from kimberlite.ledger.checkpoint import Checkpoint
from kimberlite.ledger.copies import Copy, EngineCopy, FolderCopy
from kimberlite.ledger.engine.memory import MemoryEngine
from kimberlite.ledger.engine.port import Stored
from kimberlite.ledger.publish import Publisher
from kimberlite.ledger.self_audit import audit_engine
from kimberlite.ledger.types import RuleBook
from kimberlite.ledger.v1 import TYPES
from tests.helpers.log import BEGAN, BOOKS, ORIGIN, Desk, genesis, key, sample, statement

SIZE = 620


@pytest.fixture(scope="module")
def desk() -> Desk:
    desk = Desk()
    desk.clock.now = BEGAN + 60
    stolen = desk.must(sample(1)).statement.id
    named = {"kid": key("XA daily").public.kid, "statements": [stolen], "reason": "a test"}
    desk.must(statement("XA", "kp-repudiation+cose", named, by="XA recovery"))
    desk.must(sample(1, "XB"))
    desk.must(sample(2, sealed=True))
    desk.log.append([sample(number) for number in range(1_000, 1_000 + SIZE - desk.log.size)])
    assert desk.log.size == SIZE
    return desk


@pytest.fixture(scope="module", params=["engine", "folder", "archive"])
def copy(
    request: pytest.FixtureRequest, desk: Desk, tmp_path_factory: pytest.TempPathFactory
) -> Copy:
    folder = tmp_path_factory.mktemp("copy")
    if request.param == "engine":
        return EngineCopy(desk.engine, desk.checkpoint)
    if request.param == "folder":
        Publisher(folder, desk.engine).publish(desk.checkpoint)
        return FolderCopy(folder)
    export(desk.engine, desk.checkpoint, folder / "log.kpl")
    return ArchiveCopy(folder / "log.kpl")


class Given:
    """A copy made of whatever a test says."""

    def __init__(
        self,
        raws: Sequence[bytes],
        *,
        size: int | None = None,
        checkpoint: bytes | None = None,
        facts: tuple[bytes, int] | None = None,
        tiles: dict[tuple[int, int], bytes] | None = None,
    ) -> None:
        self.raws, self.checkpoint = list(raws), checkpoint
        self.size = len(self.raws) if size is None else size
        self._facts, self._tiles = facts, tiles or {}

    def chunks(self) -> Iterator[Sequence[bytes]]:
        for at in range(0, len(self.raws), 100):
            yield self.raws[at : at + 100]

    def facts(self) -> tuple[bytes, int] | None:
        return self._facts

    def tile(self, level: int, number: int) -> bytes | None:
        return self._tiles.get((level, number))


def code(ask: Callable[[], object], kind: type[Problem] = Untrusted) -> str:
    with pytest.raises(kind) as refused:
        ask()
    return refused.value.code


@pytest.mark.parametrize("helpers", [0, 1, 2])
def test_a_sound_log_is_found_sound_from_its_bytes_alone(
    copy: Copy, desk: Desk, helpers: int
) -> None:
    told: list[tuple[int, int]] = []
    found = audit(copy, BOOKS, helpers=helpers, progress=lambda done, of: told.append((done, of)))
    assert found == Audit(
        size=SIZE,
        root=desk.engine.head().root,
        facts=desk.log.facts,
        genesis=hashlib.sha256(genesis()).digest(),
        origin=ORIGIN,
        kind="test",
        began=BEGAN,
        time=BEGAN + 60,
        types=(
            ("kp-genesis+cose", 1),
            ("kp-repudiation+cose", 1),
            ("kp-sample+cose", SIZE - 3),
            ("kp-time+cose", 1),
        ),
        findings=(("sample.seen-before", 1),),
        sealed=(("kp-sample+cose", 1),),
        verdicts=(("cannot-tell", 1),),
        repudiated=1,
        facts_compared=True,
        checkpoints=(SIZE,),
    )
    assert found.sealed_total == 1
    assert told[-1] == (SIZE, SIZE)


def test_any_checkpoint_that_others_hold_is_compared(desk: Desk) -> None:
    raws = desk.raws()
    older = Desk(begin=False)
    seen = []
    for at in range(0, 300, 37):
        older.log.append(raws[at : at + 37] if at else raws[:37])
        seen.append(older.checkpoint)
    found = audit(Given(raws), BOOKS, checkpoints=[*reversed(seen), desk.checkpoint])
    assert found.checkpoints == (*range(37, 334, 37), SIZE)
    assert not found.facts_compared


@pytest.mark.parametrize("at", [0, 1, 5, 300, SIZE - 1])
@pytest.mark.parametrize("harm", ["flip", "swap", "drop", "repeat", "garbage"])
def test_any_change_to_any_entry_is_found(desk: Desk, at: int, harm: str) -> None:
    raws = desk.raws()
    match harm:
        case "flip":
            raws[at] = raws[at][:-1] + bytes((raws[at][-1] ^ 1,))
        case "swap":
            raws[at], raws[at - 1] = raws[at - 1], raws[at]
        case "drop":
            del raws[at]
        case "repeat":
            raws.insert(at, raws[at])
        case _:
            raws[at] = b"garbage"
    ask = lambda: audit(Given(raws), BOOKS, checkpoints=[desk.checkpoint])  # noqa: E731
    assert code(ask) in {
        "audit.refused",
        "audit.malformed",
        "audit.root",
        "audit.short",
    }


def test_a_log_that_is_true_but_not_the_one_that_was_signed(desk: Desk) -> None:
    other = Desk()
    other.log.append([sample(number) for number in range(5_000, 5_000 + SIZE - 1)])
    assert code(lambda: audit(Given(other.raws()), BOOKS, checkpoints=[desk.checkpoint])) == (
        "audit.root"
    )


def test_a_log_cut_short_does_not_pass_for_whole(desk: Desk) -> None:
    raws = desk.raws()[:-1]
    assert code(lambda: audit(Given(raws, checkpoint=desk.checkpoint), BOOKS)) == "audit.short"
    assert code(lambda: audit(Given(raws, size=SIZE), BOOKS)) == "audit.short"
    assert audit(Given(raws), BOOKS).size == SIZE - 1


def test_checkpoints_by_others_do_not_count(desk: Desk) -> None:
    head = Checkpoint(ORIGIN, SIZE, desk.engine.head().root)
    for wrong in (
        notes.sign(head, key("XA daily")),
        notes.sign(Checkpoint("log.example/other", SIZE, head.root), key("log")),
    ):
        ask = lambda wrong=wrong: audit(Given(desk.raws()), BOOKS, checkpoints=[wrong])  # noqa: E731
        assert code(ask) == "audit.checkpoint"
    assert code(lambda: audit(Given(desk.raws()), BOOKS, checkpoints=[b"x"]), Invalid)


def test_facts_that_were_decided_otherwise_show(desk: Desk) -> None:
    for at, digest in ((SIZE, bytes(32)), (300, desk.log.facts)):
        ask = lambda at=at, digest=digest: audit(  # noqa: E731
            Given(desk.raws(), facts=(digest, at)), BOOKS
        )
        assert code(ask) == "audit.facts"


def test_another_genesis_than_the_trusted_one(desk: Desk) -> None:
    digest = hashlib.sha256(genesis()).digest()
    assert audit(Given(desk.raws()), BOOKS, genesis=digest).genesis == digest
    assert code(lambda: audit(Given(desk.raws()), BOOKS, genesis=bytes(32))) == "audit.genesis"


def test_tiles_that_are_not_those_of_the_entries(desk: Desk) -> None:
    wrong = {(0, 1): bytes(8192)}
    assert code(lambda: audit(Given(desk.raws(), tiles=wrong), BOOKS)) == "audit.tile"


def test_what_this_program_is_too_old_for_asks_for_an_upgrade(desk: Desk) -> None:
    older = {1: RuleBook.of(1, TYPES)}
    assert code(lambda: audit(Given(desk.raws()), older), Upgrade) == "audit.unknown-type"
    assert code(lambda: audit(Given(desk.raws()), {}), Upgrade) == "rules.unknown-version"
    assert code(lambda: audit(Given([genesis(rules=7)]), BOOKS), Upgrade) == (
        "rules.unknown-version"
    )


def test_nothing_to_check_is_not_a_sound_log() -> None:
    assert code(lambda: audit(Given([]), BOOKS), Invalid) == "copy.empty"
    assert code(lambda: audit(EngineCopy(MemoryEngine()), BOOKS), Invalid) == "copy.empty"
    assert code(lambda: audit_engine(MemoryEngine(), BOOKS), Invalid) == "copy.empty"
    assert code(lambda: audit(Given([sample(1)]), BOOKS)) == "audit.refused"


def small() -> Desk:
    desk = Desk()
    desk.log.append([sample(number) for number in range(9)])
    return desk


def spoil_facts(engine: MemoryEngine) -> None:
    engine._entries[3] = Stored(engine._entries[3].raw, b"other facts")


def spoil_row(engine: MemoryEngine) -> None:
    engine._rows["test.sample"]["4"] = engine._rows["test.sample"]["5"]


def add_row(engine: MemoryEngine) -> None:
    engine._rows["ledger.key"]["00" * 8] = next(iter(engine._rows["ledger.key"].values()))


def spoil_index(engine: MemoryEngine) -> None:
    ids = list(engine._indexes)
    engine._indexes[ids[3]] = 4


def spoil_head(engine: MemoryEngine) -> None:
    head = engine._head
    engine._head = type(head)(head.size, Desk().engine.head().frontier, head.facts, head.epoch)


@pytest.mark.parametrize(
    "spoil", [spoil_facts, spoil_row, add_row, spoil_index, spoil_head], ids=lambda s: s.__name__
)
def test_what_the_database_keeps_beside_the_entries_is_checked_too(
    spoil: Callable[[MemoryEngine], None],
) -> None:
    desk = small()
    assert isinstance(desk.engine, MemoryEngine)
    assert audit_engine(desk.engine, BOOKS, checkpoints=[desk.checkpoint]).size == 10
    spoil(desk.engine)
    assert code(lambda: audit_engine(desk.engine, BOOKS)) == "audit.kept"
