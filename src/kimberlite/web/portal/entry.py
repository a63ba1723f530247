"""Papers typed in, row by row, and scans: the same checks as for a file, on a page of its own."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.responses import RedirectResponse, Response

from kimberlite.kernel.errors import Invalid, Problem
from kimberlite.node import clock
from kimberlite.node.intake.columns import PAPERS
from kimberlite.node.intake.preview import Asked, Preview
from kimberlite.node.intake.scans import Scan, Scans
from kimberlite.node.intake.templates import sentence
from kimberlite.storage.vault import BLOB_LIMIT
from kimberlite.web import problems
from kimberlite.web.desk import Visit, visit_of
from kimberlite.web.pages import Page
from kimberlite.web.permissions import Action
from kimberlite.web.portal.intake import look_at, own_desk, take, text_of
from kimberlite.web.shell import render
from kimberlite.web.waiting import Upload

COLUMNS: Final = (
    "number",
    "issued",
    "expires",
    "origin",
    "parcels",
    "carats_710210",
    "value_710210",
    "parcels_710210",
    "carats_710221",
    "value_710221",
    "parcels_710221",
    "carats_710231",
    "value_710231",
    "parcels_710231",
    "exporter",
    "exporter_address",
    "importer",
    "importer_address",
    "seals",
    "specimen",
    "arrived",
    "outcome",
    "examination",
)
"""Columns of the grid, in the order in which a certificate shows them."""

_ROWS, _MORE, _MOST = 5, 5, 50
_MOST_SCANS = 40

Cells = dict[tuple[int, str], str]


async def grid(request: Request) -> Response:
    """Offer an empty grid. Raises NotFound ``node.not-hosted``."""
    await run_in_threadpool(own_desk, visit_of(request))
    return _grid(request, {}, _ROWS)


async def typed(request: Request) -> Response:
    """Check the rows that were typed, and take them in where that was asked and all are right."""
    visit = visit_of(request)
    async with request.form(max_files=0, max_fields=_MOST * len(COLUMNS) + 8) as form:
        told = {name: value for name, value in form.items() if isinstance(value, str)}
    rows = max(1, min(_count(text_of(told, "rows")), _MOST))
    cells = {
        (row, column): value
        for row in range(1, rows + 1)
        for column in COLUMNS
        if (value := text_of(told, f"r{row}-{column}", 500))
    }
    officer, asked = text_of(told, "officer"), text_of(told, "do")
    if asked == "more":
        return _grid(request, cells, min(rows + _MORE, _MOST), officer=officer)
    try:
        upload = _upload(visit, cells)
        found = await run_in_threadpool(look_at, visit, upload)
        if asked == "take" and found.good:
            batch = await run_in_threadpool(take, visit, upload, officer)
            return RedirectResponse(f"/intake/batches/{batch}", 303)
    except Problem as bad:
        return _grid(request, cells, rows, officer=officer, problem=bad)
    return _grid(request, cells, rows, officer=officer, found=found)


def _count(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else _ROWS


def _upload(visit: Visit, cells: Cells) -> Upload:
    """Put the rows into the file that they stand for; row n of the grid is row n of the file.

    Raises:
        Invalid: ``intake.empty``.
    """
    last = max((row for row, _ in cells), default=0)
    if not last:
        raise Invalid("intake.empty", "no row is filled in")
    blank = dict.fromkeys(COLUMNS, "")
    rows = [
        blank | {column: cells.get((row, column), "") for column in COLUMNS}
        for row in range(1, last + 1)
    ]
    asked = Asked(PAPERS, "typed in", visit.look.code, visit.desk.view.today())
    return Upload(json.dumps(rows).encode(), asked)


def _grid(
    request: Request,
    cells: Cells,
    rows: int,
    *,
    officer: str = "",
    found: Preview | None = None,
    problem: Problem | None = None,
) -> Response:
    words = visit_of(request).words
    told = None if problem is None else problems.document(request, problem)
    wrong: dict[tuple[int, str], str] = {}
    others: list[tuple[int, str]] = []
    for each in () if found is None else found.faults:
        if each.column in COLUMNS:
            wrong.setdefault((each.row, each.column), sentence(each, words))
        else:
            others.append((each.row, sentence(each, words)))
    bad = told is not None or bool(wrong or others)
    return render(
        request,
        "intake/entry.html",
        status=422 if bad else 200,
        columns=COLUMNS,
        cells=cells,
        rows=rows,
        officer=officer,
        wrong=wrong,
        others=others,
        found=found,
        problem=told,
    )


async def scans(request: Request) -> Response:
    """List the scans that wait, and take more."""
    return await run_in_threadpool(_scans, request)


def _scans(
    request: Request, taken: tuple[Scan, ...] = (), problem: Problem | None = None
) -> Response:
    desk = own_desk(visit_of(request))
    told = None if problem is None else problems.document(request, problem)
    return render(
        request,
        "intake/scans.html",
        status=200 if told is None else told["status"],
        waiting=Scans(desk.store, desk.vault).scans(waiting=True),
        taken=taken,
        problem=told,
    )


async def take_scans(request: Request) -> Response:
    """Take scans in, each put beside its paper where it says which. None is lost."""
    visit = visit_of(request)
    async with request.form(max_files=_MOST_SCANS, max_fields=4) as form:
        officer = text_of(form, "officer")
        files = [
            (each.filename, await each.read(BLOB_LIMIT + 1))
            for each in form.getlist("files")
            if isinstance(each, UploadFile) and each.filename
        ]
    return await run_in_threadpool(_take_scans, request, visit, files, officer)


def _take_scans(
    request: Request, visit: Visit, files: list[tuple[str, bytes]], officer: str
) -> Response:
    desk = own_desk(visit)
    kept, taken = Scans(desk.store, desk.vault), []
    problem: Problem | None = None
    for name, data in files:
        try:
            taken.append(kept.take(data, name, officer, clock.now()))
        except Problem as bad:  # the others are taken all the same
            problem = bad
    return _scans(request, tuple(taken), problem)


async def name_scan(request: Request) -> Response:
    """Say which number a waiting scan shows."""
    visit = visit_of(request)
    async with request.form(max_files=0, max_fields=4) as form:
        told: Mapping[str, Any] = dict(form)
    desk = own_desk(visit)
    scan = _count(text_of(told, "scan"))
    number = text_of(told, "number").upper()
    try:
        await run_in_threadpool(Scans(desk.store, desk.vault).name, scan, number)
    except Problem as bad:
        return await run_in_threadpool(_scans, request, (), bad)
    return RedirectResponse("/intake/scans", 303)


PAGES = (
    Page("/intake/entry", grid, Action.TAKE_IN),
    Page("/intake/entry", typed, Action.TAKE_IN, methods=("POST",)),
    Page("/intake/scans", scans, Action.TAKE_IN),
    Page("/intake/scans", take_scans, Action.TAKE_IN, methods=("POST",)),
    Page("/intake/scans/name", name_scan, Action.TAKE_IN, methods=("POST",)),
)
