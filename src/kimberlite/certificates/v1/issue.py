"""The certificate: issued by an authority of the participant named in its number.

Its log section is what everyone who replays the log sees; origin, values and parties are sealed.
"""

from __future__ import annotations

import re

from kimberlite.certificates.transitions import Act, Status
from kimberlite.certificates.v1.beside import open_alerts
from kimberlite.certificates.v1.links import (
    DEMO,
    LINK,
    NUMBER,
    demo_world,
    follows_table,
    late,
    link_problem,
    look,
    not_approved,
    touch,
    unfamiliar_subject,
)
from kimberlite.certificates.v1.paper import reported_blank
from kimberlite.certificates.v1.rows import CERTIFICATES, MOST_ACTS, Row
from kimberlite.certificates.v1.sections import ISSUE_SECTIONS, KIND, TOKENS
from kimberlite.kernel.days import day_of
from kimberlite.kernel.rules import NO_FACTS, Facts, Force, Rule
from kimberlite.ledger.schema import Field, Schema, choice, day, listing, record, text
from kimberlite.ledger.types import Entry, StatementType
from kimberlite.ledger.v1.genesis import OFFICE
from kimberlite.registry.ranges import prefix_owner, range_holds

TYP = "kp-cert+cose"
BACK = 7
"""Days from issue to log above which the log says so. Source: docs/spec/certificate.md."""

_OURS = "ours: docs/spec/certificate.md"
_ANNEX = "KPCS Core Document, Annex I.A"
_FORM = re.compile(r"[A-Za-z0-9./-]{1,32}")
_SEALED = frozenset(section.label for section in ISSUE_SECTIONS)

TOKEN = Schema(
    "token",
    (
        Field(1, "kind", choice(*TOKENS), "what a restriction asks to be shown"),
        Field(2, "text", text(64), "its name, number or reference"),
    ),
)
SCHEMA = Schema(
    "certificate",
    (
        Field(1, "number", text(14, NUMBER), "number as printed (Annex I.A)"),
        Field(2, "kind", KIND, "kind of certificate"),
        Field(3, "issued", day(), "day of issue (Annex I.A)"),
        Field(4, "expires", day(), "last day of validity (Annex I.A)"),
        Field(5, "original", choice("paper", "electronic"), "which form is the original"),
        Field(6, "office", text(24, OFFICE), "issuing office (Annex I.A)", required=False),
        Field(7, "replaces", record(LINK), "own earlier certificate", required=False),
        Field(8, "tokens", listing(record(TOKEN), 1, 8), "asked by restrictions", required=False),
        Field(9, "form", text(32, _FORM), "number of the national form", required=False),
        Field(10, "basis", text(200), "legal basis of an override", required=False),
    ),
)


def _prefix_of_another(entry: Entry) -> Facts | None:
    prefix = entry.log["number"][:2]
    owner = prefix_owner(entry.state, prefix)
    return None if owner == entry.iss else {"prefix": prefix, "owner": owner or ""}


def _outside_range(entry: Entry) -> Facts | None:
    """Refuse a number that no notified range holds, or that is allotted to another office."""
    log = entry.log
    number = log["number"]
    held = range_holds(entry.state, number[:2], int(number[2:]), log["issued"])
    if held is None:
        return {"number": number}
    if held.office and held.office != log.get("office", ""):
        return {"number": number, "office": held.office}
    return None


def _office_of_another(entry: Entry) -> Facts | None:
    office = entry.key.office
    if office and office != entry.log.get("office"):
        return {"office": entry.log.get("office", ""), "key": office}
    return None


def _number_used(entry: Entry) -> Facts | None:
    row = entry.state.get(CERTIFICATES, entry.sub)
    # What another authority took down from paper never keeps the owner from its own number.
    if row is None or row.paper:
        return None
    return {"number": entry.log["number"], "index": row.index}


def _transcribed_before(entry: Entry) -> Facts | None:
    row = entry.state.get(CERTIFICATES, entry.sub)
    return None if row is None else {"index": row.index, "status": row.status.word}


def _blank(entry: Entry) -> Facts | None:
    return reported_blank(entry, entry.iss)


def _alert_open(entry: Entry) -> Facts | None:
    told = open_alerts(entry.state, entry.sub)
    return {"kind": told[0].kind, "index": told[0].index} if told else None


def _expires_before_issue(entry: Entry) -> Facts | None:
    issued, expires = entry.log["issued"], entry.log["expires"]
    return {"issued": issued, "expires": expires} if expires < issued else None


def _issued_ahead(entry: Entry) -> Facts | None:
    return late(entry, "issued")


def _not_sealed(entry: Entry) -> Facts | None:
    return None if entry.statement.body.seals.keys() >= _SEALED else NO_FACTS


