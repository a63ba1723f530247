"""Photos and scans that an act names: bounded, of a known form, kept in the vault by digest."""

from __future__ import annotations

from pathlib import Path

from kimberlite.kernel.errors import Invalid
from kimberlite.storage.vault import BLOB_LIMIT, Vault

FORMS = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"%PDF-", "application/pdf"),
)
"""How each form begins, and its media type."""


def media_of(data: bytes) -> str:
    """Give the media type of a photo or scan, "" for anything else."""
    return next((media for magic, media in FORMS if data.startswith(magic)), "")


def keep_bytes(vault: Vault, data: bytes, name: str) -> bytes:
    """Keep a photo or scan; give its digest (SHA-256, 32 bytes). Durable on return.

    Raises:
        Invalid: ``photo.form`` for what is no PNG, JPEG or PDF; ``vault.too-large`` over 20 MiB.
        Refused: ``vault.erased``.
    """
    if not media_of(data):
        raise Invalid("photo.form", f"{name[:80]} is no PNG, JPEG or PDF", name=name[:80])
    return vault.put_blob(data)


def keep(vault: Vault, path: Path) -> bytes:
    """Keep the photo or scan in a file. Raises as ``keep_bytes``, and ``photo.unread``."""
    try:
        with path.open("rb") as file:
            data = file.read(BLOB_LIMIT + 1)
    except OSError as bad:
        raise Invalid("photo.unread", f"{path.name} cannot be read", name=path.name[:80]) from bad
    return keep_bytes(vault, data, path.name)
