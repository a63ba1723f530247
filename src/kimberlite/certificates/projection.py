"""The list of certificates, for searching: by issuer, status, day. Made from the log alone.

Beside it stand the alerts, the reports on blanks, and what one side still owes the other
(``projected`` reads these).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kimberlite.certificates.v1 import TYPES, alerts, arrival, dispute, goods, mending
from kimberlite.certificates.v1.issue import CERTIFICATE
from kimberlite.certificates.v1.paper import PAPER, SLIP_TYP
from kimberlite.certificates.v1.rows import key_of
from kimberlite.ledger.envelope import Statement, parse
from kimberlite.ledger.types import StatementType
from kimberlite.storage.projection import Fact, Projection

_MAKES = {each.typ: each for each in (CERTIFICATE, PAPER)}
_ANSWER = alerts.ANSWER_TYP.encode()
_HANDLES = frozenset((arrival.PRESENTATION_TYP, arrival.CONFIRMATION_TYP, goods.TYP))
"""Statements of who has the goods before it."""

LONGEST = 500
"""Most rows of one answer."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One certificate in a list. Days count from 1970-01-01; ``findings`` counts all so far.

    ``alerts`` counts those not answered; ``paper`` is 1 for a transcription of foreign paper.
    ``receiver`` is the authority before which it was presented, "" for none; ``since`` the day
    from which it has its status.
    """

    number: str
    issuer: str
    status: str
    issued: int
    expires: int
    entry: int
    findings: int
    alerts: int
    paper: int
    receiver: str
    since: int


def _apply(db: sqlite3.Connection, index: int, raw: bytes, facts: list[Fact]) -> None:
    told = [fact for fact in facts if fact[0] in _FOLLOWED]
    if not told and _ANSWER not in raw:
        return
    statement = parse(raw)
    kind = _TYPES.get(statement.header.typ)
    if kind is None:
        return
    named = kind.schema.read(statement.body.log)
    if statement.header.typ in _MAKES:
        _enter(db, index, statement, named)
    for fact in told:
        if fact[0] == "certificate":
            _move(db, fact, statement, named)
        elif fact[0] == "alert":
            more = 1 if fact[3] == "open" else -1
            db.execute("UPDATE certificate SET alerts = alerts + ? WHERE key = ?", (more, fact[1]))
    found = sum(fact[0] == "finding" for fact in facts)
    if found:
        sql = "UPDATE certificate SET findings = findings + ? WHERE key = ?"
        db.execute(sql, (found, statement.header.sub))
    note = _NOTES.get(statement.header.typ)
    if note is not None:
        note(db, index, statement, named)


def _enter(db: sqlite3.Connection, index: int, statement: Statement, named: dict[str, Any]) -> None:
    """Enter a certificate; its issuer's own statement takes the place of a transcription."""
    paper = statement.header.typ == PAPER.typ
    holder = named["holder"] if paper else statement.header.iss
    receiver = statement.header.iss if paper else ""
    db.execute(
        "INSERT INTO certificate VALUES (?, ?, ?, '', ?, ?, ?, 0, ?, 0, ?, ?) ON CONFLICT (key) "
        "DO UPDATE SET number = excluded.number, issuer = excluded.issuer, "
        "issued = excluded.issued, expires = excluded.expires, entry = excluded.entry, paper = 0 "
        "WHERE NOT excluded.paper",
        (
            *(statement.header.sub, named["number"], holder),
            *(named["issued"], named["expires"], index, paper, receiver, named["issued"]),
        ),
    )


def _move(db: sqlite3.Connection, fact: Fact, statement: Statement, named: dict[str, Any]) -> None:
    """Give a certificate its status, the day from which it has it, and who has the goods."""
    _, key, _, status = fact
    header = statement.header
    day = named.get("day", named.get("arrived", named.get("issued", 0)))
    receiver = header.iss if header.typ in _HANDLES else ""
    if header.typ == SLIP_TYP:
        receiver = named["receiver"]
    db.execute(
        "UPDATE certificate SET since = ?, receiver = CASE WHEN ? IN ('', issuer) THEN receiver "
        "ELSE ? END, status = ? WHERE key = ? AND status <> ?",
        (day, receiver, receiver, status, key, status),
    )


