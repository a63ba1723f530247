"""The columns of each kind of file: what they mean, how they are read, where they go.

docs/reference/intake.md lists them; templates are made of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from kimberlite.certificates.v1.alerts import FEATURES
from kimberlite.certificates.v1.arrival import EXAMINATIONS, OUTCOMES
from kimberlite.certificates.v1.paper import MEDIA, SAID, SPECIMENS
from kimberlite.certificates.v1.rows import KINDS as CERTIFICATE_KINDS
from kimberlite.certificates.v1.sections import BASES, HEADINGS, PURPOSES
from kimberlite.kernel.errors import Invalid
from kimberlite.node.intake import cells
from kimberlite.node.intake.cells import Read

PAPERS: Final = "papers"
APPLICATIONS: Final = "applications"
SLIPS: Final = "slips"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, its reader, where its value goes ("section.field"), an example.

    A path that begins with "+" belongs to the arrival that a row may tell of as well; "" goes
    nowhere by itself.
    """

    name: str
    read: Read
    path: str
    about: str
    example: str = ""
    required: bool = False


def _lines(prefix: str, mark: str, about: str) -> tuple[Column, ...]:
    found = []
    for heading in HEADINGS:
        tail = heading.replace(".", "")
        for what, read in (("parcels", cells.count), ("carats", cells.amount)):
            if not (prefix and what == "parcels"):
                name = f"{prefix}{what}_{tail}"
                told = f"{what} under {heading}{about}"
                found.append(Column(name, read, f"{mark}lines", told))
        told = f"US$ under {heading}{about}"
        found.append(Column(f"{prefix}value_{tail}", cells.amount, f"{mark}lines", told))
    return tuple(found)


def _party(name: str, *, needed: bool = True) -> tuple[Column, ...]:
    return (
        Column(name, cells.words, f"parties.{name}.name", f"{name}'s name", "A Ltd", needed),
        Column(
            f"{name}_address",
            cells.words,
            f"parties.{name}.address",
            f"{name}'s address",
            "1 Road, Town",
            needed,
        ),
        Column(f"{name}_licence", cells.words, f"parties.{name}.licence", f"{name}'s licence"),
    )


_NUMBER = Column("number", cells.number, "number", "certificate number", "XC000123", required=True)
_OFFICE = Column("office", cells.words, "office", "own office that acts", "HQ")
_NOTE = Column("note", cells.words, "note", "a remark for everyone who replays the log")
_KIND = Column("kind", cells.one_of(*CERTIFICATE_KINDS), "kind", "kind; ordinary if empty")
_FORM = Column("form", cells.words, "form", "number of the printed form")
_SEALS = Column(
    "seals", cells.listing, "parties.seals", "seal numbers, between semicolons", "A1;A2"
)
_SHIPMENT = (
    Column(
        "origin",
        cells.origins,
        "shipment",
        'origins: "XC", "XC;XD", "XC:60;XD:40" or "***"',
        "XC",
        required=True,
    ),
    Column("parcels", cells.count, "shipment.parcels", "parcels in all", "2", required=True),
    *_lines("", "", ""),
    Column("carats", cells.amount, "", "sum of carats, checked against the lines"),
    Column("value", cells.amount, "", "sum of US$, checked against the lines"),
    Column("basis", cells.one_of(*BASES), "values.basis", "how the value was found"),
    Column("purpose", cells.one_of(*PURPOSES), "shipment.purpose", "why the goods travel"),
    Column("return_by", cells.day, "shipment.return_by", "day by which they must be back"),
    Column("left_origin", cells.day, "shipment.left_origin", "day they first left their origin"),
    *_party("exporter"),
    *_party("importer"),
    Column("containers", cells.count, "parties.containers", "number of containers"),
    Column("carrier", cells.words, "parties.carrier", "who carries the goods"),
)
_ARRIVAL = (
    Column("arrived", cells.day, "+arrived", "day of arrival, where the outcome is known"),
    Column("outcome", cells.one_of(*OUTCOMES), "+outcome", "what became of the shipment"),
    Column("examination", cells.some_of(EXAMINATIONS), "+examination", "how it was examined"),
    Column("found_parcels", cells.count, "+values.parcels", "parcels found; as stated if empty"),
    *_lines("found_", "+", " as found; as stated if none is given"),
    Column("seals_intact", cells.flag, "+evidence.seals_intact", "were all seals unbroken"),
    Column("remarks", cells.words, "+evidence.remarks", "what the examiner noted"),
)

KINDS: Final[Mapping[str, tuple[Column, ...]]] = {
    PAPERS: (
        _NUMBER,
        Column("holder", cells.code, "holder", "issuer; the number's letters if empty", "XC"),
        Column("issued", cells.day, "issued", "day of issue", "2026-01-31", required=True),
        Column(
            "expires", cells.day, "expires", "last day of validity", "2026-03-31", required=True
        ),
        Column("received", cells.day, "day", "day on which the paper was received", "2026-02-02"),
        _OFFICE,
        _KIND,
        _FORM,
        Column(
            "specimen",
            cells.one_of(*SPECIMENS),
            "specimen",
            "beside the notified specimen; not-compared if empty",
            "matches",
        ),
        Column("features", cells.some_of(FEATURES), "features", "what differs from the specimen"),
        _NOTE,
        Column("destination", cells.code, "shipment.destination", "this participant if empty"),
        Column("provenance", cells.code, "shipment.provenance", "the issuer if empty"),
        *_SHIPMENT,
        _SEALS,
        *_ARRIVAL,
    ),
    APPLICATIONS: (
        Column(
            "reference",
            cells.words,
            "",
            "own reference, one for each application",
            "A-17",
            required=True,
        ),
        _OFFICE,
        _KIND,
        Column("original", cells.one_of("paper", "electronic"), "original", "paper if empty"),
        _FORM,
        Column(
            "destination",
            cells.code,
            "shipment.destination",
            "participant of destination",
            "XB",
            required=True,
        ),
        Column("provenance", cells.code, "shipment.provenance", "this participant if empty"),
        *_SHIPMENT,
    ),
    SLIPS: (
        _NUMBER,
        Column(
            "receiver",
            cells.code,
            "receiver",
            "participant whose authority sent it",
            "XB",
            required=True,
        ),
        Column(
            "arrived",
            cells.day,
            "arrived",
            "day of arrival, as it says",
            "2026-02-02",
            required=True,
        ),
        Column("received", cells.day, "day", "day on which it came in; today if empty"),
        Column(
            "outcome", cells.one_of(*SAID), "outcome", "what it says", "confirmed", required=True
        ),
        Column("medium", cells.one_of(*MEDIA), "medium", "how it came", "slip", required=True),
        _OFFICE,
        _NOTE,
        Column("parcels", cells.count, "values.parcels", "parcels, as it says"),
        *(each for each in _lines("", "", ", as it says") if not each.name.startswith("parcels")),
        *_party("exporter", needed=False),
        *_party("importer", needed=False),
        _SEALS,
        Column("seals_intact", cells.flag, "evidence.seals_intact", "were all seals unbroken"),
        Column("remarks", cells.words, "evidence.remarks", "what else it says"),
    ),
}
"""Columns by kind of file, in the order of the template."""


def columns(kind: str) -> tuple[Column, ...]:
    """Give the columns of a kind of file. Raises Invalid ``intake.kind``."""
    found = KINDS.get(kind)
    if found is None:
        raise Invalid("intake.kind", f"a file holds one of {', '.join(KINDS)}", kind=kind[:20])
    return found
