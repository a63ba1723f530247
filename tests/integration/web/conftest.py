"""A furnished node on disk, once a file, and clients that look at it from this machine."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from tests.helpers.web import Node, client_of, furnished


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Node, dict[str, bytes]]:
    return furnished(tmp_path_factory.mktemp("node"))


@pytest.fixture(scope="module")
def node(made: tuple[Node, dict[str, bytes]]) -> Node:
    return made[0]


@pytest.fixture(scope="module")
def files(made: tuple[Node, dict[str, bytes]]) -> dict[str, bytes]:
    return made[1]


@pytest.fixture
def client(node: Node) -> Iterator[TestClient]:
    with client_of(node, door=node) as found:
        yield found
