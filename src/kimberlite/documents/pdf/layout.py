"""Where each thing stands on the A4 page: one table for certificate, blank stock and overprint.

Millimetres from the upper left corner. Everything below the perforation, 100 mm from the lower
edge, is the import confirmation that is torn off. Source of the 100 mm: Council Regulation (EC)
No 2368/2002, Annex IV. The rest is ours, docs/spec/pdf.md.
"""

from __future__ import annotations

from dataclasses import dataclass

WIDTH, HEIGHT = 210.0, 297.0
PERFORATION = HEIGHT - 100.0
CODE = 48.0
"""Width of a printed code with its quiet zone: 700 bytes at level Q then have 0.37 mm modules."""


@dataclass(frozen=True, slots=True)
class Box:
    """A field on the page. ``label`` is the key of its printed label, "" for none.

    ``size`` is the largest type in points; a value that does not fit is set smaller, and in the
    end moved to a continuation sheet. ``ruled`` boxes have a frame.
    """

    name: str
    x: float
    y: float
    w: float
    h: float
    label: str = ""
    size: float = 9.0
    ruled: bool = True


BOXES = (
    Box("number", 141, 13, 55, 11, "paper.number", 13),
    Box("form", 141, 24, 55, 8, "paper.form", 8),
    Box("origin", 14, 61, 91, 10.5, "paper.origin"),
    Box("provenance", 105, 61, 45.5, 10.5, "paper.provenance"),
    Box("destination", 150.5, 61, 45.5, 10.5, "paper.destination"),
    Box("issued", 14, 71.5, 60, 9.5, "paper.issued"),
    Box("expires", 74, 71.5, 60, 9.5, "paper.expires"),
    Box("authority", 134, 71.5, 62, 9.5, "paper.authority", 8),
    Box("exporter", 14, 81, 91, 16, "paper.exporter"),
    Box("importer", 105, 81, 91, 16, "paper.importer"),
    Box("seals", 14, 120, 104, 9.5, "paper.seals"),
    Box("carrier", 118, 120, 50, 9.5, "paper.carrier", 8),
    Box("containers", 168, 120, 28, 9.5, "paper.containers", 8),
    Box("remarks", 14, 129.5, 182, 8, "paper.remarks", 7),
    Box("validation", 113, 139, 83, 27, "paper.validation", 6.5),
    Box("checkword", 113, 166.5, 33, 11, "paper.checkword", 12),
    Box("verify", 146, 166.5, 50, 11, "paper.verify", 7.5),
    Box("once", 113, 178, 83, 13, "", 6.5, ruled=False),
    Box("slip.number", 14, 211, 45.5, 10.5, "paper.number", 11),
    Box("slip.authority", 59.5, 211, 60, 10.5, "paper.authority", 8),
    Box("slip.destination", 119.5, 211, 45.5, 10.5, "paper.destination"),
    Box("slip.checkword", 165, 211, 31, 10.5, "paper.checkword", 9.5),
    Box("slip.exporter", 14, 221.5, 91, 14, "paper.exporter", 8),
    Box("slip.importer", 105, 221.5, 91, 14, "paper.importer", 8),
    Box("slip.received", 14, 261, 50, 27, "paper.received"),
    Box("slip.importing", 64, 261, 132, 27, "paper.importing", 6.5),
)

BY_NAME = {each.name: each for each in BOXES}


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a goods table; ``name`` is the part of a row that it shows."""

    name: str
    w: float
    label: str
    over: str = ""
    """Label that spans this column and those after it with the same one."""


@dataclass(frozen=True, slots=True)
class Goods:
    """A table of goods: a head, a row for each heading, a total."""

    name: str
    x: float
    y: float
    head: float
    row: float
    columns: tuple[Column, ...]
    brief: bool = False
    """Whether headings stand without their meaning."""


GOODS = (
    Goods(
        "goods",
        14,
        97,
        5,
        4.5,
        (
            Column("hs", 77, "paper.heading"),
            Column("parcels", 30, "paper.parcels"),
            Column("carats", 35, "paper.carats"),
            Column("value", 40, "paper.value"),
        ),
    ),
    Goods(
        "slip.goods",
        14,
        235.5,
        7,
        4.5,
        (
            Column("hs", 26, "paper.heading"),
            Column("carats", 36, "paper.carats", "paper.declared"),
            Column("value", 36, "paper.value", "paper.declared"),
            Column("", 22, "paper.parcels", "paper.found"),
            Column("", 30, "paper.carats", "paper.found"),
            Column("", 32, "paper.value", "paper.found"),
        ),
        brief=True,
    ),
)

CODES = ((14.0, 142.2), (63.0, 142.2))
"""Upper left corners of the two codes that the first sheet has room for."""
