"""Hostile input at the edges: pages, API and command line of a running node.

As in ``test_hostile``: a stable code, and every store as it was.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from kimberlite.certificates.file import write
from kimberlite.certificates.rules import Assessment
from kimberlite.cli.main import program
from kimberlite.kernel.errors import Problem
from kimberlite.web import pages, portal
from kimberlite.web.app import create_app
from kimberlite.web.permissions import Role
from kimberlite.web.sessions import COOKIE, Look
from tests.helpers.hostile import BOMBS, FEW, NAMES, altered
from tests.helpers.region import Issued, Region, findings, region
from tests.helpers.stores import CODES, contents, tried


@pytest.fixture(scope="module")
def world() -> Iterator[Region]:
    with pytest.MonkeyPatch.context() as patch, region(patch, hosted=("XA", "XB")) as found:
        yield found


@pytest.fixture(scope="module")
def issued(world: Region) -> Issued:
    return world.issue("XA", "XB")


@pytest.fixture(scope="module")
def site(world: Region) -> TestClient:
    app = create_app(world.view, world.post)
    return TestClient(app, base_url="http://127.0.0.1", client=("127.0.0.1", 9))


# ---- the pages and the API ---------------------------------------------------------------------


@given(st.data())
@FEW
def test_uploads_over_http(
    world: Region, issued: Issued, site: TestClient, data: st.DataObject
) -> None:
    raw = data.draw(altered(issued.file))
    receiver = data.draw(st.sampled_from(["", "XB", "xb", "X", "../..", "☃"]))
    before = contents(world.nodes.log)
    if data.draw(st.booleans()):
        answer = site.post("/api/v1/verify", content=raw, params={"receiver": receiver})
    else:
        answer = site.post(
            "/api/v1/verify", files={"file": ("x.kpc", raw)}, data={"receiver": receiver}
        )
    assert answer.status_code in {200, 400, 409, 413, 415, 422}, answer.text
    told = answer.json()
    if answer.status_code == 200:
        assert raw == issued.file or told["result"] != "valid"
    else:
        assert told["code"] in CODES, told
    assert contents(world.nodes.log) == before


_FORM = st.dictionaries(
    st.one_of(
        NAMES,
        st.sampled_from(("officer", "kind", "seals", "batch", "scan", "movement", "first", "last")),
    ),
    st.one_of(
        st.text(max_size=12), st.sampled_from(("XA", "XA1", "officer-1", "papers", "-1", "9" * 20))
    ),
    max_size=8,
)


_POSTS = sorted({e.path for e in pages.collect(portal) if "POST" in e.methods} - {"/look-as"})
"""Every page that takes a form or a file, but the one that says who looks."""


@given(st.data())
@FEW
def test_forms_of_any_shape_as_an_officer(
    world: Region, issued: Issued, site: TestClient, data: st.DataObject
) -> None:
    app: Any = site.app
    site.cookies.set(COOKIE, app.state.desk.sessions.begin(Look(Role.OFFICER, "XA")))
    path = data.draw(st.sampled_from(_POSTS))
    blank = st.sampled_from(
        ("1", "0", "-1", issued.number, "dispatch", "99999999999999999999", "☃")
    )
    address = re.sub(r"{[^}]*}", lambda _: data.draw(blank), path)
    told, raw = data.draw(_FORM), data.draw(altered(issued.file))
    before = contents(world.nodes.log)
    files = {"file": ("x.csv", raw)} if data.draw(st.booleans()) else None
    answer = site.post(address, data=told, files=files, follow_redirects=False)
    assert answer.status_code in {*range(200, 500), 503}, (address, answer.text[:300])
    if answer.status_code >= 400:
        assert contents(world.nodes.log) == before, address
    site.cookies.clear()


def test_openings_that_belong_to_another_certificate(world: Region, issued: Issued) -> None:
    """Sections swapped between two certificates of one issuer: neither reads as the other."""
    other = world.issue("XA", "XB")
    mixed = write(issued.parsed.statement.raw, other.parsed.openings, issued.parsed.receipts)
    assert world.verdict(mixed, "XB").result.value == "invalid"
    told = {**findings(world.day()), "outcome": "confirmed"}
    found = tried(world.nodes.log, lambda: world.office("XB").confirm(mixed, told))
    if not isinstance(found, str):
        act, assessment = found
        assert isinstance(assessment, Assessment)
        with pytest.raises(Problem) as bad:
            world.finish("XB", act)
        assert bad.value.code == "section.digest"
        world.office("XB").withdraw(act.id)


# ---- files at the command line ------------------------------------------------------------------

_COMMANDS = (
    "certificate apply --as XA BAD",
    "certificate present --as XB BAD",
    "certificate confirm --as XB BAD GOOD",
    "certificate confirm --as XB GOOD BAD",
    "certificate import --as XB --kind papers --officer officer-1 BAD",
    "certificate dossier-check BAD",
    "certificate qr BAD --out OUT",
    "certificate print BAD --out OUT",
    "node import BAD",
    "node keep --as XB BAD",
    "ledger submit BAD",
    "ledger audit BAD",
    "verify BAD",
    "verify BAD --bundle BAD",
    "verify GOOD --bundle BAD",
    "verify GOOD --status BAD",
)


@pytest.mark.parametrize("line", _COMMANDS)
def test_files_at_the_command_line(
    world: Region, issued: Issued, tmp_path: Path, line: str
) -> None:
    home, bad, good = world.nodes.log, tmp_path / "bad", tmp_path / "good.kpc"
    good.write_bytes(issued.file)
    places = {"BAD": str(bad), "GOOD": str(good), "OUT": str(tmp_path / "out.pdf")}
    words = ["--home", str(home.path), *(places.get(word, word) for word in line.split())]
    half, said = issued.file[: len(issued.file) // 2], set()
    for raw in (*BOMBS, half, b"{}", b"[1", json.dumps({"kind": 1}).encode()):
        bad.write_bytes(raw)
        before = contents(home)
        done = CliRunner().invoke(program, words)
        if isinstance(done.exception, Problem):
            said.add(done.exception.code)
        else:
            assert isinstance(done.exception, SystemExit), (raw[:20], done.exception)
            assert 1 <= done.exit_code <= 6, (raw[:20], done.output)
        assert contents(home) == before, raw[:20]
        assert not (tmp_path / "out.pdf").exists()
    assert said, "it was the file that was refused, and not the words"
    assert said <= CODES
