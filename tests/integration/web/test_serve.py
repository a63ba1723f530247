"""The server as a process: a free port of this machine alone, announced; a clean end."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import urllib.request

import pytest

from kimberlite.kernel.errors import Unavailable
from kimberlite.web.serve import HOST, serve
from tests.helpers.web import Node

PROGRAM = """
import sys
from pathlib import Path
from kimberlite.node.home import Home
from kimberlite.web.serve import serve
serve(Home(Path(sys.argv[1])), announce=lambda port: print(port, flush=True))
"""


def test_it_announces_a_free_port_and_ends_when_told(node: Node) -> None:
    command = [sys.executable, "-c", PROGRAM, str(node.home.path)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        with urllib.request.urlopen(f"http://{HOST}:{port}/api/v1/log/head", timeout=10) as answer:
            assert answer.status == 200
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=20)
    assert (out, err) == ("", "")


def test_a_port_that_is_taken_is_told_in_words(node: Node) -> None:
    with socket.create_server((HOST, 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(Unavailable) as caught:
            serve(node.home, port)
    assert (caught.value.code, caught.value.facts["port"]) == ("web.port", port)


def test_it_listens_on_this_machine_alone() -> None:
    assert HOST == "127.0.0.1"
