"""Certificates for people: find one, read its life, check the file that came with the goods."""

from __future__ import annotations

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.responses import RedirectResponse, Response

from kimberlite.certificates.life import CertificateLife
from kimberlite.certificates.projection import LONGEST, Listed
from kimberlite.certificates.verdict import CANNOT_PROVE, PROVES
from kimberlite.kernel.errors import Invalid, Problem
from kimberlite.kernel.ids import CertificateNumber
from kimberlite.node.arriving import reads_now
from kimberlite.node.erasing import remains
from kimberlite.node.wiring import desk_of
from kimberlite.web import present, problems, shaping
from kimberlite.web.checking import check, read_upload
from kimberlite.web.desk import Visit, visit_of
from kimberlite.web.listing import STATUSES, asked, narrowed
from kimberlite.web.pages import Page
from kimberlite.web.permissions import Action
from kimberlite.web.portal.arriving import open_acts
from kimberlite.web.portal.intake import download
from kimberlite.web.rows import csv_of
from kimberlite.web.shell import render

_LATEST = 50


async def search(request: Request) -> Response:
    """Find a certificate by its number; without one, show the latest."""
    visit = visit_of(request)
    number, problem = visit.query.get("number", "").strip(), ""
    if number:
        try:
            key = CertificateNumber.parse(number.upper()).key
        except Invalid as bad:
            problem = visit.words.say(bad.code, **bad.facts)
        else:
            return RedirectResponse(f"/certificates/{key}", 303)
    return render(
        request,
        "certificates/search.html",
        status=422 if problem else 200,
        number=number,
        problem=problem,
        latest=await run_in_threadpool(_listed, visit, _LATEST),
        statuses=STATUSES,
        asked=asked(visit),
    )


def _listed(visit: Visit, most: int) -> list[Listed]:
    return visit.desk.view.certificates(narrowed(visit, most))


async def download_list(request: Request) -> Response:
    """Give the list as CSV, narrowed as the query says, 500 rows at most."""
    rows = await run_in_threadpool(_listed, visit_of(request), LONGEST)
    told = [shaping.listed(each).model_dump() for each in rows]
    return download(csv_of(told), "certificates.csv")


async def life(request: Request) -> Response:
    """Show everything that happened to a certificate."""
    view = visit_of(request).desk.view
    number = request.path_params["number"].upper()
    told, left = view.certificate(number), remains(view, number)
    look = visit_of(request).look
    works = visit_of(request).may(Action.WORK) and look.code in view.described["hosts"]
    return render(
        request,
        "certificates/life.html",
        life=told,
        left=left,
        options=open_acts(view, number, look.code) if works else (),
        reads=_as_it_stands(visit_of(request), told) if works else [],
    )


def _as_it_stands(visit: Visit, told: CertificateLife) -> list[tuple[str, str]]:
    """Give what a certificate says now, corrected, as far as it is open to the officer here."""
    found = reads_now(desk_of(visit.desk.view.home, visit.look.code), told)
    seen = None if found is None else found.certificate
    closed = seen is None or not (seen.shipment or seen.values or seen.parties)
    return [] if closed else present.contents(seen, visit)


async def verify(request: Request) -> Response:
    """Offer the check of a file."""
    return _form(request)


def _form(request: Request, problem: Problem | None = None, receiver: str = "") -> Response:
    told = None if problem is None else problems.document(request, problem)
    return render(
        request,
        "certificates/verify.html",
        status=200 if told is None else told["status"],
        problem=told,
        receiver=receiver,
        proves=PROVES,
        cannot=CANNOT_PROVE,
    )


async def verdict(request: Request) -> Response:
    """Check an uploaded file and show the verdict."""
    receiver = ""
    try:
        async with request.form(max_files=1, max_fields=4) as form:
            receiver = str(form.get("receiver", "")).strip().upper()
            upload = form.get("file")
            if not isinstance(upload, UploadFile):
                raise Invalid("verify.no-file", "choose a certificate file first")
            raw = await read_upload(upload)
        found = await check(visit_of(request), raw, receiver)
    except Problem as bad:
        return _form(request, bad, receiver[:2])
    return render(
        request,
        "certificates/verdict.html",
        verdict=found,
        contents=present.contents(found.certificate, visit_of(request)),
    )


PAGES = (
    Page(
        "/certificates",
        search,
        Action.READ_CERTIFICATES,
        title="web.nav.certificates",
        order=30,
    ),
    Page("/certificates.csv", download_list, Action.READ_CERTIFICATES),
    Page("/certificates/{number}", life, Action.READ_CERTIFICATES),
    Page("/verify", verify, Action.VERIFY, title="web.nav.verify", order=40),
    Page("/verify", verdict, Action.VERIFY, methods=("POST",)),
)
