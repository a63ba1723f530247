"""Scans: kept in the vault by digest, put beside the act whose number they show. None is lost.

The number is read from the printed code, else from the file's name. Where the two disagree, or
neither says one, a scan waits until somebody names its number.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from kimberlite.certificates.file import parse_file
from kimberlite.certificates.v1.paper import PAPER_TYP, SLIP_TYP
from kimberlite.documents import reading as documents
from kimberlite.kernel.errors import Conflict, Invalid, NotFound, Problem
from kimberlite.kernel.ids import CertificateNumber
from kimberlite.ledger.approval import PSEUDONYM
from kimberlite.node.store import Store
from kimberlite.storage.sqlite import reading, transaction
from kimberlite.storage.vault import BLOB_LIMIT, Vault

MOST: Final = 32
"""Scans that one act takes; the statement's schema says so."""

_FORMS = (
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"%PDF-", "pdf"),
)
_NAMED = re.compile(r"(?<![A-Z])([A-Z]{2})[ _-]?([0-9]{1,12})(?![0-9])")
_COLUMNS = "id, digest, name, form, at, officer, number, by, act"
_SCAN = f"SELECT {_COLUMNS} FROM scan WHERE holder = ? "  # noqa: S608 - constants


@dataclass(frozen=True, slots=True)
class Scan:
    """One scan. ``by`` says how its number was found: code, name, hand, or "" for not at all.

    ``act`` is the act that it became part of, None while it waits.
    """

    id: int
    digest: bytes
    name: str
    form: str
    at: int
    officer: str
    number: str
    by: str
    act: int | None


class Scans:
    """The scans of one holder."""

    def __init__(self, store: Store, vault: Vault) -> None:
        self._db, self._holder, self._vault = store.db, store.holder, vault

    def take(self, data: bytes, name: str, officer: str, at: int) -> Scan:
        """Keep a scan and put it where it belongs. The same scan again changes nothing else.

        Raises:
            Invalid: ``intake.scan`` for what is no PNG, JPEG or PDF, ``intake.officer``,
                ``vault.too-large`` over 20 MiB. Refused: ``vault.erased``.
        """
        if PSEUDONYM.fullmatch(officer) is None:
            raise Invalid("intake.officer", 'who takes it in is named, such as "officer-17"')
        form = next((form for magic, form in _FORMS if data.startswith(magic)), None)
        if form is None:
            raise Invalid("intake.scan", f"{name[:80]} is no PNG, JPEG or PDF", name=name[:80])
        if len(data) > BLOB_LIMIT:
            raise Invalid("vault.too-large", "a scan has at most 20 MiB", limit=BLOB_LIMIT)
        number, by = found_number(data, name)
        digest = self._vault.put_blob(data)  # first: a row never names what is not there
        with transaction(self._db):
            known = self._scans("AND digest = ?", (digest,))
            if known and (known[0].act is not None or not number):
                return known[0]
            if known:
                scan = known[0].id
            else:
                sql = "SELECT coalesce(max(id), 0) + 1 FROM scan WHERE holder = ?"
                (scan,) = self._db.execute(sql, (self._holder,)).fetchone()
                row = (scan, digest, _shown(name), form, at, officer, number, by, None)
                self._db.execute(
                    "INSERT INTO scan VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", (self._holder, *row)
                )
            self._attach(scan, digest, number, by)
            return self._scans("AND id = ?", (scan,))[0]

    def name(self, scan: int, number: str) -> Scan:
        """Say by hand which number a waiting scan shows.

        Raises:
            NotFound: ``intake.scan-unknown``. Conflict: ``intake.scan-attached``.
            Invalid: ``number.format``.
        """
        key = CertificateNumber.parse(number).key
        with transaction(self._db):
            found = self._scans("AND id = ?", (scan,))
            if not found:
                raise NotFound("intake.scan-unknown", f"there is no scan {scan} here", scan=scan)
            if found[0].act is not None:
                raise Conflict(
                    "intake.scan-attached", f"scan {scan} is part of act {found[0].act}", scan=scan
                )
            self._attach(scan, found[0].digest, key, "hand")
            return self._scans("AND id = ?", (scan,))[0]

    def _attach(self, scan: int, digest: bytes, number: str, by: str) -> None:
        """Note the number, and put the digest into the act that waits under it, if there is one."""
        act = self._waiting(number, digest) if number else None
        sql = "UPDATE scan SET number = ?, by = ?, act = ? WHERE holder = ? AND id = ?"
        self._db.execute(sql, (number, by, act, self._holder, scan))

    def _waiting(self, number: str, digest: bytes) -> int | None:
        sql = """SELECT a.id, a.application FROM batch_act b JOIN act a
            ON a.holder = b.holder AND a.id = b.act WHERE b.holder = ? AND b.number = ?
            AND a.stage = 'applied' AND a.typ IN (?, ?) ORDER BY a.id DESC LIMIT 1"""
        row = self._db.execute(sql, (self._holder, number, PAPER_TYP, SLIP_TYP)).fetchone()
        if row is None:
            return None
        told: dict[str, Any] = json.loads(row[1])
        photos = told.setdefault("evidence", {}).setdefault("photos", [])
        if len(photos) >= MOST:
            return None
        if digest.hex() not in photos:
            photos.append(digest.hex())
        kept = json.dumps(told, ensure_ascii=False, sort_keys=True).encode()
        sql = "UPDATE act SET application = ? WHERE holder = ? AND id = ?"
        self._db.execute(sql, (kept, self._holder, row[0]))
        return int(row[0])

    def scans(self, *, waiting: bool = False, most: int = 500) -> list[Scan]:
        """List scans, newest first; with ``waiting``, only those that are part of no act."""
        how = "AND act IS NULL " if waiting else ""
        with reading():
            return self._scans(f"{how}ORDER BY id DESC LIMIT ?", (most,))

    def _scans(self, how: str, told: Sequence[object]) -> list[Scan]:
        rows = self._db.execute(_SCAN + how, (self._holder, *told)).fetchall()
        return [Scan(*row) for row in rows]


def found_number(data: bytes, name: str) -> tuple[str, str]:
    """Give the number's key that a scan shows, and how it was found; ("", "") where nothing says.

    A code that is there and a name that says another number contradict each other: nothing is
    taken from either.
    """
    named = {
        CertificateNumber.parse(f"{letters}{digits}").key
        for letters, digits in _NAMED.findall(name.upper())
    }
    coded = _coded(data)
    if coded:
        return (coded, "code") if not named or coded in named else ("", "")
    return (named.pop(), "name") if len(named) == 1 else ("", "")


def _coded(data: bytes) -> str:
    try:
        told = parse_file(documents.read(data)).named["number"]
        return CertificateNumber.parse(str(told)).key
    except Problem:
        return ""


def _shown(name: str) -> str:
    return "".join(each for each in name if each.isprintable())[-120:]
