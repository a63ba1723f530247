"""Who there is in the demo: three fictional participants, their offices, traders and practice.

Codes XA to XZ are user-assigned in ISO 3166-1; every name here is invented.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kimberlite.documents.pdf import design as designs
from kimberlite.node.founding import Draft

SIGNING = ("issue", "confirm", "registry")
"""What a participant's signer may sign."""
KEEPING = ("endorse", "keys", "recover")
"""What its other key, which no process holds, may sign."""

ORGANS: Mapping[str, Sequence[str]] = {
    "kp.log": ("log",),
    "kp.operator": ("operate",),
    "kp.chair": ("chair", "endorse"),
    "kp.archive": ("transcribe",),
}


@dataclass(frozen=True, slots=True)
class Member:
    """A fictional participant."""

    code: str
    names: Mapping[str, str]
    authority: str
    first: int
    last: int
    practice: Mapping[str, Any]
    designed: bool = False
    """Whether it prints with this program, in a design of its own."""


MEMBERS = (
    Member(
        "XA",
        {"en": "Adamantia", "ar": "أدامانتيا", "fr": "Adamantie"},
        "Government Diamond Office",
        100001,
        199999,
        {
            "validity_days": 60,
            "confirm_days": 10,
            "expiry_governs": "arrival",
            "languages": ["en", "ar"],
        },
        designed=True,
    ),
    Member(
        "XB",
        {"en": "Brilliana", "ar": "بريليانا", "fr": "Brillianie"},
        "Diamond Control Bureau",
        500001,
        599999,
        {
            "validity_days": 30,
            "confirm_days": 7,
            "tolerance_carats_permille": 2,
            "languages": ["en", "fr"],
        },
        designed=True,
    ),
    Member(
        "XC",
        {"en": "Carbonia", "ar": "كربونيا", "fr": "Carbonie"},
        "Ministry of Mines",
        1,
        9999,
        {"validity_days": 90, "expiry_governs": "export"},
    ),
)
HOSTED = ("XA", "XB")
"""Whose signer and office this node runs; the others are there to be traded with."""

OFFICERS: Mapping[str, Sequence[str]] = {
    "XA": ("officer-1", "officer-2", "officer-3"),
    "XB": ("officer-1", "officer-2"),
}


def listing(member: Member, today: int) -> Draft:
    """Draft the decision that lists a participant."""
    named = {
        "names": dict(member.names),
        "begins": today - 365,
        "source": "Invented for the demo",
    }
    return Draft("kp-participant+cose", member.code, named)


def statements(member: Member, sealing: bytes, today: int) -> list[Draft]:
    """Draft what a participant states about itself: office, numbers, specimen, practice."""
    begins = {"begins": today - 30}
    office = {
        "id": "HQ",
        "name": member.authority,
        "roles": ["export", "import"],
        "contact": {"email": f"office@{member.code.lower()}.example"},
        **begins,
    }
    numbers = {"prefix": member.code, "first": member.first, "last": member.last, **begins}
    features = ["watermark of a kite", "number ends the parcel number", "red dotted rule"]
    template = f"{member.code}-2026"
    image = {"image": designs.shipped(template).digest} if member.designed else {}
    specimen = {"template": template, "features": features, **image, **begins}
    return [
        Draft("kp-office+cose", member.code, office),
        Draft("kp-range+cose", member.code, numbers),
        Draft("kp-specimen+cose", member.code, specimen),
        Draft("kp-practice+cose", member.code, {**member.practice, **begins}),
        Draft("kp-sealing-key+cose", member.code, {"public": sealing}),
    ]


def application(exporter: str, destination: str, carats: str, value: str) -> dict[str, Any]:
    """Give an application for a shipment of non-industrial rough from Adamantia."""
    return {
        "kind": "ordinary",
        "original": "paper",
        "office": "HQ",
        "shipment": {
            "destination": destination,
            "origin_mode": "single",
            "origins": [{"country": "XA"}],
            "provenance": "XA",
            "lines": [{"hs": "7102.31", "parcels": 2}],
            "parcels": 2,
        },
        "values": {
            "lines": [{"hs": "7102.31", "carats": carats, "value": value}],
            "basis": "government-valuation",
        },
        "parties": {
            "exporter": {"name": exporter, "address": "1 Quarry Road, Port Kite, Adamantia"},
            "importer": {
                "name": "Facet Brothers",
                "address": "7 Wheel Street, Brillant, Brilliana",
            },
            "carrier": "Sure Secure Logistics",
        },
    }


def findings(day: str, carats: str, value: str) -> dict[str, Any]:
    """Give what an importing authority found of such a shipment."""
    return {
        "arrived": day,
        "outcome": "confirmed",
        "examination": ["documents", "seals", "weighed"],
        "values": {
            "lines": [{"hs": "7102.31", "carats": carats, "value": value}],
            "parcels": 2,
        },
        "parties": {
            "exporter": {"name": "Kite Mining", "address": "1 Quarry Road, Port Kite, Adamantia"},
            "importer": {
                "name": "Facet Brothers",
                "address": "7 Wheel Street, Brillant, Brilliana",
            },
            "seals": ["AD-4417"],
        },
        "evidence": {"seals_intact": True},
    }
