"""Look as someone else: one click, in a demo on loopback alone."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import Request
from starlette.responses import RedirectResponse, Response

from kimberlite.kernel.errors import Invalid
from kimberlite.kernel.ids import is_user_assigned
from kimberlite.web.desk import Forbidden, visit_of
from kimberlite.web.pages import Page
from kimberlite.web.permissions import Action, Role
from kimberlite.web.sessions import COOKIE, Look

_PLAIN: Mapping[str, Look] = {
    "public": Look(Role.PUBLIC),
    "observer": Look(Role.OBSERVER),
}


def _look(asked: str) -> Look:
    role, _, code = asked.partition("-")
    if role == "officer" and is_user_assigned(code):
        return Look(Role.OFFICER, code)
    if asked in _PLAIN:
        return _PLAIN[asked]
    raise Invalid("look.unknown", "choose one of the looks offered", look=asked[:20])


async def look_as(request: Request) -> Response:
    """Keep the chosen look in a session of the browser, and go back to the page.

    Raises:
        Forbidden: ``look.not-demo``. Invalid: ``look.unknown``.
    """
    visit = visit_of(request)
    if not visit.signs_in:
        raise Forbidden("look.not-demo", "this exists only in a demonstration on this machine")
    async with request.form(max_files=0, max_fields=4) as form:
        look, back = _look(str(form.get("look", ""))), str(form.get("back", "/"))
    # Only a path of ours: "//host" would leave this site.
    there = back if back.startswith("/") and not back.startswith(("//", "/\\")) else "/"
    response = RedirectResponse(there, 303)
    sessions = visit.desk.sessions
    sessions.end(request.cookies.get(COOKIE))
    response.set_cookie(COOKIE, sessions.begin(look), httponly=True, samesite="lax")
    return response


PAGES = (Page("/look-as", look_as, Action.LOOK_AS, methods=("POST",)),)
