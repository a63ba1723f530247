"""How a room's pages join: modules of ``web.portal`` and ``web.api`` are found, never listed.

A portal module holds ``PAGES``; an API module holds ``ROUTER``. Every page names the action that
its visitor must be allowed, so none is open by omission.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from starlette.responses import Response

from kimberlite.web.desk import Visit, visit_of
from kimberlite.web.permissions import Action

Endpoint = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Page:
    """One page: where it stands, what shows it, and what its visitor must be allowed.

    ``title`` is the key of its name in the navigation, "" for pages that are not in it; ``order``
    its place there.
    """

    path: str
    endpoint: Endpoint
    action: Action
    methods: tuple[str, ...] = ("GET",)
    title: str = ""
    order: int = 0


def modules(package: ModuleType) -> Iterator[ModuleType]:
    """Import and give every module of ``package``, in order of name."""
    for found in sorted(pkgutil.iter_modules(package.__path__), key=lambda each: each.name):
        yield importlib.import_module(f"{package.__name__}.{found.name}")


def collect(portal: ModuleType) -> tuple[Page, ...]:
    """Give the pages of every portal module."""
    return tuple(page for module in modules(portal) for page in getattr(module, "PAGES", ()))


def routers(api: ModuleType) -> tuple[APIRouter, ...]:
    """Give the router of every API module."""
    found = (getattr(module, "ROUTER", None) for module in modules(api))
    return tuple(each for each in found if isinstance(each, APIRouter))


def mount(app: FastAPI, pages: tuple[Page, ...]) -> None:
    """Put ``pages`` into ``app``, each behind its permission, and the navigation into its state."""
    for page in pages:
        app.router.add_route(
            page.path, _guarded(page), methods=list(page.methods), include_in_schema=False
        )
    titled = sorted((page for page in pages if page.title), key=lambda page: page.order)
    app.state.navigation = tuple(titled)


def _guarded(page: Page) -> Endpoint:
    async def go(request: Request) -> Response:
        visit_of(request).require(page.action)
        return await page.endpoint(request)

    return go


def allowed(action: Action) -> Callable[[Request], Any]:
    """Give the dependency that an API route uses to require ``action`` and get its visit."""

    async def check(request: Request) -> Visit:
        visit = visit_of(request)
        visit.require(action)
        return visit

    return check
