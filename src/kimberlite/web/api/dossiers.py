"""A certificate's whole file with its proofs, for the visitor as the matrix says."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from kimberlite.certificates.visibility import Role as Seen
from kimberlite.kernel.errors import NotFound
from kimberlite.node import clock
from kimberlite.node.desk import Desk
from kimberlite.node.dossier.make import Press, make
from kimberlite.node.held import Folder, gather, gather_closed
from kimberlite.node.sight import Asker
from kimberlite.node.wiring import desk_of
from kimberlite.storage.vault import Vault
from kimberlite.web.desk import Visit
from kimberlite.web.documents import FORBIDDEN, NOT_FOUND, UNAVAILABLE, UNREADABLE
from kimberlite.web.pages import allowed
from kimberlite.web.permissions import SEEN_AS, Action, Role

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
_ZIP: dict[int | str, dict[str, Any]] = {
    200: {"description": "The dossier.", "content": {"application/zip": {}}}
}


@ROUTER.get(
    "/certificates/{number}/dossier",
    response_class=Response,
    responses={**_ZIP, **FORBIDDEN, **NOT_FOUND, **UNREADABLE, **UNAVAILABLE},
)
async def dossier(visit: Reads, number: Number) -> Response:
    """Give every statement on a certificate with proofs, and what the visitor may see: a ZIP."""
    bundle = await visit.desk.bundle()
    door = visit.desk.open_door()
    desk, folder = _held(visit, number.upper())
    view, vault = visit.desk.view, Vault(visit.desk.view.home.vault)
    indexes = [each.act.index for each in folder.held]
    receipts = await run_in_threadpool(lambda: {each: door.receipt(each) for each in indexes})
    press = Press(view, vault, receipts.__getitem__, bundle, visit.words, clock.now(), desk)
    try:
        made = make(press, folder, asker_of(visit))
    finally:
        if desk is not None:
            desk.store.close()
    name = f"{folder.life.number}.zip".replace(" ", "")
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(made, media_type="application/zip", headers=headers)


def asker_of(visit: Visit) -> Asker:
    """Give as whom a visitor asks: an officer as its participant, others by their role."""
    look = visit.look
    if look.role is Role.OFFICER:
        return Asker(look.code)
    seen: Seen = SEEN_AS[look.role]
    return Asker("", seen)


def _held(visit: Visit, number: str) -> tuple[Desk | None, Folder]:
    """Give what is held of a certificate for a visitor: its own office's folder, or the log's."""
    view = visit.desk.view
    if visit.look.role is Role.OFFICER:
        with suppress(NotFound):
            desk = desk_of(view.home, visit.look.code)
            return desk, gather(desk, number)
    return None, gather_closed(view, Vault(view.home.vault), number)
