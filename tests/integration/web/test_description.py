"""The OpenAPI document, and whether the API does as it says."""

from __future__ import annotations

import time
from typing import Any

import schemathesis
from fastapi.routing import APIRoute
from hypothesis import HealthCheck, given, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance
from starlette.testclient import TestClient
from starlette.types import ASGIApp, Receive, Scope, Send

from kimberlite.node.view import View
from kimberlite.web import api, pages
from kimberlite.web.app import API, create_app
from tests.helpers.web import HERE, Node


def test_the_description_is_whole(client: TestClient) -> None:
    told = client.get("/api/v1/openapi.json").json()
    assert told["openapi"].startswith("3.1")
    routes = [route for router in pages.routers(api) for route in router.routes]
    own = {f"{API}{route.path}" for route in routes if isinstance(route, APIRoute)}
    assert set(told["paths"]) == own
    for path, methods in told["paths"].items():
        for method in methods.values():
            assert method.get("description"), path
            for status, answer in method["responses"].items():
                if int(status) >= 400:
                    assert set(answer["content"]) == {"application/problem+json"}, (path, status)


def test_pages_answer_fast_enough_to_be_pleasant(client: TestClient) -> None:
    client.get("/registry")
    began = time.perf_counter()
    for _ in range(10):
        client.get("/registry")
    assert (time.perf_counter() - began) / 10 < 0.5


def at_home(app: ASGIApp) -> ASGIApp:
    """Let every request come from this machine and name it, whoever makes it."""

    async def go(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            others = [pair for pair in scope["headers"] if pair[0] != b"host"]
            scope = {**scope, "client": HERE, "headers": [*others, (b"host", b"127.0.0.1")]}
        await app(scope, receive, send)

    return go


def test_the_api_does_as_its_description_says(node: Node) -> None:
    """Let Schemathesis make requests from the description and hold the answers against it."""
    app = at_home(create_app(View(node.home), node))
    schemathesis.serializer.alias("application/cose", "application/octet-stream")
    schema = schemathesis.openapi.from_asgi("/api/v1/openapi.json", app)
    for found in schema.get_all_operations():
        operation = found.ok()  # type: ignore[union-attr]  # an error has no ok: the test fails

        @settings(max_examples=20, suppress_health_check=list(HealthCheck))
        @given(case=operation.as_strategy())
        def ask(case: Any) -> None:
            # Nearly no bytes are a certificate file or a statement: refusing them is right.
            left_out = [positive_data_acceptance] if case.method == "POST" else []
            case.call_and_validate(excluded_checks=left_out)

        ask()
