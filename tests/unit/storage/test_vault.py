from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kimberlite.kernel.errors import Invalid, NotFound, Problem, Refused, Unavailable, Untrusted
from kimberlite.storage import vault as module
from kimberlite.storage.vault import BLOB_LIMIT, SEALED_LIMIT, Totals, Vault

D = hashlib.sha256(b"a section").digest()
E = hashlib.sha256(b"another").digest()
DAY = 20_600


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(tmp_path / "vault")


def files(vault: Vault) -> list[Path]:
    return sorted(each for each in vault._folder.rglob("*") if each.is_file())


def test_what_is_put_is_got_by_its_recipient(vault: Vault) -> None:
    vault.put(D, "XA", b"sealed to XA")
    vault.put(D, "XB", b"sealed to XB")
    vault.put(E, "kp.chair", b"")
    assert vault.get(D, "XA") == b"sealed to XA"
    assert vault.get(D, "XB") == b"sealed to XB"
    assert vault.get(E, "kp.chair") == b""
    assert vault.recipients(D) == ("XA", "XB")
    assert vault.recipients(hashlib.sha256(b"?").digest()) == ()
    assert Vault(vault._folder).get(D, "XA") == b"sealed to XA", "another process reads the same"


def test_a_later_copy_replaces_the_earlier(vault: Vault) -> None:
    vault.put(D, "XA", b"one")
    vault.put(D, "XA", b"two")
    assert vault.get(D, "XA") == b"two"


def test_nothing_here_is_readable_by_others(vault: Vault) -> None:
    vault.put(D, "XA", b"sealed")
    vault.put_blob(b"photo")
    for each in vault._folder.rglob("*"):
        assert each.stat().st_mode & 0o077 == 0, each


def test_never_had_differs_from_erased(vault: Vault) -> None:
    vault.put(D, "XA", b"sealed")
    vault.erase(D, on=DAY)
    for digest, recipient, code in ((D, "XA", "vault.erased"), (E, "XA", "vault.missing")):
        with pytest.raises(NotFound) as gone:
            vault.get(digest, recipient)
        assert gone.value.code == code
    with pytest.raises(NotFound) as gone:
        vault.get(D, "XB")
    assert (gone.value.code, gone.value.facts) == ("vault.erased", {"day": DAY})
    assert vault.recipients(D) == ()
    assert vault.erased_on(D) == DAY
    assert vault.erased_on(E) is None


def test_erasing_may_be_repeated_and_the_first_day_stays(vault: Vault) -> None:
    vault.put(D, "XA", b"sealed")
    vault.erase(D, on=DAY)
    vault.erase(D, on=DAY + 5)
    vault.erase(E, on=DAY)
    assert dict(vault.erasures()) == {D: DAY, E: DAY}


def test_what_was_erased_does_not_come_back(vault: Vault) -> None:
    photo = vault.put_blob(b"photo")
    vault.erase(photo, on=DAY)
    vault.erase(D, on=DAY)
    with pytest.raises(Refused) as refused:
        vault.put(D, "XA", b"sealed")
    assert refused.value.code == "vault.erased"
    with pytest.raises(Refused) as refused:
        vault.put_blob(b"photo")
    assert refused.value.code == "vault.erased"
    with pytest.raises(NotFound) as gone:
        vault.get_blob(photo)
    assert gone.value.code == "vault.erased"


