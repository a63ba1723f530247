"""When a signer starts and when it does not: its place, its log, its passphrase."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from kimberlite.crypto.keyfile import INTERACTIVE
from kimberlite.kernel.errors import Unavailable
from kimberlite.node.signer.admin import Administration
from kimberlite.node.signer.client import SignerClient
from tests.helpers.running import Running
from tests.helpers.signing import WORDS, Bench, set_up


def start_alone(
    bench: Bench, *more: str, words: str | None = WORDS, home: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the product's own entry point until it ends by itself."""
    file = bench.folder / "words"
    file.write_text((words or "") + "\n")
    file.chmod(0o600)
    command = [sys.executable, "-m", "kimberlite.node.signer", str(home or bench.home)]
    told = ["--log", str(bench.log_file), "--socket", str(bench.folder / "s")]
    given = [] if words is None else ["--passphrase-file", str(file)]
    return subprocess.run(
        [*command, *told, *given, *more],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    found = Bench(tmp_path)
    set_up(found.home, found.genesis, found.kind)
    return found


def test_it_does_not_start_in_a_folder_that_others_may_read(bench: Bench) -> None:
    bench.home.chmod(0o750)
    done = start_alone(bench)
    assert done.returncode == 1
    assert done.stderr.startswith("signer.open-folder: ")
    assert "Traceback" not in done.stderr


def test_it_does_not_start_for_another_log(bench: Bench, tmp_path: Path) -> None:
    other = tmp_path / "for-prod"
    set_up(other, bench.genesis, "prod")
    assert start_alone(bench, home=other).stderr.startswith("signer.other-kind: ")
    strange = tmp_path / "strange"
    set_up(strange, bytes(32), "test")
    assert start_alone(bench, home=strange).stderr.startswith("signer.other-log: ")


def test_it_does_not_start_with_a_wrong_passphrase_or_none(bench: Bench) -> None:
    assert start_alone(bench, words="wrong").stderr.startswith("keystore.passphrase: ")
    done = start_alone(bench, words=None)
    assert done.returncode == 2
    assert done.stderr.startswith("signer.passphrase: ")
    assert start_alone(bench, home=bench.folder / "absent").stderr.startswith("signer.not-set-up: ")


def test_it_does_not_start_twice_or_without_keys(bench: Bench, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    Administration(empty, WORDS, strength=INTERACTIVE).set_up(bench.genesis, "test")
    assert start_alone(bench, home=empty).stderr.startswith("signer.no-keys: ")
    own = Running(bench, tmp_path / "s")
    own.start()
    try:
        assert start_alone(bench).stderr.startswith("storage.owned: ")
    finally:
        own.kill()


def test_the_passphrase_comes_by_file_or_descriptor_and_never_by_argument(bench: Bench) -> None:
    (bench.folder / "open").write_text(WORDS)
    (bench.folder / "open").chmod(0o644)
    done = start_alone(bench, "--passphrase-file", str(bench.folder / "open"), words=None)
    assert done.stderr.startswith("signer.passphrase-open: ")
    done = start_alone(bench, "--passphrase-file", str(bench.folder / "absent"), words=None)
    assert done.stderr.startswith("signer.passphrase-file: ")
    done = start_alone(bench, "--allow-user", "nobody-of-that-name")
    assert done.stderr.startswith("signer.user: ")
    assert "--passphrase " not in start_alone(bench, "--help").stdout


def test_the_products_own_entry_serves_until_it_is_told_to_stop(bench: Bench) -> None:
    reading, writing = os.pipe()
    os.write(writing, WORDS.encode() + b"\n")
    os.close(writing)
    command = [sys.executable, "-m", "kimberlite.node.signer", str(bench.home)]
    told = ["--log", str(bench.log_file), "--socket", str(bench.folder / "s")]
    process = subprocess.Popen(
        [*command, *told, "--passphrase-fd", str(reading)], pass_fds=(reading,)
    )
    os.close(reading)
    client = SignerClient(bench.folder / "s")
    try:
        for _ in range(600):
            with suppress(Unavailable):
                assert client.about()["kind"] == "test"
                break
            time.sleep(0.05)
        with pytest.raises(Unavailable) as refused:
            client.prepare(bench.request(()))
        assert refused.value.code == "signer.log-stale", "its clock is the real one"
        assert WORDS not in Path(f"/proc/{process.pid}/cmdline").read_text()
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0


def test_it_does_not_start_without_the_memory_of_what_it_signed(
    bench: Bench, tmp_path: Path
) -> None:
    own = Running(bench, tmp_path / "s")
    own.start()
    own.stop()
    (bench.home / "journal.db").rename(tmp_path / "kept.db")
    assert start_alone(bench).stderr.startswith("signer.journal-missing: ")
    assert not (bench.home / "journal.db").exists(), "and makes no new one"
    (tmp_path / "kept.db").rename(bench.home / "journal.db")
    own.start()
    own.stop()
