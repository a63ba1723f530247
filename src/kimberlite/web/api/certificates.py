"""Certificates as JSON: a number's life, and the check of a file."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request
from fastapi import Query as QueryParameter
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile

from kimberlite.certificates.projection import Listed, Query
from kimberlite.kernel.days import parse_day
from kimberlite.kernel.errors import Invalid
from kimberlite.node.dues import overdue_keys
from kimberlite.web import forms, shaping
from kimberlite.web.checking import check, checked_size, read_upload
from kimberlite.web.desk import Visit
from kimberlite.web.documents import (
    CONFLICT,
    FORBIDDEN,
    NOT_FOUND,
    TOO_LARGE,
    UNAVAILABLE,
    UNREADABLE,
)
from kimberlite.web.due_forms import CertificatesQuery
from kimberlite.web.dues import found_for
from kimberlite.web.pages import allowed
from kimberlite.web.permissions import Action

ROUTER = APIRouter(tags=["certificates"])

Reads = Annotated[Visit, Depends(allowed(Action.READ_CERTIFICATES))]
Number = Annotated[
    str,
    Path(
        description="A certificate number, in either case.",
        pattern="^[A-Za-z]{2}[ -]?[0-9]{1,12}$",
        examples=["XA100001"],
    ),
]

_FILE: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "The certificate file (.kpc), at most 64 KiB.",
        "content": {
            "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {
                        "file": {"type": "string", "format": "binary"},
                        "receiver": {"type": "string", "examples": ["XB"]},
                    },
                    "required": ["file"],
                }
            },
        },
    }
}


@ROUTER.get("/certificates", responses={**FORBIDDEN, **UNREADABLE})
async def certificates(
    visit: Reads, asked: Annotated[CertificatesQuery, QueryParameter()]
) -> forms.CertificatesForm:
    """List certificates, the latest first, narrowed by whatever is asked for."""
    found = await run_in_threadpool(_listed, visit, asked)
    return forms.CertificatesForm(certificates=[shaping.listed(each) for each in found])


def _listed(visit: Visit, asked: CertificatesQuery) -> list[Listed]:
    today = visit.desk.view.today()
    query = Query(
        issuer=asked.issuer,
        receiver=asked.receiver,
        status=asked.status,
        with_findings=asked.findings,
        with_alerts=asked.alerts,
        paper=asked.paper,
        expired_on=today if asked.expired else None,
        first=None if asked.since is None else parse_day(asked.since),
        last=None if asked.until is None else parse_day(asked.until),
        keys=overdue_keys(found_for(visit), today) if asked.overdue else None,
        most=asked.most,
    )
    return visit.desk.view.certificates(query)


@ROUTER.get("/certificates/{number}", responses={**FORBIDDEN, **NOT_FOUND, **UNREADABLE})
async def certificate(visit: Reads, number: Number) -> forms.LifeForm:
    """Give every act on a certificate number with its findings; log sections only."""
    return shaping.life(visit.desk.view.certificate(number.upper()), visit.words)


@ROUTER.post(
    "/verify",
    responses={**CONFLICT, **TOO_LARGE, **UNREADABLE, **UNAVAILABLE},
    openapi_extra=_FILE,
)
async def verify(
    request: Request,
    visit: Annotated[Visit, Depends(allowed(Action.VERIFY))],
    receiver: Annotated[
        str | None, QueryParameter(description="The participant that checks.", examples=["XB"])
    ] = None,
) -> forms.VerdictForm:
    """Check a certificate file against the log as it stands: valid, invalid or cannot tell."""
    raw, named = await _file(request)
    told = await check(visit, raw, (receiver or named).strip().upper())
    return shaping.verdict(told, visit)


async def _file(request: Request) -> tuple[bytes, str]:
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        return checked_size(await request.body()), ""
    async with request.form(max_files=1, max_fields=4) as form:
        upload = form.get("file")
        if not isinstance(upload, UploadFile):
            raise Invalid("verify.no-file", "choose a certificate file first")
        return await read_upload(upload), str(form.get("receiver", ""))
