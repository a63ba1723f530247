"""The log as JSON and bytes: head, checkpoint, entries, proofs, and its door for statements."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from kimberlite.kernel.days import show_moment
from kimberlite.kernel.errors import NotFound
from kimberlite.ledger.envelope import LIMIT, parse
from kimberlite.ledger.facts import facts_of
from kimberlite.ledger.v1.rows import moment
from kimberlite.node.books import V1
from kimberlite.web import forms, problems, shaping
from kimberlite.web.desk import Visit
from kimberlite.web.documents import (
    CONFLICT,
    FORBIDDEN,
    NOT_FOUND,
    TOO_LARGE,
    UNAVAILABLE,
    UNREADABLE,
)
from kimberlite.web.pages import allowed
from kimberlite.web.permissions import Action

ROUTER = APIRouter(tags=["log"])

STATEMENT = "application/cose"
_BUNDLE = "application/vnd.kimberlite.bundle+cose"
_NOTE = "text/plain; charset=utf-8"

Heads = Annotated[Visit, Depends(allowed(Action.READ_HEAD))]
Reads = Annotated[Visit, Depends(allowed(Action.READ_ENTRIES))]
Index = Annotated[int, Path(ge=0, lt=1 << 53, description="The entry, from 0.", examples=[0])]


def _bytes(media: str, what: str) -> dict[int | str, dict[str, Any]]:
    return {200: {"description": what, "content": {media: {}}}}


@ROUTER.get("/log/head")
async def head(visit: Heads) -> forms.HeadForm:
    """Give the head: size, root, facts digest and the signed checkpoint."""
    view = visit.desk.view
    seen, charter, now = view.reader.head(), view.charter(), moment(view.reader.state())
    checkpoint = view.checkpoint()
    return forms.HeadForm(
        kind="" if charter is None else charter.kind,
        origin="" if charter is None else charter.origin,
        title="" if charter is None else charter.title,
        genesis="" if charter is None else charter.digest.hex(),
        size=seen.size,
        root=seen.root.hex(),
        facts=seen.facts.hex(),
        time=None if now is None else show_moment(now.now),
        checkpoint=None if checkpoint is None else checkpoint.decode("utf-8", "replace"),
    )


@ROUTER.get(
    "/log/checkpoint",
    response_class=Response,
    responses={**_bytes("text/plain", "The signed note."), **NOT_FOUND},
)
async def checkpoint(visit: Heads) -> Response:
    """Give the latest signed checkpoint (C2SP tlog-checkpoint)."""
    return Response(_checkpoint(visit), media_type=_NOTE)


def _checkpoint(visit: Visit) -> bytes:
    found = visit.desk.view.checkpoint()
    if found is None:
        raise NotFound("log.no-checkpoint", "this log has not published a checkpoint yet")
    return found


@ROUTER.get("/log/entries/{index}", responses={**FORBIDDEN, **NOT_FOUND, **UNREADABLE})
async def entry(visit: Reads, index: Index) -> forms.EntryForm:
    """Give one entry: header, log section, sealed sections by name, facts."""
    stored = visit.desk.view.reader.entry(index)
    statement = parse(stored.raw)
    header, kind = statement.header, V1.types.get(statement.header.typ)
    seals = statement.body.seals
    return forms.EntryForm(
        index=index,
        statement=statement.id.hex(),
        typ=header.typ,
        iss=header.iss,
        sub=header.sub,
        signed_at=show_moment(header.iat),
        kid=header.kid.hex(),
        said={} if kind is None else shaping.said(kind.typ, kind.schema.read(statement.body.log)),
        sealed=[] if kind is None else [each.name for each in kind.sections if each.label in seals],
        facts=[shaping.plain(each) for each in facts_of(stored.facts)],
    )


@ROUTER.get(
    "/log/entries/{index}/statement",
    response_class=Response,
    responses={
        **_bytes(STATEMENT, "The exact COSE_Sign1."),
        **FORBIDDEN,
        **NOT_FOUND,
        **UNREADABLE,
    },
)
async def statement(visit: Reads, index: Index) -> Response:
    """Give an entry's exact bytes: the leaf of the tree."""
    stored = visit.desk.view.reader.entry(index)
    return Response(stored.raw, media_type=STATEMENT, headers=_named(f"entry-{index}.cose"))


@ROUTER.get(
    "/log/proof/{index}",
    response_class=Response,
    responses={
        **_bytes("text/plain", "A C2SP tlog-proof."),
        **FORBIDDEN,
        **NOT_FOUND,
        **UNREADABLE,
    },
)
async def proof(visit: Reads, index: Index) -> Response:
    """Give the proof that an entry is in the log, under the latest checkpoint."""
    reader = visit.desk.view.reader
    reader.entry(index)
    told = reader.proof(index, _checkpoint(visit))
    return Response(told, media_type=_NOTE, headers=_named(f"entry-{index}.tlog-proof"))


def _named(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"'}


@ROUTER.post(
    "/log/entries",
    status_code=201,
    response_model=forms.RegisteredForm,
    responses={**CONFLICT, **TOO_LARGE, **UNREADABLE, **UNAVAILABLE},
    openapi_extra={
        "requestBody": {
            "required": True,
            "description": "A signed statement, at most 16 KiB.",
            "content": {STATEMENT: {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)
async def register(
    request: Request, visit: Annotated[Visit, Depends(allowed(Action.REGISTER))]
) -> Response:
    """Hand a statement to the log: 201 with its receipt once it is durable, 200 if it was in.

    With ``Accept: application/cose`` the answer is the receipt alone, as in the SCITT reference
    API. A refusal is a problem document whose ``code`` is the rule's.
    """
    raw = await request.body()
    if len(raw) > LIMIT:
        raise problems.TooLarge(
            "statement.too-long", "a statement holds at most 16 KiB", limit=LIMIT
        )
    parse(raw)
    door = visit.desk.open_door()
    told = await run_in_threadpool(door.outcome, raw)
    index, before = int(told["index"]), bool(told.get("before", False))
    receipt = await run_in_threadpool(door.receipt, index)
    status = 200 if before else 201
    place = {"Location": f"/api/v1/log/entries/{index}"}
    if request.headers.get("accept", "") == STATEMENT:
        return Response(receipt, status, media_type=STATEMENT, headers=place)
    shaped = forms.RegisteredForm(
        index=index,
        before=before,
        findings=[shaping.finding(str(c), dict(f), visit.words) for c, f in told["findings"]],
        receipt=receipt.hex(),
    )
    return JSONResponse(shaped.model_dump(mode="json"), status, headers=place)


@ROUTER.get(
    "/trust-bundle",
    response_class=Response,
    responses={**_bytes(_BUNDLE, "A COSE_Sign1 by the log's key."), **UNAVAILABLE},
)
async def trust_bundle(visit: Heads) -> Response:
    """Give a trust bundle as of now: all that a verifier without a network needs."""
    return Response(await visit.desk.bundle(), media_type=_BUNDLE, headers=_named("trust.bundle"))
