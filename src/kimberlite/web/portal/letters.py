"""An office's correspondence, for its officers: what comes, letters drafted, copies made."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from kimberlite.documents.letter import MEDIA
from kimberlite.kernel.errors import Problem
from kimberlite.node import letters
from kimberlite.node.correspondence import Correspondence
from kimberlite.node.letters import Drafted, Post
from kimberlite.web import problems
from kimberlite.web.desk import Visit, visit_of
from kimberlite.web.dues import coming_to
from kimberlite.web.pages import Page
from kimberlite.web.permissions import Action
from kimberlite.web.portal.intake import download, own_desk, text_of
from kimberlite.web.shell import render

RECIPIENTS = ("importer", "exporter", "customs", "authority")
_FIELDS = ("number", "code", "officer", "address", "recipient")

Told = Mapping[str, str]


async def coming(request: Request) -> Response:
    """List the shipments on their way here."""
    found = await run_in_threadpool(coming_to, visit_of(request))
    return render(request, "due/inbox.html", rows=found)


async def index(request: Request) -> Response:
    """Offer letters and copies, and list what was made."""
    told = {"number": visit_of(request).query.get("number", "")[:20]}
    return await run_in_threadpool(_index, request, told, None)


def _index(request: Request, told: Told, problem: Problem | None) -> Response:
    visit = visit_of(request)
    desk = own_desk(visit)
    kept = Correspondence(desk.store.db, desk.holder)
    shown = None if problem is None else problems.document(request, problem)
    return render(
        request,
        "due/letters.html",
        status=200 if shown is None else shown["status"],
        problem=shown,
        told={name: told.get(name, "") for name in _FIELDS},
        late=letters.late_with(desk),
        recipients=RECIPIENTS,
        letters=kept.letters(),
        copies=kept.copies(),
    )


async def advise(request: Request) -> Response:
    """Draft the pre-advice of a shipment and give it as a file."""

    def made(visit: Visit, told: Told) -> Response:
        return _file(letters.advise(own_desk(visit), told["number"].upper(), _post(told)))

    return await _done(request, made)


async def remind(request: Request) -> Response:
    """Draft a reminder and give it as a file."""

    def made(visit: Visit, told: Told) -> Response:
        return _file(letters.remind(own_desk(visit), told["code"].upper(), _post(told)))

    return await _done(request, made)


async def copy(request: Request) -> Response:
    """Make an authenticated copy and give it as a file."""

    def made(visit: Visit, told: Told) -> Response:
        from kimberlite.node.copies import Wish, make  # noqa: PLC0415  # slow to load

        wish = Wish(told["officer"], told["recipient"])
        found = make(own_desk(visit), told["number"].upper(), wish)
        name = f"{found.copied.sub}-copy-{found.copied.number}.pdf"
        return download(found.pdf, name, "application/pdf")

    return await _done(request, made)


async def _done(request: Request, made: Callable[[Visit, Told], Response]) -> Response:
    visit = visit_of(request)
    async with request.form(max_files=0, max_fields=8) as form:
        told = {name: text_of(form, name, 80) for name in _FIELDS}
    try:
        return await run_in_threadpool(made, visit, told)
    except Problem as bad:
        return await run_in_threadpool(_index, request, told, bad)


def _post(told: Told) -> Post:
    return Post(told["officer"], told["address"])


def _file(made: Drafted) -> Response:
    written = made.written
    return download(made.eml, f"{written.kind}-{written.recipient}.eml", MEDIA)


PAGES = (
    Page("/inbox", coming, Action.CORRESPOND, title="web.nav.inbox", order=62),
    Page("/letters", index, Action.CORRESPOND),
    Page("/letters/advise", advise, Action.CORRESPOND, methods=("POST",)),
    Page("/letters/remind", remind, Action.CORRESPOND, methods=("POST",)),
    Page("/letters/copy", copy, Action.CORRESPOND, methods=("POST",)),
)
