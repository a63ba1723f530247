"""The registry as JSON: as of any day, on both time axes."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from kimberlite.kernel.days import parse_day, show_day
from kimberlite.kernel.errors import NotFound
from kimberlite.registry.model import Direction
from kimberlite.web import forms, shaping
from kimberlite.web.asking import code_of
from kimberlite.web.desk import Visit
from kimberlite.web.documents import NOT_FOUND, UNREADABLE
from kimberlite.web.pages import allowed
from kimberlite.web.permissions import Action

ROUTER = APIRouter(tags=["registry"])

Reads = Annotated[Visit, Depends(allowed(Action.READ_REGISTRY))]
Day = Annotated[
    str | None,
    Query(
        description="The UTC day asked about; today by default.",
        examples=["2026-11-22"],
        json_schema_extra={"format": "date"},
    ),
]
Known = Annotated[
    str | None,
    Query(
        description="The day by which it had to be known; everything logged by default.",
        examples=["2026-11-22"],
        json_schema_extra={"format": "date"},
    ),
]


def _days(visit: Visit, day: str | None, known: str | None) -> tuple[int, int | None]:
    asked = visit.desk.view.today() if day is None else parse_day(day)
    return asked, None if known is None else parse_day(known)


@ROUTER.get("/registry", responses={**UNREADABLE})
async def registry(visit: Reads, day: Day = None, known: Known = None) -> forms.RegistryForm:
    """List who is listed, or perhaps listed, on a day, with territories and trading entities."""
    on, by = _days(visit, day, known)
    book = visit.desk.view.registry()
    views = (*book.participants(on, by), *book.others(on, by))
    return forms.RegistryForm(
        day=show_day(on),
        known=shaping.optional_day(by),
        participants=[shaping.participant(each, visit.words) for each in views],
    )


@ROUTER.get("/registry/{code}", responses={**NOT_FOUND, **UNREADABLE})
async def participant(
    visit: Reads, code: str, day: Day = None, known: Known = None
) -> forms.ParticipantPageForm:
    """Give one participant as of a day, with reasons, history and notifications."""
    on, by = _days(visit, day, known)
    name = code_of(code)
    book = visit.desk.view.registry()
    view = book.participant(name, on, by)
    if view is None:
        raise NotFound("participant.unknown", "nobody is listed under this code", subject=name)
    ways = [book.may_trade(name, way, on, by) for way in (Direction.EXPORT, Direction.IMPORT)]
    return forms.ParticipantPageForm(
        day=show_day(on),
        known=shaping.optional_day(by),
        participant=shaping.participant(view, visit.words),
        may_export=shaping.answer(ways[0], visit.words),
        may_import=shaping.answer(ways[1], visit.words),
        members=list(book.members(name, on, by)),
        history=[shaping.event(each) for each in book.history(name, by)],
        ranges=[shaping.number_range(each) for each in book.ranges(name)],
        practice=shaping.practice(book.practice(name, on, by)),
    )


@ROUTER.get("/restrictions", responses={**UNREADABLE})
async def restrictions(
    visit: Reads, day: Day = None, known: Known = None
) -> forms.RestrictionsForm:
    """List restrictions in force, or perhaps so, on a day; without a day, every one known."""
    on, by = _days(visit, day, known)
    found = visit.desk.view.registry().restrictions(None if day is None else on, by)
    return forms.RestrictionsForm(
        day=None if day is None else show_day(on),
        known=shaping.optional_day(by),
        restrictions=[shaping.restriction(each, held) for each, held in found],
    )
