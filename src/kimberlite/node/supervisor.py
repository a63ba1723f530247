"""Run a node's processes together: log, signers, web; if one ends, all end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self

from kimberlite.kernel.errors import Problem, Unavailable
from kimberlite.node import logserver
from kimberlite.node.home import Home
from kimberlite.node.wire import Client

PATIENCE = 60.0
"""How long, in seconds, a process may take until it answers."""
_PAUSE = 0.05
_GRACE = 10.0


class Processes:
    """Processes of one node. A context manager: leaving it ends them, the last started first."""

    def __init__(self, home: Home) -> None:
        """Begin with none."""
        self._home = home
        self._running: list[tuple[str, subprocess.Popen[bytes]]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for _name, process in reversed(self._running):
            process.terminate()
            try:
                process.wait(_GRACE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            _let_go(process)

    @property
    def running(self) -> list[tuple[str, subprocess.Popen[bytes]]]:
        """Give the processes by name, in the order in which they were started."""
        return list(self._running)

    def restart(self, name: str, words: Sequence[str]) -> None:
        """Start again what has ended."""
        for each, process in self._running:
            if each == name:
                _let_go(process)
        self._running = [each for each in self._running if each[0] != name]
        self.start(name, words)

    def start(self, name: str, words: Sequence[str]) -> None:
        """Start `kimberlite node WORDS` as ``name``; what it prints goes to run/NAME.out."""
        output = self._home.output(name)
        output.parent.mkdir(parents=True, exist_ok=True)
        program = [sys.executable, "-m", "kimberlite", "--home", str(self._home.path)]
        command = [*program, "node", "--tied"]
        with output.open("wb") as into:
            process = subprocess.Popen(  # noqa: S603  # our own program and arguments
                [*command, *words],
                stdin=subprocess.PIPE,  # closed by the system when this process ends, however
                stdout=into,
                stderr=into,
                start_new_session=True,
            )
        self._running.append((name, process))

    def ended(self) -> str | None:
        """Name a process that has ended, or give None while all run."""
        for name, process in self._running:
            if process.poll() is not None:
                return name
        return None

    def wait_for(self, ready: Callable[[], bool]) -> None:
        """Wait until ``ready`` says so.

        Raises:
            Unavailable: ``node.process-ended`` with what it printed, ``node.process-slow``.
        """
        deadline = time.monotonic() + PATIENCE
        while not ready():
            name = self.ended()
            if name is not None:
                raise ended(self._home, name)
            if time.monotonic() > deadline:
                raise Unavailable("node.process-slow", "a process of the node does not answer")
            time.sleep(_PAUSE)


def _let_go(process: subprocess.Popen[bytes]) -> None:
    if process.stdin is not None:
        process.stdin.close()


def end_with_parent() -> None:
    """End this process, as SIGTERM would, when its standard input is closed.

    So no process of a node outlives the one that started it, not even one that was killed.
    """

    def watch_input() -> None:
        while os.read(0, 1):  # not through sys.stdin, whose lock would outlive the interpreter
            pass
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch_input, name="tied", daemon=True).start()


def ended(home: Home, name: str) -> Unavailable:
    """Say that a process has ended, with the last line that it printed."""
    printed = home.output(name).read_text("utf-8", "replace").strip().splitlines()
    last = printed[-1] if printed else "it printed nothing"
    return Unavailable(
        "node.process-ended", f"the {name} process has ended: {last}", process=name, last=last
    )


def answers(socket: Path, call: str) -> Callable[[], bool]:
    """Make a question whether the process behind ``socket`` answers ``call``."""

    def ask() -> bool:
        with suppress(Unavailable):
            Client(socket, seconds=5.0).call(call)
            return True
        return False

    return ask


def start_all(home: Home, processes: Processes, *, port: int, passphrase: Path) -> None:
    """Start log, signers and web of ``home``, and wait until each answers.

    At a node that follows a log, the mirror process stands in the log's place.

    Raises:
        Unavailable: as ``Processes.wait_for``.
    """
    told = ("--passphrase-file", str(passphrase))
    log = "mirror" if "log" in home.read() else "log"
    processes.start(log, (log, *told))
    processes.wait_for(answers(home.log_socket, "head"))
    for holder in home.read()["hosts"]:
        processes.start(f"signer-{holder}", ("signer", "--as", holder, *told))
    for holder in home.read()["hosts"]:
        processes.wait_for(answers(home.signer_socket(holder), "about"))
    home.web_port.unlink(missing_ok=True)
    processes.start("web", ("web", "--port", str(port)))
    processes.wait_for(home.web_port.exists)


def go_on(home: Home, passphrase: str) -> None:
    """Let a demo's log time go on after the demo was stopped, as its operator would."""
    with suppress(Problem):
        Client(home.log_socket).call("beat")
        return
    logserver.resume(home, passphrase, "the demo was stopped")


def watch(processes: Processes, until: threading.Event) -> str | None:
    """Wait until told to stop or until a process ends by itself; then give its name."""
    while not until.wait(0.3):
        name = processes.ended()
        if name is not None:
            return name
    return None
