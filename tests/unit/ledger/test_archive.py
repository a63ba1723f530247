from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kimberlite.kernel import cbor
from kimberlite.kernel.errors import Problem, Unavailable
from kimberlite.ledger import checkpoint as notes
from kimberlite.ledger.archive import ArchiveCopy, export
from kimberlite.ledger.audit import audit
from kimberlite.ledger.checkpoint import Checkpoint
from kimberlite.ledger.copies import EngineCopy
from kimberlite.ledger.engine.memory import MemoryEngine
from kimberlite.ledger.engine.sqlite import SqliteEngine
from kimberlite.ledger.guard import Guard, MemoryMemo
from kimberlite.ledger.self_audit import audit_engine
from kimberlite.ledger.takeover import import_file, import_into
from tests.helpers.log import BOOKS, ORIGIN, Desk, key, sample

SIZE = 40


@pytest.fixture(scope="module")
def desk() -> Desk:
    desk = Desk()
    desk.log.append([sample(number) for number in range(SIZE - 1)])
    return desk


@pytest.fixture
def archive(desk: Desk, tmp_path: Path) -> Path:
    export(desk.engine, desk.checkpoint, tmp_path / "log.kpl")
    return tmp_path / "log.kpl"


def code(found: pytest.ExceptionInfo[Problem]) -> str:
    return found.value.code


def left_over(folder: Path) -> set[str]:
    return {each.name for each in folder.iterdir()}


def test_there_and_back_is_the_same_log(desk: Desk, archive: Path, tmp_path: Path) -> None:
    copy = ArchiveCopy(archive)
    assert copy.size == SIZE
    assert [raw for chunk in copy.chunks() for raw in chunk] == desk.raws()
    told: list[tuple[int, int]] = []

    found = import_file(
        copy, tmp_path / "new.db", BOOKS, progress=lambda done, of: told.append((done, of))
    )

    engine = SqliteEngine(tmp_path / "new.db")
    head, old = engine.head(), desk.engine.head()
    assert (head.size, head.root, head.facts) == (old.size, old.root, old.facts)
    assert (found.size, found.root, found.facts) == (old.size, old.root, old.facts)
    assert engine.entries(0, SIZE) == desk.engine.entries(0, SIZE)
    assert audit_engine(engine, BOOKS).size == SIZE
    assert told[-1] == (2 * SIZE, 2 * SIZE)
    engine.close()
    assert left_over(tmp_path) == {"log.kpl", "new.db"}


def test_the_file_is_as_described(desk: Desk, archive: Path) -> None:
    data = archive.read_bytes()
    head = cbor.encode(["kp-archive/1", SIZE, desk.checkpoint])
    entries = b"".join(cbor.encode(raw) for raw in desk.raws())
    assert data.startswith(head + entries)
    tail = cbor.decode(data[len(head + entries) :])
    assert isinstance(tail, list)
    assert tail[0] == desk.log.facts


def test_an_archive_may_end_at_an_older_checkpoint(desk: Desk, tmp_path: Path) -> None:
    older = Desk(begin=False)
    older.log.append(desk.raws()[:17])
    export(desk.engine, older.checkpoint, tmp_path / "old.kpl")
    found = audit(ArchiveCopy(tmp_path / "old.kpl"), BOOKS)
    assert (found.size, found.facts) == (17, older.log.facts)


def test_a_log_taken_over_is_written_only_with_its_guard(archive: Path, desk: Desk) -> None:
    engine = MemoryEngine()
    assert import_into(engine, ArchiveCopy(archive), BOOKS) == SIZE
    with pytest.raises(Problem) as refused:
        Desk(engine=engine)
    assert code(refused) == "log.unguarded"
    memo = MemoryMemo()
    Guard(ORIGIN, key("log"), memo).adopt(desk.checkpoint)
    assert Desk(engine=engine, memo=memo).must(sample(1_000)).index == SIZE


def test_nothing_is_written_over(desk: Desk, archive: Path, tmp_path: Path) -> None:
    with pytest.raises(Problem) as refused:
        export(desk.engine, desk.checkpoint, archive)
    assert code(refused) == "archive.exists"
    with pytest.raises(Problem) as refused:
        import_file(ArchiveCopy(archive), archive, BOOKS)
    assert code(refused) == "import.not-empty"
    with pytest.raises(Problem) as refused:
        import_into(desk.engine, ArchiveCopy(archive), BOOKS)
    assert code(refused) == "import.not-empty"


def test_a_checkpoint_of_another_log_is_not_exported(desk: Desk, tmp_path: Path) -> None:
    for wrong in (Checkpoint(ORIGIN, SIZE, bytes(32)), Checkpoint(ORIGIN, SIZE + 1, bytes(32))):
        with pytest.raises(Problem) as refused:
            export(desk.engine, notes.sign(wrong, key("log")), tmp_path / "log.kpl")
        assert code(refused) == "archive.contradicts"
    assert not left_over(tmp_path)


def test_no_changed_byte_is_imported(archive: Path, tmp_path: Path) -> None:
    data = archive.read_bytes()
    for at in [*range(0, 330, 7), *range(330, len(data), 97), *range(len(data) - 72, len(data))]:
        archive.write_bytes(data[:at] + bytes((data[at] ^ 1,)) + data[at + 1 :])
        with pytest.raises(Problem):
            import_file(ArchiveCopy(archive), tmp_path / "new.db", BOOKS)
        assert left_over(tmp_path) == {"log.kpl"}


def test_no_cut_or_longer_file_is_imported(archive: Path, tmp_path: Path) -> None:
    data = archive.read_bytes()
    for other in (*(data[:at] for at in range(0, len(data), 101)), data + b"\x40", data * 2):
        archive.write_bytes(other)
        with pytest.raises(Problem) as refused:
            import_file(ArchiveCopy(archive), tmp_path / "new.db", BOOKS)
        assert code(refused).split(".")[0] in {"archive", "audit"}
        assert left_over(tmp_path) == {"log.kpl"}


def test_files_that_cannot_be_read_or_written_are_said_to_be(desk: Desk, tmp_path: Path) -> None:
    with pytest.raises(Unavailable) as refused:
        ArchiveCopy(tmp_path / "absent.kpl")
    assert code(refused) == "archive.read"
    with pytest.raises(Unavailable) as refused:
        export(desk.engine, desk.checkpoint, tmp_path / "absent" / "log.kpl")
    assert code(refused) == "storage.write"


def test_a_copy_that_changes_while_it_is_read_is_not_taken(desk: Desk, tmp_path: Path) -> None:
    class Shifting(EngineCopy):
        reads = 0

        def chunks(self) -> Iterator[list[bytes]]:
            self.reads += 1
            for each in super().chunks():
                yield list(each)[: -1 if self.reads > 1 else None]

    with pytest.raises(Problem) as refused:
        import_file(Shifting(desk.engine), tmp_path / "new.db", BOOKS)
    assert code(refused) == "import.changed"
    assert not left_over(tmp_path)


def test_what_an_interrupted_import_left_behind_is_cleared(archive: Path, tmp_path: Path) -> None:
    (tmp_path / ".new.db.importing").write_bytes(b"half a database")
    import_file(ArchiveCopy(archive), tmp_path / "new.db", BOOKS)
    assert left_over(tmp_path) == {"log.kpl", "new.db"}
