"""The application: pages and API over one node's reading side."""

from __future__ import annotations

from importlib.resources import files

from fastapi import FastAPI
from starlette.staticfiles import StaticFiles

from kimberlite import __version__
from kimberlite.node.view import View
from kimberlite.web import api, documents, pages, portal, problems
from kimberlite.web.desk import Desk, LogDoor
from kimberlite.web.security import Guard

API = "/api/v1"
_ABOUT = (
    "The Kimberley Process certificate register of one node: who may trade, as of any day on two "
    "time axes; the life of a certificate; verification of certificate files; and the log itself "
    "with its proofs. Answers of the registry are *yes*, *no* or *cannot-tell*. Errors are problem "
    "documents (RFC 9457) with a stable `code`."
)


def create_app(view: View, door: LogDoor | None = None) -> FastAPI:
    """Make the application.

    Args:
        view: the node's reading side; used from the one thread that serves.
        door: the log process; without it the node takes no statement (``log.no-door``).
    """
    app = FastAPI(
        title="Kimberlite",
        version=__version__,
        description=_ABOUT,
        openapi_url=f"{API}/openapi.json",
        docs_url=None,  # the viewers load scripts from elsewhere; docs/reference has the document
        redoc_url=None,
        telemetry={"logs": False},
    )
    app.state.desk = Desk(view, door)
    for router in pages.routers(api):
        app.include_router(router, prefix=API)
    pages.mount(app, pages.collect(portal))
    app.mount("/static", _Static(directory=str(files("kimberlite.web") / "static")))
    problems.install(app)
    documents.describe(app)
    app.add_middleware(Guard)
    return app


class _Static(StaticFiles):
    """Static files; their addresses hold a digest, so browsers may keep them."""

    def file_response(self, *args: object, **kwargs: object) -> object:  # type: ignore[override]
        response = super().file_response(*args, **kwargs)  # type: ignore[arg-type]
        response.headers["cache-control"] = "public, max-age=31536000, immutable"
        return response
