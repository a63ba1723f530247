from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from kimberlite.kernel.errors import Invalid, Problem, Unavailable, Untrusted
from kimberlite.ledger import checkpoint as notes
from kimberlite.ledger import publish
from kimberlite.ledger.audit import audit
from kimberlite.ledger.checkpoint import Checkpoint
from kimberlite.ledger.copies import FolderCopy
from kimberlite.ledger.publish import Publisher, Publishing, parse_facts, write_facts
from kimberlite.ledger.tiles import ENTRIES, Tile, changed_tiles, parse_bundle, tile_width
from kimberlite.ledger.tree import leaf_hashes
from kimberlite.storage.files import write_whole
from tests.helpers.log import BOOKS, ORIGIN, Desk, key, sample


def grow(desk: Desk, size: int) -> None:
    desk.log.append([sample(number) for number in range(desk.log.size, size)])
    assert desk.log.size == size


def files(folder: Path) -> set[str]:
    return {each.relative_to(folder).as_posix() for each in folder.rglob("*") if each.is_file()}


def needed(size: int) -> set[str]:
    """List what a reader of the tree of ``size`` leaves needs."""
    found = {"checkpoint", "facts"}
    for level in range(ENTRIES, 4):
        for index in range((size >> 8 * max(level, 0)) // 256 + 1):
            if width := tile_width(level, index, size):
                found.add(Tile(level, index, width).path)
    return found


@pytest.mark.parametrize("sizes", [[1], [5, 7], [255, 256, 257], [300, 600], [700]])
def test_the_folder_holds_the_whole_log(tmp_path: Path, sizes: list[int]) -> None:
    desk = Desk()
    publisher = Publisher(tmp_path, desk.engine)
    for size in sizes:
        grow(desk, size)
        publisher.publish(desk.checkpoint)
        assert needed(size) <= files(tmp_path)
        assert (tmp_path / "checkpoint").read_bytes() == desk.checkpoint
        assert (tmp_path / "facts").read_text() == f"{desk.log.facts.hex()} {size}\n"
    raws = [raw for chunk in FolderCopy(tmp_path).chunks() for raw in chunk]
    assert raws == desk.raws()
    full = (tmp_path / Tile(0, 0, min(256, sizes[-1])).path).read_bytes()
    assert full == b"".join(leaf_hashes(raws[:256]))


def test_published_bit_by_bit_or_at_once_is_the_same(tmp_path: Path) -> None:
    desk = Desk()
    slow = Publisher(tmp_path / "slow", desk.engine)
    for size in (1, 2, 200, 256, 513, 700):
        grow(desk, size)
        slow.publish(desk.checkpoint)
    Publisher(tmp_path / "fast", desk.engine).publish(desk.checkpoint)
    for name in files(tmp_path / "fast"):
        assert (tmp_path / "slow" / name).read_bytes() == (tmp_path / "fast" / name).read_bytes()


def test_partial_files_go_when_the_full_one_is_there(tmp_path: Path) -> None:
    desk = Desk()
    publisher = Publisher(tmp_path, desk.engine)
    for size in (100, 255, 300):
        grow(desk, size)
        publisher.publish(desk.checkpoint)
    partial = {name for name in files(tmp_path) if ".p/" in name}
    assert partial == {"tile/0/001.p/44", "tile/entries/001.p/44", "tile/1/000.p/1"}


def test_only_what_changed_is_written(tmp_path: Path) -> None:
    desk = Desk()
    publisher = Publisher(tmp_path, desk.engine)
    grow(desk, 600)
    told: list[tuple[int, int]] = []
    publisher.publish(desk.checkpoint, lambda done, of: told.append((done, of)))
    assert told[-1] == (7, 7)
    grow(desk, 601)
    assert publisher.publish(desk.checkpoint) == len(changed_tiles(600, 601)) + 2 == 4
    assert publisher.publish(desk.checkpoint) == 2


def test_a_late_older_checkpoint_changes_nothing(tmp_path: Path) -> None:
    desk = Desk()
    grow(desk, 10)
    old = desk.checkpoint
    grow(desk, 20)
    publisher = Publisher(tmp_path, desk.engine)
    publisher.publish(desk.checkpoint)
    assert publisher.publish(old) == 0
    assert (tmp_path / "checkpoint").read_bytes() == desk.checkpoint


def test_a_checkpoint_or_folder_of_another_log_is_refused(tmp_path: Path) -> None:
    desk = Desk()
    grow(desk, 10)
    for wrong in (Checkpoint(ORIGIN, 10, bytes(32)), Checkpoint(ORIGIN, 11, bytes(32))):
        with pytest.raises(Untrusted) as refused:
            Publisher(tmp_path, desk.engine).publish(notes.sign(wrong, key("log")))
        assert refused.value.code == "publish.contradicts"
    assert not files(tmp_path)
    (tmp_path / "checkpoint").write_bytes(notes.sign(Checkpoint(ORIGIN, 5, bytes(32)), key("log")))
    (tmp_path / "facts").write_bytes(write_facts(bytes(32), 5))
    with pytest.raises(Untrusted):
        Publisher(tmp_path, desk.engine).publish(desk.checkpoint)


@pytest.mark.parametrize("harm", ["facts", "checkpoint", "both", "ahead"])
def test_a_publication_that_was_cut_off_is_completed(tmp_path: Path, harm: str) -> None:
    desk = Desk()
    grow(desk, 300)
    publisher = Publisher(tmp_path, desk.engine)
    publisher.publish(desk.checkpoint)
    if harm in {"facts", "both"}:
        (tmp_path / "facts").write_bytes(b"half a li")
    if harm in {"checkpoint", "both"}:
        (tmp_path / "checkpoint").unlink()
    grow(desk, 310)
    if harm == "ahead":  # killed between facts and checkpoint
        (tmp_path / "facts").write_bytes(write_facts(desk.log.facts, 310))
    publisher.publish(desk.checkpoint)
    assert (tmp_path / "facts").read_bytes() == write_facts(desk.log.facts, 310)
    assert needed(310) <= files(tmp_path)


def test_it_publishes_beside_the_writer(tmp_path: Path) -> None:
    desk = Desk()
    publishing = Publishing(Publisher(tmp_path, desk.engine)).start()
    for size in range(2, 40):
        grow(desk, size)
        publishing.tell(desk.checkpoint)
    publishing.stop(20)
    assert publishing.trouble is None
    assert (tmp_path / "checkpoint").read_bytes() == desk.checkpoint


def test_trouble_is_kept_for_whoever_asks_and_gone_when_it_works(tmp_path: Path) -> None:
    desk = Desk()
    grow(desk, 3)
    (tmp_path / "pub").write_bytes(b"a file where the folder should be")
    publishing = Publishing(Publisher(tmp_path / "pub", desk.engine)).start()
    publishing.tell(desk.checkpoint)
    publishing.stop(20)
    assert isinstance(publishing.trouble, Problem)


def test_copies_say_what_they_lack(tmp_path: Path) -> None:
    desk = Desk()
    grow(desk, 300)
    Publisher(tmp_path, desk.engine).publish(desk.checkpoint)
    (tmp_path / "tile/entries/000").unlink()
    with pytest.raises(Problem) as refused:
        list(FolderCopy(tmp_path).chunks())
    assert refused.value.code == "copy.missing"
    shutil.rmtree(tmp_path)
    with pytest.raises(Problem) as refused:
        FolderCopy(tmp_path)
    assert refused.value.code == "copy.missing"


def test_a_reader_of_an_overtaken_partial_finds_the_full_one(tmp_path: Path) -> None:
    desk = Desk()
    grow(desk, 300)
    Publisher(tmp_path, desk.engine).publish(desk.checkpoint)
    grow(desk, 600)
    old = (tmp_path / "checkpoint").read_bytes()
    Publisher(tmp_path, desk.engine).publish(desk.checkpoint)
    (tmp_path / "checkpoint").write_bytes(old)
    assert [raw for chunk in FolderCopy(tmp_path).chunks() for raw in chunk] == desk.raws()[:300]
    assert parse_bundle((tmp_path / "tile/entries/001").read_bytes(), 256) == desk.raws()[256:512]


@pytest.mark.parametrize(
    "data", [b"", b"\xff", b"00 1\n", b"0" * 64 + b" 01\n", b"A" * 64 + b" 1\n", b"0" * 64 + b" 1"]
)
def test_other_facts_files_are_refused(data: bytes) -> None:
    with pytest.raises(Invalid) as refused:
        parse_facts(data)
    assert refused.value.code == "publish.facts"
    assert parse_facts(write_facts(bytes(32), 0)) == (bytes(32), 0)


@pytest.mark.parametrize("step", range(9))
def test_a_folder_cut_off_at_any_step_is_still_a_log_that_checks_out(
    tmp_path: Path, step: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk()
    grow(desk, 250)
    Publisher(tmp_path, desk.engine).publish(desk.checkpoint)
    grow(desk, 520)
    done: list[Path] = []

    def dies(path: Path, data: bytes, *, durable: bool = True) -> None:
        if len(done) == step:
            raise Unavailable("storage.write", "the machine stopped here")
        done.append(path)
        write_whole(path, data, durable=durable)

    with monkeypatch.context() as patch:
        patch.setattr(publish, "write_whole", dies)
        with pytest.raises(Unavailable):
            Publisher(tmp_path, desk.engine).publish(desk.checkpoint)
    assert audit(FolderCopy(tmp_path), BOOKS).size == 250

    Publisher(tmp_path, desk.engine).publish(desk.checkpoint)
    found = audit(FolderCopy(tmp_path), BOOKS)
    assert (found.size, found.facts_compared) == (520, True)
