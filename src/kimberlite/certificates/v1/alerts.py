"""Alarms that every authority sees: a false or cloned certificate, a loss, stolen blanks.

An alert stands beside a certificate's state and asks its issuer a question; it changes no state,
so that no single authority can stop another's trade. Alleged is not found: what an alert says is
its author's word until the issuer answers.
Source: KPCS Core Document, Section II(d), V(g); ours: docs/spec/certificate-states.md.
"""

from __future__ import annotations

import re
from dataclasses import replace

from kimberlite.certificates.transitions import Act
from kimberlite.certificates.v1.beside import (
    ALERTS,
    BLANKS,
    MOST_ALERTS,
    Alert,
    Blanks,
    open_alerts,
)
from kimberlite.certificates.v1.links import (
    DAY_FIELD,
    DEMO,
    FAMILIAR,
    NOT_AHEAD,
    NOTE_FIELD,
    NUMBER_FIELD,
    OFFICE_FIELD,
    STATEMENT_FIELD,
    acts_on,
    demo_world,
    look,
    touch,
)
from kimberlite.certificates.v1.rows import CERTIFICATES
from kimberlite.certificates.v1.sections import EVIDENCE_SECTION
from kimberlite.kernel.rules import Facts, Force, Rule
from kimberlite.ledger.schema import Field, Schema, choice, flag, integer, listing, octets, text
from kimberlite.ledger.types import Entry, StatementType
from kimberlite.registry.ranges import prefix_owner

LOSS_TYP = "kp-loss+cose"
ALERT_TYP = "kp-alert+cose"
ANSWER_TYP = "kp-answer+cose"
BLANK_TYP = "kp-blank+cose"

LOSSES = ("certificate-lost", "certificate-stolen", "goods-lost", "goods-stolen")
ALARMS = ("counterfeit", "clone", "duplicate-number", "tampered", "unknown-number", "stolen-blank")
FEATURES = (
    "number-range",
    "number-form",
    "issuing-authority",
    "signatory",
    "signature",
    "seal-image",
    "layout",
    "paper",
    "watermark",
    "ultraviolet",
    "dates",
    "parcel-number",
    "code",
    "contents",
    "other",
)
FAILED = listing(choice(*FEATURES), 1, len(FEATURES))
ANSWERS = (
    "genuine",
    "counterfeit",
    "clone",
    "duplicate-number",
    "not-issued",
    "under-inquiry",
    "withdrawn",
)
BLANK_FATES = ("lost", "stolen", "spoiled", "destroyed", "recovered")

MOST_BLANKS = 2_000
"""Reports of blanks in one series."""
_LEAD = re.compile(r"[A-Za-z0-9./-]{1,24}")
_OURS = "ours: docs/spec/certificate-states.md"
_FEATURES = "KPCS Core Document, Section II(d)"


def _lost(entry: Entry) -> tuple[str, Act]:
    return entry.log["number"], Act.LOSE


def _fold_loss(entry: Entry) -> None:
    touch(entry, entry.log["number"], Act.LOSE)


LOSS = StatementType(
    typ=LOSS_TYP,
    summary="Reports an own certificate, or the goods under it, as lost or stolen.",
    schema=Schema(
        "loss",
        (
            NUMBER_FIELD,
            STATEMENT_FIELD,
            DAY_FIELD,
            OFFICE_FIELD,
            Field(5, "what", choice(*LOSSES), "what was lost"),
            NOTE_FIELD,
        ),
    ),
    roles=frozenset(("issue",)),
    rules=acts_on((Act.LOSE,), _lost, own=True),
    fold=_fold_loss,
    asks=CERTIFICATES,
)


def _number_unknown(entry: Entry) -> Facts | None:
    known = look(entry, entry.log["number"]) is not None
    return None if known else {"number": entry.log["number"]}


def _too_many_open(entry: Entry) -> Facts | None:
    own = [each for each in open_alerts(entry.state, entry.sub) if each.holder == entry.iss]
    full = len(open_alerts(entry.state, entry.sub)) >= MOST_ALERTS
    return {"index": own[0].index} if own else ({"limit": MOST_ALERTS} if full else None)


def _fold_alert(entry: Entry) -> None:
    key = entry.sub
    told = entry.state.get(ALERTS, key) or ()
    made = Alert(entry.statement.id, entry.index, entry.log["kind"], entry.iss)
    if len(told) >= MOST_ALERTS:
        answered = next(each for each in told if not each.open)
        told = tuple(each for each in told if each is not answered)
    entry.state.put(ALERTS, key, (*told, made))
    entry.tell("alert", key, made.kind, "open")
    touch(entry, entry.log["number"], Act.ALERT)


ALERT = StatementType(
    typ=ALERT_TYP,
    summary="Alerts every authority to a doubtful certificate and asks the named issuer.",
    schema=Schema(
        "alert",
        (
            NUMBER_FIELD,
            Field(2, "certificate", octets(32), "id of the statement shown", required=False),
            DAY_FIELD,
            OFFICE_FIELD,
            Field(5, "kind", choice(*ALARMS), "what it is taken for"),
            Field(6, "features", FAILED, "what failed", required=False),
            Field(7, "held", flag(), "are the goods held"),
            NOTE_FIELD,
        ),
    ),
    roles=frozenset(("confirm", "issue")),
    rules=(
        *FAMILIAR,
        NOT_AHEAD,
        Rule("alert.open", _OURS, Force.REFUSES, _too_many_open),
        Rule("alert.number-unknown", _FEATURES, Force.FINDS, _number_unknown),
    ),
    fold=_fold_alert,
    sections=(EVIDENCE_SECTION,),
    asks=CERTIFICATES,
)


