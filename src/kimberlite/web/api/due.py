"""What is due, the overdue ledger, alerts and blanks as JSON."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.concurrency import run_in_threadpool

from kimberlite.certificates import due, projected
from kimberlite.certificates.due_form import alert_json, blanks_json, due_json, pair_json
from kimberlite.kernel.days import show_day
from kimberlite.node.inbox import coming_json
from kimberlite.web import due_forms as forms
from kimberlite.web.desk import Visit
from kimberlite.web.documents import CONFLICT, FORBIDDEN, NOT_FOUND, UNREADABLE
from kimberlite.web.dues import coming_to, found_for
from kimberlite.web.pages import allowed
from kimberlite.web.permissions import Action

ROUTER = APIRouter(tags=["due"])

Reads = Annotated[Visit, Depends(allowed(Action.READ_CERTIFICATES))]
_ANSWERS = {**FORBIDDEN, **UNREADABLE}


@ROUTER.get("/due", responses=_ANSWERS)
async def due_now(visit: Reads, asked: Annotated[forms.DueQuery, Query()]) -> forms.DuesForm:
    """Say what is due today: by whom, to whom, until when, how late, by whose practice.

    Where goods go is sealed: of goods under way only the visitor's own office names who owes.
    """
    found, today = await run_in_threadpool(found_for, visit), visit.desk.view.today()
    rows = [
        each
        for each in found
        if asked.by in {None, each.by}
        and asked.to in {None, each.to}
        and asked.kind in {None, each.kind.value}
        and (not asked.late or each.late(today) > 0)
    ]
    told = [forms.DueForm.model_validate(due_json(each, today)) for each in rows]
    return forms.DuesForm(day=show_day(today), due=told)


@ROUTER.get("/due/pairs", responses=_ANSWERS)
async def pairs(visit: Reads) -> forms.PairsForm:
    """Count arrivals that nobody answered, by issuer and receiver."""
    found, today = await run_in_threadpool(found_for, visit), visit.desk.view.today()
    rows = [forms.PairForm.model_validate(pair_json(each)) for each in due.ledger(found, today)]
    return forms.PairsForm(day=show_day(today), pairs=rows)


@ROUTER.get("/alerts", responses=_ANSWERS)
async def alerts(visit: Reads, asked: Annotated[forms.AlertsQuery, Query()]) -> forms.AlertsForm:
    """List alerts of all authorities with what failed and what was answered."""
    found = visit.desk.view.ask(
        lambda db: projected.alerts(
            db, only_open=not asked.all, kind=asked.kind, about=asked.about, most=asked.most
        )
    )
    rows = [forms.ListedAlertForm.model_validate(alert_json(each)) for each in found]
    return forms.AlertsForm(alerts=rows)


@ROUTER.get("/blanks", responses=_ANSWERS)
async def blanks(visit: Reads, asked: Annotated[forms.BlanksQuery, Query()]) -> forms.BlanksForm:
    """List blank papers reported lost, stolen, spoiled, destroyed or recovered."""
    found = visit.desk.view.ask(
        lambda db: projected.blanks(db, holder=asked.of, fate=asked.fate, most=asked.most)
    )
    rows = [forms.BlanksReportForm.model_validate(blanks_json(each)) for each in found]
    return forms.BlanksForm(blanks=rows)


@ROUTER.get("/inbox", responses={**_ANSWERS, **NOT_FOUND, **CONFLICT})
async def shipments_coming(
    visit: Annotated[Visit, Depends(allowed(Action.CORRESPOND))],
) -> forms.InboxForm:
    """List shipments that others sealed to the visitor's own office before they arrive."""
    found = await run_in_threadpool(coming_to, visit)
    rows = [forms.ComingForm.model_validate(coming_json(each)) for each in found]
    return forms.InboxForm(shipments=rows)