def test_erasing_overwrites_and_leaves_no_byte(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = b"secret " * 1000
    vault.put(D, "XA", secret)
    path = next(each for each in files(vault) if each.name == "XA.sealed")
    link = vault._folder.parent / "link"
    os.link(path, link)  # keeps the block alive, as a forensic look at the disk would
    vault.erase(D, on=DAY)
    assert link.read_bytes() == bytes(len(link.read_bytes()))
    assert [each.name for each in files(vault)] == ["day"]
    assert link.stat().st_nlink == 1


def test_a_crash_between_mark_and_removal_gives_nothing_away(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault.put(D, "XA", b"sealed")
    photo = vault.put_blob(b"photo")

    def die(folder: Path) -> int:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(module, "_remove", die)
        for digest in (D, photo):
            with pytest.raises(KeyboardInterrupt):
                vault.erase(digest, on=DAY)
    again = Vault(vault._folder)
    assert {each.name for each in files(again)} == {"XA.sealed", "blob", "day"}
    with pytest.raises(NotFound):
        again.get(D, "XA")
    assert list(again.copies()) == []
    assert list(again.blobs()) == []
    assert again.tidy() == 2
    assert {each.name for each in files(again)} == {"day"}


def test_unfinished_writes_are_ignored_and_tidied_away(vault: Vault) -> None:
    vault.put(D, "XA", b"sealed")
    half = files(vault)[0].with_name(".XB.sealed.4711")
    half.write_bytes(b"half")
    assert vault.recipients(D) == ("XA",)
    assert vault.totals().copies == 1
    assert vault.tidy() == 1
    assert not half.exists()
    assert vault.get(D, "XA") == b"sealed"


def test_a_write_that_fails_leaves_the_old_copy(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault.put(D, "XA", b"old")

    def full(handle: int, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        with pytest.raises(Unavailable) as refused:
            vault.put(D, "XA", b"new")
    assert refused.value.code == "storage.write"
    assert vault.get(D, "XA") == b"old"


def test_bytes_and_names_are_on_disk_before_put_returns(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    real = os.fsync

    def noted(handle: int) -> None:
        synced.append(str(Path(f"/proc/self/fd/{handle}").readlink()))
        real(handle)

    if not Path("/proc/self/fd").exists():
        pytest.skip("needs /proc to see what is synced")
    monkeypatch.setattr(os, "fsync", noted)
    vault.put(D, "XA", b"sealed")
    place = vault._place("openings", D)
    assert any(Path(each).name.startswith(".XA.sealed") for each in synced)
    for folder in (place, place.parent, place.parent.parent, vault._folder):
        assert str(folder) in synced, "each name on the way must outlive a crash"


@pytest.mark.parametrize("at", [0, 11, 20, 43, 48, -1])
def test_an_altered_copy_is_noticed(vault: Vault, at: int) -> None:
    vault.put(D, "XA", b"sealed bytes")
    path = files(vault)[0]
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)
    with pytest.raises(Untrusted) as damaged:
        vault.get(D, "XA")
    assert damaged.value.code == "vault.damaged"


@pytest.mark.parametrize("keep", [0, 5, 43, -1])
def test_a_copy_cut_short_is_noticed(vault: Vault, keep: int) -> None:
    vault.put(D, "XA", b"sealed bytes")
    path = files(vault)[0]
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(Untrusted) as damaged:
        vault.get(D, "XA")
    assert damaged.value.code == "vault.damaged"


def test_two_swapped_copies_are_noticed(vault: Vault) -> None:
    vault.put(D, "XA", b"to XA")
    vault.put(D, "XB", b"to XB")
    one, two = (each for each in files(vault))
    one_bytes, two_bytes = one.read_bytes(), two.read_bytes()
    one.write_bytes(two_bytes)
    two.write_bytes(one_bytes)
    for recipient in ("XA", "XB"):
        with pytest.raises(Untrusted):
            vault.get(D, recipient)


def test_photos_are_known_by_their_digest(vault: Vault) -> None:
    photo = bytes(range(256)) * 100
    digest = vault.put_blob(photo)
    assert digest == hashlib.sha256(photo).digest()
    assert vault.put_blob(photo) == digest
    assert vault.get_blob(digest) == photo
    assert list(vault.blobs()) == [digest]
    with pytest.raises(NotFound) as gone:
        vault.get_blob(D)
    assert gone.value.code == "vault.missing"


def test_a_damaged_photo_is_noticed_and_healed_by_putting_it_again(vault: Vault) -> None:
    digest = vault.put_blob(b"photo")
    path = files(vault)[0]
    path.write_bytes(b"phot0")
    with pytest.raises(Untrusted) as damaged:
        vault.get_blob(digest)
    assert damaged.value.code == "vault.damaged"
    vault.put_blob(b"photo")
    assert vault.get_blob(digest) == b"photo"


def test_what_is_too_large_is_refused(vault: Vault) -> None:
    vault.put(D, "XA", bytes(SEALED_LIMIT))
    assert len(vault.get(D, "XA")) == SEALED_LIMIT
    with pytest.raises(Invalid) as refused:
        vault.put(D, "XA", bytes(SEALED_LIMIT + 1))
    assert refused.value.code == "vault.too-large"
    with pytest.raises(Invalid) as refused:
        vault.put_blob(bytes(BLOB_LIMIT + 1))
    assert refused.value.code == "vault.too-large"


@pytest.mark.parametrize(
    "recipient",
    ["", ".", "..", "../XB", "a/b", "/etc/passwd", ".hidden", "a\0b", "a\n", "é", "x" * 65, "a b"],
)
def test_a_recipient_names_no_other_place(vault: Vault, recipient: str) -> None:
    with pytest.raises(Invalid) as refused:
        vault.put(D, recipient, b"x")
    assert refused.value.code == "vault.recipient"
    assert not vault._folder.exists()


@pytest.mark.parametrize(
    "digest", [b"", bytes(31), bytes(33), b"../../../../../../../../../../.."[:31]]
)
def test_a_digest_has_32_bytes(vault: Vault, digest: bytes) -> None:
    for act in (
        lambda: vault.put(digest, "XA", b"x"),
        lambda: vault.get(digest, "XA"),
        lambda: vault.recipients(digest),
        lambda: vault.get_blob(digest),
        lambda: vault.erase(digest, on=DAY),
    ):
        with pytest.raises(Invalid) as refused:
            act()
        assert refused.value.code == "vault.digest"


def test_a_backup_walks_everything_in_order(vault: Vault) -> None:
    assert vault.totals() == Totals(0, 0, 0, 0)
    for digest in (D, E):
        for recipient in ("XB", "XA"):
            vault.put(digest, recipient, b"sealed")
    photo = vault.put_blob(b"photo")
    gone = vault.put_blob(b"gone")
    vault.erase(gone, on=DAY)
    low, high = sorted((D, E))
    assert list(vault.copies()) == [(low, "XA"), (low, "XB"), (high, "XA"), (high, "XB")]
    assert list(vault.blobs()) == [photo]
    assert list(vault.erasures()) == [(gone, DAY)]
    assert vault.totals() == Totals(4, 1, 4 * (43 + 6) + 5, 1)


def test_a_folder_that_cannot_be_used_is_a_problem(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    vault = Vault(blocked / "vault")
    for act in (lambda: vault.put(D, "XA", b"x"), lambda: vault.put_blob(b"x")):
        with pytest.raises(Unavailable) as refused:
            act()
        assert refused.value.code == "vault.disk"


@given(st.text(max_size=70), st.binary(max_size=40))
def test_no_name_makes_the_vault_raise_anything_but_a_problem(name: str, digest: bytes) -> None:
    """Law: whatever is asked for, an empty vault answers with a Problem."""
    with pytest.raises(Problem):
        Vault(Path("no-such-folder")).get(digest, name)
