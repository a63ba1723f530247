"""A log founded from cards, as for production: keys apart, decisions endorsed."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kimberlite.node.home import Home
from kimberlite.node.supervisor import Processes, answers
from tests.helpers.nodes import short_folder

ROLES = {
    "kp.chair": ("chair", "endorse"),
    "XA": ("endorse", "registry", "issue", "confirm", "keys", "recover"),
    "XB": ("endorse", "registry", "issue", "confirm", "keys", "recover"),
}


OFFICERS = {"XA": ("officer-1", "officer-2"), "XB": ("officer-1",)}


class Shell:
    """The command line of one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.secret = folder / "secret"
        self.secret.write_text("a passphrase for tests")
        self.secret.chmod(0o600)

    def run(self, *words: str, status: int = 0) -> Any:
        command = [sys.executable, "-m", "kimberlite", "--json", "--home", "node", *words]
        done = subprocess.run(
            command, cwd=self.folder, capture_output=True, text=True, timeout=120, check=False
        )
        assert done.returncode == status, f"{words}: {done.stdout}{done.stderr}"
        return json.loads(done.stdout if status == 0 else done.stderr)

    def secretly(self, *words: str, status: int = 0) -> Any:
        return self.run(*words, "--passphrase-file", "secret", status=status)

    def json(self, name: str, told: dict[str, Any]) -> str:
        (self.folder / name).write_text(json.dumps(told))
        return name

    def sign(self, holder: str, typ: str, sub: str, told: dict[str, Any]) -> str:
        """Sign with a root key, hand it in, and give the statement's name."""
        file = self.json("told.json", told)
        keys = f"keys-{holder}"
        words = ("--as", holder, "--keys", keys, "--out", "said.cose", typ, sub, file)
        signed = self.secretly("ledger", "sign", *words)
        self.run("ledger", "submit", "said.cose")
        return str(signed["statement"])


@pytest.fixture
def shell() -> Iterator[Shell]:
    with short_folder() as folder:
        yield Shell(folder)


def founded(shell: Shell) -> str:
    for holder, roles in ROLES.items():
        told = [word for role in roles for word in ("--role", role)]
        files = ("--keys", f"keys-{holder}", "--card", f"{holder}.card")
        shell.secretly("node", "key", holder, *told, *files)
    cards = [word for holder in ROLES for word in ("--root", f"{holder}.card")]
    fixed = ("--kind", "test", "--origin", "log.example/kp", "--title", "A test", "--needed", "2")
    return str(shell.secretly("node", "found", *fixed, *cards)["genesis"])


def test_a_log_is_founded_and_trades(shell: Shell) -> None:
    genesis = founded(shell)
    sealing = {
        each: shell.secretly("node", "host", "--as", each, "--keys", f"keys-{each}")["sealing"]
        for each in OFFICERS
    }
    for holder in ("XA", "XB"):
        for officer in OFFICERS[holder]:
            files = ("--keys", f"officers-{holder}", "--card", "officer.card")
            shell.secretly("officer", "new", officer, *files)
            may = (
                "--role",
                "approve-issue",
                "--role",
                "approve-confirm",
                "--role",
                "approve-registry",
            )
            shell.secretly("officer", "enrol", "--as", holder, "officer.card", *may)
    home = Home(shell.folder / "node")
    with Processes(home) as processes:
        processes.start("log", ("log", "--passphrase-file", str(shell.secret)))
        processes.wait_for(answers(home.log_socket, "head"))
        for holder in ("XA", "XB"):
            told = {"names": {"en": f"Land {holder}"}, "begins": "2026-01-01", "source": "A test"}
            name = shell.sign("kp.chair", "kp-participant+cose", holder, told)
            shell.sign("XA", "kp-endorsement+cose", name, {"statement": name})
        for holder in ("XA", "XB"):
            words = ("signer", "--as", holder, "--passphrase-file", str(shell.secret))
            processes.start(f"signer-{holder}", words)
        for holder in ("XA", "XB"):
            processes.wait_for(answers(home.signer_socket(holder), "about"))
        state(shell, "XA", "kp-sealing-key+cose", {"public": sealing["XA"]})
        numbers = {"prefix": "XA", "first": 1, "last": 99, "begins": "2026-01-01"}
        state(shell, "XA", "kp-range+cose", numbers)
        trade(shell, genesis)


def state(shell: Shell, holder: str, typ: str, told: dict[str, Any]) -> None:
    act = shell.run("registry", "state", "--as", holder, typ, shell.json("told.json", told))["act"]
    finish(shell, holder, act, f"{typ}.cose")


def finish(shell: Shell, holder: str, act: int, file: str) -> dict[str, Any]:
    for officer in OFFICERS[holder]:
        words = ("--officer", officer, "--key", f"officers-{holder}")
        shell.secretly("certificate", "approve", "--as", holder, str(act), *words)
    found: dict[str, Any] = shell.run(
        "certificate", "issue", "--as", holder, str(act), "--out", file
    )
    return found


def trade(shell: Shell, genesis: str) -> None:
    repository = Path(__file__).parents[2]
    application = json.loads((repository / "examples" / "application.json").read_text())
    application.pop("office")
    file = shell.json("application.json", application)
    act = shell.run("certificate", "apply", "--as", "XA", file)["act"]
    checked = ("--officer", "officer-1", "--seal", "S-1")
    shell.run("certificate", "check", "--as", "XA", str(act), *checked)
    assert finish(shell, "XA", act, "a.kpc")["about"] == "XA1"

    shell.run("node", "bundle", "--out", "trust-bundle")
    verdict = shell.run("verify", "a.kpc", "--pin", genesis)
    assert (verdict["result"], verdict["kind"]) == ("valid", "test")
    assert shell.run("verify", "a.kpc", "--pin", "00" * 32, status=1)["error"] == "bundle.other-log"

    findings = shell.json(
        "findings.json", json.loads((repository / "examples" / "findings.json").read_text())
    )
    act = shell.run("certificate", "confirm", "--as", "XB", "a.kpc", findings)["act"]
    finish(shell, "XB", act, "b.kpc")
    assert shell.run("certificate", "show", "XA1")["status"] == "confirmed"
    assert shell.run("ledger", "audit", "--genesis", genesis)["kind"] == "test"


def test_a_card_whose_maker_lacks_the_key_is_refused(shell: Shell) -> None:
    files = ("--keys", "keys-XA", "--card", "XA.card")
    shell.secretly("node", "key", "XA", "--role", "endorse", *files)
    card = json.loads((shell.folder / "XA.card").read_text())
    (shell.folder / "XA.card").write_text(json.dumps({**card, "holder": "XB"}))
    fixed = ("--kind", "test", "--origin", "log.example/kp", "--title", "A test", "--needed", "1")
    refused = shell.secretly("node", "found", *fixed, "--root", "XA.card", status=1)
    assert refused["error"] == "card.proof"


def test_a_threshold_that_cannot_be_reached_founds_nothing(shell: Shell) -> None:
    files = ("--keys", "keys-XA", "--card", "XA.card")
    shell.secretly("node", "key", "XA", "--role", "endorse", *files)
    fixed = ("--kind", "test", "--origin", "log.example/kp", "--title", "A test", "--needed", "9")
    refused = shell.secretly("node", "found", *fixed, "--root", "XA.card", status=1)
    assert refused["error"] == "genesis.threshold"
