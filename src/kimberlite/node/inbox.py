"""Shipments on the way to an office: what was sealed to it before they arrive.

A dispatch in the log is the native pre-advice; that a shipment is for this office shows in the
vault, where copies wait that only its key opens. Source: KPCS Core Document, Annex II (21).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kimberlite.certificates.projection import LONGEST, Listed, Query
from kimberlite.certificates.transitions import Status
from kimberlite.kernel.days import show_day
from kimberlite.ledger.envelope import parse
from kimberlite.node.desk import Desk
from kimberlite.node.held import gather
from kimberlite.node.shown import Shown, shown

_WAY = (Status.DISPATCHED.word, Status.ISSUED.word)
_SHIPMENT = 1


@dataclass(frozen=True, slots=True)
class Coming:
    """A shipment on its way here. Days since 1970.

    ``told`` is what opens here: the certificate as last corrected, and its journey.
    """

    number: str
    issuer: str
    status: str
    issued: int
    expires: int
    told: Shown
    alerts: int = 0

    @property
    def open(self) -> bool:
        """Say whether what was sealed opened here."""
        return self.told.certificate.shipment is not None


def inbox(desk: Desk, private: bytes | None = None) -> tuple[Coming, ...]:
    """List the shipments that are on their way to ``desk``, what is expected first at the head.

    Args:
        desk: the authority's.
        private: its X25519 key (32 bytes), to open what was sealed to it; None lists what waits
            sealed by its number.

    Raises:
        Untrusted: ``hpke.open``, ``section.digest``.
    """
    found = [
        coming
        for status in _WAY
        for each in desk.view.certificates(Query(status=status, paper=False, most=LONGEST))
        if each.issuer != desk.holder and _sealed_to(desk, each)
        for coming in (_coming(desk, each, private),)
        if coming is not None
    ]
    return tuple(sorted(found, key=_order))


def _order(coming: Coming) -> tuple[bool, int, str]:
    told = coming.told.left if coming.told.expected is None else coming.told.expected
    return told is None, coming.issued if told is None else told, coming.number


def _sealed_to(desk: Desk, listed: Listed) -> bool:
    seals = parse(desk.view.reader.entry(listed.entry).raw).body.seals
    digest = seals.get(_SHIPMENT)
    return digest is not None and desk.holder in desk.vault.recipients(digest)


def _coming(desk: Desk, listed: Listed, private: bytes | None) -> Coming | None:
    """Give one of them, or None where a correction has sent it elsewhere."""
    folder = gather(desk, listed.number, private)
    if folder.destination not in {"", desk.holder}:
        return None
    told = shown(desk, folder)
    return Coming(
        folder.life.number,
        listed.issuer,
        listed.status,
        listed.issued,
        listed.expires,
        told,
        listed.alerts,
    )


def coming_json(found: Coming) -> dict[str, Any]:
    """Give one shipment on its way in JSON: null where it is sealed here or was not told."""
    seen, told = found.told.certificate, found.told
    shipment, values, parties = seen.shipment, seen.values, seen.parties
    worth = None if values is None else values.value
    return {
        "number": found.number,
        "from": found.issuer,
        "status": found.status,
        "issued": show_day(found.issued),
        "expires": show_day(found.expires),
        "left": None if told.left is None else show_day(told.left),
        "expected": None if told.expected is None else show_day(told.expected),
        "carats": None if values is None else str(values.carats),
        "value": None if worth is None else str(worth),
        "parcels": None if shipment is None else shipment.parcels,
        "exporter": None if parties is None else parties.exporter.name,
        "importer": None if parties is None else parties.importer.name,
        "seals": None if parties is None else list(parties.seals),
        "carrier": told.carrier or None,
        "alerts": found.alerts,
    }
