"""The one place where errors become answers: problem documents (RFC 9457) or an error page.

Nobody sees a stack trace: what was not foreseen is written to the log of the process and told as
``web.fault``.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from kimberlite.kernel.errors import (
    Conflict,
    Invalid,
    NotFound,
    Problem,
    Refused,
    Unavailable,
    Untrusted,
)
from kimberlite.web.desk import Forbidden, visit_of
from kimberlite.web.shell import render

MEDIA_TYPE = "application/problem+json"
_LOG = logging.getLogger("kimberlite.web")


class TooLarge(Invalid):
    """More bytes than this address takes."""


class NotAllowed(Problem):
    """The address does not take this method."""


class Fault(Problem):
    """Something that was not foreseen."""


STATUS: Mapping[type[Problem], int] = {
    TooLarge: 413,
    NotAllowed: 405,
    Forbidden: 403,
    Invalid: 422,
    Refused: 409,
    NotFound: 404,
    Conflict: 409,
    Untrusted: 409,
    Unavailable: 503,
    Problem: 500,
}
"""What a kind of problem is in HTTP; the first that fits counts."""


def status_of(problem: Problem) -> int:
    """Give the HTTP status for ``problem``."""
    return next(status for kind, status in STATUS.items() if isinstance(problem, kind))


def document(request: Request, problem: Problem) -> dict[str, Any]:
    """Give the problem document: RFC 9457 members, and ``code`` and ``facts`` of our own."""
    words = visit_of(request).words
    return {
        "type": f"urn:kimberlite:problem:{problem.code}",
        "title": words.say(problem.code, **problem.facts),
        "status": status_of(problem),
        "detail": problem.detail,
        "instance": request.url.path,
        "code": problem.code,
        "facts": dict(problem.facts),
    }


def answer(request: Request, problem: Problem) -> Response:
    """Tell ``problem`` as the visitor can read it: JSON to programs, a page to people."""
    told = document(request, problem)
    if wants_json(request):
        return JSONResponse(told, told["status"], media_type=MEDIA_TYPE)
    return render(request, "problem.html", status=told["status"], problem=told)


def wants_json(request: Request) -> bool:
    """Say whether the visitor is a program."""
    accept = request.headers.get("accept", "")
    return request.url.path.startswith("/api/") or ("json" in accept and "text/html" not in accept)


def install(app: FastAPI) -> None:
    """Let every error of ``app`` end here."""

    async def on_problem(request: Request, bad: Exception) -> Response:
        assert isinstance(bad, Problem)
        return answer(request, bad)

    async def on_http(request: Request, bad: Exception) -> Response:
        assert isinstance(bad, HTTPException)
        return answer(request, _of_http(bad))

    async def on_parameters(request: Request, bad: Exception) -> Response:
        assert isinstance(bad, RequestValidationError)
        return answer(request, _of_parameters(bad))

    async def on_fault(request: Request, bad: Exception) -> Response:
        _LOG.error("a request failed", exc_info=bad)
        return answer(request, Fault("web.fault", "this program failed; it has been noted"))

    app.add_exception_handler(Problem, on_problem)
    app.add_exception_handler(HTTPException, on_http)
    app.add_exception_handler(RequestValidationError, on_parameters)
    app.add_exception_handler(Exception, on_fault)


def _of_http(bad: HTTPException) -> Problem:
    if bad.status_code == 404:
        return NotFound("web.no-page", "there is no such page here")
    if bad.status_code == 405:
        return NotAllowed("web.method", "this address does not take that kind of request")
    if bad.status_code >= 500:
        return Fault("web.fault", "this program failed; it has been noted")
    return Invalid("web.request", "the request cannot be read")


def _of_parameters(bad: RequestValidationError) -> Problem:
    first = bad.errors()[0]
    field = ".".join(str(part) for part in first["loc"][1:]) or "body"
    return Invalid("web.parameter", f"{field}: {first['msg']}", field=field)
