"""What pages work with: the log's reading side, its door, and who looks, in which words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, cast

from fastapi import Request
from starlette.concurrency import run_in_threadpool

from kimberlite.kernel.errors import Problem, Unavailable
from kimberlite.node.view import View
from kimberlite.web.permissions import Action, may
from kimberlite.web.sessions import COOKIE, Look, Sessions, is_loopback
from kimberlite.words import LANGUAGES, Words, preferred

LANG_COOKIE = "kimberlite-lang"


class Forbidden(Problem):
    """The visitor may not see or do this. Sign in as someone who may."""


class LogDoor(Protocol):
    """The log process, as the web needs it. ``node.clients.LogClient`` is one."""

    def outcome(self, raw: bytes) -> Mapping[str, Any]:
        """Hand a statement in and give ``index`` and ``findings``. Raises Refused, Unavailable."""

    def receipt(self, index: int) -> bytes:
        """Give the COSE receipt (RFC 9942) of an entry."""

    def bundle(self) -> bytes:
        """Give a trust bundle as of now."""

    def status_list(self, purpose: str, number: int) -> bytes:
        """Give a status list credential as of now."""


@dataclass(slots=True)
class Desk:
    """One for an application: ``view`` reads; ``door``, where there is one, reaches the log."""

    view: View
    door: LogDoor | None = None
    sessions: Sessions = field(default_factory=Sessions)
    _bundle: tuple[int, bytes] = (-1, b"")

    @property
    def kind(self) -> str:
        """Give the kind of the log: demo, test or prod; "" before genesis."""
        found = self.view.charter()
        return "" if found is None else found.kind

    def open_door(self) -> LogDoor:
        """Give the way to the log. Raises Unavailable ``log.no-door``."""
        if self.door is None:
            raise Unavailable("log.no-door", "this node only shows a log; hand statements to it")
        return self.door

    async def bundle(self) -> bytes:
        """Give a trust bundle of the log as it stands; asked for once a head, off the loop.

        Raises:
            Unavailable: ``log.no-door``, or as the log's own socket says.
        """
        size = self.view.reader.size
        if self._bundle[0] != size:
            door = self.open_door()
            self._bundle = (size, await run_in_threadpool(door.bundle))
        return self._bundle[1]


@dataclass(frozen=True, slots=True)
class Visit:
    """One request: whose, in which words, and what it asks for."""

    desk: Desk
    words: Words
    look: Look
    local: bool
    query: Mapping[str, str]
    path: str

    def may(self, action: Action) -> bool:
        """Say whether this visitor may do ``action``."""
        return may(self.look.role, action)

    def require(self, action: Action) -> None:
        """Raise Forbidden ``web.forbidden`` unless this visitor may do ``action``."""
        if not self.may(action):
            raise Forbidden(
                "web.forbidden", "this is open to participants and observers", action=action.value
            )

    @property
    def reads_entries(self) -> bool:
        """Say whether this visitor may follow a link to an entry of the log."""
        return self.may(Action.READ_ENTRIES)

    @property
    def signs_in(self) -> bool:
        """Say whether one click changes as whom one looks: in a demo on loopback alone."""
        return self.local and self.desk.kind == "demo"


def desk_of(request: Request) -> Desk:
    """Give the application's desk."""
    return cast("Desk", request.app.state.desk)


def visit_of(request: Request) -> Visit:
    """Give the visit that ``request`` is; made once a request."""
    found: Any = getattr(request.state, "visit", None)
    if isinstance(found, Visit):
        return found
    desk = desk_of(request)
    host = request.client.host if request.client is not None else ""
    visit = Visit(
        desk=desk,
        words=Words(_language(request), desk.view.registry().names),
        look=desk.sessions.look(request.cookies.get(COOKIE), host),
        local=is_loopback(host),
        query=dict(request.query_params),
        path=request.url.path,
    )
    request.state.visit = visit
    return visit


def _language(request: Request) -> str:
    """Take the language asked for in the address, else the one kept, else what the browser says."""
    for asked in (request.query_params.get("lang"), request.cookies.get(LANG_COOKIE)):
        if asked in LANGUAGES:
            return asked
    return preferred(request.headers.get("accept-language", ""))
