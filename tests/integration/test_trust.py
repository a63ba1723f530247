"""`kimberlite trust` and what `kimberlite verify` remembers, with a running log."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from kimberlite.certificates import status as statuses
from kimberlite.crypto.keyfile import INTERACTIVE
from kimberlite.crypto.keys import Ed25519PrivateKey
from kimberlite.crypto.keystore import FileKeyStore
from kimberlite.ledger import bundle as bundles
from kimberlite.ledger import roots
from kimberlite.node import ceremony
from kimberlite.node.clients import LogClient
from kimberlite.node.home import Home
from tests.helpers.certificates import Desk
from tests.helpers.nodes import running, short_folder

PASSPHRASE = "a passphrase for tests"


@pytest.fixture(scope="module")
def home() -> Iterator[Home]:
    with short_folder() as folder, running(folder / "node") as (home, _):
        yield home


def run(*words: str | Path, home: Path, code: int = 0) -> dict[str, object]:
    command = [sys.executable, "-m", "kimberlite", "--json", "--home", str(home)]
    done = subprocess.run(
        [*command, *map(str, words)], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == code, done.stdout + done.stderr
    found: dict[str, object] = json.loads(done.stdout) if code == 0 else {}
    return found


def test_a_status_and_a_delta_upon_it(home: Home, tmp_path: Path) -> None:
    full, delta = tmp_path / "full.kps", tmp_path / "delta.kps"
    run("trust", "status", "--out", full, home=home.path)
    assert run("trust", "status", "--out", delta, "--since", full, home=home.path)["delta"]
    bundle = bundles.verify(LogClient(home.log_socket).bundle())
    below = statuses.verify(full.read_bytes(), bundle)
    assert statuses.verify(delta.read_bytes(), bundle).payload.base == below.digest


def test_a_root_is_drafted_signed_and_carried_in_bundles(home: Home, tmp_path: Path) -> None:
    (phrase := tmp_path / "phrase").write_text(PASSPHRASE)
    keys = [Ed25519PrivateKey.generate() for _ in range(2)]
    for at, key in enumerate(keys):
        FileKeyStore(tmp_path / f"k{at}", PASSPHRASE, strength=INTERACTIVE).store(
            ceremony.ROOT_LABEL, key
        )
    (bundle := tmp_path / "bundle").write_bytes(LogClient(home.log_socket).bundle())
    pin = bundles.verify(bundle.read_bytes()).genesis.hex()
    home.roots.mkdir()
    root = home.roots / "00001.kpr"
    named = [word for key in keys for word in ("--key", key.public.cose_key().hex())]
    told: tuple[str | Path, ...] = (
        "--bundle",
        bundle,
        "--pin",
        pin,
        "--expires",
        "2099-01-01",
        *named,
    )
    run("trust", "root", "draft", root, *told, home=home.path)
    run("trust", "root", "show", root, home=home.path, code=1)
    for at in range(2):
        signing = ("--keys", tmp_path / f"k{at}", "--passphrase-file", phrase)
        run("trust", "root", "sign", root, *signing, home=home.path)
    assert run("trust", "root", "show", root, home=home.path)["signatures"] == 2
    parts = bundles.verify(LogClient(home.log_socket).bundle()).contents.parts
    assert roots.parts_of(parts) == (root.read_bytes(),)


def test_verify_remembers_and_refuses_older(tmp_path: Path) -> None:
    desk = Desk()
    (file := tmp_path / "one.kpc").write_bytes(desk.file(desk.issue()))
    (old := tmp_path / "old").write_bytes(desk.bundle_bytes())
    (new := tmp_path / "new").write_bytes(desk.bundle_bytes(version=8))
    pin = desk.bundle().genesis.hex()
    state = ("--state", tmp_path / "state", "--as-of", "2026-03-10")
    run("verify", file, "--bundle", old, *state, home=tmp_path, code=1)
    run("verify", file, "--bundle", old, "--pin", pin, *state, home=tmp_path)
    run("verify", file, "--bundle", new, *state, home=tmp_path)
    run("verify", file, "--bundle", old, *state, home=tmp_path, code=1)
