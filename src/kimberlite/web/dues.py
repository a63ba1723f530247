"""What is due for one visitor, narrowed and sorted as its address asks; for pages, CSV and API."""

from __future__ import annotations

from contextlib import suppress

from kimberlite.certificates.due import Due
from kimberlite.kernel.errors import NotFound
from kimberlite.node import dues
from kimberlite.node.desk import Desk
from kimberlite.node.inbox import Coming, inbox
from kimberlite.node.wiring import demo_sealing_key_of, desk_of
from kimberlite.web.desk import Visit
from kimberlite.web.permissions import Role

COLUMNS = ("number", "what", "by", "to", "since", "until", "late")


def desk_or_none(visit: Visit) -> Desk | None:
    """Give the visitor's own office, or None: an observer, or an authority of another node."""
    if visit.look.role is Role.OFFICER:
        with suppress(NotFound):
            return desk_of(visit.desk.view.home, visit.look.code)
    return None


def hosted(visit: Visit) -> tuple[str, ...]:
    """Name the authorities whose offices are on this node."""
    return tuple(visit.desk.view.described["hosts"])


def found_for(visit: Visit) -> tuple[Due, ...]:
    """Say what is due, as far as this visitor may see it."""
    desk = desk_or_none(visit)
    try:
        return dues.dues(visit.desk.view, desk)
    finally:
        if desk is not None:
            desk.store.close()


def chosen(visit: Visit, found: tuple[Due, ...]) -> list[Due]:
    """Narrow and sort what is due as the query asks."""
    today, code = visit.desk.view.today(), visit.look.code
    whose, kind = visit.query.get("whose", ""), visit.query.get("kind", "")
    if code and whose in {"mine", "theirs"}:
        found = dues.of(found, code)[0 if whose == "mine" else 1]
    kept = [
        each
        for each in found
        if (not kind or each.kind.value == kind) and ("late" not in visit.query or each.late(today))
    ]
    column = visit.query.get("sort", "until")
    ordered = _sorted(kept, column if column in COLUMNS else "until", today)
    return ordered[::-1] if "down" in visit.query else ordered


def _sorted(found: list[Due], column: str, today: int) -> list[Due]:
    def key(each: Due) -> tuple[int | str, str]:
        by: dict[str, int | str] = {
            "number": each.number,
            "what": each.kind.value,
            "by": each.by,
            "to": each.to,
            "since": each.since,
            "until": 10**9 if each.until is None else each.until,
            "late": each.late(today),
        }
        return by[column], each.name

    return sorted(found, key=key)


def coming_to(visit: Visit) -> tuple[Coming, ...]:
    """List shipments on their way to the visitor's own office; opened in a demo alone.

    Raises:
        NotFound: ``node.not-hosted``. Untrusted: as ``inbox``.
    """
    home = visit.desk.view.home
    desk = desk_of(home, visit.look.code)
    try:
        return inbox(desk, demo_sealing_key_of(home, visit.look.code))
    finally:
        desk.store.close()
