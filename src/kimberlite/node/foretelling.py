"""What the log would say of an act before anybody signs it: the very rules, on an unsigned draft.

Nothing is written. The answer holds for the log as it is known here; another authority's statement
may come first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from kimberlite.certificates.drafting import Draft
from kimberlite.certificates.rules import Said
from kimberlite.certificates.v1.arrival import CONFIRMATION_TYP
from kimberlite.kernel.errors import NotFound
from kimberlite.kernel.rules import Finding, Force
from kimberlite.ledger.envelope import Header, Statement
from kimberlite.ledger.keyring import KEYS, Key
from kimberlite.ledger.sections import SALT_BYTES
from kimberlite.ledger.types import Entry
from kimberlite.node import clock
from kimberlite.node.acting import draft_act, files_for
from kimberlite.node.assessed import assess_draft
from kimberlite.node.desk import Desk

_NOTHING = bytes(32)


@dataclass(frozen=True, slots=True)
class Foretold:
    """What would be refused, and what would be found and recorded.

    ``refused`` and ``found`` are the log's rules, ``said`` the section rules that did not hold.
    """

    refused: tuple[Finding, ...] = ()
    found: tuple[Finding, ...] = ()
    said: tuple[Said, ...] = ()


def foretell(desk: Desk, draft: Draft, files: tuple[bytes, ...] = ()) -> Foretold:
    """Run the rules of the log on ``draft`` as if it were handed in now.

    Raises:
        NotFound: ``signer.no-key`` when the holder has no key that may say this.
        Invalid: as ``parse_file``.
    """
    entry = _entry(desk, draft)
    refused: list[Finding] = []
    found: list[Finding] = []
    for rule in draft.kind.rules:
        facts = rule.check(entry)
        if facts is not None:
            kept = refused if rule.force is Force.REFUSES else found
            kept.append(Finding(rule.code, facts))
            if rule.force is Force.REFUSES:
                break
    return Foretold(tuple(refused), tuple(found), _said(desk, draft, files))


def foretell_act(
    desk: Desk, word: str, told: Mapping[str, Any], files: tuple[bytes, ...] = ()
) -> Foretold:
    """Say what would become of an act told as ``Office.act`` takes it. Raises as both."""
    return foretell(desk, draft_act(desk, word, told), files)


def _entry(desk: Desk, draft: Draft) -> Entry:
    """Give the entry that the draft would be, as far as rules look at it."""
    state, now = desk.view.reader.state(), clock.now()
    key = _key(desk, draft)
    openings = draft.openings(dict.fromkeys(draft.sections, bytes(SALT_BYTES)))
    body = replace(draft.body(desk.holder, openings), approval=_NOTHING)
    header = Header(key.public.algorithm, key.public.kid, draft.typ, desk.holder, draft.sub, now)
    statement = Statement(b"", _NOTHING, header, body, b"", b"", b"")
    return Entry(
        statement, draft.kind.schema.read(body.log), desk.view.reader.size, now, key, state
    )


def _key(desk: Desk, draft: Draft) -> Key:
    for _, key in desk.view.reader.state().scan(KEYS):
        if key.holder == desk.holder and key.until is None and key.roles & draft.kind.roles:
            return key
    raise NotFound("signer.no-key", f"{desk.holder} has no key for this", holder=desk.holder)


def _said(desk: Desk, draft: Draft, files: tuple[bytes, ...]) -> tuple[Said, ...]:
    """Give the section rules that do not hold, or cannot tell, of an arrival."""
    if draft.typ != CONFIRMATION_TYP:
        return ()
    found = assess_draft(desk, draft, files_for(desk, draft, files))
    return () if found is None else (*found.broken, *found.doubtful)
