"""The certificate file, ".kpc": one statement with what opens it and what proves its logging.

Deterministic CBOR: ["kp-file/1", statement, [opening...], [receipt...]]; an opening is
[section, salt, content]. At most 64 KiB. Nothing is verified by reading.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from kimberlite.certificates.v1 import TYPES
from kimberlite.kernel import cbor
from kimberlite.kernel.errors import Invalid
from kimberlite.ledger.envelope import Statement, parse
from kimberlite.ledger.sections import Opening
from kimberlite.ledger.types import StatementType

MAGIC = "kp-file/1"
LIMIT = 64 * 1024
"""Longest file, in bytes."""

MAX_RECEIPTS = 8
_BY_TYP = {each.typ: each for each in TYPES}


@dataclass(frozen=True, slots=True)
class CertificateFile:
    """A file taken apart. ``named`` is the log section by field names."""

    statement: Statement
    kind: StatementType
    named: dict[str, Any]
    openings: tuple[Opening, ...] = ()
    receipts: tuple[bytes, ...] = ()

    def to_bytes(self) -> bytes:
        """Give the file's bytes. Raises Invalid ``file.too-long``."""
        return write(self.statement.raw, self.openings, self.receipts)


def write(
    statement: bytes, openings: Sequence[Opening] = (), receipts: Sequence[bytes] = ()
) -> bytes:
    """Put a certificate file together.

    Raises:
        Invalid: ``file.too-long`` over 64 KiB; and as ``parse_file``, so that nothing is written
            that cannot be read again.
    """
    parts = [MAGIC, statement, [each.to_value() for each in openings], list(receipts)]
    raw = cbor.encode(parts)
    parse_file(raw)
    return raw


def parse_file(raw: bytes) -> CertificateFile:
    """Take a certificate file apart, strictly.

    Raises:
        Invalid: ``file.too-long``, ``file.form`` (not such a file), ``file.type`` (a statement
            of another room), ``file.opening`` (a section twice, or one the statement has not),
            ``file.receipts`` (too many), and the codes of ``cbor``, ``cose``, ``statement``,
            ``section`` and ``schema``.
    """
    if len(raw) > LIMIT:
        raise Invalid("file.too-long", "a certificate file has at most 64 KiB", limit=LIMIT)
    match cbor.decode(raw, limit=LIMIT):
        case ["kp-file/1", bytes() as told, list() as openings, list() as receipts]:
            pass
        case _:
            raise Invalid("file.form", "this is not a certificate file")
    statement = parse(told)
    kind = _BY_TYP.get(statement.header.typ)
    if kind is None or kind.version != statement.body.version:
        raise Invalid(
            "file.type",
            "this program does not know this kind of statement; a newer one may",
            typ=statement.header.typ,
        )
    return CertificateFile(
        statement,
        kind,
        kind.schema.read(statement.body.log),
        _openings(openings, kind),
        _receipts(receipts),
    )


def _openings(values: list[Any], kind: StatementType) -> tuple[Opening, ...]:
    found = tuple(Opening.from_value(each) for each in values[: len(kind.sections) + 1])
    names = [each.section for each in found]
    if len(set(names)) != len(names) or not {s.name for s in kind.sections}.issuperset(names):
        raise Invalid("file.opening", "a section stands twice, or does not belong here")
    return found


def _receipts(values: list[Any]) -> tuple[bytes, ...]:
    found = tuple(each for each in values if isinstance(each, bytes))
    if len(found) != len(values) or len(found) > MAX_RECEIPTS:
        raise Invalid("file.receipts", "expected at most 8 receipts", limit=MAX_RECEIPTS)
    return found
