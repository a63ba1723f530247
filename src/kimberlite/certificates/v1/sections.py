"""What the sealed sections hold. Labels are what is signed; they never change meaning.

Where Annex I.A of the KPCS Core Document asks for an item, the note says which.
"""

from __future__ import annotations

from kimberlite.certificates.v1.rows import KINDS
from kimberlite.kernel.goods import ROUGH
from kimberlite.kernel.ids import PARTICIPANT
from kimberlite.ledger.schema import (
    Field,
    Schema,
    choice,
    day,
    flag,
    integer,
    listing,
    octets,
    record,
    text,
)
from kimberlite.ledger.types import Section

HEADINGS = tuple(ROUGH)
"""HS headings in the order in which they are signed."""

ORIGIN_MODES = ("single", "mixed-undisclosed", "mixed-listed", "mixed-shares")
PURPOSES = (
    "sale",
    "processing",
    "exhibition",
    "expert-opinion",
    "marking",
    "scientific",
    "return",
    "detained-goods",
)
BASES = ("declared", "government-valuation", "independent-valuation", "price-book")
PAPERS = (
    "certificate",
    "invoice",
    "licence",
    "declaration",
    "transport",
    "other",
    "mine-record",
    "stock-proof",
    "purchase-record",
    "photo",
)
TOKENS = ("licence", "company", "zone", "lot", "locality", "approval")
KIND = choice(*KINDS)
HEADING = choice(*HEADINGS)
CODE = text(2, PARTICIPANT)

_MOST = 10**13
_COUNT = integer(0, 10**9)
POINTS = integer(0, _MOST)
CENTS = integer(0, _MOST)

ORIGIN = Schema(
    "origin",
    (
        Field(1, "country", CODE, "country where the goods were mined, ISO 3166-1 (item 2)"),
        Field(2, "share", integer(1, 1000), "part of the mass, in thousandths", required=False),
        Field(3, "localities", listing(text(60), 1, 8), "mines, zones, regions", required=False),
    ),
)
SHIPMENT_LINE = Schema(
    "shipment-line",
    (
        Field(1, "hs", HEADING, "HS heading (item 13)"),
        Field(2, "parcels", _COUNT, "parcels under this heading"),
    ),
)
SHIPMENT = Schema(
    "shipment",
    (
        Field(1, "destination", CODE, "participant of destination"),
        Field(2, "origin_mode", choice(*ORIGIN_MODES), "one origin, or how a mixture is shown"),
        Field(3, "origins", listing(record(ORIGIN), 1, 60), "item 2", required=False),
        Field(4, "provenance", CODE, "last participant the goods were exported from"),
        Field(5, "lines", listing(record(SHIPMENT_LINE), 0, 12), "by heading"),
        Field(6, "parcels", _COUNT, "number of parcels in the shipment (item 12)"),
        Field(7, "purpose", choice(*PURPOSES), "why the goods travel", required=False),
        Field(8, "return_by", day(), "day by which they must be back", required=False),
        Field(9, "left_origin", day(), "day they first left their origin", required=False),
    ),
)

VALUE_LINE = Schema(
    "value-line",
    (
        Field(1, "hs", HEADING, "HS heading (item 13)"),
        Field(2, "carats", POINTS, "mass in hundredths of a carat (item 10)"),
        Field(3, "value", CENTS, "value in cents of US$ (item 11)"),
    ),
)
SIZE = Schema(
    "size-class",
    (
        Field(1, "name", text(24), "size class as the national price book names it"),
        Field(2, "carats", POINTS, "mass in hundredths of a carat"),
        Field(3, "stones", _COUNT, "number of stones", required=False),
    ),
)
PARCEL = Schema(
    "parcel",
    (
        Field(1, "id", text(24), "its mark, as written on the parcel"),
        Field(2, "hs", HEADING, "HS heading"),
        Field(3, "carats", POINTS, "mass in hundredths of a carat"),
        Field(4, "value", CENTS, "value in cents of US$", required=False),
        Field(5, "box", text(24), "container it lies in", required=False),
    ),
)
VALUES = Schema(
    "values",
    (
        Field(1, "lines", listing(record(VALUE_LINE), 0, 12), "by heading"),
        Field(2, "basis", choice(*BASES), "how the value was found", required=False),
        Field(3, "sizes", listing(record(SIZE), 1, 40), "size classes", required=False),
        Field(4, "heaviest", POINTS, "heaviest stone, in points", required=False),
        Field(5, "parcel_list", listing(record(PARCEL), 1, 40), "each parcel", required=False),
    ),
)