def _note_alert(
    db: sqlite3.Connection, index: int, statement: Statement, named: dict[str, Any]
) -> None:
    db.execute(
        "INSERT INTO alert VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, '', '', NULL)",
        (
            *(index, statement.header.sub, named["number"], statement.id, named["kind"]),
            *(statement.header.iss, named["day"], named["held"]),
            json.dumps(list(named.get("features", ()))),
        ),
    )


def _note_answer(
    db: sqlite3.Connection, index: int, statement: Statement, named: dict[str, Any]
) -> None:
    finding, about = named["finding"], named["alert"]
    if finding == "under-inquiry":
        db.execute("UPDATE alert SET inquiry = ? WHERE statement = ?", (named["day"], about))
        return
    db.execute(
        "UPDATE alert SET finding = ?, answerer = ?, answered = ? WHERE statement = ?",
        (finding, statement.header.iss, index, about),
    )


def _note_blanks(
    db: sqlite3.Connection, index: int, statement: Statement, named: dict[str, Any]
) -> None:
    db.execute(
        "INSERT INTO blank VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(index, statement.header.iss, named["of"], named["lead"]),
            *(named["first"], named["last"], named["fate"], named["day"], named.get("office", "")),
        ),
    )


def _note_rectification(
    db: sqlite3.Connection, index: int, statement: Statement, named: dict[str, Any]
) -> None:
    row = (key_of(named["number"]), statement.id, statement.header.iss, named["day"], index)
    db.execute("INSERT INTO pending VALUES ('countersign', ?, ?, ?, ?, ?)", row)


def _note_countersignature(
    db: sqlite3.Connection, index: int, statement: Statement, named: dict[str, Any]
) -> None:
    del index, statement
    sql = "DELETE FROM pending WHERE kind = 'countersign' AND ref = ?"
    db.execute(sql, (named["rectification"],))


def _note_discrepancy(
    db: sqlite3.Connection, index: int, statement: Statement, named: dict[str, Any]
) -> None:
    """Keep the file open until both sides named one outcome; ``holder`` lists who named which."""
    key, iss = key_of(named["number"]), statement.header.iss
    if named["step"] == "opened":
        db.execute("DELETE FROM pending WHERE kind = 'settle' AND key = ?", (key,))
        row = (key, statement.id, "{}", named["day"], index)
        db.execute("INSERT INTO pending VALUES ('settle', ?, ?, ?, ?, ?)", row)
    if named["step"] != "outcome":
        return
    sql = "SELECT holder FROM pending WHERE kind = 'settle' AND key = ?"
    row = db.execute(sql, (key,)).fetchone()
    if row is None:
        return
    said = {**json.loads(row[0]), iss: named["outcome"]}
    if len(said) > 1 and len(set(said.values())) == 1:
        db.execute("DELETE FROM pending WHERE kind = 'settle' AND key = ?", (key,))
    else:
        sql = "UPDATE pending SET holder = ? WHERE kind = 'settle' AND key = ?"
        db.execute(sql, (json.dumps(said), key))


_FOLLOWED = frozenset(("certificate", "alert", "blanks", "rectification", "discrepancy"))
_TYPES: dict[str, StatementType] = {each.typ: each for each in TYPES}
_NOTES: dict[str, Callable[[sqlite3.Connection, int, Statement, dict[str, Any]], None]] = {
    alerts.ALERT_TYP: _note_alert,
    alerts.ANSWER_TYP: _note_answer,
    alerts.BLANK_TYP: _note_blanks,
    mending.RECTIFICATION_TYP: _note_rectification,
    mending.COUNTERSIGNATURE_TYP: _note_countersignature,
    dispute.TYP: _note_discrepancy,
}

