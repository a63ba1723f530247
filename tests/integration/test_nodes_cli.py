"""Several nodes from the command line: real processes, real sockets, one of them killed."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kimberlite.certificates.file import parse_file
from kimberlite.node.home import Home
from kimberlite.node.supervisor import Processes, answers, start_all
from kimberlite.node.view import View
from tests.helpers import two_nodes
from tests.helpers.nodes import short_folder
from tests.helpers.two_nodes import PASS, Nodes, wait_for


class Shell:
    """The command line at one home."""

    def __init__(self, home: Home, secret: Path) -> None:
        self.home, self.secret = home, secret

    def run(self, *words: str, status: int = 0) -> Any:
        command = [sys.executable, "-m", "kimberlite", "--json", "--home", str(self.home.path)]
        done = subprocess.run(
            [*command, *words], capture_output=True, text=True, timeout=120, check=False
        )
        assert done.returncode == status, f"{words}: {done.stdout}{done.stderr}"
        return json.loads(done.stdout if status == 0 else done.stderr)

    def secretly(self, *words: str, status: int = 0) -> Any:
        return self.run(*words, "--passphrase-file", str(self.secret), status=status)


@pytest.fixture
def nodes() -> Iterator[Nodes]:
    with short_folder() as folder:
        yield two_nodes.found(folder)


def test_a_node_joins_runs_dies_and_goes_on(nodes: Nodes) -> None:
    secret = nodes.folder / "secret"
    secret.write_text(PASS)
    secret.chmod(0o600)
    told = ("--passphrase-file", str(secret))
    home = nodes.homes["XB"] = Home(nodes.folder / "XB")
    shell, at_log = Shell(home, secret), Shell(nodes.log, secret)
    with Processes(nodes.log) as log, Processes(home) as processes:
        log.start("log", ("log", *told))
        log.wait_for(answers(nodes.log.log_socket, "head"))
        log.start("door", ("door",))
        log.wait_for(nodes.log.door_port.exists)
        url = f"http://127.0.0.1:{nodes.log.door_port.read_text().strip()}"
        join(nodes, shell, url)
        start_all(home, processes, port=0, passphrase=secret)
        nodes.enrol(home, "XB")

        assert pages_answer(home)
        first = parse_file(nodes.issue("XB", "XA"))
        assert first.receipts
        mirror = next(each for name, each in processes.running if name == "mirror")
        os.kill(mirror.pid, signal.SIGKILL)
        mirror.wait()
        second = parse_file(nodes.issue("XB", "XA"))
        assert second.receipts == ()
        waiting = shell.run("node", "outbox")["items"]
        assert [each["state"] for each in waiting] == ["logged", "waiting"]

        processes.restart("mirror", ("mirror", *told))
        wait_for(lambda: states(shell) == ["logged", "logged"], 60)
        assert nodes.office("XB").acts()[0].stage == "logged"
        sticks(nodes, shell, at_log)
    assert shell.secretly("node", "sync", "--once", status=6)["error"] == "line.down"
    assert shell.run("node", "outbox")["failing-with"] == "line.down"


def pages_answer(home: Home) -> bool:
    """The pages of an authority's own node read its own copy."""
    connection = http.client.HTTPConnection("127.0.0.1", int(home.web_port.read_text()), timeout=30)
    connection.request("GET", "/api/v1/log/head", headers={"Accept": "application/json"})
    answer = connection.getresponse()
    told = json.loads(answer.read())
    connection.close()
    return answer.status == 200 and told["size"] == View(home).reader.size


def join(nodes: Nodes, shell: Shell, url: str) -> None:
    words = ("node", "join", url, "--holder", "XB", "--keys", str(nodes.authority("XB")))
    wrong = shell.secretly(*words, "--genesis", "00" * 32, status=1)
    assert wrong["error"] in {"mirror.other-log", "caller.other"}
    joined = shell.secretly(*words, "--genesis", nodes.genesis.hex())
    assert joined["holder"] == "XB"
    assert len(joined["sealing"]) == 64
    again = shell.secretly(*words, "--genesis", nodes.genesis.hex(), status=5)
    assert again["error"] == "node.exists"
    keys = str(nodes.authority("XB"))
    assert shell.secretly("node", "card", "--as", "XB", "--keys", keys)["holder"] == "XB"
    once = shell.secretly("node", "sync", "--once")
    assert once["entries"] == View(nodes.log).reader.size


def states(shell: Shell) -> list[str]:
    return [str(each["state"]) for each in shell.run("node", "outbox")["items"]]


def sticks(nodes: Nodes, shell: Shell, at_log: Shell) -> None:
    """Pouches both ways while everything runs, and words of the log written out."""
    stick = str(nodes.folder / "a.pouch")
    packed = at_log.run("node", "export", "--for", "XB", "--since", "0", "--out", stick)
    assert packed["entries"] == View(nodes.log).reader.size
    # A statement counts as logged by its receipt, which may come before the entries do.
    wait_for(lambda: View(shell.home).reader.size >= packed["entries"], 60)
    assert shell.run("node", "import", stick) == {"entries": 0, "statements": 0, "openings": 0}
    assert shell.run("node", "import", stick, status=5)["error"] == "pouch.seen"
    back = str(nodes.folder / "b.pouch")
    assert shell.secretly("node", "export", "--out", back)["statements"] == 0
    assert at_log.run("node", "import", back) == {"entries": 0, "statements": 0, "openings": 0}
    words = nodes.folder / "words"
    shell.run("node", "outbox", "--out", str(words))
    assert len(list(words.glob("*.receipt.cose"))) == 2
