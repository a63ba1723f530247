"""What the systems of others need to check credentials: DID documents and status lists."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from kimberlite.documents.credential import did
from kimberlite.documents.credential.opened import LIST_BITS
from kimberlite.kernel.errors import NotFound
from kimberlite.ledger.keyring import KEYS
from kimberlite.web.desk import Visit
from kimberlite.web.documents import NOT_FOUND, UNAVAILABLE, UNREADABLE
from kimberlite.web.pages import allowed
from kimberlite.web.permissions import Action

ROUTER = APIRouter(tags=["credentials"])

Heads = Annotated[Visit, Depends(allowed(Action.READ_HEAD))]
Holder = Annotated[
    str,
    Path(
        description="A participant, or the log itself.",
        pattern="^(?:[A-Z]{2}|kp\\.[a-z]{1,16})$",
        examples=["XA", "kp.log"],
    ),
]
Number = Annotated[
    int,
    Path(ge=0, lt=1 << 32, description="Which 131,072 entries of the log.", examples=[0]),
]
_DID = "application/did+ld+json"
_VC = "application/vc+jwt"


def _given(media: str, what: str) -> dict[int | str, dict[str, Any]]:
    return {200: {"description": what, "content": {media: {}}}}


@ROUTER.get(
    "/did/{holder}/did.json",
    response_class=Response,
    responses={**_given(_DID, "The DID document."), **NOT_FOUND, **UNREADABLE},
)
async def did_document(visit: Heads, holder: Holder) -> Response:
    """Give the did:web document of a holder of keys; keys that ended stay in it."""
    view = visit.desk.view
    charter = view.charter()
    keys = [key for _, key in view.reader.state().scan(KEYS) if key.holder == holder]
    if charter is None or not keys:
        raise NotFound("credential.no-issuer", "nobody has keys under this name", holder=holder)
    return JSONResponse(did.document(charter.origin, holder, keys), media_type=_DID)


@ROUTER.get(
    "/credentials/status/{purpose}/{number}",
    response_class=Response,
    responses={
        **_given(_VC, "A status list credential, signed by the log."),
        **NOT_FOUND,
        **UNREADABLE,
        **UNAVAILABLE,
    },
)
async def status_list(
    visit: Heads, purpose: Literal["revocation", "suspension"], number: Number
) -> Response:
    """Give a status list (W3C Bitstring Status List): one bit for each entry of the log."""
    desk = visit.desk
    if number * LIST_BITS >= desk.view.reader.size:
        raise NotFound("credential.no-list", "the log has no entries yet in this list")
    door = desk.open_door()
    made = await run_in_threadpool(door.status_list, purpose, number)
    return Response(made, media_type=_VC)
