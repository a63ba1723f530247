"""The check that runs in the visitor's own browser, also without a network."""

from __future__ import annotations

from fastapi import Request
from starlette.responses import RedirectResponse, Response

from kimberlite.kernel.errors import NotFound
from kimberlite.web.pages import Page
from kimberlite.web.permissions import Action
from kimberlite.web.verifier.assets import FOLDER, assets

_HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
        "media-src 'self' blob:; connect-src 'self'; manifest-src 'self'; worker-src 'self'; "
        "form-action 'none'; base-uri 'none'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'; trusted-types kimberlite-verifier"
    ),
    "permissions-policy": "camera=(self), geolocation=(), microphone=(), payment=(), usb=()",
    # The service worker keeps its own copies; the browser asks whether they are still the newest.
    "cache-control": "no-cache",
}


async def folder(_: Request) -> Response:
    """Lead to the page, whose files stand beside it."""
    return RedirectResponse(FOLDER, 308)


async def serve(request: Request) -> Response:
    """Give the page or one of its files.

    Raises:
        NotFound: ``web.no-page``.
    """
    asset = assets().get(request.path_params.get("name", ""))
    if asset is None:
        raise NotFound("web.no-page", "there is no such page here")
    headers = {**_HEADERS, "vary": "Accept-Encoding"}
    body = asset.body
    if asset.packed and "gzip" in request.headers.get("accept-encoding", ""):
        body, headers["content-encoding"] = asset.packed, "gzip"
    return Response(body, media_type=asset.media_type, headers=headers)


PAGES = (
    Page("/verifier", folder, Action.VERIFY),
    Page(FOLDER, serve, Action.VERIFY, title="verifier.nav", order=41),
    Page(FOLDER + "{name:path}", serve, Action.VERIFY),
)
