"""Bulk intake for officers: a file is looked at, shown with its faults, and taken in whole."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.responses import RedirectResponse, Response

from kimberlite.kernel.errors import Invalid, Problem
from kimberlite.node import clock
from kimberlite.node.desk import Desk
from kimberlite.node.intake.batches import Batches
from kimberlite.node.intake.columns import KINDS
from kimberlite.node.intake.csv_file import ENCODINGS
from kimberlite.node.intake.known import There
from kimberlite.node.intake.preview import Asked, Preview, preview
from kimberlite.node.intake.tables import MOST_BYTES
from kimberlite.node.intake.templates import faults_csv, sentence, template
from kimberlite.node.wiring import desk_of
from kimberlite.web import problems
from kimberlite.web.desk import Visit, visit_of
from kimberlite.web.pages import Page
from kimberlite.web.permissions import Action
from kimberlite.web.shell import render
from kimberlite.web.waiting import Upload, Waiting

_SHOWN = 200
_WAITING = Waiting()


def own_desk(visit: Visit) -> Desk:
    """Open the desk of the authority whose officer looks. Raises NotFound ``node.not-hosted``."""
    return desk_of(visit.desk.view.home, visit.look.code)


def text_of(form: FormData | Mapping[str, Any], name: str, longest: int = 200) -> str:
    """Give a field of a form, cut to ``longest`` characters."""
    value = form.get(name, "")
    return value.strip()[:longest] if isinstance(value, str) else ""


def look_at(visit: Visit, upload: Upload) -> Preview:
    """Look at an upload beside what is there."""
    desk = own_desk(visit)
    return preview(upload.data, upload.asked, There(desk.view.reader.state(), desk.store))


async def index(request: Request) -> Response:
    """Offer the intake of a file, and list what was taken in."""
    return await run_in_threadpool(_index, request, None)


def _index(request: Request, problem: Problem | None) -> Response:
    visit = visit_of(request)
    batches = Batches(own_desk(visit).store)
    told = None if problem is None else problems.document(request, problem)
    return render(
        request,
        "intake/index.html",
        status=200 if told is None else told["status"],
        problem=told,
        kinds=[*KINDS],
        encodings=ENCODINGS,
        batches=[(each, batches.stages(each.id)) for each in batches.batches()[:_SHOWN]],
    )


async def look(request: Request) -> Response:
    """Look at an uploaded file and show what it holds."""
    visit = visit_of(request)
    try:
        async with request.form(max_files=1, max_fields=8) as form:
            file = form.get("file")
            if not isinstance(file, UploadFile):
                raise Invalid("intake.empty", "choose a file first")
            data = await file.read(MOST_BYTES + 1)
            asked = Asked(
                text_of(form, "kind"),
                file.filename or "",
                visit.look.code,
                visit.desk.view.today(),
                text_of(form, "encoding"),
                text_of(form, "decimal"),
            )
        upload = Upload(data, asked)
        found = await run_in_threadpool(look_at, visit, upload)
    except Problem as bad:
        return await run_in_threadpool(_index, request, bad)
    return show(request, found, _WAITING.keep(upload))


def show(request: Request, found: Preview, name: str) -> Response:
    """Show a preview."""
    words = visit_of(request).words
    table = found.table
    how = (table.format.upper(), table.sheet, table.encoding, table.delimiter.replace("\t", "tab"))
    return render(
        request,
        "intake/preview.html",
        status=200 if found.good else 422,
        found=found,
        name=name,
        how=words.listing(filter(None, how)),
        faults=[(each, sentence(each, words)) for each in found.faults[:_SHOWN]],
        left=max(0, found.fault_count - _SHOWN),
    )


async def errors(request: Request) -> Response:
    """Give what is wrong with an upload as CSV."""
    visit = visit_of(request)
    upload = _WAITING.of(request.path_params["name"], visit.look.code)
    found = await run_in_threadpool(look_at, visit, upload)
    return download(faults_csv(found.faults, visit.words), "errors.csv")


def download(data: bytes, name: str, media: str = "text/csv; charset=utf-8") -> Response:
    """Give a file to save."""
    response = Response(data, media_type=media)
    response.headers["content-disposition"] = f'attachment; filename="{name}"'
    return response


async def give_template(request: Request) -> Response:
    """Give an empty file of a kind. Raises Invalid ``intake.kind``, ``intake.format``."""
    visit = visit_of(request)
    kind, form = visit.query.get("kind", ""), visit.query.get("format", "csv")
    return download(template(kind, form), f"{kind}.{form}")


async def apply(request: Request) -> Response:
    """Take in a file that was looked at, all of it or nothing."""
    visit = visit_of(request)
    async with request.form(max_files=0, max_fields=4) as form:
        name, officer = text_of(form, "name"), text_of(form, "officer")
    upload = _WAITING.of(name, visit.look.code)
    batch = await run_in_threadpool(take, visit, upload, officer)
    _WAITING.drop(name)
    return RedirectResponse(f"/intake/batches/{batch}", 303)


def take(visit: Visit, upload: Upload, officer: str) -> int:
    """Take an upload in, and give the batch. Raises as ``Batches.apply``."""
    found = look_at(visit, upload)
    return Batches(own_desk(visit).store).apply(found, officer, clock.now()).id


async def batch(request: Request) -> Response:
    """Show a batch: how far its acts have come. Raises NotFound ``intake.batch``."""
    return await run_in_threadpool(_batch, request)


def _batch(request: Request) -> Response:
    batches = Batches(own_desk(visit_of(request)).store)
    number = int(str(request.path_params["batch"])[:9])
    items = batches.items(number)
    return render(
        request,
        "intake/batch.html",
        batch=batches.batch(number),
        stages=batches.stages(number),
        items=items[:_SHOWN],
        left=max(0, len(items) - _SHOWN),
    )


PAGES = (
    Page("/intake", index, Action.TAKE_IN, title="web.nav.intake", order=60),
    Page("/intake", look, Action.TAKE_IN, methods=("POST",)),
    Page("/intake/apply", apply, Action.TAKE_IN, methods=("POST",)),
    Page("/intake/template", give_template, Action.TAKE_IN),
    Page("/intake/errors/{name}", errors, Action.TAKE_IN),
    Page("/intake/batches/{batch:int}", batch, Action.TAKE_IN),
)
