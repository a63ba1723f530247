"""What of an authority's openings may be erased by now, and what must be kept still."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from kimberlite.kernel.errors import Invalid, NotFound
from kimberlite.node.desk import Desk
from kimberlite.node.erasing import keeps_until
from kimberlite.node.held import Sealed, gather


@dataclass(frozen=True, slots=True)
class Due:
    """One certificate of which an authority keeps, or kept, openings.

    Attributes:
        number: as printed.
        issuer: who issued it.
        status: where it stands, in a word.
        begins: the day from which the years count, days since 1970; None while under way.
        years: the longest term that binds this node.
        ends: the first day on which it may be erased; None while under way.
        sections: how many sealed sections are kept here.
        erased: the day on which openings of it were erased here, or None.
        standing: "erased", "due", "kept" or "under-way".
    """

    number: str
    issuer: str
    status: str
    begins: int | None
    years: int
    ends: int | None
    sections: int
    erased: int | None
    standing: str


def due(
    desk: Desk, day: int | None = None, progress: Callable[[int], None] | None = None
) -> list[Due]:
    """List the certificates on which this office acted, the first to fall due first.

    Args:
        desk: the authority's.
        day: as of this day, today if not given; days since 1970.
        progress: told how many are done.
    """
    today = desk.view.today() if day is None else day
    found = []
    for done, sub in enumerate(desk.store.granted.subjects(), start=1):
        with suppress(NotFound, Invalid):  # acts about offices and ranges have subjects too
            found.append(_due(desk, sub, today))
        if progress is not None:
            progress(done)
    return sorted(found, key=lambda each: (each.ends is None, each.ends or 0, each.number))


def _due(desk: Desk, sub: str, today: int) -> Due:
    folder = gather(desk, sub)
    term = keeps_until(desk, folder)
    sections = sum(
        desk.holder in desk.vault.recipients(each.digest) or each.opening is not None
        for held in folder.held
        for each in held.sections
    )
    standing = "due" if term.over(today) else "kept" if term.ends is not None else "under-way"
    return Due(
        folder.life.number,
        folder.life.row.holder,
        folder.life.status.word,
        term.begins,
        term.years,
        term.ends,
        sections,
        folder.erased,
        "erased" if folder.erased is not None and not sections else standing,
    )


def strangers(desk: Desk) -> int:
    """Count sections sealed to this authority of certificates on which it did not act.

    A destination that never acted, and who was given a section later, keep copies of which no act
    of theirs speaks; ``due`` cannot name them, so they are counted.
    """
    told = {each.digest for sub in desk.store.granted.subjects() for each in _sealed(desk, sub)}
    copies = desk.vault.copies()
    return sum(holder == desk.holder and digest not in told for digest, holder in copies)


def _sealed(desk: Desk, sub: str) -> tuple[Sealed, ...]:
    with suppress(NotFound, Invalid):
        return tuple(each for held in gather(desk, sub).held for each in held.sections)
    return ()
