"""A document key signs for pages of certificates that this signer signed, and for nothing else."""

from __future__ import annotations

import hashlib
import sqlite3
from pathlib import Path

import pytest

from kimberlite.certificates.drafting import from_json
from kimberlite.crypto.keyfile import INTERACTIVE
from kimberlite.crypto.keys import Esp256PrivateKey
from kimberlite.crypto.keystore import FileKeyStore
from kimberlite.kernel.errors import Invalid, NotFound, Problem, Refused
from kimberlite.node.signer.admin import AUTHORITY, DOCUMENT, Administration
from kimberlite.node.signer.admin import KEYS as FOLDER
from kimberlite.node.signer.journal import Journal, Signed
from kimberlite.node.signer.sealing import MOST_SEALS, SealRequest, check_attributes, seal
from tests.helpers.certificates import TODAY, Desk, confirmation_json
from tests.helpers.signing import NOW

KEY = Esp256PrivateKey(bytes(31) + b"\x07")
WHY = {"reason": "unused"}
KEYS = {KEY.public.kid: KEY}
PAGE = hashlib.sha256(b"a page").digest()
STATEMENT = hashlib.sha256(b"a statement").digest()
DIGEST = bytes.fromhex("06092a864886f70d01090431220420")


def attributes(digest: bytes = bytes(32), filler: int = 0) -> bytes:
    """Give signed attributes as CMS has them: a SET OF in DER, here with a message digest alone."""
    inner = DIGEST + digest
    body = bytes([0x30, len(inner)]) + inner
    if filler:
        body += b"\x30\x82" + (filler - 4).to_bytes(2, "big") + bytes(filler - 4)
    size = len(body)
    length = bytes([size]) if size < 128 else b"\x82" + size.to_bytes(2, "big")
    if 128 <= size < 256:
        length = bytes([0x81, size])
    return b"\x31" + length + body


def signed(statement: bytes, of: bytes = STATEMENT) -> Signed:
    return Signed(of, of, None, bytes(8), NOW, 1, 0, 0, "", of, statement, b"")


@pytest.fixture(scope="module")
def statements() -> tuple[bytes, bytes]:
    """Give a certificate, and a statement that voids it."""
    desk = Desk()
    issued = desk.issue()
    told = {"number": "XA000123", "certificate": issued.statement.id.hex(), "day": TODAY}
    return issued.statement.raw, desk.sign("XA", from_json({"type": "void", **told, **WHY}))


@pytest.fixture
def journal(tmp_path: Path, statements: tuple[bytes, bytes]) -> Journal:
    found = Journal(tmp_path / "journal.db")
    found.add(signed(statements[0]))
    return found


def asked(copy: bool = True, page: bytes = PAGE, **more: bytes) -> SealRequest:
    told = {"kid": KEY.public.kid, "statement": STATEMENT, "attributes": attributes(), **more}
    return SealRequest(told["kid"], told["statement"], page, copy, told["attributes"])


def refused(request: SealRequest, journal: Journal, code: str, kind: type[Problem]) -> None:
    with pytest.raises(kind) as bad:
        seal(request, KEYS, journal, NOW)
    assert bad.value.code == code


def test_a_page_of_a_certificate_signed_here_is_sealed_and_remembered(journal: Journal) -> None:
    made = seal(asked(), KEYS, journal, NOW)
    assert KEY.public.verify(made, attributes())
    (kept,) = journal.seals(STATEMENT)
    assert (kept.page, kept.copy, kept.kid, kept.moment) == (PAGE, True, KEY.public.kid, NOW)
    assert kept.digest == hashlib.sha256(attributes()).digest()


def test_nothing_is_sealed_for_another_statement_or_with_another_key(journal: Journal) -> None:
    refused(asked(statement=bytes(32)), journal, "signer.unknown", NotFound)
    refused(asked(kid=bytes(8)), journal, "signer.no-document-key", NotFound)
    assert journal.seals(bytes(32)) == journal.seals(STATEMENT) == ()