PROJECTION = Projection(
    name="certificates",
    version=3,
    tables={
        # The uniqueness is for its index: an entry makes at most one certificate.
        "certificate": (
            "CREATE TABLE certificate (key TEXT PRIMARY KEY, number TEXT NOT NULL, "
            "issuer TEXT NOT NULL, status TEXT NOT NULL, issued INTEGER NOT NULL, "
            "expires INTEGER NOT NULL, entry INTEGER NOT NULL, findings INTEGER NOT NULL, "
            "paper INTEGER NOT NULL, alerts INTEGER NOT NULL, receiver TEXT NOT NULL, "
            "since INTEGER NOT NULL, UNIQUE (status, entry)) STRICT"
        ),
        "alert": (
            "CREATE TABLE alert (entry INTEGER PRIMARY KEY, key TEXT NOT NULL, "
            "number TEXT NOT NULL, statement BLOB NOT NULL UNIQUE, kind TEXT NOT NULL, "
            "holder TEXT NOT NULL, day INTEGER NOT NULL, held INTEGER NOT NULL, "
            "features TEXT NOT NULL, inquiry INTEGER, finding TEXT NOT NULL, "
            "answerer TEXT NOT NULL, answered INTEGER) STRICT"
        ),
        "blank": (
            "CREATE TABLE blank (entry INTEGER PRIMARY KEY, holder TEXT NOT NULL, "
            "of TEXT NOT NULL, lead TEXT NOT NULL, first INTEGER NOT NULL, "
            "last INTEGER NOT NULL, fate TEXT NOT NULL, day INTEGER NOT NULL, "
            "office TEXT NOT NULL) STRICT"
        ),
        "pending": (
            "CREATE TABLE pending (kind TEXT NOT NULL, key TEXT NOT NULL, ref BLOB NOT NULL, "
            "holder TEXT NOT NULL, since INTEGER NOT NULL, entry INTEGER NOT NULL, "
            "PRIMARY KEY (kind, key, ref)) STRICT"
        ),
    },
    apply=_apply,
)


@dataclass(frozen=True, slots=True)
class Query:
    """What to list; None means any.

    ``expired_on`` lists what was still unused on that day though it had expired; ``first`` and
    ``last`` are days of issue, both included; ``keys`` are number keys ("XA123"). Days since 1970.
    """

    issuer: str | None = None
    status: str | None = None
    with_findings: bool = False
    with_alerts: bool = False
    paper: bool | None = None
    most: int = 50
    receiver: str | None = None
    expired_on: int | None = None
    first: int | None = None
    last: int | None = None
    keys: frozenset[str] | None = None


_SEARCH = """
SELECT number, issuer, status, issued, expires, entry, findings, alerts, paper, receiver, since
FROM certificate
WHERE (:issuer IS NULL OR issuer = :issuer) AND (:status IS NULL OR status = :status)
    AND findings >= :findings AND alerts >= :alerts
    AND (:paper IS NULL OR paper = :paper)
    AND (:receiver IS NULL OR receiver = :receiver)
    AND (:expired_on IS NULL
        OR (expires < :expired_on AND status IN ('issued', 'dispatched', 'presented')))
    AND (:first IS NULL OR issued >= :first) AND (:last IS NULL OR issued <= :last)
    AND (:keys IS NULL OR key IN (SELECT value FROM json_each(:keys)))
ORDER BY entry DESC LIMIT :most"""


def search(db: sqlite3.Connection, query: Query) -> list[Listed]:
    """List certificates, the latest first, as many as asked for and 500 in any case."""
    told = {
        "issuer": query.issuer,
        "status": query.status,
        "findings": int(query.with_findings),
        "alerts": int(query.with_alerts),
        "paper": query.paper,
        "receiver": query.receiver,
        "expired_on": query.expired_on,
        "first": query.first,
        "last": query.last,
        "keys": None if query.keys is None else json.dumps(sorted(query.keys)),
        "most": max(1, min(query.most, LONGEST)),
    }
    rows = db.execute(_SEARCH, told).fetchall()
    return [Listed(*row) for row in rows]
