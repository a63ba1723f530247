"""Write the known answers of the printed codes, once a form of them is settled.

    .venv/bin/python -m tools.qr_vectors vectors/qr-1.json

Printed paper cannot be changed: the file is written once, and tests/vectors/test_qr.py holds every
later program, and the one in the browser, to it. It refuses to write over a file.
"""

from __future__ import annotations

import hashlib
import json
import sys
import zlib
from pathlib import Path
from typing import Any

from kimberlite.certificates.file import CertificateFile
from kimberlite.documents import address, base45, checkword, parts, qr
from kimberlite.documents.reading import assemble
from kimberlite.kernel import cbor
from kimberlite.kernel.errors import Problem
from tests.helpers.carried import ARABIC, carried, mixed, papers
from tests.helpers.certificates import Desk

BASE = "https://verify.example/v"
ABOUT = (
    "Printed codes, docs/spec/qr.md. read: texts, in any order, give file (hex of a .kpc); content "
    "is what QR-1 holds before zlib. Writers may deflate differently; the content must agree. "
    "refused: texts give this error code. Codes are hex where bytes are meant."
)


def _read(name: str, file: CertificateFile, *, receipt: bool = True) -> dict[str, Any]:
    raw = qr.content(file)
    texts = [*qr.qr1(file), *([qr.qr2(file)] if receipt else [])]
    shown = file if receipt else qr.files(texts)[0]
    return {
        "name": name,
        "texts": texts,
        "content": raw.hex(),
        "binding": qr.binding(raw).hex(),
        "file": shown.to_bytes().hex(),
        "statement": file.statement.id.hex(),
        "checkword": checkword.checkword(file.statement.id),
        "address": address.address(BASE, file),
    }


def _refused(file: CertificateFile, long: CertificateFile) -> list[dict[str, Any]]:
    (text,) = qr.qr1(file)
    stream = qr.deflate(qr.content(file))
    first, second = qr.qr1(long)
    other = base45.write(cbor.encode([bytes(8), b"\xd2"]))
    told = {
        "a bomb: one megabyte of zeros": ["KPC1:" + base45.write(zlib.compress(bytes(1 << 20), 9))],
        "4,097 bytes inflated": ["KPC1:" + base45.write(zlib.compress(bytes(4097), 9))],
        "a byte after the stream": ["KPC1:" + base45.write(stream + b"\0")],
        "the stream cut short": ["KPC1:" + base45.write(stream[:-1])],
        "a raw deflate stream": ["KPC1:" + base45.write(stream[2:-4])],
        "small letters": ["KPC1:" + text[5:].lower()],
        "a group beyond its range": ["KPC1::::"],
        "one character too many": ["KPC1:BB8B"],
        "no array": ["KPC1:" + base45.write(zlib.compress(cbor.encode(7)))],
        "a byte after the value": ["KPC1:" + base45.write(zlib.compress(qr.content(file) + b"\0"))],
        "a kind to come": ["KPC3:BB8"],
        "a part missing": [first],
        "a part of another content": [first, second[:-3] + "000"],
        "part three of two": [first, second.replace("KPC1/2/", "KPC1/3/")],
        "a receipt alone": [qr.qr2(file)],
        "a receipt of another certificate": [text, "KPC2:" + other],
        "two certificates": [text, first, second],
        "no code of ours": ["HTTPS://VERIFY.EXAMPLE/V"],
    }
    return [{"name": name, "texts": texts, "code": _code(texts)} for name, texts in told.items()]


def _code(texts: list[str]) -> str:
    try:
        assemble((), texts)
    except Problem as bad:
        return bad.code
    raise SystemExit(f"not refused: {texts}")


def vectors() -> dict[str, Any]:
    """Give everything that the file says."""
    desk = Desk()
    one = carried(desk)
    long = carried(desk, "XA000126", parties=papers(12))
    words = [hashlib.sha256(bytes([each])).digest() for each in range(6)]
    return {
        "about": ABOUT,
        "base45": [
            {"hex": raw.hex(), "text": base45.write(raw)}
            for raw in (b"", b"AB", b"Hello!!", b"base-45", b"ietf!", b"\xff\xff", b"\xff")
        ],
        "checkwords": [
            {"statement": each.hex(), "word": checkword.checkword(each)} for each in words
        ],
        "read": [
            _read("one origin, English", one),
            _read("one origin, English, no receipt", one, receipt=False),
            _read("six origins", carried(desk, "XA000124", shipment=mixed(6))),
            _read("Arabic parties", carried(desk, "XA000125", parties=ARABIC)),
            _read("two parts", long),
        ],
        "refused": _refused(one, long),
        "most_parts": parts.MOST,
        "most_inflated": qr.INFLATED,
    }


def main() -> None:
    """Write the file named on the command line."""
    path = Path(sys.argv[1])
    if path.exists():
        raise SystemExit(f"{path} is there already: printed codes do not change")
    path.write_text(json.dumps(vectors(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
