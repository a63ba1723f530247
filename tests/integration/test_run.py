"""`kimberlite run` as people treat it: started twice, killed, started again, stopped."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from kimberlite.kernel.errors import Problem
from kimberlite.node.home import Home
from kimberlite.node.view import View
from kimberlite.node.wire import Client
from tests.helpers.nodes import short_folder

PATIENCE = 120


@contextmanager
def started(home: Home, *words: str) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """Run a node and give it with its address, once it has printed that."""
    command = [sys.executable, "-m", "kimberlite", "--json", "--home", str(home.path), "run"]
    process = subprocess.Popen([*command, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, process.stderr.read() if process.stderr else b""
        yield process, json.loads(line)["address"]
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)


def answering(socket_path: Path) -> bool:
    try:
        Client(socket_path, seconds=2).call("head")
    except Problem:
        return False
    return True


@pytest.fixture
def home() -> Iterator[Home]:
    with short_folder() as folder:
        yield Home(folder / "node")


def test_started_twice_killed_and_started_again(home: Home) -> None:
    with started(home) as (process, address):
        assert urllib.request.urlopen(address, timeout=20).status == 200
        second = subprocess.run(
            [sys.executable, "-m", "kimberlite", "--home", str(home.path), "run"],
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert second.returncode == 5
        assert "[storage.owned]" in second.stderr
        assert answering(home.log_socket)
        size = View(home).reader.size

        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        deadline = time.monotonic() + 30
        while answering(home.log_socket):
            assert time.monotonic() < deadline, "the log outlived the one that started it"
            time.sleep(0.1)

    with started(home) as (_, address):
        assert urllib.request.urlopen(address, timeout=20).status == 200
        assert View(home).reader.size >= size
    assert not answering(home.log_socket)


def test_a_port_that_is_taken_is_said_to_be(home: Home) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = subprocess.run(
            [sys.executable, "-m", "kimberlite", "--home", str(home.path), "run", "--port", port],
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
    assert done.returncode == 6
    assert "Traceback" not in done.stderr
    assert port in done.stderr
