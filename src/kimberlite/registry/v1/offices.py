"""What a participant notifies about itself: offices, specimens, practice.

Sources: KPCS Core Document, Section II(d), Section IV(b), Section V(a).
"""

from __future__ import annotations

from dataclasses import replace

from kimberlite.kernel.days import show_day
from kimberlite.kernel.rules import NO_FACTS, Facts, Force, Rule
from kimberlite.ledger.schema import (
    Field,
    Schema,
    choice,
    day,
    integer,
    listing,
    octets,
    record,
    text,
)
from kimberlite.ledger.types import Entry, StatementType
from kimberlite.ledger.v1.genesis import OFFICE as OFFICE_ID
from kimberlite.registry.model import Office, Specimen, Standing
from kimberlite.registry.notified import OFFICES, PRACTICES, SPECIMENS, PracticeNote
from kimberlite.registry.v1 import parts
from kimberlite.registry.v1.limits import at_most
from kimberlite.registry.v1.parts import OURS, REGISTRY

_V_A = "KPCS Core Document, Section V(a)"
_OWN = (parts.NOT_OWN, parts.CODE_KIND, parts.UNKNOWN)
_ID = text(24, OFFICE_ID)
_LANGUAGE = choice("en", "ar", "fr", "ru", "pt", "zh", "es", "he")

CONTACT = Schema(
    "contact",
    (
        Field(1, "email", text(80), "e-mail of the office", required=False),
        Field(2, "phone", text(40), "telephone of the office", required=False),
        Field(3, "address", text(200), "postal address", required=False),
        Field(4, "url", text(120), "web page", required=False),
    ),
)


def _offices(entry: Entry) -> tuple[Office, ...]:
    return entry.state.get(OFFICES, entry.iss) or ()


def office_of(entry: Entry, name: str) -> Office | None:
    """Give the latest version of the issuer's office ``name``, or None."""
    return next((row for row in reversed(_offices(entry)) if row.id == name), None)


def _parent_unknown(entry: Entry) -> Facts | None:
    parent = entry.log.get("parent")
    if parent is None or (parent != entry.log["id"] and office_of(entry, parent) is not None):
        return None
    return {"parent": parent}


def _fold_office(entry: Entry) -> None:
    log = entry.log
    rows = list(_offices(entry))
    for at, row in enumerate(rows):
        if row.id == log["id"] and (row.ends is None or row.ends > log["begins"]):
            rows[at] = replace(row, ends=log["begins"])
    rows.append(
        Office(
            log["id"],
            entry.iss,
            log["name"],
            log.get("parent", ""),
            tuple(log["roles"]),
            log.get("contact", {}),
            log["begins"],
            None,
            parts.record(entry, Standing.STATED),
        )
    )
    entry.state.put(OFFICES, entry.iss, tuple(rows))
    entry.tell("registry.office", entry.iss, log["id"], log["begins"])


OFFICE = StatementType(
    typ="kp-office+cose",
    summary="Names an authority or an office of it; restating it changes it from a day on.",
    schema=Schema(
        "office",
        (
            Field(1, "id", _ID, "short name within the participant"),
            Field(2, "name", text(160), "name of the office, not of a person"),
            Field(
                3,
                "roles",
                listing(choice("export", "import", "statistics", "focal-point"), 1, 4),
                "what it does for the scheme",
            ),
            Field(4, "parent", _ID, "office it belongs to", required=False),
            Field(5, "contact", record(CONTACT), "how it is reached", required=False),
            parts.BEGINS,
        ),
    ),
    roles=REGISTRY,
    rules=(
        *_OWN,
        Rule("office.parent-unknown", OURS, Force.REFUSES, _parent_unknown),
        at_most(lambda entry: len(_offices(entry))),
    ),
    fold=_fold_office,
)


def _no_such_office(entry: Entry) -> Facts | None:
    name = entry.log["id"]
    return {"id": name} if office_of(entry, name) is None else None


def _ends_too_early(entry: Entry) -> Facts | None:
    found = office_of(entry, entry.log["id"])
    if found is None or entry.log["ends"] >= found.begins:
        return None
    return {"begins": show_day(found.begins), "ends": show_day(entry.log["ends"])}


def _fold_office_end(entry: Entry) -> None:
    rows = list(_offices(entry))
    name, ends = entry.log["id"], entry.log["ends"]
    at = max(at for at, row in enumerate(rows) if row.id == name)
    rows[at] = replace(rows[at], ends=ends)
    entry.state.put(OFFICES, entry.iss, tuple(rows))
    entry.tell("registry.office-ended", entry.iss, name, ends)


