from __future__ import annotations

from pathlib import Path

import pytest

from kimberlite.kernel.errors import Problem, Untrusted
from kimberlite.ledger import tlogproof
from kimberlite.ledger.engine.sqlite import SqliteEngine
from kimberlite.ledger.envelope import parse
from kimberlite.ledger.proofs import verify_consistency, verify_inclusion
from kimberlite.ledger.reader import Reader
from kimberlite.ledger.tree import leaf_hash
from kimberlite.ledger.v1.rows import charter
from tests.helpers.log import ORIGIN, SAMPLES, Desk, key, sample


@pytest.fixture(scope="module")
def desk() -> Desk:
    desk = Desk()
    desk.log.append([sample(number) for number in range(599)])
    return desk


@pytest.fixture(scope="module")
def reader(desk: Desk) -> Reader:
    return Reader(desk.engine)


def code(found: pytest.ExceptionInfo[Problem]) -> str:
    return found.value.code


def test_entries_come_by_index_and_by_range(reader: Reader, desk: Desk) -> None:
    raws = desk.raws()
    assert reader.size == 600
    assert reader.entry(7).raw == raws[7]
    assert [(i, each.raw) for i, each in reader.entries(250, 260)] == list(
        enumerate(raws[250:260], 250)
    )
    assert [i for i, _ in reader.entries(590)] == list(range(590, 600))
    assert list(reader.entries(600)) == []
    assert [i for i, _ in reader.entries(-5, 2)] == [0, 1]


@pytest.mark.parametrize("index", [-1, 600, 1 << 63, 1 << 70])
def test_an_entry_that_is_not_there_is_not_found(reader: Reader, index: int) -> None:
    with pytest.raises(Problem) as refused:
        reader.entry(index)
    assert code(refused) == "log.no-entry"


def test_a_statement_is_found_by_its_id(reader: Reader, desk: Desk) -> None:
    assert reader.index_of(parse(desk.raws()[7]).id) == 7
    with pytest.raises(Problem) as refused:
        reader.index_of(bytes(32))
    assert code(refused) == "log.no-statement"


def test_proofs_check_out_between_any_two_sizes(reader: Reader, desk: Desk) -> None:
    for size in (1, 2, 255, 256, 257, 600):
        root = reader.root(size)
        for index in {0, size // 2, size - 1}:
            path = reader.inclusion(index, size)
            verify_inclusion(index, size, leaf_hash(desk.raws()[index]), path, root)
        verify_consistency(size, 600, root, reader.root(600), reader.consistency(size, 600))
    assert reader.root() == reader.root(reader.size)


def test_nothing_is_proved_beyond_the_log(reader: Reader) -> None:
    for ask in (
        lambda: reader.root(10_000),
        lambda: reader.inclusion(0, 10_000),
        lambda: reader.consistency(1, 10_000),
        lambda: reader.inclusion(5, 5),
        lambda: reader.consistency(0, 5),
    ):
        with pytest.raises(Problem) as refused:
            ask()
        assert code(refused).startswith("proof.")


def test_a_text_proof_is_checked_offline_and_by_nobody_else(reader: Reader, desk: Desk) -> None:
    signed, raws = desk.checkpoint, desk.raws()
    text = reader.proof(7, signed)
    assert reader.proof(parse(raws[7]).id, signed) == text

    proof = tlogproof.parse(text)
    assert proof.to_bytes() == text
    assert proof.verify(raws[7], key("log").public, origin=ORIGIN).size == desk.log.size
    for entry, public in ((raws[8], key("log").public), (raws[7], key("XA daily").public)):
        with pytest.raises(Untrusted):
            proof.verify(entry, public)


def test_the_state_is_new_when_the_log_has_moved(tmp_path: Path) -> None:
    desk = Desk(engine=SqliteEngine(tmp_path / "log.db"))
    reader = Reader(SqliteEngine(tmp_path / "log.db", readonly=True))
    before = reader.state()
    assert reader.state() is before
    found = charter(before)
    assert found is not None
    assert found.origin == ORIGIN
    desk.must(sample(1))
    assert reader.state() is not before
    assert reader.state().get(SAMPLES, "1") == [1, "XA"]


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"c2sp.org/tlog-proof@v2\nindex 0\n\n",
        b"c2sp.org/tlog-proof@v1\nindex 00\n\nx\n",
        b"c2sp.org/tlog-proof@v1\nextra !\nindex 0\n\nx\n",
        b"c2sp.org/tlog-proof@v1\nindex 0\nAAAA\n\nx\n",
        b"c2sp.org/tlog-proof@v1\n\nindex 0\n",
        b"c2sp.org/tlog-proof@v1\nindex 0\n\nnot a note",
        b"\xff" * 100 + b"\n\n",
        b"c2sp.org/tlog-proof@v1\nindex 0\n" + b"A" * 43 + b"=\n" * 64 + b"\nx\n",
    ],
)
def test_other_texts_are_not_proofs(text: bytes) -> None:
    with pytest.raises(Problem) as refused:
        tlogproof.parse(text)
    assert code(refused).split(".")[0] in {"textproof", "note", "checkpoint"}


def test_extra_data_is_carried_and_trusted_by_nobody(reader: Reader, desk: Desk) -> None:
    plain = tlogproof.parse(reader.proof(3, desk.checkpoint))
    more = tlogproof.TextProof(plain.index, plain.path, plain.checkpoint, b"a file name")
    again = tlogproof.parse(more.to_bytes())
    assert again == more
    assert again.verify(desk.raws()[3], key("log").public).size == 600
