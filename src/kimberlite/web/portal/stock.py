"""Blank stock for officers: where forms are, what moved, counts, and the day register."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from kimberlite.certificates.v1.alerts import BLANK_TYP
from kimberlite.kernel.days import day_of, parse_day, show_day
from kimberlite.kernel.errors import Problem
from kimberlite.node import clock
from kimberlite.node.intake.templates import written
from kimberlite.node.keeping import Keeping
from kimberlite.node.office import Office
from kimberlite.node.stock.counting import COLUMNS
from kimberlite.node.stock.forms import run
from kimberlite.node.stock.movements import KINDS, Order
from kimberlite.web import problems
from kimberlite.web.desk import Visit, visit_of
from kimberlite.web.pages import Page
from kimberlite.web.permissions import Action
from kimberlite.web.portal.intake import download, own_desk, text_of
from kimberlite.web.shell import render

_MOVEMENTS = 100
_PERIOD = 30
_FIELDS = ("kind", "first", "last", "office", "why", "officer")


def _period(visit: Visit) -> tuple[int, int]:
    """Read the days asked for; the last thirty by default. Raises Invalid ``day.format``."""
    today = day_of(clock.now())
    first, last = visit.query.get("from", ""), visit.query.get("to", "")
    until = parse_day(last) if last else today
    return (parse_day(first) if first else until - _PERIOD), until


async def index(request: Request) -> Response:
    """Show the stock."""
    return await run_in_threadpool(_index, request, {}, None)


def _index(request: Request, told: Mapping[str, str], problem: Problem | None) -> Response:
    visit = visit_of(request)
    desk = own_desk(visit)
    keeping = Keeping(desk)
    first, last = _period(visit)
    shown = None if problem is None else problems.document(request, problem)
    offices = desk.view.registry().offices(desk.holder, desk.view.today())
    return render(
        request,
        "stock/index.html",
        status=200 if shown is None else shown["status"],
        problem=shown,
        told={name: told.get(name, "") for name in _FIELDS},
        first=first,
        last=last,
        count=keeping.count(first, last),
        columns=COLUMNS,
        kinds=[*KINDS],
        offices=[each.id for each in offices],
        holdings=keeping.stock.holdings(),
        movements=keeping.stock.movements(most=_MOVEMENTS),
    )


async def move(request: Request) -> Response:
    """Move forms; of lost and stolen ones the others are told by a proposal."""
    return await _done(request, _move)


async def undo(request: Request) -> Response:
    """Take a movement back by its counter-entry."""
    return await _done(request, _undo)


async def _done(request: Request, work: Any) -> Response:  # noqa: ANN401 - one of the two below
    visit = visit_of(request)
    async with request.form(max_files=0, max_fields=12) as form:
        told = {name: text_of(form, name) for name in (*_FIELDS, "movement")}
    try:
        await run_in_threadpool(work, visit, told)
    except Problem as bad:
        return await run_in_threadpool(_index, request, told, bad)
    return RedirectResponse("/stock", 303)


def _move(visit: Visit, told: Mapping[str, str]) -> None:
    desk = own_desk(visit)
    keeping = Keeping(desk)
    forms = run(told["first"], told["last"])
    order = Order(told["kind"], forms, told["officer"], told["why"], told["office"])
    made = keeping.move(order)
    if made.kind in {"lost", "stolen"} and forms.prefix:  # a series is named by its letters
        Office(desk).state(BLANK_TYP, desk.holder, keeping.blank(made))


def _undo(visit: Visit, told: Mapping[str, str]) -> None:
    number = told["movement"]
    movement = int(number) if number.isascii() and number.isdecimal() and len(number) < 10 else 0
    Keeping(own_desk(visit)).undo(movement, told["officer"], told["why"])


async def count_csv(request: Request) -> Response:
    """Give the count as CSV."""
    visit = visit_of(request)
    first, last = _period(visit)
    found = await run_in_threadpool(lambda: Keeping(own_desk(visit)).count(first, last))
    lines = [*((each.office or "store", each) for each in found.lines), ("total", found.total)]
    rows = [
        (
            *(name, str(line.opening)),
            *(str(line.moved[column]) for column in COLUMNS),
            str(line.closing),
        )
        for name, line in lines
    ]
    data = written([("office", "opening", *COLUMNS, "closing"), *rows])
    return download(data, f"stock-{show_day(first)}-{show_day(last)}.csv")


async def register(request: Request) -> Response:
    """Give the day register of the period as a PDF."""
    from kimberlite.documents.pdf.register import day_register  # noqa: PLC0415  # slow to load
    from kimberlite.node.dayregister import gather  # noqa: PLC0415  # likewise

    visit = visit_of(request)
    first, last = _period(visit)

    def made() -> bytes:
        found = gather(visit.desk.view.home, visit.look.code, first, last)
        return day_register(found, visit.words.lang, clock.now())

    data = await run_in_threadpool(made)
    return download(data, f"register-{show_day(first)}.pdf", "application/pdf")


PAGES = (
    Page("/stock", index, Action.KEEP_STOCK, title="web.nav.stock", order=65),
    Page("/stock/move", move, Action.KEEP_STOCK, methods=("POST",)),
    Page("/stock/undo", undo, Action.KEEP_STOCK, methods=("POST",)),
    Page("/stock/count.csv", count_csv, Action.KEEP_STOCK),
    Page("/stock/register.pdf", register, Action.KEEP_STOCK),
)
