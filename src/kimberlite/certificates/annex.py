"""Annex I.A of the KPCS Core Document, item by item: what a certificate must carry, and where.

The checklist is data so that the rule, the printed form and the test all read the same one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from kimberlite.certificates.model import Certificate

TITLE = "Kimberley Process Certificate"
ASSURANCE = (
    "The rough diamonds in this shipment have been handled in accordance with the provisions of "
    "the Kimberley Process Certification Scheme."
)
"""The statement that item 1 asks for, as national rules print it (31 CFR 592.307(a))."""


@dataclass(frozen=True, slots=True)
class Item:
    """One item: its name, where it stands ("log", a section, "header", "form"), and the check."""

    name: str
    place: str
    present: Callable[[Certificate], bool] = field(repr=False)


def _origin(seen: Certificate) -> bool:
    shipment = seen.shipment
    if shipment is None:
        return False
    return shipment.origin_mode != "single" or len(shipment.origins) == 1


def _parties(seen: Certificate) -> bool:
    parties = seen.parties
    return parties is not None and bool(parties.exporter.name and parties.importer.name)


def _weighed(seen: Certificate) -> bool:
    return seen.values is not None and seen.values.carats.points > 0


def _valued(seen: Certificate) -> bool:
    value = None if seen.values is None else seen.values.value
    return value is not None and value.cents > 0


ANNEX_I = (
    Item("title", "form", lambda _: bool(TITLE and ASSURANCE)),
    Item("origin", "shipment", _origin),
    Item("english", "form", lambda seen: (TITLE + ASSURANCE + seen.number).isascii()),
    Item("number", "log", lambda seen: seen.number[:2].isalpha() and seen.number[2:].isdigit()),
    Item("forgery-resistance", "header", lambda seen: bool(seen.issuer)),
    Item("issued", "log", lambda seen: seen.issued > 0),
    Item("expires", "log", lambda seen: seen.expires >= seen.issued),
    Item("authority", "header", lambda seen: bool(seen.issuer)),
    Item("parties", "parties", _parties),
    Item("carats", "values", _weighed),
    Item("value", "values", _valued),
    Item("parcels", "shipment", lambda s: s.shipment is not None and s.shipment.parcels > 0),
    Item("headings", "shipment", lambda s: s.shipment is not None and bool(s.shipment.lines)),
    Item("validation", "header", lambda seen: bool(seen.issuer)),
)
"""The fourteen items, in the order of the Core Document."""


def missing(certificate: Certificate) -> tuple[str, ...]:
    """List the items that a certificate with open sections lacks."""
    return tuple(item.name for item in ANNEX_I if not item.present(certificate))
