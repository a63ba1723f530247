"""How a list of certificates is narrowed by an address, the same for pages, CSV and API."""

from __future__ import annotations

from collections.abc import Mapping

from kimberlite.certificates.projection import LONGEST, Query
from kimberlite.certificates.transitions import Status
from kimberlite.kernel.days import parse_day
from kimberlite.kernel.ids import PARTICIPANT
from kimberlite.node.dues import overdue_keys
from kimberlite.web.desk import Visit
from kimberlite.web.dues import found_for

STATUSES = tuple(each.word for each in Status)
FILTERS = (
    "issuer",
    "receiver",
    "status",
    "findings",
    "alerts",
    "paper",
    "expired",
    "overdue",
    "from",
    "to",
)
"""Parts of a query that narrow the list."""


def narrowed(visit: Visit, most: int = LONGEST) -> Query:
    """Read a query; what it asks for in words that nobody knows is left out.

    Raises:
        Invalid: ``day.format``.
    """
    query, today = visit.query, visit.desk.view.today()
    status = query.get("status", "")
    late = "overdue" in query
    return Query(
        issuer=_code(query, "issuer"),
        receiver=_code(query, "receiver"),
        status=status if status in STATUSES else None,
        with_findings="findings" in query,
        with_alerts="alerts" in query,
        paper=True if "paper" in query else None,
        expired_on=today if "expired" in query else None,
        first=_day(query, "from"),
        last=_day(query, "to"),
        keys=overdue_keys(found_for(visit), today) if late else None,
        most=most,
    )


def asked(visit: Visit) -> dict[str, str]:
    """Give what of a query narrows the list, to be kept in links and fields."""
    told = {name: visit.query[name] for name in FILTERS if name in visit.query}
    return {name: value[:40] for name, value in told.items()}


def _code(query: Mapping[str, str], name: str) -> str | None:
    code = query.get(name, "").upper()
    return code if PARTICIPANT.fullmatch(code) else None


def _day(query: Mapping[str, str], name: str) -> int | None:
    told = query.get(name, "")
    return parse_day(told) if told else None
