"""The paper world: a foreign paper certificate taken down, a confirmation that came on a slip.

Both are one authority's word about another's paper, and are labelled so wherever they show. A
transcription never takes a number from its owner: the owner's own statement takes its place.
Source: KPCS Core Document, Annex I, III(b); ours: docs/spec/certificate-states.md.
"""

from __future__ import annotations

import re

from kimberlite.certificates.transitions import Act, Status
from kimberlite.certificates.v1.alerts import FAILED, series_of
from kimberlite.certificates.v1.beside import PAPERS, RECEIVERS, Receiver, Transcript, blank_at
from kimberlite.certificates.v1.links import (
    DAY_FIELD,
    FAMILIAR,
    NOT_AHEAD,
    NOTE_FIELD,
    NUMBER_FIELD,
    OFFICE_FIELD,
    STATEMENT_FIELD,
    acts_on,
    look,
    touch,
)
from kimberlite.certificates.v1.rows import CERTIFICATES, Row, answer, key_of
from kimberlite.certificates.v1.sections import (
    ARRIVAL_SECTIONS,
    CODE,
    EVIDENCE_SECTION,
    ISSUE_SECTIONS,
    KIND,
)
from kimberlite.kernel.rules import NO_FACTS, Facts, Force, Rule
from kimberlite.ledger.schema import Field, Schema, choice, day, text
from kimberlite.ledger.types import Entry, StatementType
from kimberlite.registry.ranges import prefix_owner, range_holds

PAPER_TYP = "kp-paper+cose"
SLIP_TYP = "kp-slip+cose"

SPECIMENS = ("matches", "differs", "none-notified", "not-compared")
MEDIA = ("slip", "e-mail", "letter", "fax", "telephone")
SAID = ("confirmed", "confirmed-with-discrepancy", "refused")

_OURS = "ours: docs/spec/certificate-states.md"
_ANNEX = "KPCS Core Document, Annex I.A"
_FORM = re.compile(r"[A-Za-z0-9./-]{1,32}")
_SEALED = frozenset(section.label for section in ISSUE_SECTIONS)
_TAIL = re.compile(r"[0-9]{1,12}\Z", re.ASCII)


def _own_paper(entry: Entry) -> Facts | None:
    return {"holder": entry.iss} if entry.log["holder"] == entry.iss else None


def _in_the_log(entry: Entry) -> Facts | None:
    """Refuse to take down what its issuer has logged: that statement is to be acted on."""
    row = look(entry, entry.log["number"])
    return None if row is None or row.paper else {"index": row.index}


def _not_sealed(entry: Entry) -> Facts | None:
    return None if entry.statement.body.seals.keys() >= _SEALED else NO_FACTS


def _expires_before_issue(entry: Entry) -> Facts | None:
    issued, expires = entry.log["issued"], entry.log["expires"]
    return {"issued": issued, "expires": expires} if expires < issued else None


def _transcribed_before(entry: Entry) -> Facts | None:
    row = look(entry, entry.log["number"])
    found = entry.state.get(PAPERS, entry.sub)
    if row is None or found is None:
        return None
    return {"index": row.index, "transcriber": found.transcriber}


def _prefix_of_another(entry: Entry) -> Facts | None:
    """Refuse a number whose letters are another's: its record would be in the wrong hands."""
    owner = prefix_owner(entry.state, entry.sub[:2])
    told = entry.log["holder"]
    return None if owner is None or owner == told else {"holder": told, "owner": owner}


def _outside_range(entry: Entry) -> Facts | None:
    number = entry.log["number"]
    held = range_holds(entry.state, number[:2], int(number[2:]), entry.log["issued"])
    return {"number": number} if held is None else None


def reported_blank(entry: Entry, holder: str) -> Facts | None:
    """Speak up when the number, or the form, was reported as a blank out of ``holder``'s hands."""
    number = entry.log["number"]
    found = blank_at(entry.state, series_of("number", holder, number[:2]), int(number[2:]))
    form = entry.log.get("form", "")
    tail = _TAIL.search(form)
    if found is None and tail is not None:
        series = series_of("form", holder, form[: tail.start()])
        found = blank_at(entry.state, series, int(tail[0]))
    return None if found is None else {"what": found.what, "index": found.index}


def _blank(entry: Entry) -> Facts | None:
    return reported_blank(entry, entry.log["holder"])


def _specimen_differs(entry: Entry) -> Facts | None:
    told = entry.log["specimen"]
    return {"specimen": told} if told == "differs" else None


