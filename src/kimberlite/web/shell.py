"""The frame of every page: template, navigation, language, kind of the log."""

from __future__ import annotations

import functools
import hashlib
from importlib.resources import as_file, files
from urllib.parse import urlencode

from fastapi import Request
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse, Response

from kimberlite.kernel.days import show_day
from kimberlite.web import present
from kimberlite.web.desk import LANG_COOKIE, Visit, visit_of
from kimberlite.words import LANGUAGES, NAMES

_YEAR_SECONDS = 365 * 86_400


@functools.cache
def environment() -> Environment:
    """Make the templates' environment: everything escaped, nothing undefined let pass."""
    made = Environment(
        loader=PackageLoader("kimberlite.web"),
        autoescape=True,
        auto_reload=False,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(present.FILTERS)
    made.globals.update(static=static_address, languages=NAMES, iso=show_day)
    return made


@functools.cache
def static_address(name: str) -> str:
    """Give the address of a static file, with its digest, so that it may be kept for ever."""
    with as_file(files("kimberlite.web") / "static" / name) as path:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()[:12]
    return f"/static/{name}?v={digest}"


def render(request: Request, template: str, *, status: int = 200, **told: object) -> Response:
    """Show ``template`` in the frame, in the visitor's language.

    Templates get ``say`` (words), ``w`` (the Words), ``visit``, ``kind``, ``navigation`` and
    ``here`` (this address with another query) besides what is told.
    """
    visit = visit_of(request)
    words = visit.words
    context = {
        "say": words.say,
        "w": words,
        "visit": visit,
        "kind": visit.desk.kind,
        "navigation": [page for page in request.app.state.navigation if visit.may(page.action)],
        "here": functools.partial(here, visit),
        **told,
    }
    html = environment().get_template(template).render(context)
    response = HTMLResponse(html, status)
    response.headers["Content-Language"] = words.lang
    response.headers["Vary"] = "Accept-Language, Cookie"
    if request.query_params.get("lang") in LANGUAGES:
        response.set_cookie(
            LANG_COOKIE, words.lang, max_age=_YEAR_SECONDS, httponly=True, samesite="lax"
        )
    return response


def here(visit: Visit, **changes: str | int | None) -> str:
    """Give the present address with ``changes`` in its query; None takes a part out."""
    kept = {name: value for name, value in visit.query.items() if name != "lang"}
    for name, value in changes.items():
        if value is None:
            kept.pop(name, None)
        else:
            kept[name] = str(value)
    return f"{visit.path}?{urlencode(kept)}" if kept else visit.path
