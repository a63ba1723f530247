"""The list of certificates, for searching: by issuer, status, day. Made from the log alone."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from kimberlite.certificates.v1.issue import SCHEMA, TYP
from kimberlite.ledger.envelope import parse
from kimberlite.storage.projection import Fact, Projection

LONGEST = 500
"""Most rows of one answer."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One certificate in a list. Days count from 1970-01-01; ``findings`` counts all so far."""

    number: str
    issuer: str
    status: str
    issued: int
    expires: int
    entry: int
    findings: int


def _apply(db: sqlite3.Connection, index: int, raw: bytes, facts: list[Fact]) -> None:
    touched = [fact for fact in facts if fact[0] == "certificate"]
    if not touched:
        return
    statement = parse(raw)
    if statement.header.typ == TYP:
        named = SCHEMA.read(statement.body.log)
        told = (statement.header.sub, named["number"], statement.header.iss)
        days = (named["issued"], named["expires"])
        db.execute(
            "INSERT INTO certificate VALUES (?, ?, ?, '', ?, ?, ?, 0)", (*told, *days, index)
        )
    for _, key, _, status in touched:
        db.execute("UPDATE certificate SET status = ? WHERE key = ?", (status, key))
    found = sum(fact[0] == "finding" for fact in facts)
    if found:
        sql = "UPDATE certificate SET findings = findings + ? WHERE key = ?"
        db.execute(sql, (found, statement.header.sub))


PROJECTION = Projection(
    name="certificates",
    version=1,
    tables={
        "certificate": (
            "CREATE TABLE certificate (key TEXT PRIMARY KEY, number TEXT NOT NULL, "
            "issuer TEXT NOT NULL, status TEXT NOT NULL, issued INTEGER NOT NULL, "
            "expires INTEGER NOT NULL, entry INTEGER NOT NULL, findings INTEGER NOT NULL) STRICT"
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
    most: int = 50


_SEARCH = """
SELECT number, issuer, status, issued, expires, entry, findings FROM certificate
WHERE (:issuer IS NULL OR issuer = :issuer) AND (:status IS NULL OR status = :status)
    AND findings >= :findings
ORDER BY entry DESC LIMIT :most"""


def search(db: sqlite3.Connection, query: Query) -> list[Listed]:
    """List certificates, the latest first, as many as asked for and 500 in any case."""
    told = {
        "issuer": query.issuer,
        "status": query.status,
        "findings": int(query.with_findings),
        "most": max(1, min(query.most, LONGEST)),
    }
    return [Listed(*row) for row in db.execute(_SEARCH, told).fetchall()]