PARTY = Schema(
    "party",
    (
        Field(1, "name", text(120), "name (item 9)"),
        Field(2, "address", text(200), "address"),
        Field(3, "licence", text(40), "licence or registration number", required=False),
    ),
)
PAPER = Schema(
    "paper",
    (
        Field(1, "kind", choice(*PAPERS), "what kind of paper"),
        Field(2, "text", text(60), "its number, for example an earlier certificate's"),
        Field(3, "digest", octets(32), "SHA-256 of the file in the vault", required=False),
    ),
)
BOX = Schema(
    "box",
    (
        Field(1, "id", text(24), "its mark, as written on the container"),
        Field(2, "seals", listing(text(40), 1, 8), "numbers of the seals on it"),
    ),
)
PARTIES = Schema(
    "parties",
    (
        Field(1, "exporter", record(PARTY), "item 9"),
        Field(2, "importer", record(PARTY), "item 9"),
        Field(3, "seals", listing(text(40), 0, 40), "numbers of the seals (Section IV(c))"),
        Field(4, "containers", integer(1, 999), "number of containers", required=False),
        Field(5, "carrier", text(80), "who carries the goods", required=False),
        Field(6, "papers", listing(record(PAPER), 1, 40), "papers shown", required=False),
        Field(7, "boxes", listing(record(BOX), 1, 40), "each container", required=False),
    ),
)

MEASURED_LINE = Schema(
    "measured-line",
    (
        Field(1, "hs", HEADING, "HS heading as found"),
        Field(2, "carats", POINTS, "mass found, in hundredths of a carat"),
        Field(3, "value", CENTS, "value found, in cents of US$", required=False),
    ),
)
MEASURED = Schema(
    "measured",
    (
        Field(1, "lines", listing(record(MEASURED_LINE), 0, 12), "by heading"),
        Field(2, "basis", choice(*BASES), "how the value was found", required=False),
        Field(3, "parcels", _COUNT, "parcels found"),
    ),
)
EVIDENCE = Schema(
    "evidence",
    (
        Field(1, "seals", listing(text(40), 0, 40), "seal numbers found", required=False),
        Field(2, "seals_intact", flag(), "were all seals unbroken", required=False),
        Field(3, "instrument", text(60), "scale or instrument used", required=False),
        Field(4, "synthetics", flag(), "were laboratory-grown stones found", required=False),
        Field(5, "photos", listing(octets(32), 1, 32), "SHA-256 of photos", required=False),
        Field(6, "remarks", text(400), "what the examiner noted", required=False),
    ),
)

MODES = ("air", "road", "rail", "sea", "by-hand", "post")

JOURNEY = Schema(
    "journey",
    (
        Field(1, "carrier", text(80), "who carries the goods", required=False),
        Field(2, "mode", choice(*MODES), "how they travel", required=False),
        Field(3, "waybill", text(40), "number of the transport paper", required=False),
        Field(4, "expected", day(), "day of arrival as planned", required=False),
        Field(5, "via", listing(CODE, 1, 8), "participants crossed", required=False),
        Field(6, "seals", listing(text(40), 0, 40), "numbers of the seals", required=False),
        Field(7, "remarks", text(400), "what the other side should know", required=False),
    ),
)

ISSUE_SECTIONS = (
    Section(1, "shipment", SHIPMENT),
    Section(2, "values", VALUES),
    Section(3, "parties", PARTIES),
)
ARRIVAL_SECTIONS = (
    Section(2, "values", MEASURED),
    Section(3, "parties", PARTIES),
    Section(4, "evidence", EVIDENCE),
)
EVIDENCE_SECTION = Section(4, "evidence", EVIDENCE)
JOURNEY_SECTION = Section(5, "journey", JOURNEY)
MEASURED_SECTION = Section(6, "measured", MEASURED)
"""Labels run on through the room, so that one never means two things."""
