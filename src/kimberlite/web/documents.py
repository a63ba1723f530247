"""Problem documents as OpenAPI declares them, one constant a status, for routes to name."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI

from kimberlite.web.forms import ProblemForm
from kimberlite.web.problems import MEDIA_TYPE

Responses = dict[int | str, dict[str, Any]]


def _declared(status: int, description: str) -> Responses:
    return {status: {"description": description, "model": ProblemForm}}


FORBIDDEN = _declared(403, "This is open to participants and observers.")
NOT_FOUND = _declared(404, "There is no such thing here.")
CONFLICT = _declared(409, "A rule says no, or something does not check out; `code` names it.")
TOO_LARGE = _declared(413, "More bytes than this address takes.")
UNREADABLE = _declared(422, "The request cannot be read; `code` says why.")
UNAVAILABLE = _declared(503, "The log cannot be reached now. Try again later.")


def describe(app: FastAPI) -> None:
    """Let the description of ``app`` tell every error as the one form that problems.py gives.

    FastAPI declares its own form and media type for errors, which are never sent here.
    """
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        made = generate()
        content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemForm"}}}
        for methods in made["paths"].values():
            for method in methods.values():
                for status, answer in method["responses"].items():
                    if status.isdecimal() and int(status) >= 400:
                        answer["content"] = content
        for name in ("HTTPValidationError", "ValidationError"):
            made["components"]["schemas"].pop(name, None)
        return made

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's own way to extend it
