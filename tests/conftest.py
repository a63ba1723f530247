"""What every test gets: fixed seeds, no network, and the places of things outside the house."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parent.parent
LOOPBACK = ("127.", "::1", "localhost", "testserver")

# The gate repeats exactly; `--hypothesis-profile=deep` searches anew each time.
settings.register_profile(
    "gate", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("deep", max_examples=5_000, deadline=None)
settings.load_profile("gate")


@pytest.fixture(scope="session", autouse=True)
def _no_network() -> Iterator[None]:
    """Refuse connections that leave this machine: a test that needs one is not repeatable."""
    real = socket.socket.connect

    def connect(self: socket.socket, address: object) -> None:
        host = address[0] if isinstance(address, tuple) else None
        if isinstance(host, str) and not host.startswith(LOOPBACK):
            pytest.fail(f"a test tried to reach {host}")
        real(self, address)  # type: ignore[arg-type]  # whatever the caller passed goes through

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", connect)
        yield


@pytest.fixture(scope="session")
def repository() -> Path:
    """The folder that holds pyproject.toml."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """The research folder beside the repository; a test that reads it is skipped without."""
    folder = ROOT.parent / "shared"
    if not (folder / "vectors").is_dir():
        pytest.skip("needs the folder ../shared beside the repository")
    return folder


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a Chromium; a test that drives it is skipped without."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        found = shutil.which(name)
        if found is not None:
            return found
    pytest.skip("needs Chromium: install the package chromium")
