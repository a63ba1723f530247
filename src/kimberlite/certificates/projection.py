"""The list of certificates, for searching: by issuer, status, day. Made from the log alone."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from kimberlite.certificates.v1.issue import CERTIFICATE
from kimberlite.certificates.v1.paper import PAPER
from kimberlite.ledger.envelope import Statement, parse
from kimberlite.storage.projection import Fact, Projection

_MAKES = {each.typ: each for each in (CERTIFICATE, PAPER)}

LONGEST = 500
"""Most rows of one answer."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One certificate in a list. Days count from 1970-01-01; ``findings`` counts all so far.

    ``alerts`` counts those not answered; ``paper`` is 1 for a transcription of foreign paper.
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


def _apply(db: sqlite3.Connection, index: int, raw: bytes, facts: list[Fact]) -> None:
    touched = [fact for fact in facts if fact[0] == "certificate"]
    asked = [fact for fact in facts if fact[0] == "alert"]
    if not touched and not asked:
        return
    statement = parse(raw)
    if statement.header.typ in _MAKES:
        _enter(db, index, statement)
    for _, key, _, status in touched:
        db.execute("UPDATE certificate SET status = ? WHERE key = ?", (status, key))
    for _, key, _, said in asked:
        more = 1 if said == "open" else -1
        db.execute("UPDATE certificate SET alerts = alerts + ? WHERE key = ?", (more, key))
    found = sum(fact[0] == "finding" for fact in facts)
    if found:
        sql = "UPDATE certificate SET findings = findings + ? WHERE key = ?"
        db.execute(sql, (found, statement.header.sub))


def _enter(db: sqlite3.Connection, index: int, statement: Statement) -> None:
    """Enter a certificate; its issuer's own statement takes the place of a transcription."""
    kind = _MAKES[statement.header.typ]
    named = kind.schema.read(statement.body.log)
    paper = kind is PAPER
    holder = named["holder"] if paper else statement.header.iss
    db.execute(
        "INSERT INTO certificate VALUES (?, ?, ?, '', ?, ?, ?, 0, ?, 0) ON CONFLICT (key) "
        "DO UPDATE SET number = excluded.number, issuer = excluded.issuer, "
        "issued = excluded.issued, expires = excluded.expires, entry = excluded.entry, paper = 0 "
        "WHERE NOT excluded.paper",
        (
            *(statement.header.sub, named["number"], holder),
            *(named["issued"], named["expires"], index, paper),
        ),
    )


PROJECTION = Projection(
    name="certificates",
    version=2,
    tables={
        "certificate": (
            "CREATE TABLE certificate (key TEXT PRIMARY KEY, number TEXT NOT NULL, "
            "issuer TEXT NOT NULL, status TEXT NOT NULL, issued INTEGER NOT NULL, "
            "expires INTEGER NOT NULL, entry INTEGER NOT NULL, findings INTEGER NOT NULL, "
            "paper INTEGER NOT NULL, alerts INTEGER NOT NULL) STRICT"
        ),
    },
    apply=_apply,
)


@dataclass(frozen=True, slots=True)
class Query:
    """What to list; None means any."""

    issuer: str | None = None
    status: str | None = None
    with_findings: bool = False
    with_alerts: bool = False
    paper: bool | None = None
    most: int = 50


_SEARCH = """
SELECT number, issuer, status, issued, expires, entry, findings, alerts, paper
FROM certificate
WHERE (:issuer IS NULL OR issuer = :issuer) AND (:status IS NULL OR status = :status)
    AND findings >= :findings AND alerts >= :alerts
    AND (:paper IS NULL OR paper = :paper)
ORDER BY entry DESC LIMIT :most"""


def search(db: sqlite3.Connection, query: Query) -> list[Listed]:
    """List certificates, the latest first, as many as asked for and 500 in any case."""
    told = {
        "issuer": query.issuer,
        "status": query.status,
        "findings": int(query.with_findings),
        "alerts": int(query.with_alerts),
        "paper": query.paper,
        "most": max(1, min(query.most, LONGEST)),
    }
    rows = db.execute(_SEARCH, told).fetchall()
    return [Listed(*row) for row in rows]
