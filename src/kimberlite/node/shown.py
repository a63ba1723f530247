"""What an office may see of a shipment: its certificate as last corrected, and its journey."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from kimberlite.certificates.model import Certificate
from kimberlite.node.desk import Desk
from kimberlite.node.held import Folder, Held
from kimberlite.node.sight import Asker, Sight

PAPER: Final = "kp-paper+cose"
_TOLD: Final = frozenset(("kp-cert+cose", "kp-correction+cose", PAPER))
_DISPATCH: Final = "kp-dispatch+cose"


@dataclass(frozen=True, slots=True)
class Shown:
    """A certificate with the sections that are open, and where its goods are on their way.

    ``left`` is the day of dispatch, ``expected`` the day of arrival as planned; None if not told.
    """

    certificate: Certificate
    left: int | None = None
    expected: int | None = None
    carrier: str = ""
    waybill: str = ""


def shown(desk: Desk, folder: Folder) -> Shown:
    """Give what ``desk`` may see of a folder, as the matrix of visibility says."""
    sight = Sight(folder, Asker(desk.holder), desk.view.registry(), desk.view.today())
    sections: dict[str, dict[str, Any]] = {}
    journey: dict[str, Any] = {}
    left: int | None = None
    for held in folder.held:
        if held.act.typ in _TOLD:
            sections.update(_read(sight, held, "shipment", "values", "parties"))
        if held.act.typ == _DISPATCH:
            left = held.act.named["day"]
            journey = _read(sight, held, "journey").get("journey", {})
    return Shown(
        _certificate(folder, sections),
        left,
        journey.get("expected"),
        journey.get("carrier", ""),
        journey.get("waybill", ""),
    )


def _certificate(folder: Folder, sections: dict[str, dict[str, Any]]) -> Certificate:
    row = folder.life.row
    act = next(each.act for each in folder.held if each.act.index == row.index)
    if act.typ == PAPER:
        return Certificate.transcribed(act.named, sections)
    return Certificate.of(row.holder, act.named, sections)


def _read(sight: Sight, held: Held, *names: str) -> dict[str, dict[str, Any]]:
    told = {name: held.read(name) for name in names if sight.opens(held, name)}
    return {name: section for name, section in told.items() if section is not None}
