"""A signer that stands in the test's own process, beside a real log."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.signing import Bench, Standing, set_up


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("template")
    bench = Bench(folder)
    set_up(bench.home, bench.genesis, bench.kind)
    return bench.home


@pytest.fixture
def bench(tmp_path: Path, template: Path) -> Iterator[Standing]:
    standing = Standing(tmp_path, template)
    yield standing
    standing.journal.close()
