"""What is due, for people: who owes what until when, and how arrivals stand by pair."""

from __future__ import annotations

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from kimberlite.certificates import due
from kimberlite.certificates.due import STEPS, Kind
from kimberlite.certificates.due_form import due_json, pair_json
from kimberlite.web.desk import visit_of
from kimberlite.web.dues import COLUMNS, chosen, found_for, hosted
from kimberlite.web.pages import Page
from kimberlite.web.permissions import Action
from kimberlite.web.portal.intake import download
from kimberlite.web.rows import csv_of
from kimberlite.web.shell import render

_SHOWN = 500


async def index(request: Request) -> Response:
    """Show what is due, sorted and narrowed without a script."""
    return await run_in_threadpool(_index, request)


def _index(request: Request) -> Response:
    visit = visit_of(request)
    found, today = found_for(visit), visit.desk.view.today()
    rows = chosen(visit, found)
    column = visit.query.get("sort", "until")
    return render(
        request,
        "due/index.html",
        rows=rows[:_SHOWN],
        today=today,
        columns=COLUMNS,
        sort=column if column in COLUMNS else "until",
        down="down" in visit.query,
        kinds=[each.value for each in Kind],
        pairs=due.ledger(found, today),
        steps=STEPS,
        corresponds=visit.may(Action.CORRESPOND) and visit.look.code in hosted(visit),
    )


async def due_csv(request: Request) -> Response:
    """Give what is due as CSV."""
    visit = visit_of(request)
    found = await run_in_threadpool(found_for, visit)
    today = visit.desk.view.today()
    rows = [due_json(each, today) for each in chosen(visit, found)]
    return download(csv_of(rows), "due.csv")


async def pairs_csv(request: Request) -> Response:
    """Give the overdue ledger by pair as CSV."""
    visit = visit_of(request)
    found = await run_in_threadpool(found_for, visit)
    rows = [pair_json(each) for each in due.ledger(found, visit.desk.view.today())]
    return download(csv_of(rows), "due-pairs.csv")


PAGES = (
    Page("/due", index, Action.READ_CERTIFICATES, title="web.nav.due", order=35),
    Page("/due.csv", due_csv, Action.READ_CERTIFICATES),
    Page("/due-pairs.csv", pairs_csv, Action.READ_CERTIFICATES),
)
