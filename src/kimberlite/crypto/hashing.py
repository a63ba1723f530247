"""Hash bytes the one way this project hashes."""

from __future__ import annotations

import hashlib


def sha256(data: bytes) -> bytes:
    """Hash ``data`` to 32 bytes (SHA-256, FIPS 180-4)."""
    return hashlib.sha256(data).digest()
