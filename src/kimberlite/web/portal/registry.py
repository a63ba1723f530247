"""The registry for people: who takes part and may trade, and which restrictions stand."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass

from fastapi import Request
from starlette.responses import Response

from kimberlite.kernel.days import show_day
from kimberlite.kernel.errors import NotFound
from kimberlite.kernel.ids import is_user_assigned
from kimberlite.registry.model import Direction, ParticipantView, Practice, Truth
from kimberlite.web.asking import Asked, asked, code_of
from kimberlite.web.desk import Visit, visit_of
from kimberlite.web.pages import Page
from kimberlite.web.permissions import Action
from kimberlite.web.shell import render

_LONGEST_SEARCH = 60
_COLUMNS = ("code", "name", "listed", "trade", "restrictions")


@dataclass(frozen=True, slots=True)
class Row:
    """A participant as the list shows it."""

    view: ParticipantView
    name: str


@dataclass(frozen=True, slots=True)
class Counts:
    """How many are listed, may be listed, and may trade; invented ones are counted apart."""

    listed: int
    unsure: int
    trading: int
    invented: int


def _rows(visit: Visit, ask: Asked) -> list[Row]:
    registry = visit.desk.view.registry()
    seen = (*registry.participants(ask.day, ask.known), *registry.others(ask.day, ask.known))
    return [Row(each, visit.words.territory(each.code)) for each in seen]


def _counts(rows: Iterable[Row]) -> Counts:
    seen = [row.view for row in rows if row.view.listed.truth is not Truth.NO]
    listed = [each for each in seen if not is_user_assigned(each.code)]
    return Counts(
        sum(each.listed.truth is Truth.YES for each in listed),
        sum(each.listed.truth is Truth.CANNOT_TELL for each in listed),
        sum(each.may_trade.truth is Truth.YES for each in listed),
        len(seen) - len(listed),
    )


def _sorted(rows: list[Row], column: str, *, down: bool) -> list[Row]:
    order = [Truth.NO, Truth.CANNOT_TELL, Truth.YES]

    def key(row: Row) -> tuple[str | int, str]:
        view = row.view
        by: dict[str, str | int] = {
            "code": view.code,
            "name": row.name.casefold(),
            "listed": order.index(view.listed.truth),
            "trade": order.index(view.may_trade.truth),
            "restrictions": len(view.restrictions),
        }
        return by[column], view.code

    return sorted(rows, key=key, reverse=down)


async def listing(request: Request) -> Response:
    """Show the list as of a day, sorted and searched without a script."""
    visit = visit_of(request)
    ask = asked(visit)
    found = _rows(visit, ask)
    q = visit.query.get("q", "").strip()[:_LONGEST_SEARCH]
    wanted = q.casefold()
    rows = [
        row for row in found if wanted in row.name.casefold() or wanted == row.view.code.lower()
    ]
    column = visit.query.get("sort", "name")
    column = column if column in _COLUMNS else "name"
    down = "down" in visit.query
    return render(
        request,
        "registry/list.html",
        day=ask.day,
        known=ask.known,
        today=ask.today,
        axes=ask.query,
        q=q,
        sort=column,
        down=down,
        rows=_sorted(rows, column, down=down),
        counts=_counts(found),
    )


async def download(request: Request) -> Response:
    """Give the list as of a day as CSV (RFC 4180), in UTF-8."""
    visit = visit_of(request)
    ask = asked(visit)
    text = io.StringIO()
    out = csv.writer(text)
    out.writerow(("code", "name", "listed", "may_trade", "contested", "restrictions", "day"))
    for row in _sorted(_rows(visit, ask), "code", down=False):
        view = row.view
        contested = view.listed.contested or view.may_trade.contested
        out.writerow(
            (
                view.code,
                row.name,
                view.listed.truth.value,
                view.may_trade.truth.value,
                "yes" if contested else "no",
                " ".join(each.id for each, _ in view.restrictions),
                show_day(ask.day),
            )
        )
    name = f"registry-{show_day(ask.day)}.csv"
    return Response(
        text.getvalue(),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _practice(practice: Practice, visit: Visit) -> list[tuple[str, str]]:
    words = visit.words
    return [
        ("validity", words.say("web.days", n=practice.validity_days)),
        ("confirm", words.say("web.days", n=practice.confirm_days)),
        ("expiry", words.say(f"web.practice.expiry.{practice.expiry_governs}")),
        ("status", words.say(f"web.practice.day.{practice.status_policy}")),
        ("carats", words.permille(practice.tolerance_carats_permille)),
        ("value", words.permille(practice.tolerance_value_permille)),
        ("retention", words.say("web.years", n=practice.retention_years)),
        (
            "opens",
            words.say("web.days", n=practice.shipment_opens_days)
            if practice.shipment_opens_days
            else words.say("visibility.never"),
        ),
        ("unused", words.say("web.days", n=practice.unused_days)),
        ("answer", words.say("web.days", n=practice.answer_days)),
        ("countersign", words.say("web.days", n=practice.countersign_days)),
        ("settle", words.say("web.days", n=practice.settle_days)),
        (
            "detain",
            words.say("web.days", n=practice.detain_days)
            if practice.detain_days
            else words.say("due.no-limit"),
        ),
    ]


async def participant(request: Request) -> Response:
    """Show one participant as of a day: answers with reasons, history, notifications."""
    visit = visit_of(request)
    code, ask = code_of(request.path_params["code"]), asked(visit)
    registry = visit.desk.view.registry()
    view = registry.participant(code, ask.day, ask.known)
    if view is None:
        raise NotFound("participant.unknown", "nobody is listed under this code", subject=code)
    return render(
        request,
        "registry/participant.html",
        code=code,
        name=visit.words.territory(code),
        names=view.names,
        day=ask.day,
        known=ask.known,
        today=ask.today,
        axes=ask.query,
        view=view,
        exports=registry.may_trade(code, Direction.EXPORT, ask.day, ask.known),
        imports=registry.may_trade(code, Direction.IMPORT, ask.day, ask.known),
        events=registry.history(code, ask.known),
        members=registry.members(code, ask.day, ask.known),
        offices=registry.offices(code, ask.day),
        ranges=registry.ranges(code),
        specimens=registry.specimens(code, ask.day),
        practice=_practice(registry.practice(code, ask.day, ask.known), visit),
    )


async def restrictions(request: Request) -> Response:
    """Show restrictions: those of the day, and every other one known."""
    visit = visit_of(request)
    ask = asked(visit)
    registry = visit.desk.view.registry()
    now = registry.restrictions(ask.day, ask.known)
    held = {entry.id for entry, _ in now}
    other = [(e, None) for e, _ in registry.restrictions(None, ask.known) if e.id not in held]
    return render(
        request,
        "registry/restrictions.html",
        day=ask.day,
        known=ask.known,
        today=ask.today,
        axes=ask.query,
        now=now,
        other=other,
    )


PAGES = (
    Page("/registry", listing, Action.READ_REGISTRY, title="web.nav.registry", order=10),
    Page("/registry.csv", download, Action.READ_REGISTRY),
    Page("/registry/{code}", participant, Action.READ_REGISTRY),
    Page(
        "/restrictions", restrictions, Action.READ_REGISTRY, title="web.nav.restrictions", order=20
    ),
)
