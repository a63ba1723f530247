"""QR-1 and QR-2: what is written reads back, and nothing else does."""

from __future__ import annotations

import zlib

import pytest

from kimberlite.certificates.file import CertificateFile, parse_file, write
from kimberlite.documents import base45, parts, qr
from kimberlite.documents.size import require, size_of
from kimberlite.kernel import cbor
from kimberlite.kernel.errors import Invalid, NotFound, Problem, Refused
from kimberlite.ledger import receipt as receipts
from tests.helpers.carried import ARABIC, carried, mixed, papers, proposal_of
from tests.helpers.certificates import Desk


@pytest.fixture(scope="module")
def desk() -> Desk:
    return Desk()


@pytest.fixture(scope="module")
def small(desk: Desk) -> CertificateFile:
    return carried(desk)


@pytest.fixture(scope="module")
def large(desk: Desk) -> CertificateFile:
    return carried(desk, "XA000200", parties=papers(12))


def code_of(text: str, *more: str) -> str:
    with pytest.raises(Problem) as refused:
        qr.files((text, *more))
    return refused.value.code


def one(raw: bytes) -> str:
    return "KPC1:" + base45.write(raw)


def test_one_code_holds_statement_and_openings(small: CertificateFile) -> None:
    (text,) = qr.qr1(small)
    (read,) = qr.files([text])
    assert read.statement.raw == small.statement.raw
    assert read.openings == small.openings
    assert read.receipts == ()


def test_the_receipts_code_is_bound_to_the_certificates(small: CertificateFile) -> None:
    ((name, receipt),) = qr.bound_receipts([qr.qr2(small)])
    assert name == qr.binding(qr.content(small))
    assert (receipt,) == small.receipts


def test_a_file_without_a_receipt_has_no_second_code(small: CertificateFile) -> None:
    bare = parse_file(write(small.statement.raw, small.openings))
    with pytest.raises(NotFound, match=r"qr\.no-receipt"):
        qr.qr2(bare)


@pytest.mark.parametrize("origins", [1, 2, 3])
@pytest.mark.parametrize("parties", [{}, ARABIC], ids=["en", "ar"])
def test_up_to_three_origins_fit_one_code_of_700_bytes(
    origins: int, parties: dict[str, object]
) -> None:
    file = carried(Desk(), "XA000300", shipment=mixed(origins), parties=parties)
    assert len(qr.deflate(qr.content(file))) <= 700
    assert len(qr.qr1(file)) == 1


# --- parts


def test_what_is_longer_comes_in_numbered_parts_in_any_order(large: CertificateFile) -> None:
    texts = qr.qr1(large)
    assert len(texts) == 2
    assert [text[:9] for text in texts] == ["KPC1/1/2/", "KPC1/2/2/"]
    for given in (texts, texts[::-1], (*texts, texts[0])):
        (read,) = qr.files(given)
        assert (read.statement, read.openings) == (large.statement, large.openings)


def test_parts_are_of_nearly_one_size(large: CertificateFile) -> None:
    first, second = (len(text) for text in qr.qr1(large))
    assert abs(first - second) <= 3


def test_a_missing_part_is_named(large: CertificateFile) -> None:
    with pytest.raises(Invalid) as refused:
        qr.files(qr.qr1(large)[:1])
    assert refused.value.code == "qr.parts-missing"
    assert refused.value.facts == {"missing": 2, "total": 2}


def test_parts_of_two_certificates_do_not_mix(desk: Desk, large: CertificateFile) -> None:
    other = carried(desk, "XA000201", parties=papers(12))
    assert code_of(qr.qr1(large)[0], qr.qr1(other)[1]) == "qr.parts-missing"
    renamed = qr.qr1(other)[1].replace(qr.qr1(other)[1][:18], qr.qr1(large)[1][:18])
    assert code_of(qr.qr1(large)[0], renamed) == "qr.part"


@pytest.mark.parametrize(
    "text",
    [
        "KPC1/1/1/00000000:BB8",
        "KPC1/3/2/00000000:BB8",
        "KPC1/1/7/00000000:BB8",
        "KPC1/0/2/00000000:BB8",
        "KPC1/1/2/0000000:BB8",
        "KPC1/1/2/00000000:",
        "KPC1/1/2:BB8",
        "KPC1/",
    ],
)
def test_a_part_that_no_program_writes_is_refused(text: str) -> None:
    assert code_of(text) == "qr.part"


def test_the_same_part_with_another_content_is_refused(large: CertificateFile) -> None:
    first = qr.qr1(large)[0]
    assert code_of(first, first[:-3] + "000") == "qr.part"


