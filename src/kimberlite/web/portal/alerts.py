"""Alerts of all authorities and blanks out of their hands, for people."""

from __future__ import annotations

from fastapi import Request
from starlette.responses import Response

from kimberlite.certificates import projected
from kimberlite.certificates.due_form import alert_json, blanks_json
from kimberlite.certificates.projected import ListedAlert, ListedBlanks
from kimberlite.certificates.v1.alerts import ALARMS, BLANK_FATES
from kimberlite.kernel.ids import PARTICIPANT
from kimberlite.web.desk import Visit, visit_of
from kimberlite.web.pages import Page
from kimberlite.web.permissions import Action
from kimberlite.web.portal.intake import download
from kimberlite.web.rows import csv_of
from kimberlite.web.shell import render


def _code(visit: Visit, name: str) -> str | None:
    code = visit.query.get(name, "").upper()
    return code if PARTICIPANT.fullmatch(code) else None


def _alerts(visit: Visit) -> list[ListedAlert]:
    kind, about = visit.query.get("kind", ""), _code(visit, "about")
    return visit.desk.view.ask(
        lambda db: projected.alerts(
            db,
            only_open="all" not in visit.query,
            kind=kind if kind in ALARMS else None,
            about=about,
        )
    )


def _blanks(visit: Visit) -> list[ListedBlanks]:
    fate, holder = visit.query.get("fate", ""), _code(visit, "of")
    return visit.desk.view.ask(
        lambda db: projected.blanks(db, holder=holder, fate=fate if fate in BLANK_FATES else None)
    )


async def alerts(request: Request) -> Response:
    """List alerts, those that nobody answered first of all."""
    visit = visit_of(request)
    return render(request, "due/alerts.html", rows=_alerts(visit), kinds=ALARMS)


async def alerts_csv(request: Request) -> Response:
    """Give the list of alerts as CSV."""
    return download(csv_of([alert_json(each) for each in _alerts(visit_of(request))]), "alerts.csv")


async def blanks(request: Request) -> Response:
    """List reports on blanks."""
    visit = visit_of(request)
    return render(request, "due/blanks.html", rows=_blanks(visit), fates=BLANK_FATES)


async def blanks_csv(request: Request) -> Response:
    """Give the list of blanks as CSV."""
    return download(
        csv_of([blanks_json(each) for each in _blanks(visit_of(request))]), "blanks.csv"
    )


PAGES = (
    Page("/alerts", alerts, Action.READ_CERTIFICATES),
    Page("/alerts.csv", alerts_csv, Action.READ_CERTIFICATES),
    Page("/blanks", blanks, Action.READ_CERTIFICATES),
    Page("/blanks.csv", blanks_csv, Action.READ_CERTIFICATES),
)
