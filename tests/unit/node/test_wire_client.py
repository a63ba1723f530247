"""What a client believes, and how long it waits."""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from kimberlite.kernel import cbor
from kimberlite.kernel.errors import Problem, Unavailable
from kimberlite.node.wire import Client, serve


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "run" / "s"


def framed(data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + data


def answering(path: Path, answer: bytes) -> threading.Thread:
    """Stand in for a service that answers one call with these bytes."""
    listening = socket.socket(socket.AF_UNIX)
    path.parent.mkdir(exist_ok=True)
    path.unlink(missing_ok=True)
    listening.bind(str(path))
    listening.listen(1)

    def run() -> None:
        with listening:
            connection, _ = listening.accept()
            with connection:
                connection.recv(1000)
                connection.sendall(answer)

    thread = threading.Thread(target=run)
    thread.start()
    return thread


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (b"", "wire.closed"),
        (framed(cbor.encode({"ok": 1}))[:-1], "wire.closed"),
        (b"\xff\xff\xff\xff", "wire.too-long"),
        (framed(b"\xa0"), "wire.message"),
        (framed(cbor.encode({"problem": ["Exception", "a.b", "c", {}]})), "wire.message"),
        (framed(cbor.encode({"problem": ["Refused", "a.b", "c", {"code": "x"}]})), "wire.message"),
        (framed(cbor.encode({"problem": ["Refused", "a.b", "c", {1: "x"}]})), "wire.message"),
        (framed(cbor.encode({"problem": ["Refused", "a.b", "c", {"x": []}]})), "wire.message"),
    ],
)
def test_a_client_believes_only_a_whole_answer(path: Path, answer: bytes, code: str) -> None:
    thread = answering(path, answer)
    with pytest.raises(Problem) as refused:
        Client(path, seconds=5).call("echo")
    thread.join()
    assert refused.value.code == code


def test_a_client_gives_up_in_time(path: Path) -> None:
    def sleep(args: Mapping[str, Any]) -> Any:
        time.sleep(0.5)
        return None

    with serve(path, {"sleep": sleep}), pytest.raises(Unavailable) as late:
        Client(path, seconds=0.1).call("sleep")
    assert late.value.code == "wire.timeout"
