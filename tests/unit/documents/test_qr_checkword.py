"""The check word and the short address: what people read out, copy and mistype."""

from __future__ import annotations

import hashlib

import pytest

from kimberlite.certificates.file import CertificateFile, write
from kimberlite.certificates.file import parse_file as parse
from kimberlite.documents import address, letters
from kimberlite.documents.checkword import LENGTH, SPELT, checkword, matches, spelt
from kimberlite.kernel.errors import Invalid
from tests.helpers.carried import carried
from tests.helpers.certificates import Desk

IDS = [hashlib.sha256(bytes([each])).digest() for each in range(40)]
BASE = "https://verify.example/v"


@pytest.fixture(scope="module")
def file() -> CertificateFile:
    return carried(Desk())


# --- check word


@pytest.mark.parametrize("statement", IDS[:8])
def test_a_word_matches_its_statement_however_it_is_written(statement: bytes) -> None:
    word = checkword(statement)
    assert len(word) == 9
    assert word[4] == "-"
    for given in (word, word.lower(), word.replace("-", " "), word.replace("-", ""), f" {word} "):
        assert matches(given, statement)
    assert matches(word.replace("0", "O").replace("1", "l"), statement)


def test_it_is_no_other_statements_word() -> None:
    words = {checkword(each) for each in IDS}
    assert len(words) == len(IDS)
    assert not matches(checkword(IDS[0]), IDS[1])


def test_every_slip_of_one_letter_is_heard() -> None:
    for statement in IDS[:4]:
        word = letters.tidy(checkword(statement))
        for at in range(LENGTH):
            for letter in letters.ALPHABET:
                if letter != word[at]:
                    with pytest.raises(Invalid, match=r"checkword\.slip"):
                        matches(word[:at] + letter + word[at + 1 :], statement)


def test_every_swap_of_two_letters_is_heard() -> None:
    for statement in IDS:
        word = letters.tidy(checkword(statement))
        for one in range(LENGTH):
            for two in range(one + 1, LENGTH):
                if word[one] != word[two]:
                    swapped = list(word)
                    swapped[one], swapped[two] = word[two], word[one]
                    with pytest.raises(Invalid, match=r"checkword\.slip"):
                        matches("".join(swapped), statement)


@pytest.mark.parametrize("word", ["", "7ZK4", "7ZK4-M2QX-9"])
def test_a_word_of_another_length_is_refused(word: str) -> None:
    with pytest.raises(Invalid, match=r"checkword\.length"):
        matches(word, IDS[0])


@pytest.mark.parametrize("word", ["7ZK4-M2QU", "٧ZK4-M2QX", "7ZK4_M2QX", "7ZK4-M2Q\n"])
def test_other_signs_are_refused(word: str) -> None:
    with pytest.raises(Invalid, match=r"letters\.unknown"):
        matches(word, IDS[0])


def test_every_letter_has_a_word_of_its_own() -> None:
    assert len(set(SPELT.values())) == len(SPELT) == 32
    for letter, word in SPELT.items():
        assert letter.isdigit() or word[0] == letter
    assert spelt("0a-z") == ("zero", "Alfa", "Zulu")


# --- address


def test_an_address_is_short_and_its_secret_stands_behind_the_hash(file: CertificateFile) -> None:
    text = address.address(BASE, file)
    before, _, fragment = text.partition("#")
    assert before == BASE
    assert len(text) < 50
    assert address.parse(text) == address.parse(fragment) == ("XA123", address.secret(file))


def test_the_secret_needs_every_salt_and_the_statement(file: CertificateFile) -> None:
    """Whoever replays the log knows the statement; only openings give the secret."""
    told = {address.secret(file)}
    for at, opening in enumerate(file.openings):
        salted = [*file.openings]
        salted[at] = type(opening)(opening.section, bytes(16), opening.content)
        told.add(address.secret(parse(write(file.statement.raw, salted))))
    assert len(told) == 1 + len(file.openings)
    with pytest.raises(Invalid, match=r"address\.closed"):
        address.secret(parse(write(file.statement.raw, file.openings[:2])))


def test_the_order_of_sections_does_not_matter(file: CertificateFile) -> None:
    turned = parse(write(file.statement.raw, file.openings[::-1]))
    assert address.secret(turned) == address.secret(file)


def test_an_answer_is_for_the_right_secret_only(file: CertificateFile) -> None:
    secret = address.secret(file)
    assert address.answers(file, letters.grouped(secret).lower())
    assert not address.answers(file, ("0" if secret[0] != "0" else "1") + secret[1:])
    assert not address.answers(file, secret[:-1])


@pytest.mark.parametrize("text", ["", "XA123", "XA123.7ZK4", "7ZK4-M2QX-P0DR", "X!.7ZK4M2QXP0DR"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match=r"address\.form"):
        address.parse(text)


@pytest.mark.parametrize(
    "base",
    [
        "",
        "verify.example",
        "http://verify.example",
        "https://verify.example/v#",
        "https://verify.example/v?x",
        "https://user@verify.example",
        "https://verify.example/" + "v" * 80,
        "javascript:alert(1)",
    ],
)
def test_a_base_is_https_or_this_machine(base: str, file: CertificateFile) -> None:
    with pytest.raises(Invalid, match=r"address\.base"):
        address.address(base, file)


def test_this_machine_serves_a_demo(file: CertificateFile) -> None:
    assert address.address("http://127.0.0.1:8080/v", file).startswith("http://127.0.0.1:8080/v#")
