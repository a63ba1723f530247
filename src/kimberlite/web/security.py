"""What guards every request and answer: hosts, origins, sizes, headers.

Sources: Content Security Policy Level 3; Fetch Metadata Request Headers (Sec-Fetch-Site); OWASP
cheat sheets on CSRF and DNS rebinding.
"""

from __future__ import annotations

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kimberlite.kernel.errors import Problem
from kimberlite.web import problems
from kimberlite.web.desk import Forbidden

MOST_BYTES = 128 * 1024
"""Longest body that any address takes; a certificate file is at most half of it."""

LARGE = {"/intake": 17 << 20, "/intake/entry": 1 << 20, "/intake/scans": 64 << 20}
"""Addresses that take more, from officers alone: files of rows, and scans."""
PHOTOS = 24 << 20
"""Longest body of a form about an act, with its photos, or of what came with goods."""

HOSTS = frozenset(("127.0.0.1", "localhost", "[::1]"))
_SAFE = frozenset(("GET", "HEAD", "OPTIONS"))
_HEADERS = {
    "content-security-policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}


class Guard:
    """Stands before the whole application.

    Refused are: a Host that is not this machine (a page elsewhere whose name was pointed here),
    unsafe methods that another site started, and bodies over ``MOST_BYTES``. A program sends no
    Sec-Fetch-Site and holds no cookie of a browser, so it passes.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Guard one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        told = _with_headers(send)
        problem = _objection(scope)
        if problem is not None:
            request = Request(scope, receive)
            await problems.answer(request, problem)(scope, receive, told)
            return
        await self._app(scope, _bounded(receive, _most(scope)), told)


def _objection(scope: Scope) -> Problem | None:
    headers = Headers(scope=scope)
    host = headers.get("host", "")
    name = host.rpartition(":")[0] if host.rpartition(":")[2].isdecimal() else host
    if name not in HOSTS:
        return Forbidden("web.host", "this node answers only under its own address", host=host[:80])
    if scope["method"] not in _SAFE and headers.get("sec-fetch-site", "none") not in {
        "same-origin",
        "none",
    }:
        return Forbidden("web.cross-site", "another site sent this request")
    length = headers.get("content-length", "0")
    most = _most(scope)
    if not length.isdecimal() or int(length) > most:
        return problems.TooLarge("web.too-large", "the request is too large", limit=most)
    return None


def _most(scope: Scope) -> int:
    path = scope["path"]
    return PHOTOS if path.startswith(("/desk/", "/arrivals")) else LARGE.get(path, MOST_BYTES)


def _bounded(receive: Receive, most: int) -> Receive:
    """Count what arrives: a body may come in chunks without saying its length."""
    taken = 0

    async def go() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > most:
            raise problems.TooLarge("web.too-large", "the request is too large", limit=most)
        return message

    return go


def _with_headers(send: Send) -> Send:
    async def go(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers.setdefault(name, value)
            headers.setdefault("cache-control", "no-store")
        await send(message)

    return go
