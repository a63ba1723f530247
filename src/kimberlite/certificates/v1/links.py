"""What every act on a certificate shares: the link to it, and rules that the table decides."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeAlias, cast

from kimberlite.certificates.transitions import SOURCES, Act, codes
from kimberlite.certificates.v1.rows import Row, answer, apply, find, key_of
from kimberlite.kernel.days import day_of
from kimberlite.kernel.ids import is_user_assigned
from kimberlite.kernel.rules import NO_FACTS, Facts, Force, Rule
from kimberlite.ledger.schema import Field, Schema, day, octets, text
from kimberlite.ledger.types import Entry
from kimberlite.ledger.v1.genesis import OFFICE
from kimberlite.ledger.v1.rows import charter

NUMBER = re.compile(r"[A-Z]{2}[0-9]{1,12}")
AHEAD = 1
"""Days by which a national calendar may run ahead of the log's UTC day."""
DEMO = "ours: docs/spec/certificate.md"

NUMBER_FIELD = Field(1, "number", text(14, NUMBER), "number of the certificate, as printed")
STATEMENT_FIELD = Field(2, "certificate", octets(32), "id of the statement that issued it")
DAY_FIELD = Field(3, "day", day(), "day on which it happened")
OFFICE_FIELD = Field(4, "office", text(24, OFFICE), "office that acted", required=False)
NOTE_FIELD = Field(9, "note", text(200), "why, in a sentence", required=False)
LINK = Schema("certificate-link", (NUMBER_FIELD, STATEMENT_FIELD))

Touched: TypeAlias = Callable[[Entry], tuple[str, Act] | None]
"""Which certificate (by printed number) an entry touches and how, or None."""


def look(entry: Entry, number: str) -> Row | None:
    """Give the record of a printed number, for a rule that reads it.

    Rules change nothing, so what one of them read holds for the others of the same entry.
    """
    memo = entry.memo
    if number not in memo:
        memo[number] = find(entry.state, number)
    return cast("Row | None", memo[number])


def touch(entry: Entry, number: str, act: Act) -> None:
    """Move a certificate (by printed number) as the table says, when an entry is folded in."""
    entry.memo.clear()
    apply(entry, key_of(number), act)


def unfamiliar_subject(entry: Entry) -> Facts | None:
    """Speak up when the header's subject is not the number's one spelling."""
    key = key_of(entry.log["number"])
    return None if entry.sub == key else {"sub": entry.sub, "number": key}


def demo_world(entry: Entry) -> Facts | None:
    """Speak up when a demo or test log meets a code that belongs to a real country."""
    found = charter(entry.state)
    if found is None or found.kind == "prod" or is_user_assigned(entry.iss):
        return None
    return {"kind": found.kind, "code": entry.iss}


def late(entry: Entry, name: str) -> Facts | None:
    """Speak up when the day ``name`` has not come yet by the log's time."""
    told, now = entry.log[name], day_of(entry.time)
    return {name: told, "logged": now} if told > now + AHEAD else None


def link_problem(entry: Entry, link: Any, *, own: bool) -> Facts | None:
    """Speak up when ``link`` names no certificate in the log, another one, or another's."""
    row = look(entry, link["number"])
    if row is None:
        return {"number": link["number"], "why": "unknown"}
    if row.statement != link["certificate"]:
        return {"number": link["number"], "why": "another-statement", "index": row.index}
    if own and row.holder != entry.iss:
        return {"number": link["number"], "why": "another-holder", "holder": row.holder}
    return None


def foreign_link(entry: Entry) -> Facts | None:
    """Speak up when the entry's own number and statement id are a broken link."""
    return link_problem(entry, entry.log, own=False)


def own_link(entry: Entry) -> Facts | None:
    """Speak up as ``foreign_link``, and when the certificate is another participant's."""
    return link_problem(entry, entry.log, own=True)


def dated_ahead(entry: Entry) -> Facts | None:
    """Speak up when the entry's day has not come yet by the log's time."""
    return late(entry, "day")


def before_issue(entry: Entry) -> Facts | None:
    """Speak up when the entry's day lies before the certificate was issued."""
    row = look(entry, entry.log["number"])
    day = entry.log["day"]
    return {"issued": row.issued, "day": day} if row is not None and day < row.issued else None


def not_approved(entry: Entry) -> Facts | None:
    """Speak up when no record of officers' approval is committed to."""
    return NO_FACTS if entry.statement.body.approval is None else None


FAMILIAR: tuple[Rule[Entry], ...] = (
    Rule("certificate.subject", DEMO, Force.REFUSES, unfamiliar_subject),
    Rule("certificate.demo", DEMO, Force.REFUSES, demo_world),
)
"""What every statement about a number keeps to."""
APPROVED: Rule[Entry] = Rule("certificate.approval", DEMO, Force.REFUSES, not_approved)
NOT_AHEAD: Rule[Entry] = Rule("certificate.future", DEMO, Force.REFUSES, dated_ahead)
NOT_BEFORE: Rule[Entry] = Rule("certificate.before-issue", DEMO, Force.FINDS, before_issue)


def acts_on(
    acts: tuple[Act, ...], touched_by: Touched, *, own: bool, approved: bool = False
) -> tuple[Rule[Entry], ...]:
    """Make the rules of a statement that acts on a certificate: its link, its day, the table's.

    Args:
        acts: what it can do.
        touched_by: what a given entry does.
        own: whether the certificate has to be the speaker's own.
        approved: whether officers' approval has to be committed to.
    """
    return (
        *FAMILIAR,
        Rule("certificate.link", DEMO, Force.REFUSES, own_link if own else foreign_link),
        NOT_AHEAD,
        *((APPROVED,) if approved else ()),
        *follows_table(acts, Force.REFUSES, touched_by),
        *follows_table(acts, Force.FINDS, touched_by),
    )


def follows_table(
    acts: tuple[Act, ...], force: Force, touched_by: Touched
) -> tuple[Rule[Entry], ...]:
    """Make one rule for each code with which the transition table can answer ``acts``."""
    refused = force is Force.REFUSES
    return tuple(
        Rule(code, SOURCES[code], force, _meets(code, touched_by))
        for code in codes(acts, refused=refused)
    )


def _meets(code: str, touched_by: Touched) -> Callable[[Entry], Facts | None]:
    def check(entry: Entry) -> Facts | None:
        memo = entry.memo
        # Asked by every rule of the table, and worked out by the first: most have nothing to say.
        said = memo[touched_by] if touched_by in memo else _told(entry, touched_by)
        if said != code:
            return None
        number, _ = touched_by(entry) or ("", None)
        row = look(entry, number)
        if row is None:
            return None
        last = row.acts[-1] if row.acts else row.index
        return {"number": number, "status": row.status.word, "index": last}

    return check


def _told(entry: Entry, touched_by: Touched) -> str:
    """Give the code with which the table answers what the entry does, or nothing."""
    touched = touched_by(entry)
    row = None if touched is None else look(entry, touched[0])
    said = "" if touched is None or row is None else answer(row, touched[1]).code
    entry.memo[touched_by] = said
    return said
