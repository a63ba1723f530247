"""Arrival for officers: the checks on a presented certificate laid out, then what may be done."""

from __future__ import annotations

from collections import OrderedDict

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.responses import RedirectResponse, Response

from kimberlite.certificates.file import LIMIT, parse_file
from kimberlite.certificates.options import Option, options
from kimberlite.certificates.v1.beside import RECEIVERS
from kimberlite.crypto.random import token
from kimberlite.documents import reading
from kimberlite.documents.credential import check as credentials
from kimberlite.kernel.errors import Invalid, NotFound, Problem
from kimberlite.kernel.ids import CertificateNumber
from kimberlite.node.arriving import lay_out
from kimberlite.node.photos import media_of
from kimberlite.node.view import View
from kimberlite.node.wiring import desk_of
from kimberlite.web import problems
from kimberlite.web.desk import Visit, visit_of
from kimberlite.web.pages import Page
from kimberlite.web.permissions import Action
from kimberlite.web.shell import render

_MOST_KEPT = 64
_MOST_UPLOAD = 20 << 20
_NAME_BYTES = 24
_KEPT: OrderedDict[str, tuple[str, bytes]] = OrderedDict()
"""Files that came with goods and are not acted on yet, with whose officer brought them."""


def keep(file: bytes, holder: str) -> str:
    """Keep a certificate file for its next step, under a name that cannot be guessed."""
    name = token(_NAME_BYTES).hex()
    _KEPT[name] = (holder, file)
    while len(_KEPT) > _MOST_KEPT:
        _KEPT.popitem(last=False)
    return name


def brought(name: str, holder: str) -> tuple[bytes, ...]:
    """Give the file kept under ``name`` back to the authority whose it is; none for ""."""
    found = _KEPT.get(name)
    return (found[1],) if found is not None and found[0] == holder else ()


async def ask(request: Request) -> Response:
    """Ask for a file, the text of a code, or a number."""
    return _ask(request)


def _ask(request: Request, problem: Problem | None = None, number: str = "") -> Response:
    told = None if problem is None else problems.document(request, problem)
    return render(
        request,
        "work/arrive.html",
        status=200 if told is None else told["status"],
        problem=told,
        number=number,
    )


async def take(request: Request) -> Response:
    """Take what came with the goods, and go to its checks."""
    visit = visit_of(request)
    number = ""
    try:
        async with request.form(max_files=1, max_fields=4, max_part_size=1 << 16) as form:
            number = str(form.get("number", "")).strip().upper()[:14]
            upload, text = form.get("file"), str(form.get("text", "")).strip()
            data = await upload.read(_MOST_UPLOAD) if isinstance(upload, UploadFile) else b""
        if not (data or text):
            key = CertificateNumber.parse(number).key
            return RedirectResponse(f"/arrivals/{key}", 303)
        raw = await run_in_threadpool(_read, data or text.encode())
        found = parse_file(raw[: LIMIT + 1])
        name = keep(raw, visit.look.code)
        key = CertificateNumber.parse(str(found.named.get("number", ""))).key
    except Problem as bad:
        return _ask(request, bad, number)
    return RedirectResponse(f"/arrivals/{key}?with={name}", 303)


def _read(data: bytes) -> bytes:
    """Read what was brought; a view for information is no certificate. Raises as both."""
    return reading.read(credentials.refuse_view(data))


async def checks(request: Request) -> Response:
    """Show the checks on one certificate."""
    return await run_in_threadpool(_checks, request)


def _checks(request: Request) -> Response:
    visit = visit_of(request)
    number = str(request.path_params["number"]).upper()
    name = visit.query.get("with", "")
    desk = desk_of(visit.desk.view.home, visit.look.code)
    try:
        found = lay_out(desk, number, brought(name, desk.holder))
    except NotFound as bad:
        if bad.code != "certificate.unknown":
            raise
        return render(request, "work/unknown.html", status=404, number=number)
    return render(
        request,
        "work/checks.html",
        found=found,
        life=found.life,
        options=open_acts(visit.desk.view, number, desk.holder),
        brought=name,
    )


def open_acts(view: View, number: str, code: str) -> tuple[Option, ...]:
    """List what ``code`` may do with a certificate now."""
    key = CertificateNumber.parse(number).key
    received = view.reader.state().get(RECEIVERS, key)
    return options(view.certificate(number), code, "" if received is None else received.code)


async def scan(request: Request) -> Response:
    """Show a scan that a transcription of this certificate names."""
    return await run_in_threadpool(_scan, visit_of(request), request)


def _scan(visit: Visit, request: Request) -> Response:
    number, digest = request.path_params["number"], str(request.path_params["digest"])
    desk = desk_of(visit.desk.view.home, visit.look.code)
    known = {each.hex(): each for each in lay_out(desk, number).scans}
    if digest not in known:
        raise Invalid("vault.digest", "this certificate names no such scan", digest=digest[:64])
    data = desk.vault.get_blob(known[digest])
    return Response(data, media_type=media_of(data) or "application/octet-stream")


PAGES = (
    Page("/arrivals", ask, Action.WORK, title="arrive.nav", order=51),
    Page("/arrivals", take, Action.WORK, methods=("POST",)),
    Page("/arrivals/{number}", checks, Action.WORK),
    Page("/arrivals/{number}/scans/{digest}", scan, Action.WORK),
)
