"""What every act on a certificate shares: the link to it, and rules that the table decides."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeAlias

from kimberlite.certificates.transitions import SOURCES, TRANSITIONS, Act, codes
from kimberlite.certificates.v1.rows import Row, apply, find, key_of
from kimberlite.kernel.days import day_of
from kimberlite.kernel.ids import is_user_assigned
from kimberlite.kernel.rules import Facts, Force, Rule
from kimberlite.ledger.schema import Field, Schema, octets, text
from kimberlite.ledger.types import Entry
from kimberlite.ledger.v1.rows import charter

NUMBER = re.compile(r"[A-Z]{2}[0-9]{1,12}")
AHEAD = 1
"""Days by which a national calendar may run ahead of the log's UTC day."""
DEMO = "ours: docs/spec/certificate.md"

NUMBER_FIELD = Field(1, "number", text(14, NUMBER), "number of the certificate, as printed")
STATEMENT_FIELD = Field(2, "certificate", octets(32), "id of the statement that issued it")
LINK = Schema("certificate-link", (NUMBER_FIELD, STATEMENT_FIELD))

Touched: TypeAlias = Callable[[Entry], tuple[str, Act] | None]
"""Which certificate (by printed number) an entry touches and how, or None."""


class _Last:
    """The last record looked up, for the rules of one entry: they all ask for the same one.

    Rules change nothing, so what one of them read holds for the others; the entry itself is the
    key, and an entry is made anew for every admission.
    """

    __slots__ = ("held",)

    def __init__(self) -> None:
        self.held: tuple[Entry | None, str, Row | None] = (None, "", None)


_LAST = _Last()


def look(entry: Entry, number: str) -> Row | None:
    """Give the record of a printed number, for a rule that reads it."""
    held, asked, row = _LAST.held
    if held is entry and asked == number:
        return row
    row = find(entry.state, number)
    _LAST.held = (entry, number, row)
    return row


def touch(entry: Entry, number: str, act: Act) -> None:
    """Move a certificate (by printed number) as the table says, when an entry is folded in."""
    _LAST.held = (None, "", None)
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
    # Worked out once: for most entries a look at the status is all that is left to do.
    speaks = frozenset(
        (status, act)
        for status, row in TRANSITIONS.items()
        for act, answer in row.items()
        if answer.code == code
    )
    statuses = frozenset(status for status, _ in speaks)

    def check(entry: Entry) -> Facts | None:
        touched = touched_by(entry)
        if touched is None:
            return None
        number, act = touched
        row = look(entry, number)
        if row is None or row.status not in statuses or (row.status, act) not in speaks:
            return None
        last = row.acts[-1] if row.acts else row.index
        return {"number": number, "status": row.status.word, "index": last}

    return check
