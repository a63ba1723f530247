"""Files are the old whole or the new whole, and a folder has one owner."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from kimberlite.kernel.errors import Conflict, Unavailable
from kimberlite.storage.files import owned, write_whole


def test_a_file_is_replaced_in_one_step(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "file"
    write_whole(path, b"first")
    with path.open("rb") as still_open:
        write_whole(path, b"second, and longer")
        assert still_open.read() == b"first"
    assert path.read_bytes() == b"second, and longer"
    assert [each.name for each in path.parent.iterdir()] == ["file"]


@pytest.mark.parametrize("durable", [True, False])
def test_an_empty_file_and_a_large_one_are_whole(tmp_path: Path, durable: bool) -> None:
    path = tmp_path / "file"
    for data in (b"", b"x" * 3_000_000):
        write_whole(path, data, durable=durable)
        assert path.read_bytes() == data


def test_a_secret_file_is_never_readable_by_others(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    write_whole(path, b"s", mode=0o600)
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_short_write_is_carried_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The system may take fewer bytes than it was given."""
    real = os.write
    monkeypatch.setattr(os, "write", lambda handle, data: real(handle, bytes(data)[:7]))
    write_whole(tmp_path / "file", bytes(range(100)))
    assert (tmp_path / "file").read_bytes() == bytes(range(100))


@pytest.mark.parametrize("step", ["write", "fsync"])
def test_a_failed_write_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    path = tmp_path / "file"
    write_whole(path, b"old")

    def fail(*told: object) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, step, fail)
        with pytest.raises(Unavailable) as refused:
            write_whole(path, b"new")
    assert refused.value.code == "storage.write"
    assert "No space left" in refused.value.detail
    assert path.read_bytes() == b"old"
    assert [each.name for each in tmp_path.iterdir()] == ["file"]


def test_a_disk_that_is_really_full_is_told_and_keeps_the_old_file(tmp_path: Path) -> None:
    """A process that may write 4 KiB and no more meets the same errors as on a full disk."""
    path = tmp_path / "file"
    write_whole(path, b"old")
    program = (
        "import resource, signal, sys\n"
        "from pathlib import Path\n"
        "from kimberlite.kernel.errors import Unavailable\n"
        "from kimberlite.storage.files import write_whole\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
        "try:\n"
        "    write_whole(Path(sys.argv[1]), bytes(100_000))\n"
        "except Unavailable as bad:\n"
        "    print(bad.code)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=True
    )
    assert done.stdout == "storage.write\n"
    assert path.read_bytes() == b"old"
    assert [each.name for each in tmp_path.iterdir()] == ["file"]


def test_a_folder_has_one_owner_at_a_time(tmp_path: Path) -> None:
    folder = tmp_path / "log"
    with owned(folder), pytest.raises(Conflict) as refused, owned(folder):
        pytest.fail("two owners")
    assert refused.value.code == "storage.owned"
    assert refused.value.facts["folder"] == "log"
    with owned(folder):
        pass


def test_a_killed_owner_leaves_the_folder_free(tmp_path: Path) -> None:
    program = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from kimberlite.storage.files import owned\n"
        "with owned(Path(sys.argv[1])):\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=False)
    assert done.returncode == -9
    with owned(tmp_path):
        pass


def test_another_process_cannot_own_it_too(tmp_path: Path) -> None:
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "from kimberlite.kernel.errors import Conflict\n"
        "from kimberlite.storage.files import owned\n"
        "try:\n"
        "    with owned(Path(sys.argv[1])):\n"
        "        print('owned')\n"
        "except Conflict as bad:\n"
        "    print(bad.code)\n"
    )
    words = [sys.executable, "-c", program, str(tmp_path)]
    with owned(tmp_path):
        held = subprocess.run(words, capture_output=True, text=True, check=True)
    free = subprocess.run(words, capture_output=True, text=True, check=True)
    assert (held.stdout, free.stdout) == ("storage.owned\n", "owned\n")
