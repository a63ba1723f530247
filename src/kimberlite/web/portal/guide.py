"""What this is, and what it is not: the first page and the page on limits."""

from __future__ import annotations

from fastapi import Request
from starlette.responses import Response

from kimberlite.kernel.ids import is_user_assigned
from kimberlite.ledger.v1.rows import moment
from kimberlite.registry.model import Truth
from kimberlite.web.desk import visit_of
from kimberlite.web.pages import Page
from kimberlite.web.permissions import Action
from kimberlite.web.shell import render

_PARTS = (("is", 3), ("proves", 4), ("cannot", 5), ("words", 4), ("built", 3))
"""Parts of the page on limits, with how many sentences each has."""


async def home(request: Request) -> Response:
    """Show what this is and how the log stands."""
    view = visit_of(request).desk.view
    today, now = view.today(), moment(view.reader.state())
    registry = view.registry()
    listed = [
        row
        for row in registry.participants(today)
        if row.listed.truth is Truth.YES and not is_user_assigned(row.code)
    ]
    return render(
        request,
        "home.html",
        today=today,
        listed=len(listed),
        restrictions=len(registry.restrictions(today)),
        size=view.reader.size,
        now=0 if now is None else now.now,
    )


async def about(request: Request) -> Response:
    """Show what this proves and what it cannot."""
    return render(request, "about.html", parts=_PARTS)


PAGES = (
    Page("/", home, Action.READ_GUIDE, title="web.nav.home", order=0),
    Page("/about", about, Action.READ_GUIDE, title="web.nav.about", order=90),
)