def _asked(entry: Entry) -> Alert | None:
    named = entry.log["alert"]
    told = open_alerts(entry.state, entry.sub)
    return next((each for each in told if each.statement == named), None)


def _nothing_asked(entry: Entry) -> Facts | None:
    return {"alert": entry.log["alert"].hex()} if _asked(entry) is None else None


def _not_asked(entry: Entry) -> Facts | None:
    """Refuse an answer by anyone but the participant whose number it is, or the one who asked."""
    asked = _asked(entry)
    if entry.log["finding"] == "withdrawn":
        holder = "" if asked is None else asked.holder
        return None if holder == entry.iss else {"holder": holder}
    row = look(entry, entry.log["number"])
    owner = row.holder if row is not None else prefix_owner(entry.state, entry.sub[:2])
    return None if owner == entry.iss else {"holder": owner or ""}


def _fold_answer(entry: Entry) -> None:
    finding, asked = entry.log["finding"], _asked(entry)
    if asked is not None and finding != "under-inquiry":
        told = entry.state.get(ALERTS, entry.sub) or ()
        kept = tuple(replace(each, open=False) if each is asked else each for each in told)
        entry.state.put(ALERTS, entry.sub, kept)
        entry.tell("alert", entry.sub, asked.kind, finding)
    touch(entry, entry.log["number"], Act.ANSWER)


ANSWER = StatementType(
    typ=ANSWER_TYP,
    summary="Answers an alert as the authority whose certificate it is about, or withdraws it.",
    schema=Schema(
        "answer",
        (
            NUMBER_FIELD,
            Field(2, "alert", octets(32), "id of the alert"),
            DAY_FIELD,
            OFFICE_FIELD,
            Field(5, "finding", choice(*ANSWERS), "what was found"),
            Field(6, "presentation", octets(32), "where the genuine one is", required=False),
            NOTE_FIELD,
        ),
    ),
    roles=frozenset(("issue", "confirm")),
    rules=(
        *FAMILIAR,
        NOT_AHEAD,
        Rule("answer.no-alert", _OURS, Force.REFUSES, _nothing_asked),
        Rule("answer.not-asked", _OURS, Force.REFUSES, _not_asked),
    ),
    fold=_fold_answer,
    asks=CERTIFICATES,
)


def series_of(of: str, holder: str, lead: str) -> str:
    """Name a series of blanks: of certificate numbers, or of a participant's own forms."""
    return f"number/{lead}" if of == "number" else f"form/{holder}/{lead}"


def _series(entry: Entry) -> str:
    return series_of(entry.log["of"], entry.iss, entry.log["lead"])


def _reversed(entry: Entry) -> Facts | None:
    first, last = entry.log["first"], entry.log["last"]
    return {"first": first, "last": last} if last < first else None


def _another_prefix(entry: Entry) -> Facts | None:
    if entry.log["of"] == "form":
        return None
    owner = prefix_owner(entry.state, entry.log["lead"])
    return None if owner == entry.iss else {"prefix": entry.log["lead"], "owner": owner or ""}


def _not_own_subject(entry: Entry) -> Facts | None:
    return None if entry.sub == entry.iss else {"sub": entry.sub}


def _too_many_blanks(entry: Entry) -> Facts | None:
    told = entry.state.get(BLANKS, _series(entry)) or ()
    return {"limit": MOST_BLANKS} if len(told) >= MOST_BLANKS else None


def _fold_blank(entry: Entry) -> None:
    log, series = entry.log, _series(entry)
    made = Blanks(log["first"], log["last"], log["fate"], entry.index)
    entry.state.put(BLANKS, series, (*(entry.state.get(BLANKS, series) or ()), made))
    entry.tell("blanks", series, made.first, made.last, made.what)


BLANK = StatementType(
    typ=BLANK_TYP,
    summary="Reports blank certificates as lost, stolen, spoiled, destroyed or recovered.",
    schema=Schema(
        "blank",
        (
            Field(1, "of", choice("number", "form"), "what the serials count"),
            Field(2, "lead", text(24, _LEAD), "letters before the serial"),
            DAY_FIELD,
            OFFICE_FIELD,
            Field(5, "first", integer(0, 10**12 - 1), "first serial"),
            Field(6, "last", integer(0, 10**12 - 1), "last serial, included"),
            Field(7, "fate", choice(*BLANK_FATES), "what became of them"),
            NOTE_FIELD,
        ),
    ),
    roles=frozenset(("issue",)),
    rules=(
        Rule("blank.subject", _OURS, Force.REFUSES, _not_own_subject),
        Rule("certificate.demo", DEMO, Force.REFUSES, demo_world),
        NOT_AHEAD,
        Rule("blank.reversed", _OURS, Force.REFUSES, _reversed),
        Rule("blank.prefix", _OURS, Force.REFUSES, _another_prefix),
        Rule("blank.too-many", _OURS, Force.REFUSES, _too_many_blanks),
    ),
    fold=_fold_blank,
)

TYPES = (LOSS, ALERT, ANSWER, BLANK)
