"""The desk of an office: every act on a certificate, filled in, looked at, proposed, withdrawn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from kimberlite.certificates import fields
from kimberlite.certificates.drafting import TYP_OF
from kimberlite.certificates.fields import Input
from kimberlite.certificates.json_form import show
from kimberlite.certificates.v1.beside import Alert
from kimberlite.kernel.days import show_day
from kimberlite.kernel.errors import Invalid, NotFound, Problem
from kimberlite.node.acting import ACT_WORDS, FILLED
from kimberlite.node.books import V1
from kimberlite.node.desk import Desk
from kimberlite.node.foretelling import Foretold, foretell_act
from kimberlite.node.held import gather
from kimberlite.node.office import Office
from kimberlite.node.photos import keep_bytes
from kimberlite.node.store import Act
from kimberlite.node.wiring import desk_of
from kimberlite.web import filling, problems
from kimberlite.web.desk import Visit, visit_of
from kimberlite.web.filling import Filled
from kimberlite.web.pages import Page
from kimberlite.web.permissions import Action
from kimberlite.web.portal.arriving import brought
from kimberlite.web.present import section_fields
from kimberlite.web.shell import render

_SHOWN = 200
_WHOLE = {"correction": ("shipment", "values", "parties"), "confirmation": ("parties",)}
"""Sections that an act begins with as they stand, by its word."""
_NO_NUMBER = "-"


def own_desk(visit: Visit) -> Desk:
    """Open the desk of the authority whose officer looks. Raises NotFound ``node.not-hosted``."""
    return desk_of(visit.desk.view.home, visit.look.code)


async def index(request: Request) -> Response:
    """List the acts of the office."""
    return await run_in_threadpool(_index, request)


def _index(request: Request) -> Response:
    office = Office(own_desk(visit_of(request)))
    return render(request, "work/index.html", acts=office.acts()[:_SHOWN])


async def one(request: Request) -> Response:
    """Show one act with everything that officers are asked to approve."""
    return await run_in_threadpool(_one, request)


def _one(request: Request) -> Response:
    visit = visit_of(request)
    desk = own_desk(visit)
    act = desk.store.act(request.path_params["act"])
    return render(
        request,
        "work/act.html",
        act=act,
        parts=_parts(Office(desk), act, visit) if act.proposal is not None else (),
        approvals=len(desk.store.approvals(act.id)),
        remarks=desk.store.remarks(act.id),
        holder=desk.holder,
    )


def _parts(office: Office, act: Act, visit: Visit) -> list[tuple[str, list[tuple[str, str]]]]:
    """Give the log section and every sealed section of a proposal as names and texts."""
    request = office.proposal(act.id)
    kind = V1.types[act.typ]
    log = kind.schema.read(dict(request.proposal.log))
    parts = [("", section_fields(kind.schema, log, visit.words))]
    for opening in request.openings:
        schema = kind.section(opening.section).schema
        told = section_fields(schema, opening.read(schema), visit.words)
        parts.append((opening.section, told))
    return parts


async def withdraw(request: Request) -> Response:
    """Give an act up before it is signed. Raises Conflict ``act.stage``."""
    act = request.path_params["act"]
    office = Office(own_desk(visit_of(request)))
    await run_in_threadpool(office.withdraw, act)
    return RedirectResponse(f"/desk/acts/{act}", 303)


def _asked(request: Request) -> tuple[str, str, Input]:
    """Give the number and the act that an address is about, with its form."""
    word = str(request.path_params["word"])
    if word not in ACT_WORDS:
        raise NotFound("web.no-page", "there is no such page here")
    number = str(request.path_params["number"]).upper()
    return ("" if number == _NO_NUMBER else number), word, fields.form_of(word)


async def begin(request: Request) -> Response:
    """Offer the form of an act, begun with what is known."""
    return await run_in_threadpool(_begin, request)


def _begin(request: Request) -> Response:
    visit = visit_of(request)
    number, word, form = _asked(request)
    desk = own_desk(visit)
    names = {path for path, _ in fields.flat(form)}
    today = show_day(desk.view.today())
    texts: dict[str, str] = dict.fromkeys(names & {"day", "arrived"}, today)
    texts |= dict(fields.texts(_standing(desk, number, _WHOLE.get(word, ()))))
    texts |= {name: text for name, text in visit.query.items() if name in names}
    return _form(request, Filled(texts))


def _standing(desk: Desk, number: str, sections: tuple[str, ...]) -> dict[str, Any]:
    """Give sections of a certificate as they stand, latest word first, where open here."""
    found: dict[str, Any] = {}
    if not sections or not number:
        return found
    for held in gather(desk, number).held:
        if held.act.holder == held.statement.header.iss and held.kind.typ in _ISSUERS:
            for name in sections:
                told = held.read(name)
                if told is not None:
                    found[name] = show(told)
    return found


_ISSUERS = frozenset((TYP_OF["certificate"], TYP_OF["paper"], TYP_OF["correction"]))


def _form(
    request: Request,
    filled: Filled,
    *,
    foretold: Foretold | None = None,
    problem: Problem | None = None,
) -> Response:
    visit = visit_of(request)
    number, word, form = _asked(request)
    told = None if problem is None else problems.document(request, problem)
    alerts: tuple[Alert, ...] = ()
    if word == "confirmation" and number:
        alerts = visit.desk.view.certificate(number).alerts
    return render(
        request,
        "work/form.html",
        status=200 if told is None else told["status"],
        number=number,
        act=word,
        typ=TYP_OF[word],
        form=form,
        filled=filled,
        foretold=foretold,
        problem=told,
        alerts=alerts,
        known=FILLED,
        brought=visit.query.get("with", ""),
    )


async def fill(request: Request) -> Response:
    """Take a filled form: show what would come of it, or propose it."""
    async with request.form(
        max_files=filling.MOST_FILES, max_fields=filling.MOST_FIELDS, max_part_size=1 << 16
    ) as form:
        pairs = filling.pairs_of(form)
        files = await filling.uploads(form)
        do, reason = str(form.get("_do", "")), str(form.get("_reason", ""))[:400]
    return await run_in_threadpool(_fill, request, pairs, files, do, reason)


def _fill(
    request: Request,
    pairs: list[tuple[str, str]],
    files: list[tuple[str, str, bytes]],
    do: str,
    reason: str,
) -> Response:
    visit = visit_of(request)
    number, word, form = _asked(request)
    desk = own_desk(visit)
    foretold: Foretold | None = None
    problem: Problem | None = None
    wrong: Mapping[str, str] = {}
    try:
        for path, name, data in files:
            pairs.append((path, keep_bytes(desk.vault, data, name).hex()))
        told = _told(desk, number, word, fields.read(form, pairs))
        came = brought(visit.query.get("with", ""), desk.holder)
        if do == "propose":
            act = Office(desk).act(word, told, came, reason)
            return RedirectResponse(f"/desk/acts/{act.id}", 303)
        foretold = foretell_act(desk, word, told, came)
    except Problem as bad:
        problem = bad
        if isinstance(bad, Invalid) and "field" in bad.facts:
            paths = frozenset(path for path, _ in fields.flat(form))
            wrong = filling.wrong(bad, visit.words, paths)
    texts = {**filling.joined(pairs), "_reason": reason}
    return _form(request, Filled(texts, wrong), foretold=foretold, problem=problem)


def _told(desk: Desk, number: str, word: str, told: dict[str, Any]) -> dict[str, Any]:
    """Put the number to what was told, and leave out what a correction does not change."""
    if number:
        told["number"] = number
    if word == "correction":
        standing = _standing(desk, number, _WHOLE[word])
        told = {name: value for name, value in told.items() if standing.get(name) != value}
    return told


PAGES = (
    Page("/desk", index, Action.WORK, title="desk.nav", order=50),
    Page("/desk/acts/{act:int}", one, Action.WORK),
    Page("/desk/acts/{act:int}/withdraw", withdraw, Action.WORK, methods=("POST",)),
    Page("/desk/on/{number}/{word}", begin, Action.WORK),
    Page("/desk/on/{number}/{word}", fill, Action.WORK, methods=("POST",)),
)