OFFICE_END = StatementType(
    typ="kp-office-end+cose",
    summary="Ends an office from a day on.",
    schema=Schema(
        "office-end",
        (
            Field(1, "id", _ID, "the office"),
            Field(31, "ends", day(), "first day on which it no longer acts"),
        ),
    ),
    roles=REGISTRY,
    rules=(
        *_OWN,
        Rule("office.unknown", OURS, Force.REFUSES, _no_such_office),
        Rule("office.period", OURS, Force.REFUSES, _ends_too_early),
    ),
    fold=_fold_office_end,
)


def _specimens(entry: Entry) -> tuple[Specimen, ...]:
    return entry.state.get(SPECIMENS, entry.iss) or ()


def _fold_specimen(entry: Entry) -> None:
    log = entry.log
    made = Specimen(
        log["template"],
        log["begins"],
        log.get("ends"),
        tuple(log["features"]),
        log.get("image"),
        parts.record(entry, Standing.STATED),
    )
    entry.state.put(SPECIMENS, entry.iss, (*_specimens(entry), made))
    entry.tell("registry.specimen", entry.iss, log["template"], log["begins"])


SPECIMEN = StatementType(
    typ="kp-specimen+cose",
    summary="Notifies a certificate design; the image and secret features travel by digest.",
    schema=Schema(
        "specimen",
        (
            Field(1, "template", text(40), "name of the design"),
            Field(2, "features", listing(text(120), 0, 24), "features others may check, in words"),
            Field(3, "image", octets(32), "SHA-256 of the image", required=False),
            parts.BEGINS,
            parts.ENDS,
        ),
    ),
    roles=REGISTRY,
    rules=(
        *_OWN,
        parts.PERIOD,
        at_most(lambda entry: len(_specimens(entry))),
    ),
    fold=_fold_specimen,
)


def _says_nothing(entry: Entry) -> Facts | None:
    return NO_FACTS if entry.log.keys() <= {"begins"} else None


def _practices(entry: Entry) -> tuple[PracticeNote, ...]:
    return entry.state.get(PRACTICES, entry.iss) or ()


def _fold_practice(entry: Entry) -> None:
    fields = {name: value for name, value in entry.log.items() if name != "begins"}
    note = PracticeNote(entry.log["begins"], fields, parts.record(entry, Standing.STATED))
    entry.state.put(PRACTICES, entry.iss, (*_practices(entry), note))
    entry.tell("registry.practice", entry.iss, note.begins, sorted(fields))


_PERMILLE = integer(0, 1000)
_DAYS = integer(1, 366)

PRACTICE = StatementType(
    typ="kp-practice+cose",
    summary="States national practice from a day on; what is left out stays as it was.",
    schema=Schema(
        "practice",
        (
            Field(1, "validity_days", integer(1, 366), "issue to expiry, days", required=False),
            Field(2, "confirm_days", integer(1, 366), "to confirm an arrival", required=False),
            Field(3, "expiry_governs", choice("arrival", "export"), "which day", required=False),
            Field(
                4,
                "status_policy",
                choice("arrival", "issue", "export"),
                "which day's status decides",
                required=False,
            ),
            Field(5, "tolerance_carats_permille", _PERMILLE, "thousandths", required=False),
            Field(6, "tolerance_value_permille", _PERMILLE, "thousandths", required=False),
            Field(7, "languages", listing(_LANGUAGE, 1, 8), "of certificates", required=False),
            Field(8, "retention_years", integer(3, 100), "originals kept", required=False),
            Field(
                9,
                "shipment_opens_days",
                integer(0, 36_500),
                "days after confirmation to opening the shipment to all participants; 0: never",
                required=False,
            ),
            Field(10, "unused_days", _DAYS, "from expiry to voiding the unused", required=False),
            Field(11, "answer_days", _DAYS, "to answer an alert", required=False),
            Field(12, "countersign_days", _DAYS, "to countersign", required=False),
            Field(13, "settle_days", _DAYS, "to settle a discrepancy", required=False),
            Field(
                14,
                "detain_days",
                integer(0, 3660),
                "for which goods may be detained; 0: no limit",
                required=False,
            ),
            parts.BEGINS,
        ),
    ),
    roles=REGISTRY,
    rules=(
        *_OWN,
        Rule("practice.empty", _V_A, Force.REFUSES, _says_nothing),
        at_most(lambda entry: len(_practices(entry))),
    ),
    fold=_fold_practice,
)

TYPES = (OFFICE, OFFICE_END, SPECIMEN, PRACTICE)