def _not_approved(entry: Entry) -> Facts | None:
    return NO_FACTS if entry.statement.body.verdicts is None else not_approved(entry)


def _said(entry: Entry, *words: str) -> str:
    verdicts = entry.statement.body.verdicts
    if verdicts is None or not verdicts.said:
        return ""
    return ", ".join(code for code, word in verdicts.said if word in words)


def _no_basis(entry: Entry) -> Facts | None:
    overridden = _said(entry, "overridden")
    return {"rules": overridden} if overridden and "basis" not in entry.log else None


def _overridden(entry: Entry) -> Facts | None:
    overridden = _said(entry, "overridden")
    return {"rules": overridden} if overridden else None


def _doubted(entry: Entry) -> Facts | None:
    doubted = _said(entry, "finding", "cannot-tell")
    return {"rules": doubted} if doubted else None


def _dated_back(entry: Entry) -> Facts | None:
    issued, now = entry.log["issued"], day_of(entry.time)
    return {"issued": issued, "logged": now} if issued < now - BACK else None


def _replaces_wrongly(entry: Entry) -> Facts | None:
    link = entry.log.get("replaces")
    return None if link is None else link_problem(entry, link, own=True)


def _replaces_other_kind(entry: Entry) -> Facts | None:
    link = entry.log.get("replaces")
    if link is None:
        return None
    row = look(entry, link["number"])
    kind = entry.log["kind"]
    return {"kind": kind, "was": row.kind} if row is not None and row.kind != kind else None


def _replaced(entry: Entry) -> tuple[str, Act] | None:
    link = entry.log.get("replaces")
    return None if link is None else (link["number"], Act.REPLACE)


def _fold(entry: Entry) -> None:
    log = entry.log
    taken_down = entry.state.get(CERTIFICATES, entry.sub)
    row = Row(
        Status.ISSUED,
        log["kind"],
        log["issued"],
        log["expires"],
        entry.index,
        entry.statement.id,
        entry.iss,
        () if taken_down is None else (taken_down.index, *taken_down.acts)[-MOST_ACTS:],
    )
    entry.state.put(CERTIFICATES, entry.sub, row)
    entry.tell("certificate", entry.sub, "issue", row.status.word)
    if "replaces" in log:
        touch(entry, log["replaces"]["number"], Act.REPLACE)


_REPLACING = (Act.REPLACE,)

CERTIFICATE = StatementType(
    typ=TYP,
    summary="Issues a Kimberley Process certificate for one shipment.",
    schema=SCHEMA,
    roles=frozenset(("issue",)),
    rules=(
        Rule("certificate.subject", _OURS, Force.REFUSES, unfamiliar_subject),
        Rule("certificate.demo", DEMO, Force.REFUSES, demo_world),
        Rule("certificate.prefix", f"{_ANNEX} (numbering)", Force.REFUSES, _prefix_of_another),
        Rule(
            "certificate.range", "KPCS Core Document, Section II(d)", Force.REFUSES, _outside_range
        ),
        Rule("certificate.office", _OURS, Force.REFUSES, _office_of_another),
        Rule("certificate.number-used", f"{_ANNEX} (numbering)", Force.REFUSES, _number_used),
        Rule("certificate.expiry", f"{_ANNEX} (expiry)", Force.REFUSES, _expires_before_issue),
        Rule("certificate.future", _OURS, Force.REFUSES, _issued_ahead),
        Rule("certificate.sections", _ANNEX, Force.REFUSES, _not_sealed),
        Rule("certificate.approval", f"{_ANNEX} (validation)", Force.REFUSES, _not_approved),
        Rule("certificate.basis", _OURS, Force.REFUSES, _no_basis),
        Rule("certificate.link", _OURS, Force.REFUSES, _replaces_wrongly),
        Rule("certificate.replaces-kind", _OURS, Force.REFUSES, _replaces_other_kind),
        *follows_table(_REPLACING, Force.REFUSES, _replaced),
        *follows_table(_REPLACING, Force.FINDS, _replaced),
        Rule("certificate.blank", "KPCS Core Document, Section II(d)", Force.REFUSES, _blank),
        Rule("certificate.transcribed-before", _OURS, Force.FINDS, _transcribed_before),
        Rule("certificate.alert-open", _OURS, Force.FINDS, _alert_open),
        Rule("certificate.overridden", _OURS, Force.FINDS, _overridden),
        Rule("certificate.doubted", _OURS, Force.FINDS, _doubted),
        Rule("certificate.dated-back", _OURS, Force.FINDS, _dated_back),
    ),
    fold=_fold,
    sections=ISSUE_SECTIONS,
    asks=CERTIFICATES,
)
