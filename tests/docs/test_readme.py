"""The README's commands, run as a reader would: in order, in one folder, with a node running."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
PATIENCE = 300


def blocks() -> list[tuple[str, list[str]]]:
    """Give each command of the README with the lines that it says will be printed."""
    text = (REPOSITORY / "README.md").read_text("utf-8")
    found: list[tuple[str, list[str]]] = []
    for block in re.findall(r"```console\n(.*?)```", text, re.DOTALL):
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append((line[2:], []))
            else:
                found[-1][1].append(line)
    return found


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[tuple[Path, dict[str, str]]]:
    """Give a folder laid out like a clone, with the program on its path and `make run` running."""
    shutil.copytree(REPOSITORY / "examples", tmp_path / "examples")
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / "bin").symlink_to(Path(sys.executable).parent)
    environment = {**os.environ, "LANG": "C.UTF-8"}
    environment.pop("KIMBERLITE_HOME", None)
    told = (tmp_path / "run.out").open("wb")
    node = subprocess.Popen(
        [tmp_path / ".venv" / "bin" / "kimberlite", "run"],
        cwd=tmp_path,
        env=environment,
        stdout=told,
        stderr=subprocess.STDOUT,
    )
    try:
        deadline = time.monotonic() + PATIENCE
        while b"http://127.0.0.1:" not in (tmp_path / "run.out").read_bytes():
            assert node.poll() is None, (tmp_path / "run.out").read_text()
            assert time.monotonic() < deadline, "the node did not come up"
            time.sleep(0.1)
        yield tmp_path, environment
    finally:
        node.send_signal(signal.SIGINT)
        node.wait(60)
        told.close()


def test_the_walk_does_what_the_readme_says(reader: tuple[Path, dict[str, str]]) -> None:
    folder, environment = reader
    script = ["set -e"]
    commands = blocks()
    assert commands[0][0] == "make run"
    for number, (command, _) in enumerate(commands[1:]):
        script += [f"echo '@@{number}'", command]
    done = subprocess.run(
        ["bash", "-c", "\n".join(script)],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    printed = re.split(r"@@\d+\n", done.stdout)[1:]
    for (command, expected), output in zip(commands[1:], printed, strict=True):
        for line in expected:
            assert line in output, f"{command} printed\n{output}"


def test_the_readme_names_the_two_commands_that_set_everything_up() -> None:
    text = (REPOSITORY / "README.md").read_text("utf-8")
    assert "`make test`" in text
    assert "$ make run" in text
    assert len(text.splitlines()) <= 200
