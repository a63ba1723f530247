"""What a signer's folder holds: enrolment and its administration, journal, note book."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kimberlite.crypto.keyfile import INTERACTIVE
from kimberlite.crypto.keys import Esp256PrivateKey
from kimberlite.kernel import cbor
from kimberlite.kernel.errors import Conflict, Invalid, NotFound, Problem, Untrusted
from kimberlite.ledger.keyring import ROLES
from kimberlite.ledger.v1.keys import possession_message
from kimberlite.node.officers import card
from kimberlite.node.signer.admin import Administration
from kimberlite.node.signer.enrolment import APPROVES, FILE, Policy, load
from kimberlite.node.signer.journal import Journal, Seen, Signed
from kimberlite.node.signer.notes import Notes
from kimberlite.storage.files import owned
from tests.helpers.signing import NOW, WORDS, officer_key

GENESIS = bytes(range(32))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("made") / "signer"
    Administration(home, WORDS, strength=INTERACTIVE).set_up(GENESIS, "test")
    return home


@pytest.fixture
def home(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "signer"))


@pytest.fixture
def admin(home: Path) -> Administration:
    return Administration(home, WORDS, strength=INTERACTIVE)


def test_a_new_signer_enrols_nobody(made: Path) -> None:
    found = Administration(made, WORDS).show()
    assert (found.genesis, found.kind, found.officers, found.version) == (GENESIS, "test", (), 1)
    assert found.policy == Policy()
    for each in (made, made / FILE, made / "keys"):
        assert each.stat().st_mode & 0o077 == 0, each


def test_a_signer_is_set_up_once(admin: Administration) -> None:
    with pytest.raises(Conflict) as refused:
        admin.set_up(GENESIS, "test")
    assert refused.value.code == "signer.set-up-before"


def test_a_set_up_that_was_cut_off_is_done_again(home: Path) -> None:
    (home / FILE).unlink()
    Administration(home, WORDS, strength=INTERACTIVE).set_up(GENESIS, "test")
    assert Administration(home, WORDS).show().version == 1


def test_each_change_is_a_version_of_its_own(admin: Administration) -> None:
    admin.enrol(card(officer_key("a"), "officer-1"), ("approve-issue",), NOW, NOW + 10)
    admin.set_policy(Policy(statements=7))
    admin.end("officer-1", NOW + 5)
    found = admin.show()
    assert found.version == 4
    assert found.policy.statements == 7
    assert found.policy.needed("kp-cert+cose") == 2
    assert found.policy.needed("kp-presentation+cose") == 1
    assert found.policy.needed("kp-anything+cose") == 2
    (officer,) = found.officers
    assert (officer.since, officer.until) == (NOW, NOW + 5)
    assert [officer.valid_at(NOW + at) for at in (-1, 0, 4, 5)] == [False, True, True, False]


@pytest.mark.parametrize(
    ("roles", "until"),
    [((), None), (("approve-log",), None), (("issue",), None), (("approve-issue",), NOW)],
    ids=["none", "the log's", "no approving role", "ends before it begins"],
)
def test_an_enrolment_that_makes_no_sense_is_refused(
    admin: Administration, roles: tuple[str, ...], until: int | None
) -> None:
    with pytest.raises(Invalid) as refused:
        admin.enrol(card(officer_key("a"), "officer-1"), roles, NOW, until)
    assert refused.value.code == "signer.enrol"


def test_there_is_an_approving_role_for_each_role_of_a_key() -> None:
    assert {each.removeprefix("approve-") for each in APPROVES} | {"log"} == ROLES


def test_a_name_and_a_key_are_one_officers_at_a_time(admin: Administration) -> None:
    admin.enrol(card(officer_key("a"), "officer-1"), ("approve-issue",), NOW, NOW + 10)
    for other in (card(officer_key("b"), "officer-1"), card(officer_key("a"), "officer-2")):
        for since, until in ((NOW, None), (NOW - 5, NOW + 1), (NOW + 9, NOW + 11)):
            with pytest.raises(Conflict) as refused:
                admin.enrol(other, ("approve-issue",), since, until)
            assert refused.value.code == "signer.enrolled"
    admin.enrol(card(officer_key("b"), "officer-1"), ("approve-issue",), NOW + 10)
    found = admin.show()
    assert found.officer("officer-1", NOW).public == officer_key("a").public
    assert found.officer("officer-1", NOW + 10).public == officer_key("b").public


def test_an_absent_officer_cannot_be_ended(admin: Administration) -> None:
    with pytest.raises(NotFound) as refused:
        admin.end("officer-1", NOW)
    assert refused.value.code == "signer.officer-absent"


def test_one_administrator_at_a_time(home: Path, admin: Administration) -> None:
    with owned(home / "admin"), pytest.raises(Conflict) as refused:
        admin.set_policy(Policy())
    assert refused.value.code == "storage.owned"


def test_without_the_passphrase_nothing_changes(home: Path) -> None:
    before = (home / FILE).read_bytes()
    with pytest.raises(Untrusted) as refused:
        Administration(home, "guess").set_policy(Policy(statements=10**9))
    assert refused.value.code == "keystore.passphrase"
    assert (home / FILE).read_bytes() == before


def test_an_empty_folder_is_no_signer(tmp_path: Path) -> None:
    with pytest.raises(NotFound) as refused:
        Administration(tmp_path, WORDS).show()
    assert refused.value.code == "signer.not-set-up"
    with pytest.raises(NotFound) as refused:
        load(tmp_path, officer_key("a").public)
    assert refused.value.code == "signer.not-set-up"


def test_a_new_key_shows_that_it_is_held(admin: Administration) -> None:
    public = admin.add_key("main")
    assert public.verify(admin.possession("main", "XA"), possession_message("XA", public))
    other = Esp256PrivateKey.generate()
    assert admin.add_key("second", other) == other.public


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: data[:-1],
        lambda data: b"",
        lambda data: cbor.encode([1, 2]),
        lambda data: cbor.encode(["kp-enrolment/1", b"", bytes(64)]),
    ],
    ids=["cut short", "empty", "another form", "unsigned"],
)
def test_a_spoilt_enrolment_is_noticed(
    home: Path, admin: Administration, spoil: Callable[[bytes], bytes]
) -> None:
    (home / FILE).write_bytes(spoil((home / FILE).read_bytes()))
    with pytest.raises(Untrusted) as refused:
        admin.show()
    assert refused.value.code == "signer.enrolment"


def test_no_altered_byte_of_the_enrolment_passes(home: Path, admin: Administration) -> None:
    """Law: the enrolment is read as it was written, or not at all."""
    admin.enrol(card(officer_key("a"), "officer-1"), ("approve-issue",), NOW)
    public = admin._store.load("enrolment").public
    good = (home / FILE).read_bytes()
    for at in range(0, len(good), 3):
        (home / FILE).write_bytes(good[:at] + bytes((good[at] ^ 4,)) + good[at + 1 :])
        with pytest.raises(Problem):
            load(home, public)
    (home / FILE).write_bytes(good)
    assert load(home, public).version == 2


SIGNED = Signed(
    draft=b"d" * 32,
    proposal=b"p" * 32,
    once="kp-cert+cose XA XA1",
    kid=b"k" * 8,
    moment=NOW,
    day=NOW // 86_400,
    points=100,
    cents=5_000,
    proposer="clerk-1",
    id=b"i" * 32,
    statement=b"statement",
    record=b"record",
)


class TestJournal:
    @pytest.fixture
    def journal(self, tmp_path: Path) -> Any:
        found = Journal(tmp_path / "journal.db")
        yield found
        found.close()

    def test_what_was_signed_is_found_by_each_of_its_names(self, journal: Journal) -> None:
        assert journal.latest() == 0
        journal.add(SIGNED)
        assert journal.of_draft(SIGNED.draft) == SIGNED
        assert journal.of_once("kp-cert+cose XA XA1") == SIGNED
        assert journal.of_id(SIGNED.id) == SIGNED
        assert journal.of_id(bytes(32)) is None
        assert journal.latest() == NOW

    def test_a_day_is_counted_by_key(self, journal: Journal) -> None:
        for n in range(3):
            each = bytes((n,)) * 32
            journal.add(replace(SIGNED, draft=each, id=each, once=None, points=n, cents=10 * n))
        assert journal.spent(SIGNED.kid, SIGNED.day) == (3, 3, 30)
        assert journal.spent(SIGNED.kid, SIGNED.day + 1) == (0, 0, 0)
        assert journal.spent(b"other---", SIGNED.day) == (0, 0, 0)

    def test_nothing_is_signed_twice_or_changed(self, journal: Journal) -> None:
        journal.add(SIGNED)
        other = bytes(32)
        for again in (
            replace(SIGNED, draft=other, id=other),
            replace(SIGNED, draft=other, once=None),
            replace(SIGNED, id=other, once=None),
        ):
            with pytest.raises(Problem):
                journal.add(again)
        for sql in ("UPDATE signed SET points = 0", "DELETE FROM signed"):
            with pytest.raises(sqlite3.IntegrityError):
                journal._db.execute(sql)

    def test_it_remembers_the_furthest_seen(self, journal: Journal, tmp_path: Path) -> None:
        assert journal.seen() == Seen(0, b"", 0)
        journal.see(Seen(5, b"r" * 32, 2))
        journal.close()
        again = Journal(tmp_path / "journal.db")
        assert again.seen() == Seen(5, b"r" * 32, 2)
        again.close()


class TestNotes:
    def test_each_line_stands_alone(self, tmp_path: Path) -> None:
        notes = Notes(tmp_path / "notes")
        notes.note(0, "signed", sub="XA1", officers=["officer-1"])
        notes.note(1, "fault: two\nlines")
        lines = [json.loads(each) for each in (tmp_path / "notes").read_text().splitlines()]
        assert lines[0] == {
            "at": "1970-01-01T00:00:00Z",
            "what": "signed",
            "sub": "XA1",
            "officers": ["officer-1"],
        }
        assert len(lines) == 2
        assert (tmp_path / "notes").stat().st_mode & 0o077 == 0

    def test_it_does_not_grow_for_ever_and_never_stops_the_signer(self, tmp_path: Path) -> None:
        notes = Notes(tmp_path / "notes", longest=200)
        for n in range(20):
            notes.note(n, "signed")
        assert {each.name for each in tmp_path.iterdir()} == {"notes", "notes.1"}
        assert (tmp_path / "notes").stat().st_size < 400
        Notes(tmp_path / "absent" / "notes").note(0, "signed")