def _fold_paper(entry: Entry) -> None:
    log = entry.log
    if look(entry, log["number"]) is not None:
        touch(entry, log["number"], Act.TRANSCRIBE)
        return
    told = (Status.ISSUED, log["kind"], log["issued"], log["expires"], entry.index)
    row = Row(*told, entry.statement.id, log["holder"], paper=True)
    entry.state.put(CERTIFICATES, entry.sub, row)
    entry.state.put(PAPERS, entry.sub, Transcript(entry.iss, log["specimen"]))
    entry.tell("certificate", entry.sub, "transcribe", row.status.word)


PAPER = StatementType(
    typ=PAPER_TYP,
    summary="Takes down a foreign paper certificate, with its scan and the check of its features.",
    schema=Schema(
        "paper-certificate",
        (
            NUMBER_FIELD,
            Field(2, "kind", KIND, "kind of certificate"),
            DAY_FIELD,
            OFFICE_FIELD,
            Field(5, "holder", CODE, "participant that the paper names as issuer"),
            Field(6, "issued", day(), "day of issue (Annex I.A)"),
            Field(7, "expires", day(), "last day of validity (Annex I.A)"),
            Field(8, "specimen", choice(*SPECIMENS), "paper beside the notified specimen"),
            NOTE_FIELD,
            Field(10, "form", text(32, _FORM), "number of the national form", required=False),
            Field(11, "features", FAILED, "what differs", required=False),
        ),
    ),
    roles=frozenset(("confirm",)),
    rules=(
        *FAMILIAR,
        NOT_AHEAD,
        Rule("transcript.own", _OURS, Force.REFUSES, _own_paper),
        Rule("transcript.in-the-log", _OURS, Force.REFUSES, _in_the_log),
        Rule("transcript.prefix", f"{_ANNEX} (numbering)", Force.REFUSES, _prefix_of_another),
        Rule("certificate.expiry", f"{_ANNEX} (expiry)", Force.REFUSES, _expires_before_issue),
        Rule("certificate.sections", _ANNEX, Force.REFUSES, _not_sealed),
        Rule(
            "transcript.transcribed-before",
            f"{_ANNEX} (numbering)",
            Force.FINDS,
            _transcribed_before,
        ),
        Rule("transcript.range", "KPCS Core Document, Section II(d)", Force.FINDS, _outside_range),
        Rule("transcript.blank", "KPCS Core Document, Section II(d)", Force.FINDS, _blank),
        Rule(
            "transcript.specimen",
            "KPCS Core Document, Section II(d)",
            Force.FINDS,
            _specimen_differs,
        ),
    ),
    fold=_fold_paper,
    sections=(*ISSUE_SECTIONS, EVIDENCE_SECTION),
    asks=CERTIFICATES,
)


def _told_by_slip(entry: Entry) -> tuple[str, Act]:
    refused = entry.log["outcome"] == "refused"
    return entry.log["number"], Act.REFUSE if refused else Act.REPORT


def _from_itself(entry: Entry) -> Facts | None:
    return NO_FACTS if entry.log["receiver"] == entry.iss else None


def _arrived_wrongly(entry: Entry) -> Facts | None:
    """Refuse a slip that reports an arrival later than the day on which it came in."""
    arrived, received = entry.log["arrived"], entry.log["day"]
    return {"arrived": arrived, "day": received} if arrived > received + 1 else None


def _fold_slip(entry: Entry) -> None:
    number, act = _told_by_slip(entry)
    row = look(entry, number)
    if row is not None and answer(row, act).to is not row.status:
        receiver = Receiver(entry.log["receiver"], entry.statement.id)
        entry.state.put(RECEIVERS, key_of(number), receiver)
    touch(entry, number, act)


SLIP = StatementType(
    typ=SLIP_TYP,
    summary="Takes down a confirmation of an own certificate that came on paper or by e-mail.",
    schema=Schema(
        "slip",
        (
            NUMBER_FIELD,
            STATEMENT_FIELD,
            DAY_FIELD,
            OFFICE_FIELD,
            Field(5, "receiver", CODE, "participant whose authority sent it"),
            Field(6, "arrived", day(), "day of arrival, as it says"),
            Field(7, "outcome", choice(*SAID), "what it says became of the shipment"),
            Field(8, "medium", choice(*MEDIA), "how it came"),
            NOTE_FIELD,
        ),
    ),
    roles=frozenset(("issue",)),
    rules=(
        *acts_on((Act.REPORT, Act.REFUSE), _told_by_slip, own=True),
        Rule("slip.own", _OURS, Force.REFUSES, _from_itself),
        Rule("slip.arrived", _OURS, Force.REFUSES, _arrived_wrongly),
    ),
    fold=_fold_slip,
    sections=ARRIVAL_SECTIONS,
    asks=CERTIFICATES,
)

TYPES = (PAPER, SLIP)
