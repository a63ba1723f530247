"""The certificate file: what is written reads back, and nothing else reads."""

from __future__ import annotations

import zlib
from typing import Any

import pytest

from kimberlite.certificates.file import LIMIT, parse_file, write
from kimberlite.kernel import cbor
from kimberlite.kernel.errors import Problem
from kimberlite.ledger.sections import Opening
from tests.helpers.certificates import Desk
from tests.helpers.world import key_of


@pytest.fixture(scope="module")
def desk() -> Desk:
    return Desk()


@pytest.fixture(scope="module")
def file(desk: Desk) -> bytes:
    return desk.file(desk.issue())


def test_a_file_reads_back_as_it_was_written(file: bytes) -> None:
    read = parse_file(file)
    assert read.to_bytes() == file
    assert [each.section for each in read.openings] == ["shipment", "values", "parties"]
    assert read.named["number"] == "XA000123"
    assert len(read.receipts) == 1


def test_a_certificate_with_its_openings_fits_the_printed_code(desk: Desk) -> None:
    """One origin, English, inside the 700 bytes that one QR symbol of the design holds."""
    issued = desk.issue("XA000777")
    read = parse_file(desk.file(issued, receipts=False))
    assert len(zlib.compress(read.to_bytes(), 9)) <= 700


def raw(desk: Desk, **changes: Any) -> bytes:
    issued = desk.world.entries[-1].statement.raw
    parts = {"magic": "kp-file/1", "statement": issued, "openings": [], "receipts": [], **changes}
    return cbor.encode(list(parts.values()))


def opening(section: str = "values", salt: int = 16) -> list[Any]:
    return [section, bytes(salt), b"\xa0"]


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("file.form", {"magic": "kp-file/2"}),
        ("file.form", {"openings": {}}),
        ("file.form", {"more": []}),
        ("file.opening", {"openings": [opening(), opening()]}),
        ("file.opening", {"openings": [opening("evidence")]}),
        ("file.opening", {"openings": [opening("a"), opening("b"), opening("c"), opening("d")]}),
        ("section.form", {"openings": [opening(salt=15)]}),
        ("section.form", {"openings": ["values"]}),
        ("file.receipts", {"receipts": [b""] * 9}),
        ("file.receipts", {"receipts": [1]}),
        ("cose.tag", {"statement": b""}),
    ],
)
def test_what_does_not_read(desk: Desk, file: bytes, code: str, changes: dict[str, Any]) -> None:
    with pytest.raises(Problem) as bad:
        parse_file(raw(desk, **changes))
    assert bad.value.code == code


def test_a_file_that_is_too_long(file: bytes) -> None:
    with pytest.raises(Problem) as bad:
        parse_file(file + bytes(LIMIT))
    assert bad.value.code == "file.too-long"
    statement = parse_file(file).statement.raw
    with pytest.raises(Problem) as bad:
        write(statement, [Opening("values", bytes(16), b"")], [bytes(LIMIT)])
    assert bad.value.code == "file.too-long"


def test_a_statement_of_another_room(desk: Desk) -> None:
    with pytest.raises(Problem) as bad:
        parse_file(raw(desk, statement=desk.world.entries[0].statement.raw))
    assert bad.value.code == "file.type"
    assert key_of("XA").public.kid != key_of("XB").public.kid
