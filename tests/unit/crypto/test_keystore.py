"""Key files: what opens, what does not, and what is left on disk."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest
from nacl.pwhash import argon2id

from kimberlite.crypto import (
    INTERACTIVE,
    MODERATE,
    Ed25519PrivateKey,
    Esp256PrivateKey,
    FileKeyStore,
    KeyStore,
    Strength,
    hpke,
    keyfile,
    sha256,
)
from kimberlite.kernel import cbor
from kimberlite.kernel.errors import Conflict, Invalid, NotFound, Problem, Unavailable, Untrusted

WORDS = "correct horse"
QUICK = Strength(passes=1, memory=8192)  # libsodium's least: these tests ask nothing of it
KEY = Ed25519PrivateKey(bytes(range(32)))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "keys"


def opened(folder: Path, words: str = WORDS) -> FileKeyStore:
    return FileKeyStore(folder, words, strength=QUICK)


def code_of(act: object, kind: type[Problem]) -> str:
    assert callable(act)
    with pytest.raises(kind) as refused:
        act()
    return refused.value.code


def test_keys_and_secrets_come_back_in_another_process_of_the_store(folder: Path) -> None:
    second, pair = Esp256PrivateKey.generate(), hpke.generate()
    store = opened(folder)
    store.store("issuer", KEY)
    store.store("b.2_hsm-less", second)
    store.store_secret("vault", pair.private)

    again: KeyStore = opened(folder)
    assert again.labels() == ("b.2_hsm-less", "issuer")
    assert again.load("issuer").public == KEY.public
    assert again.load("b.2_hsm-less").public == second.public
    assert KEY.public.verify(again.load("issuer").sign(b"one"), b"one")
    assert opened(folder).secret_labels() == ("vault",)
    assert opened(folder).load_secret("vault") == pair.private


def test_the_named_strengths_are_libsodiums_and_a_file_remembers_its_own(folder: Path) -> None:
    assert (INTERACTIVE.passes, INTERACTIVE.memory) == (2, 64 << 20)
    assert (MODERATE.passes, MODERATE.memory) == (3, 256 << 20)
    opened(folder).store("quick", KEY)
    other = FileKeyStore(folder, WORDS, strength=INTERACTIVE)
    other.store("ordinary", KEY)
    headers = [
        keyfile.read((folder / name).read_bytes()).header for name in ("quick.key", "ordinary.key")
    ]
    assert [each.strength for each in headers] == [QUICK, INTERACTIVE]
    assert opened(folder).load("ordinary").public == KEY.public


def test_files_are_for_their_owner_alone_and_nothing_else_is_left(folder: Path) -> None:
    before = os.umask(0)
    try:
        opened(folder).store("issuer", KEY)
    finally:
        os.umask(before)
    assert [each.name for each in folder.iterdir()] == ["issuer.key"]
    assert stat.S_IMODE((folder / "issuer.key").stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_no_secret_stands_in_the_file_or_in_what_is_shown(folder: Path) -> None:
    store = opened(folder)
    store.store("issuer", KEY)
    assert KEY.export_secret() not in (folder / "issuer.key").read_bytes()
    assert WORDS not in repr(store) + str(vars(type(store)))


@pytest.mark.parametrize("words", ["correct hors", "correct horse ", "Correct horse"])
def test_a_wrong_passphrase_is_told_as_such(folder: Path, words: str) -> None:
    opened(folder).store("issuer", KEY)
    assert code_of(lambda: opened(folder, words).load("issuer"), Untrusted) == "keystore.passphrase"


@pytest.mark.parametrize("words", ["", "\ud800"])
def test_no_store_without_a_passphrase(folder: Path, words: str) -> None:
    store = opened(folder, words)
    assert code_of(lambda: store.store("issuer", KEY), Untrusted) == "keystore.passphrase"
    assert not folder.exists()


def test_two_keyboards_that_write_one_letter_differently_agree(folder: Path) -> None:
    opened(folder, "Coraz\u00f3n").store("issuer", KEY)
    assert opened(folder, "Corazo\u0301n").load("issuer").public == KEY.public


def test_a_slip_in_the_passphrase_does_not_lock_a_new_key_away(folder: Path) -> None:
    opened(folder).store_secret("vault", b"one")
    slipped = opened(folder, "corect horse")
    assert code_of(lambda: slipped.store("issuer", KEY), Untrusted) == "keystore.passphrase"
    assert slipped.labels() == ()


def test_one_store_derives_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[Strength] = []
    real = keyfile.derive

    def counted(passphrase: str, salt: bytes, strength: Strength) -> bytes:
        calls.append(strength)
        return real(passphrase, salt, strength)

    monkeypatch.setattr(keyfile, "derive", counted)
    for store in (opened(folder), opened(folder)):
        for name in ("a", "b", "c"):
            label = f"{name}{len(calls)}"
            store.store(label, KEY)
            assert store.load(label).public == KEY.public
    assert calls == [QUICK, QUICK]
    files = [keyfile.read(each.read_bytes()) for each in folder.iterdir()]
    assert len({each.header.salt for each in files}) == 1
    assert len({each.nonce for each in files}) == len(files)


def test_a_missing_key_is_missing(folder: Path) -> None:
    assert code_of(lambda: opened(folder).load("issuer"), NotFound) == "keystore.missing"
    opened(folder).store("issuer", KEY)
    assert code_of(lambda: opened(folder).load_secret("issuer"), NotFound) == "keystore.missing"
    assert opened(folder.parent / "nowhere").labels() == ()


def test_a_key_is_never_replaced(folder: Path) -> None:
    store = opened(folder)
    store.store("issuer", KEY)
    store.store_secret("issuer", b"another kind may have the name")
    before = (folder / "issuer.key").read_bytes()
    stranger = Ed25519PrivateKey.generate()
    assert code_of(lambda: store.store("issuer", stranger), Conflict) == "keystore.exists"
    again = code_of(lambda: store.store_secret("issuer", b"x"), Conflict)
    assert again == "keystore.exists"
    assert (folder / "issuer.key").read_bytes() == before


def test_two_that_write_at_once_do_not_replace_each_other(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = opened(folder)
    monkeypatch.setattr(Path, "exists", lambda self: False)  # both looked before either wrote
    store.store("issuer", KEY)
    stranger = Ed25519PrivateKey.generate()
    assert code_of(lambda: store.store("issuer", stranger), Conflict) == "keystore.exists"
    assert [each.name for each in folder.iterdir()] == ["issuer.key"]
    assert store.load("issuer").public == KEY.public


def test_a_file_system_without_hard_links_will_do(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(*_: object) -> None:
        raise OSError(errno.EPERM, "no hard links here")

    monkeypatch.setattr(os, "link", no_links)
    store = opened(folder)
    store.store("issuer", KEY)
    assert [each.name for each in folder.iterdir()] == ["issuer.key"]
    assert store.load("issuer").public == KEY.public
    assert code_of(lambda: store.store("issuer", KEY), Conflict) == "keystore.exists"


def test_a_full_disk_leaves_nothing_half_written(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    store = opened(folder)
    assert code_of(lambda: store.store("issuer", KEY), Unavailable) == "keystore.disk"
    assert list(folder.iterdir()) == []


def test_a_folder_that_is_a_file_is_a_disk_problem(folder: Path) -> None:
    folder.write_bytes(b"")
    assert code_of(lambda: opened(folder).labels(), Unavailable) == "keystore.disk"
    assert code_of(lambda: opened(folder).load("issuer"), Unavailable) == "keystore.disk"


@pytest.mark.parametrize("label", ["", "A", ".hidden", "a/b", "../a", "a" * 64, "é", "a\n", "-a"])
def test_a_label_that_could_leave_the_folder_or_confuse_is_refused(
    folder: Path, label: str
) -> None:
    store = opened(folder)
    assert code_of(lambda: store.load(label), Invalid) == "keystore.label"
    assert code_of(lambda: store.store(label, KEY), Invalid) == "keystore.label"
    assert not folder.exists()


def test_every_cut_and_every_altered_byte_is_damage(folder: Path) -> None:
    opened(folder).store("issuer", KEY)
    path = folder / "issuer.key"
    whole = path.read_bytes()
    store = opened(folder)
    for at in range(len(whole)):
        for broken in (whole[:at], whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]):
            path.write_bytes(broken)
            assert code_of(lambda: store.load("issuer"), Untrusted) == "keystore.damaged"
    path.write_bytes(whole + b"\x00")
    assert code_of(lambda: store.load("issuer"), Untrusted) == "keystore.damaged"
    path.write_bytes(whole)
    assert store.load("issuer").public == KEY.public


def test_a_forger_who_mends_the_checksum_does_not_get_a_key_in(folder: Path) -> None:
    opened(folder).store("issuer", KEY)
    path = folder / "issuer.key"
    whole = path.read_bytes()
    for at in range(len(whole) - 32):
        body = whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 : -32]
        path.write_bytes(body + sha256(body))
        code = code_of(lambda: opened(folder).load("issuer"), Untrusted)
        assert code in {"keystore.damaged", "keystore.passphrase"}


def test_a_renamed_file_does_not_pass_for_another_key(folder: Path) -> None:
    store = opened(folder)
    store.store("issuer", KEY)
    (folder / "issuer.key").rename(folder / "other.key")
    assert code_of(lambda: store.load("other"), Untrusted) == "keystore.damaged"
    (folder / "other.key").rename(folder / "issuer.secret")
    assert code_of(lambda: store.load_secret("issuer"), Untrusted) == "keystore.damaged"


@pytest.mark.parametrize(
    ("at", "value"),
    [
        (0, "kimberlite-keystore/2"),
        (3, 5),
        (3, 0),
        (4, 1 << 31),
        (4, 0),
        (5, b"short"),
        (7, b""),
        (7, bytes(9000)),
    ],
)
def test_a_file_that_asks_too_much_or_is_of_another_format_is_not_tried(
    folder: Path, at: int, value: cbor.Value
) -> None:
    opened(folder).store("issuer", KEY)
    path = folder / "issuer.key"
    members = cbor.decode(path.read_bytes()[:-32])
    assert isinstance(members, list)
    members[at] = value
    body = cbor.encode(members)
    path.write_bytes(body + sha256(body))
    assert code_of(lambda: opened(folder).load("issuer"), Untrusted) == "keystore.damaged"


@pytest.mark.parametrize("content", [b"", cbor.encode([-8, bytes(32)]), cbor.encode([-19, b""])])
def test_a_key_file_without_a_known_key_is_damage(folder: Path, content: bytes) -> None:
    salt = bytes(16)
    header = keyfile.Header("sign", "issuer", QUICK, salt)
    folder.mkdir()
    (folder / "issuer.key").write_bytes(
        keyfile.seal(header, content, keyfile.derive(WORDS, salt, QUICK))
    )
    assert code_of(lambda: opened(folder).load("issuer"), Untrusted) == "keystore.damaged"


def test_too_long_a_secret_is_refused_and_the_longest_kept(folder: Path) -> None:
    store = opened(folder)
    assert code_of(lambda: store.store_secret("long", bytes(4097)), Invalid) == "keystore.size"
    store.store_secret("long", bytes(4096))
    assert opened(folder).load_secret("long") == bytes(4096)


def test_want_of_memory_is_not_a_wrong_passphrase(monkeypatch: pytest.MonkeyPatch) -> None:
    def short(*_: object) -> bytes:
        raise MemoryError

    monkeypatch.setattr(argon2id, "kdf", short)
    code = code_of(lambda: keyfile.derive(WORDS, bytes(16), QUICK), Unavailable)
    assert code == "keystore.memory"