def test_only_certificates_have_pages(journal: Journal, statements: tuple[bytes, bytes]) -> None:
    other = hashlib.sha256(b"void").digest()
    journal.add(signed(statements[1], other))
    refused(asked(statement=other), journal, "signer.seal-type", Refused)


def test_of_a_confirmation_only_copies_are_sealed(journal: Journal) -> None:
    desk = Desk()
    issued = desk.issue()
    told = from_json(confirmation_json(issued.statement.id))
    named = hashlib.sha256(b"confirmation").digest()
    journal.add(signed(desk.sign("XB", told), named))
    refused(asked(copy=False, statement=named), journal, "signer.seal-type", Refused)
    seal(asked(copy=True, statement=named), KEYS, journal, NOW)
    assert [each.copy for each in journal.seals(named)] == [True]


def test_there_is_one_original(journal: Journal) -> None:
    """The same page again is the same original, after a crash; another page is a second one."""
    seal(asked(copy=False), KEYS, journal, NOW)
    seal(asked(copy=False), KEYS, journal, NOW + 1)
    another = hashlib.sha256(b"another page").digest()
    refused(asked(copy=False, page=another), journal, "signer.original-sealed", Refused)
    seal(asked(copy=True, page=another), KEYS, journal, NOW + 2)
    assert [each.copy for each in journal.seals(STATEMENT)] == [False, False, True]


def test_seals_for_a_statement_are_counted(journal: Journal) -> None:
    for _ in range(MOST_SEALS):
        seal(asked(), KEYS, journal, NOW)
    refused(asked(), journal, "signer.seals-spent", Refused)


def test_signed_attributes_pass_in_every_length() -> None:
    for filler in (0, 40, 120, 1000, 3000):
        check_attributes(attributes(filler=filler))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x31",
        attributes()[:-1],
        attributes() + b"\x00",
        b"\x30" + attributes()[1:],  # a SEQUENCE: a certificate begins so
        b"\xd2" + attributes()[1:],  # COSE_Sign1
        b"\x31\x81" + attributes()[1:],  # a length longer than it need be
        b"\x31\x80" + attributes()[2:],  # of unknown length
        b"\x31\x84\x00\x00\x00\x33" + attributes()[2:],
        attributes(filler=1000).replace(b"\x31\x82", b"\x31\x83\x00", 1),
        attributes(filler=4096),
        b"\x31\x02\x05\x00",  # no digest
        b"\x31\x62" + attributes()[2:] * 2,  # two digests
    ],
    ids=range(13),
)
def test_what_is_no_set_of_signed_attributes_is_never_signed(journal: Journal, data: bytes) -> None:
    refused(asked(attributes=data), journal, "signer.seal-form", Invalid)
    assert journal.seals(STATEMENT) == ()


def test_what_was_sealed_stays(journal: Journal, tmp_path: Path) -> None:
    seal(asked(), KEYS, journal, NOW)
    with sqlite3.connect(tmp_path / "journal.db") as other:
        for sql in ("UPDATE sealed SET copy = 0", "DELETE FROM sealed"):
            with pytest.raises(sqlite3.IntegrityError):
                other.execute(sql)


@pytest.mark.parametrize("wrong", [{}, {"page": b"short"}, {"copy": 1}, {"more": b""}])
def test_a_call_with_other_arguments_is_malformed(wrong: dict[str, object]) -> None:
    good = {
        "kid": bytes(8),
        "statement": bytes(32),
        "page": bytes(32),
        "copy": True,
        "attributes": b"",
    }
    assert SealRequest.from_args(good).copy is True
    with pytest.raises(Invalid) as bad:
        SealRequest.from_args({**good, **wrong} if wrong else {})
    assert bad.value.code == "wire.arguments"


def test_document_keys_are_kept_apart_from_keys_that_sign_statements(tmp_path: Path) -> None:
    admin = Administration(tmp_path / "signer", "words", strength=INTERACTIVE)
    admin.set_up(bytes(32), "test")
    public = admin.add_document_key("main")
    store = FileKeyStore(tmp_path / "signer" / FOLDER, "words")
    assert store.load(DOCUMENT + "main").public == public
    assert not [label for label in store.labels() if label.startswith(AUTHORITY)]
