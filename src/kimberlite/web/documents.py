"""Problem documents as OpenAPI declares them, one constant a status, for routes to name."""

from __future__ import annotations

from typing import Any

from kimberlite.web.forms import ProblemForm
from kimberlite.web.problems import MEDIA_TYPE

Responses = dict[int | str, dict[str, Any]]


def _declared(status: int, description: str) -> Responses:
    schema = {"$ref": f"#/components/schemas/{ProblemForm.__name__}"}
    return {
        status: {
            "description": description,
            "content": {MEDIA_TYPE: {"schema": schema}},
            "model": ProblemForm,
        }
    }


FORBIDDEN = _declared(403, "This is open to participants and observers.")
NOT_FOUND = _declared(404, "There is no such thing here.")
CONFLICT = _declared(409, "A rule says no, or something does not check out; `code` names it.")
TOO_LARGE = _declared(413, "More bytes than this address takes.")
UNREADABLE = _declared(422, "The request cannot be read; `code` says why.")
UNAVAILABLE = _declared(503, "The log cannot be reached now. Try again later.")
