"""Backup and restore, drilled: what is kept comes back, and an older log never signs again."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from kimberlite.crypto.hashing import sha256
from kimberlite.crypto.keystore import FileKeyStore
from kimberlite.kernel.errors import Conflict, Invalid, NotFound, Untrusted
from kimberlite.ledger.admission import Admitted
from kimberlite.ledger.engine.sqlite import SqliteEngine
from kimberlite.ledger.guard import FileMemo, Guard
from kimberlite.node import logserver
from kimberlite.node.backup import backup, restore
from kimberlite.node.demo.founding import PASSPHRASE
from kimberlite.node.home import Home
from kimberlite.node.store import Store
from kimberlite.storage.vault import Vault
from tests.helpers.nodes import founded, open_log, short_folder


@pytest.fixture
def home() -> Iterator[Home]:
    with short_folder() as folder:
        made = founded(folder / "node")
        with closing(Store(made.office, "XA")) as store:
            store.apply("kp-cert+cose", b"{}", 1)
        Vault(made.vault).put(sha256(b"section"), "XB", b"sealed copy")
        yield made


def grow(home: Home) -> int:
    """Let the log grow by one statement of its operator, and give its size."""
    key = FileKeyStore(home.operator_key, PASSPHRASE).load(logserver.OPERATOR_LABEL)
    log = open_log(home)
    outcome = log.jump(logserver.leave_to_go_on(key, log.time + 3600, "a drill"))
    assert isinstance(outcome, Admitted)
    return log.size


def size_of(home: Home) -> int:
    with closing(SqliteEngine(home.log, readonly=True)) as engine:
        return engine.head().size


def test_log_vault_and_operational_store_come_back(home: Home, tmp_path: Path) -> None:
    size = size_of(home)
    assert backup(home, tmp_path / "copy") > 3
    for part in ("log", "vault", "office"):
        shutil.rmtree(home.path / part)

    restore(tmp_path / "copy", home)

    assert size_of(home) == size
    assert Vault(home.vault).get(sha256(b"section"), "XB") == b"sealed copy"
    with closing(Store(home.office, "XA")) as store:
        assert [act.stage for act in store.acts()] == ["applied"]
    assert grow(home) == size + 1


def test_a_restored_older_log_refuses_to_sign(home: Home, tmp_path: Path) -> None:
    backup(home, tmp_path / "copy")
    grow(home)
    restore(tmp_path / "copy", home)
    with pytest.raises(Untrusted) as refused:
        open_log(home)
    assert refused.value.code == "log.rolled-back"


def test_a_log_restored_where_nothing_was_signed_refuses_too(home: Home, tmp_path: Path) -> None:
    backup(home, tmp_path / "copy")
    signed = home.guard.read_bytes()
    home.guard.unlink()
    restore(tmp_path / "copy", home)
    with pytest.raises(Untrusted) as refused:
        open_log(home)
    assert refused.value.code == "log.unguarded"

    # What others hold of it lets it go on.
    key = FileKeyStore(home.log_key, PASSPHRASE).load(logserver.KEY_LABEL)
    Guard(home.read()["origin"], key, FileMemo(home.guard)).adopt(signed)
    assert open_log(home).checkpoint == signed


def test_keys_and_guard_are_not_in_a_backup(home: Home, tmp_path: Path) -> None:
    backup(home, tmp_path / "copy")
    kept = {each.name for each in (tmp_path / "copy").rglob("*")}
    assert not kept & {"logkey", "signers", "officers", "sealing", "guard", "demo-passphrase"}


def test_a_damaged_backup_changes_nothing(home: Home, tmp_path: Path) -> None:
    backup(home, tmp_path / "copy")
    with (tmp_path / "copy" / "log" / "log.db").open("r+b") as file:
        file.seek(5000)
        file.write(b"X")
    with pytest.raises(Untrusted) as refused:
        restore(tmp_path / "copy", home)
    assert refused.value.code == "backup.damaged"
    assert not (home.path / "before-restore").exists()
    assert grow(home)


def test_backups_are_neither_mixed_nor_taken_for_one_another(home: Home, tmp_path: Path) -> None:
    backup(home, tmp_path / "copy")
    with pytest.raises(Conflict) as refused:
        backup(home, tmp_path / "copy")
    assert refused.value.code == "backup.exists"
    with pytest.raises(NotFound) as absent:
        restore(tmp_path / "nothing", home)
    assert absent.value.code == "backup.absent"
    restore(tmp_path / "copy", home)
    with pytest.raises(Conflict) as kept:
        restore(tmp_path / "copy", home)
    assert kept.value.code == "backup.kept"


@pytest.mark.parametrize("name", ["../outside", "/outside"])
def test_a_manifest_cannot_reach_outside(home: Home, tmp_path: Path, name: str) -> None:
    backup(home, tmp_path / "copy")
    manifest = tmp_path / "copy" / "manifest.json"
    told = json.loads(manifest.read_text())
    told["files"][name] = "00"
    manifest.write_text(json.dumps(told))
    with pytest.raises(Invalid) as refused:
        restore(tmp_path / "copy", home)
    assert refused.value.code == "backup.manifest"
