"""The command line as people meet it: answers, exit statuses, and sentences for bad input."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from kimberlite.cli.main import commands
from kimberlite.ledger.engine.sqlite import SqliteEngine
from kimberlite.node.home import Home
from tests.helpers.nodes import founded, short_folder

Done = subprocess.CompletedProcess[str]


@pytest.fixture(scope="module")
def home() -> Iterator[Home]:
    with short_folder() as folder:
        yield founded(folder / "node")


def run(*words: str | Path, home: Home | None = None, cwd: Path | None = None) -> Done:
    """Run the program; whatever happens, nobody sees a stack trace."""
    at = ["--home", str(home.path if home else "nowhere")]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("KIMBERLITE")}
    done = subprocess.run(
        [sys.executable, "-m", "kimberlite", *at, *map(str, words)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        cwd=cwd,
        env=environment,
    )
    assert "Traceback" not in done.stdout + done.stderr
    assert done.returncode != 70, done.stderr
    return done


@pytest.mark.parametrize("command", commands())
def test_every_command_explains_itself(command: str) -> None:
    done = run(command, "--help")
    assert done.returncode == 0
    assert "Usage: " in done.stdout


def test_help_lists_every_command() -> None:
    told = run("--help").stdout
    assert {"certificate", "verify", "registry", "ledger", "cases", "node", "officer"} <= set(
        commands()
    )
    assert all(f"  {each}" in told for each in commands())


@pytest.mark.parametrize(
    ("words", "status", "code"),
    [
        (("registry", "list"), 4, "node.absent"),
        (("certificate", "acts", "--as", "XA"), 4, "node.absent"),
        (("ledger", "head"), 4, "node.absent"),
        (("cases", "--case", "S-NONE"), 4, None),
    ],
)
def test_without_a_node(words: tuple[str, ...], status: int, code: str | None) -> None:
    done = run(*words)
    assert done.returncode == status
    assert code is None or f"[{code}]" in done.stderr


@pytest.mark.parametrize(
    ("words", "status", "code"),
    [
        (("certificate", "show", "XA999"), 4, "certificate.unknown"),
        (("certificate", "show", "12"), 2, "number.format"),
        (("certificate", "acts", "--as", "XQ"), 4, "node.not-hosted"),
        (("certificate", "issue", "--as", "XA", "7"), 4, "act.unknown"),
        (("registry", "show", "ZZ"), 4, "registry.unknown"),
        (("registry", "list", "--as-of", "2013-13-01"), 2, "day.format"),
        (("node", "bundle"), 6, "wire.no-service"),
        (("ledger", "prove", "99999", "--out", "p"), 4, None),
        (("ledger", "audit", "--genesis", "zz"), 2, "input.hex"),
        (("ledger", "audit", "--genesis", "00" * 32), 1, "audit.genesis"),
    ],
)
def test_bad_input_gets_a_sentence_and_a_status(
    home: Home, words: tuple[str, ...], status: int, code: str | None, tmp_path: Path
) -> None:
    done = run(*words, home=home, cwd=tmp_path)
    assert done.returncode == status, done.stderr
    assert code is None or done.stderr.rstrip().splitlines()[0].endswith(f"[{code}]")


def test_a_field_that_is_wrong_is_named_with_what_is_wrong(home: Home, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"kind": "ordinary"}')
    done = run("certificate", "apply", "--as", "XA", tmp_path / "a.json", home=home)
    assert done.returncode == 2
    assert "exporter and importer are needed" in done.stderr


def test_json_is_json_wherever_the_option_stands(home: Home) -> None:
    for words in (("--json", "ledger", "head"), ("ledger", "head", "--json")):
        told = json.loads(run(*words, home=home).stdout)
        assert told["size"] > 100
        assert told["vkey"].startswith("demo.kimberlite.example/log+")


def test_errors_are_json_too(home: Home) -> None:
    done = run("certificate", "show", "XA999", "--json", home=home)
    assert json.loads(done.stderr)["error"] == "certificate.unknown"


def test_the_registry_answers_for_any_day(home: Home) -> None:
    def status(*words: str) -> int:
        return run("registry", "may-trade", *words, home=home).returncode

    assert status("CG", "AE", "--as-of", "2004-07-01") == 0
    assert status("CG", "AE", "--as-of", "2004-07-12") == 1
    assert status("MZ", "AE", "--as-of", "2021-11-10") == 3
    told = json.loads(run("registry", "list", "--as-of", "2024-11-14", "--json", home=home).stdout)
    assert "UZ" not in {each["code"] for each in told}


def test_audit_export_import_prove_and_verify(home: Home, tmp_path: Path) -> None:
    report = json.loads(run("ledger", "audit", "--json", home=home).stdout)
    archive = tmp_path / "log.kpa"
    # The static files are written by the log process; here the guard's checkpoint stands in.
    home.public.mkdir(parents=True, exist_ok=True)
    (home.public / "checkpoint").write_bytes(home.guard.read_bytes())
    assert run("ledger", "export", archive, home=home).returncode == 0
    again = json.loads(run("ledger", "audit", archive, "--json").stdout)
    assert (again["root"], again["facts"]) == (report["root"], report["facts"])
    assert run("ledger", "import", archive, tmp_path / "copy.db").returncode == 0

    assert run("ledger", "prove", "5", "--out", tmp_path / "proof", home=home).returncode == 0
    head = json.loads(run("ledger", "head", "--json", home=home).stdout)
    entry = tmp_path / "entry.cose"
    write_entry(home, 5, entry)
    told = ("ledger", "verify", entry, tmp_path / "proof", "--vkey", head["vkey"])
    assert run(*told).returncode == 0
    write_entry(home, 6, entry)
    assert run(*told).returncode == 1

    archive.write_bytes(archive.read_bytes()[:-200])
    assert run("ledger", "audit", archive).returncode == 2


def write_entry(home: Home, index: int, target: Path) -> None:
    with closing(SqliteEngine(home.log, readonly=True)) as engine:
        target.write_bytes(engine.entries(index, index + 1)[0].raw)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts(shell: str) -> None:
    assert "_KIMBERLITE_COMPLETE" in run("completion", shell).stdout


def test_verify_needs_a_bundle_and_a_file_that_is_one(tmp_path: Path) -> None:
    file = tmp_path / "a.kpc"
    file.write_bytes(b"junk")
    absent = run("verify", file)
    assert (absent.returncode, "[bundle.absent]" in absent.stderr) == (4, True)
    (tmp_path / "trust-bundle").write_bytes(b"junk")
    assert run("verify", file).returncode == 2


def test_officers_are_made_enrolled_and_ended(home: Home, tmp_path: Path) -> None:
    secret = ("--passphrase-file", home.demo_passphrase)
    made = ("--keys", tmp_path / "keys", "--card", tmp_path / "card")
    assert run("officer", "new", "officer-9", *made, *secret).returncode == 0
    enrol = ("officer", "enrol", "--as", "XB", tmp_path / "card", "--role", "approve-issue")
    assert run(*enrol, *secret, home=home).returncode == 0
    assert run(*enrol, *secret, home=home).returncode == 5
    listed = run("officer", "list", "--as", "XB", *secret, home=home).stdout
    assert "officer-9" in listed
    end = ("officer", "end", "--as", "XB", "officer-9")
    assert run(*end, *secret, home=home).returncode == 0
    assert run("officer", "new", "Jane Doe", *made, *secret).returncode == 2
