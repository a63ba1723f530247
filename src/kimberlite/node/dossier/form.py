"""The form of a dossier: a ZIP with an index, certificate files, scans and a trust bundle.

``index.json`` names every other file with its SHA-256. Nothing in it is taken on its word: each
statement is a certificate file that proves itself. Source: ours, docs/spec/dossier.md.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import struct
import zipfile
import zlib
from collections.abc import Mapping
from typing import Any, Final

from kimberlite.kernel.errors import Invalid, Untrusted

FORM: Final = "kimberlite-dossier/1"
INDEX: Final = "index.json"
PAGE: Final = "index.html"
HOW: Final = "VERIFY.txt"
BUNDLE: Final = "trust-bundle"
MOST_FILES: Final = 400
LIMIT: Final = 256 * 1024 * 1024
"""Most bytes of all files together, unpacked."""

_NAME = re.compile(
    r"index\.json|index\.html|VERIFY\.txt|trust-bundle"
    r"|statements/[0-9]{4}-[a-z0-9-]{1,40}\.kpc|scans/[0-9a-f]{64}"
)
_DAMAGES = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    ValueError,
    RuntimeError,  # also what is encrypted, or packed in a way that is not known
)
_EPOCH = (1980, 1, 1, 0, 0, 0)


def statement_name(at: int, typ: str) -> str:
    """Name the file of a statement, from 1."""
    return f"statements/{at:04d}-{typ.removesuffix('+cose')}.kpc"


def scan_name(digest: bytes) -> str:
    """Name the file of a scan."""
    return f"scans/{digest.hex()}"


def pack(index: Mapping[str, Any], files: Mapping[str, bytes]) -> bytes:
    """Put a dossier together: the same content gives the same bytes.

    Raises:
        Invalid: ``dossier.too-large``.
    """
    told = {name: hashlib.sha256(data).hexdigest() for name, data in sorted(files.items())}
    whole = {"form": FORM, **index, "files": told}
    head = json.dumps(whole, ensure_ascii=False, indent=1).encode() + b"\n"
    _require_small(len(files) + 1, len(head) + sum(map(len, files.values())))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as into:
        for name, data in {INDEX: head, **dict(sorted(files.items()))}.items():
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            into.writestr(entry, data)
    return out.getvalue()


def unpack(raw: bytes) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Take a dossier apart, strictly; give its index and its other files.

    Raises:
        Invalid: ``dossier.form``, ``dossier.too-large``.
        Untrusted: ``dossier.altered`` for a file that is not what the index says, is missing, or
            stands in no index.
    """
    files = _read(raw)
    try:
        index = json.loads(files.pop(INDEX))
        told = {str(name): str(digest) for name, digest in index["files"].items()}
    except (KeyError, ValueError, AttributeError, TypeError, RecursionError) as bad:
        raise Invalid("dossier.form", "this is not a dossier, or its index is damaged") from bad
    if index.get("form") != FORM:
        raise Invalid("dossier.form", "this dossier is of a form that a newer program may read")
    for name in sorted(told.keys() | files.keys()):
        found = hashlib.sha256(files[name]).hexdigest() if name in files else ""
        if told.get(name) != found:
            raise Untrusted("dossier.altered", f"{name} is not what the index says", file=name[:80])
    return index, files


def _read(raw: bytes) -> dict[str, bytes]:
    """Give the files of a ZIP by name; sizes are counted while reading, not believed."""
    found: dict[str, bytes] = {}
    total = 0
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as told:
            entries = told.infolist()
            _require_small(len(entries), 0)
            for each in entries:
                plain = each.compress_type in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
                if _NAME.fullmatch(each.filename) is None or each.filename in found or not plain:
                    raise Invalid("dossier.form", "a dossier holds no such file, or not twice")
                with told.open(each) as file:
                    data = file.read(LIMIT - total + 1)
                total += len(data)
                _require_small(0, total)
                found[each.filename] = data
    except _DAMAGES as bad:
        raise Invalid("dossier.form", "this is not a dossier, or it is damaged") from bad
    return found


def _require_small(count: int, size: int) -> None:
    if count > MOST_FILES or size > LIMIT:
        raise Invalid(
            "dossier.too-large", "a dossier has at most 400 files and 256 MiB", limit=LIMIT
        )
