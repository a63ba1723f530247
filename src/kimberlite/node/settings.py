"""The one reader of the environment. Every setting is in docs/reference/settings.md."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from kimberlite.kernel.errors import Invalid

HOME = "KIMBERLITE_HOME"
PORT = "KIMBERLITE_PORT"


@dataclass(frozen=True, slots=True)
class Settings:
    """What a node is told from outside.

    ``home`` is the folder of all its files; ``port`` the web's port on loopback, 0 for any free.
    """

    home: Path
    port: int = 0


def read() -> Settings:
    """Read the environment.

    Raises:
        Invalid: ``settings.port`` for a port that is not 0 to 65535.
    """
    port = os.environ.get(PORT, "0")
    if not port.isdecimal() or int(port) > 65535:
        raise Invalid("settings.port", f"{PORT} must be a port number from 0 to 65535", text=port)
    return Settings(Path(os.environ.get(HOME, "var")), int(port))
