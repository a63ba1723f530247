"""A whole demo node for tests: founded in a folder, with its processes running or not."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kimberlite.crypto.keystore import FileKeyStore
from kimberlite.ledger.log import Log
from kimberlite.node import logserver
from kimberlite.node.demo.founding import PASSPHRASE, found
from kimberlite.node.home import Home
from kimberlite.node.supervisor import Processes, start_all


@contextmanager
def short_folder() -> Iterator[Path]:
    """Give a folder with a short path, as the path of a unix socket holds 100 bytes."""
    folder = Path(tempfile.mkdtemp(prefix="kp"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def founded(folder: Path) -> Home:
    """Found a demo node without starting it."""
    home = Home(folder)
    found(home, lambda key: None)
    return home


@contextmanager
def running(folder: Path) -> Iterator[tuple[Home, Processes]]:
    """Found a demo node and run its processes while the block runs."""
    home = founded(folder)
    with Processes(home) as processes:
        start_all(home, processes, port=0, passphrase=home.demo_passphrase)
        yield home, processes


def open_log(home: Home) -> Log:
    """Open a founded node's log for writing, in this process."""
    key = FileKeyStore(home.log_key, PASSPHRASE).load(logserver.KEY_LABEL)
    return logserver.open_log(home, key)
