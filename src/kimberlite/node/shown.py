"""What an office may see of a shipment: its certificate as it reads now, and its journey."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from kimberlite.certificates.current import Part, current
from kimberlite.certificates.model import Certificate
from kimberlite.kernel.errors import NotFound
from kimberlite.node.desk import Desk
from kimberlite.node.held import Folder, Held
from kimberlite.node.sight import Asker, Sight

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
    """Give what ``desk`` may see of a folder, as the matrix of visibility says.

    Raises:
        NotFound: ``certificate.unknown`` when the folder lacks the statement that issued it.
    """
    sight = Sight(folder, Asker(desk.holder), desk.view.registry(), desk.view.today())
    parts = [part_of(sight, held) for held in folder.held]
    found = current(parts, folder.life.row.statement)
    if found is None:
        number = folder.life.number
        raise NotFound("certificate.unknown", "no such certificate in this log", number=number)
    left: int | None = None
    journey: Mapping[str, Any] = {}
    for part in parts:
        if part.typ == _DISPATCH:
            left = part.named["day"]
            journey = part.sections.get("journey") or {}
    return Shown(
        found.certificate,
        left,
        journey.get("expected"),
        journey.get("carrier", ""),
        journey.get("waybill", ""),
    )


def part_of(sight: Sight, held: Held) -> Part:
    """Give a statement with the sections that its asker may see and that are open here."""
    names = [each.section for each in held.sections]
    told = {name: held.read(name) if sight.opens(held, name) else None for name in names}
    act = held.act
    return Part(act.statement, act.typ, act.holder, act.named, told)