def test_more_than_six_parts_are_never_written() -> None:
    with pytest.raises(Invalid, match=r"qr\.too-long"):
        parts.split(bytes(6 * 700 + 1), 700)
    assert len(parts.split(bytes(6 * 700), 700)) == 6


# --- strictness


def test_a_bomb_is_not_inflated() -> None:
    bomb = zlib.compress(bytes(50_000_000), 9)
    assert code_of(one(bomb)) == "qr.deflate"


def test_4_kib_inflate_and_one_byte_more_do_not() -> None:
    assert qr.inflate(zlib.compress(bytes(4096))) == bytes(4096)
    with pytest.raises(Invalid, match=r"qr\.deflate"):
        qr.inflate(zlib.compress(bytes(4097)))


def test_bytes_before_after_or_missing_are_refused(small: CertificateFile) -> None:
    stream = qr.deflate(qr.content(small))
    for spoilt in (stream + b"\0", stream[:-1], stream[1:], b"", stream[2:-4]):
        assert code_of(one(spoilt)) == "qr.deflate"


def test_other_zlib_settings_read_alike(small: CertificateFile) -> None:
    raw = qr.content(small)
    for level in (0, 1, 6, 9):
        (read,) = qr.files([one(zlib.compress(raw, level))])
        assert qr.content(read) == raw


@pytest.mark.parametrize(
    "value",
    [
        [],
        [b"", []],
        [b"\x01", [], []],
        {1: b""},
        7,
        [[], b""],
    ],
)
def test_another_content_is_refused(value: object) -> None:
    code = code_of(one(zlib.compress(cbor.encode(value))))
    assert code.startswith(("qr.form", "cose.", "statement."))


def test_an_opening_of_another_shape_is_refused(small: CertificateFile) -> None:
    told = cbor.encode([small.statement.raw, [["values", b"short", b""]]])
    assert code_of(one(zlib.compress(told))) == "section.form"


@pytest.mark.parametrize("text", ["KPC1:bb8", "KPC1:B", "KPC1:ZZZZ", "KPC1:::::", "KPC1:BB8\n"])
def test_what_is_no_base45_is_refused(text: str) -> None:
    assert code_of(text) == "qr.base45"


@pytest.mark.parametrize("text", ["KPC3:BB8", "KPC", "KPC1", "KPC10:BB8"])
def test_a_code_of_another_kind_asks_for_a_newer_program(text: str) -> None:
    assert code_of(text) == "qr.newer"


@pytest.mark.parametrize("value", [[b"12345678", b"x", 1], [b"1234567", b"x"], b"", [b"12345678"]])
def test_a_receipts_code_of_another_form_is_refused(value: object) -> None:
    with pytest.raises(Problem) as refused:
        qr.bound_receipts(["KPC2:" + base45.write(cbor.encode(value))])
    assert refused.value.code == "qr.form"


# --- receipts on paper


def test_paper_carries_three_cosignatures_the_preferred_first(small: CertificateFile) -> None:
    signed = [bytes([each]) * 76 for each in range(1, 42)]
    crowded = write(
        small.statement.raw,
        small.openings,
        [receipts.with_cosignatures(small.receipts[0], signed)],
    )
    ((_, receipt),) = qr.bound_receipts([qr.qr2(parse_file(crowded), prefer=[b"\x07" * 4])])
    assert receipts.parse(receipt).cosignatures == (signed[6], signed[0], signed[1])


# --- size, before anything is signed


@pytest.mark.parametrize("changes", [{}, {"parties": ARABIC}, {"parties": papers(12)}])
def test_the_size_told_beforehand_is_the_size_that_comes(changes: dict[str, object]) -> None:
    file = carried(Desk(), "XA000400", **changes)
    told = size_of(proposal_of(file), file.openings)
    small = len(qr.deflate(qr.content(file)))
    assert told.content == len(qr.content(file))
    assert small <= told.deflated <= small + 16
    assert told.symbols == len(qr.qr1(file))
    assert told.one_symbol is (told.symbols == 1)
    assert require(proposal_of(file), file.openings) == told


def test_what_no_code_holds_is_stopped_before_it_is_signed() -> None:
    file = carried(Desk(), "XA000401", parties=papers(40) | {"seals": ["S" * 40] * 40})
    with pytest.raises(Refused) as refused:
        require(proposal_of(file), file.openings)
    assert refused.value.code == "qr.would-not-fit"
    with pytest.raises(Invalid, match=r"qr\.too-long"):
        qr.qr1(file)
