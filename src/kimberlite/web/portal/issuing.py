"""Issuing for officers: an application filled in, then the goods checked and sealed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from kimberlite.certificates import fields
from kimberlite.certificates.fields import Input
from kimberlite.certificates.rules import Days, assess
from kimberlite.certificates.v1.issue import TYP
from kimberlite.kernel.errors import Invalid, Problem
from kimberlite.kernel.rules import Finding
from kimberlite.node.acting import certificate_draft
from kimberlite.node.desk import Check, Desk
from kimberlite.node.foretelling import Foretold
from kimberlite.node.office import UNSEALED, Office
from kimberlite.node.photos import keep_bytes
from kimberlite.node.wiring import desk_of
from kimberlite.web import filling, problems
from kimberlite.web.desk import Visit, visit_of
from kimberlite.web.filling import Filled
from kimberlite.web.pages import Page
from kimberlite.web.permissions import Action
from kimberlite.web.shell import render

_LATER = frozenset(("issued", "expires", "basis", "replaces"))
"""Fields that no application has: days come at the check, the rest has a way of its own."""
_AT_CHECK = frozenset(("boxes.seals",))
"""Rules about what is not there before the goods are sealed."""


def own_desk(visit: Visit) -> Desk:
    """Open the desk of the authority whose officer looks. Raises NotFound ``node.not-hosted``."""
    return desk_of(visit.desk.view.home, visit.look.code)


def application_form() -> Input:
    """Give the form of an application."""
    whole = fields.form_of("certificate")
    return replace(whole, inner=tuple(each for each in whole.inner if each.name not in _LATER))


async def begin(request: Request) -> Response:
    """Offer the form of an application."""
    visit = visit_of(request)
    own = {"shipment.provenance": visit.look.code, "kind": "ordinary", "original": "paper"}
    return _form(request, Filled(own))


def _form(
    request: Request,
    filled: Filled,
    foretold: Foretold | None = None,
    problem: Problem | None = None,
) -> Response:
    told = None if problem is None else problems.document(request, problem)
    return render(
        request,
        "work/apply.html",
        status=200 if told is None else told["status"],
        number=visit_of(request).query.get("replaces", "")[:14],
        typ=TYP,
        form=application_form(),
        filled=filled,
        foretold=foretold,
        problem=told,
    )


async def fill(request: Request) -> Response:
    """Take a filled application: show what the rules say of it, or keep it."""
    async with request.form(
        max_files=filling.MOST_FILES, max_fields=filling.MOST_FIELDS, max_part_size=1 << 16
    ) as form:
        pairs = filling.pairs_of(form)
        files = await filling.uploads(form)
        do = str(form.get("_do", ""))
    return await run_in_threadpool(_fill, request, pairs, files, do)


def _fill(
    request: Request, pairs: list[tuple[str, str]], files: list[tuple[str, str, bytes]], do: str
) -> Response:
    visit, form = visit_of(request), application_form()
    desk = own_desk(visit)
    foretold: Foretold | None = None
    problem: Problem | None = None
    wrong: Mapping[str, str] = {}
    try:
        for path, name, data in files:
            pairs.append((path, keep_bytes(desk.vault, data, name).hex()))
        told = fields.read(form, pairs)
        if do == "propose":
            office, replaces = Office(desk), visit.query.get("replaces", "")
            act = office.replace(replaces, told) if replaces else office.apply(told)
            return RedirectResponse(f"/desk/acts/{act.id}", 303)
        foretold = _foretell(desk, told)
    except Problem as bad:
        problem = bad
        if isinstance(bad, Invalid) and "field" in bad.facts:
            wrong = filling.wrong(bad, visit.words, frozenset(p for p, _ in fields.flat(form)))
    return _form(request, Filled(filling.joined(pairs), wrong), foretold, problem)


def _foretell(desk: Desk, told: dict[str, Any]) -> Foretold:
    """Say what the section rules find of an application today."""
    today = desk.view.today()
    draft = certificate_draft(desk, told, "XX0", UNSEALED, (today, today))
    found = assess(draft.certificate(desk.holder), desk.view.registry(), Days(today))
    said = [each for each in found.broken if each.code not in _AT_CHECK]
    return Foretold(
        tuple(Finding(each.code, each.ruling.facts) for each in said if each.blocks),
        (),
        (*(each for each in said if not each.blocks), *found.doubtful),
    )


async def goods(request: Request) -> Response:
    """Ask for what the check of the goods showed."""
    return await run_in_threadpool(_goods, request)


def _goods(
    request: Request, told: Mapping[str, str] | None = None, problem: Problem | None = None
) -> Response:
    act = own_desk(visit_of(request)).store.act(request.path_params["act"])
    shown = None if problem is None else problems.document(request, problem)
    return render(
        request,
        "work/check.html",
        status=200 if shown is None else shown["status"],
        act=act,
        told=told or {},
        problem=shown,
    )


async def check(request: Request) -> Response:
    """Fix the certificate after its goods were checked and sealed."""
    async with request.form(max_files=0, max_fields=10, max_part_size=1 << 16) as form:
        told = {name: text for name, text in form.items() if isinstance(text, str)}
    return await run_in_threadpool(_check, request, told)


def _check(request: Request, told: dict[str, str]) -> Response:
    act = request.path_params["act"]
    try:
        wanted = _wanted(told)
        Office(own_desk(visit_of(request))).check(act, wanted)
    except Problem as bad:
        return _goods(request, told, bad)
    return RedirectResponse(f"/desk/acts/{act}", 303)


def _lines(told: Mapping[str, str], name: str) -> list[str]:
    return [line.strip() for line in told.get(name, "").splitlines() if line.strip()]


def _wanted(told: Mapping[str, str]) -> Check:
    boxes = []
    for line in _lines(told, "boxes"):
        mark, equals, seals = line.partition("=")
        if not equals or not mark.strip():
            raise Invalid("desk.box", f"{line[:40]}: write MARK=SEAL,SEAL", line=line[:40])
        boxes.append((mark.strip(), tuple(s.strip() for s in seals.split(",") if s.strip())))
    overrides = {
        rule.strip(): basis.strip()
        for rule, _, basis in (line.partition("=") for line in _lines(told, "overrides"))
    }
    return Check(
        told.get("officer", "").strip(),
        tuple(_lines(told, "seals")),
        told.get("remarks", "").strip()[:400],
        told.get("number", "").strip().upper() or None,
        overrides,
        told.get("form", "").strip() or None,
        tuple(boxes),
    )


PAGES = (
    Page("/desk/apply", begin, Action.WORK),
    Page("/desk/apply", fill, Action.WORK, methods=("POST",)),
    Page("/desk/acts/{act:int}/check", goods, Action.WORK),
    Page("/desk/acts/{act:int}/check", check, Action.WORK, methods=("POST",)),
)
