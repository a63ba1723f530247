"""Laws of the printed codes: one text has one content, damage is seen, nothing strange escapes."""

from __future__ import annotations

import io
from contextlib import suppress
from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from kimberlite.certificates.file import CertificateFile
from kimberlite.documents import address, base45, checkword, letters, parts, qr, reading, symbols
from kimberlite.kernel.errors import Problem
from tests.helpers.carried import carried, papers
from tests.helpers.certificates import Desk
from tests.helpers.pdf import pdf_with

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
TEXTS = st.text(ALPHABET, max_size=60)


@cache
def small() -> CertificateFile:
    return carried(Desk())


@cache
def large() -> CertificateFile:
    return carried(Desk(), "XA000500", parties=papers(12))


@given(st.binary(max_size=200))
def test_bytes_come_back_from_base45(data: bytes) -> None:
    """Law: read of write is the value."""
    assert base45.read(base45.write(data)) == data


@given(TEXTS)
def test_a_text_that_reads_is_the_text_that_is_written(text: str) -> None:
    """Law: bytes have one text. Two texts of one certificate would be two printed codes."""
    try:
        data = base45.read(text)
    except Problem:
        return
    assert base45.write(data) == text


@given(
    st.binary(min_size=701, max_size=4200), st.integers(700, 900), st.randoms(use_true_random=False)
)
def test_parts_join_in_any_order(data: bytes, limit: int, rng: object) -> None:
    """Law: joining a split is the value, shuffled and repeated as you like."""
    texts = list(parts.split(data, limit))
    if len(texts) == 1:
        return
    texts += texts[:2]
    rng.shuffle(texts)  # type: ignore[attr-defined]
    assert parts.join(texts) == (data,)


@given(st.data())
def test_one_wrong_sign_never_gives_another_certificate(data: st.DataObject) -> None:
    """Law: a text altered anywhere reads as the same certificate or not at all."""
    texts = list(qr.qr1(data.draw(st.sampled_from([small(), large()]))))
    which = data.draw(st.integers(0, len(texts) - 1))
    at = data.draw(st.integers(0, len(texts[which]) - 1))
    sign = data.draw(st.sampled_from(ALPHABET))
    spoilt = texts[which][:at] + sign + texts[which][at + 1 :]
    if spoilt == texts[which]:
        return
    texts[which] = spoilt
    try:
        qr.files(texts)
    except Problem:
        return
    raise AssertionError(spoilt)


@given(st.lists(st.one_of(TEXTS, TEXTS.map("KPC1:{}".format), TEXTS.map("KPC1/1/2/{}".format))))
def test_strange_texts_are_refused_with_a_code(texts: list[str]) -> None:
    """Law: whatever a scanner gives, a Problem or a file comes out."""
    for read in (qr.files, qr.bound_receipts, parts.join):
        with suppress(Problem):
            read(texts)


PREFIXES = (
    b"",
    b"KPC1:",
    b"KPC2:",
    b"KPC1/1/2/00000000:",
    b"\x84\x69kp-file/1",
    b"\xd2\x84",
    b"%PDF-1.7\n",
    b"\x89PNG\r\n\x1a\n",
    b"\xff\xd8\xff",
    b"RIFF\x10\x00\x00\x00WEBP",
)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(PREFIXES), st.binary(max_size=120))
def test_strange_bytes_are_refused_with_a_code(prefix: bytes, rest: bytes) -> None:
    """Law: no bytes make reading fail in any other way."""
    with suppress(Problem):
        reading.read(prefix + rest)


def _drawn(form: str) -> bytes:
    out = io.BytesIO()
    symbols.draw(qr.qr1(small())[0]).picture(3).save(out, form)
    return out.getvalue()


@cache
def things() -> tuple[bytes, ...]:
    """Give a picture of each form, and a PDF with one of them and an attachment."""
    drawn = [_drawn(form) for form in symbols.FORMATS]
    return (*drawn, pdf_with(drawn[0], {"a.kpc": small().to_bytes()}))


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_damaged_pictures_and_pdfs_are_refused_with_a_code(data: st.DataObject) -> None:
    """Law: no damage to a picture or PDF makes reading fail in any other way."""
    thing = bytearray(data.draw(st.sampled_from(things())))
    for _ in range(data.draw(st.integers(1, 8))):
        thing[data.draw(st.integers(0, len(thing) - 1))] = data.draw(st.integers(0, 255))
    with suppress(Problem):
        reading.read(bytes(thing[: data.draw(st.integers(len(thing) // 2, len(thing)))]))


@settings(deadline=None)
@given(st.data())
def test_a_file_altered_anywhere_is_refused_or_still_a_file(data: st.DataObject) -> None:
    """Law: what comes out of reading can be read again, and is the same."""
    raw = bytearray(large().to_bytes())
    at = data.draw(st.integers(0, len(raw) - 1))
    raw[at] ^= data.draw(st.integers(1, 255))
    try:
        read = reading.read(bytes(raw))
    except Problem:
        return
    assert reading.read(read) == read


@given(st.integers(0, 2**60 - 1))
def test_letters_come_back(value: int) -> None:
    """Law: reading what was written, in any case and grouping, gives its letters again."""
    text = letters.write(value, 12)
    assert letters.tidy(letters.grouped(text).lower()) == text
    back = 0
    for each in letters.values(text):
        back = back * 32 + each
    assert back == value


@given(st.binary(min_size=32, max_size=32), st.text(max_size=12))
def test_any_word_matches_or_is_refused(statement: bytes, word: str) -> None:
    """Law: a word is right, wrong or no word; nothing else happens."""
    assert checkword.matches(checkword.checkword(statement), statement)
    for call in (lambda: checkword.matches(word, statement), lambda: address.parse(word)):
        with suppress(Problem):
            call()
