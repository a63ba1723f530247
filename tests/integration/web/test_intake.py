"""Intake and stock on their pages: officers alone, previews, grids, scans, movements, counts."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from kimberlite.node.intake.scans import Scans
from kimberlite.node.wiring import desk_of
from kimberlite.words import LANGUAGES, Words
from tests.helpers.sheets import OUTCOME, PAPER, as_csv, papers
from tests.helpers.web import ELSEWHERE, Node, client_of
from tests.integration.web.test_pages import outline

PNG = b"\x89PNG\r\n\x1a\n"
PAGES = ("/intake", "/intake/entry", "/intake/scans", "/stock")
WHO = {"officer": "officer-1"}


@pytest.fixture
def officer(node: Node) -> Iterator[TestClient]:
    with client_of(node, door=node) as found:
        found.post("/look-as", data={"look": "officer-XA"})
        yield found


def upload(client: TestClient, data: bytes, kind: str = "papers", name: str = "a.csv") -> str:
    answer = client.post("/intake", data={"kind": kind}, files={"file": (name, data)})
    assert answer.status_code in {200, 422}
    return answer.text


@pytest.mark.parametrize("page", [*PAGES, "/intake/template?kind=papers", "/stock/count.csv"])
def test_only_officers_of_this_node_get_in(node: Node, page: str) -> None:
    for host in (("127.0.0.1", 5), ELSEWHERE):
        with client_of(node, host) as other:
            assert other.get(page).status_code == 403
    with client_of(node) as other:
        other.post("/look-as", data={"look": "officer-XB"})
        assert other.get(page).status_code == (200 if "template" in page else 404)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("page", PAGES)
def test_pages_in_every_language(officer: TestClient, page: str, lang: str) -> None:
    answer = officer.get(page, headers={"Accept-Language": lang})
    assert answer.status_code == 200
    found = outline(answer.text)
    assert len(found.all("h1")) == 1
    ids = [attrs["id"] for _, attrs in found.tags if attrs.get("id")]
    assert len(ids) == len(set(ids))
    labels = {attrs.get("for") for attrs in found.all("label")}
    fields = [a for a in (*found.all("input"), *found.all("select")) if a.get("type") != "hidden"]
    assert all(attrs.get("id") in labels for attrs in fields)
    assert not found.all("script")
    assert re.findall(r">web\.[a-z.-]+<", answer.text) == []


def test_a_file_is_looked_at_and_taken_in(officer: TestClient, node: Node) -> None:
    text = upload(officer, as_csv(papers(3, **OUTCOME), ";"))
    assert Words("en").say("web.intake.good") in text
    assert "2,001" not in text
    (name,) = re.findall(r'name="name" value="([0-9a-f]{48})"', text)
    nobody = officer.post("/intake/apply", data={"name": name, "officer": "Jane"})
    assert "intake.officer" in nobody.text
    went = officer.post("/intake/apply", data={"name": name, **WHO}, follow_redirects=False)
    assert went.status_code == 303
    assert "XC1" in officer.get(went.headers["location"]).text
    again = officer.post("/intake/apply", data={"name": name, **WHO})
    assert "intake.upload" in again.text
    assert "intake.known" in upload(officer, as_csv(papers(1)))


def test_faults_are_shown_by_row_and_saved_as_csv(officer: TestClient) -> None:
    bad = {**PAPER, "number": "XC000500", "issued": "01/02/2026", "exporter": "<b>=x</b>"}
    text = upload(officer, as_csv([bad, {**PAPER, "number": "", "parcels": "=1"}]))
    for code in ("intake.day", "intake.required", "intake.formula"):
        assert code in text
    (address,) = re.findall(r'href="(/intake/errors/[0-9a-f]+)"', text)
    saved = officer.get(address)
    assert saved.headers["content-disposition"] == 'attachment; filename="errors.csv"'
    assert "2,issued,intake.day" in saved.text
    assert "intake.encoding" in upload(officer, b"number,issued\n\xff,1\n")
    assert "intake.xlsx" in upload(officer, b"PK\x03\x04")
    assert officer.get("/intake/errors/" + "0" * 48).status_code == 422


def test_what_is_too_large_is_refused_before_it_is_read(officer: TestClient) -> None:
    length = {"content-length": str(1 << 30), "content-type": "multipart/form-data; boundary=x"}
    assert officer.post("/intake", content=b"", headers=length).status_code == 413
    assert officer.post("/stock/move", content=b"x" * 200_000).status_code == 413


def test_rows_are_typed_in(officer: TestClient) -> None:
    cells = {f"r2-{name}": value for name, value in PAPER.items()}
    cells["r2-number"] = "XC000700"
    more = officer.post("/intake/entry", data={**cells, "rows": "3", "do": "more"})
    assert 'id="r8-number"' in more.text
    assert 'value="XC000700"' in more.text
    wrong = officer.post(
        "/intake/entry", data={**cells, "r2-parcels": "two", "rows": "3", "do": "take", **WHO}
    )
    assert wrong.status_code == 422
    assert 'id="r2-parcels-said"' in wrong.text
    assert "intake.empty" in officer.post("/intake/entry", data={"do": "check"}).text
    done = officer.post(
        "/intake/entry", data={**cells, "rows": "3", "do": "take", **WHO}, follow_redirects=False
    )
    assert done.status_code == 303
    assert "XC700" in officer.get(done.headers["location"]).text


def test_scans_are_put_beside_their_papers_and_the_rest_waits(
    officer: TestClient, node: Node
) -> None:
    files = [
        ("files", ("XC000700.png", PNG + b"1")),
        ("files", ("unknown.png", PNG + b"2")),
        ("files", ("text.png", b"hello")),
    ]
    answer = officer.post("/intake/scans", data=WHO, files=files)
    assert answer.status_code == 422
    assert "unknown.png" in answer.text
    desk = desk_of(node.home, "XA")
    (waiting,) = Scans(desk.store, desk.vault).scans(waiting=True)
    told = {"scan": str(waiting.id), "number": "XC700"}
    assert officer.post("/intake/scans/name", data=told).status_code == 200
    assert Scans(desk.store, desk.vault).scans(waiting=True) == []
    assert "intake.scan-unknown" in officer.post(
        "/intake/scans/name", data={"scan": "99"}
    ).text or ("number.format" in officer.post("/intake/scans/name", data={"scan": "99"}).text)


def test_forms_are_moved_counted_and_taken_back(officer: TestClient) -> None:
    told = {"kind": "received", "first": "AD0001", "last": "AD0100", "why": "delivery", **WHO}
    assert officer.post("/stock/move", data=told).status_code == 200
    allot = {"kind": "allotted", "first": "AD0001", "last": "AD0010", "office": "HQ", **WHO}
    assert officer.post("/stock/move", data=allot).status_code == 200
    wrong = officer.post("/stock/move", data={**allot, "first": "AD0005"})
    assert wrong.status_code == 409
    assert 'value="AD0005"' in wrong.text
    lost = {"kind": "lost", "first": "AD0050", "why": "not in the box", **WHO}
    assert officer.post("/stock/move", data=lost).status_code == 200
    page = officer.get("/stock").text
    assert "AD0051 – AD0100" in page
    assert Words("en").say("cli.stock.agrees") in page
    assert officer.get("/stock/count.csv").text.splitlines()[-1].endswith(",99")
    back = {"movement": "3", "why": "found", **WHO}
    assert officer.post("/stock/undo", data=back).status_code == 200
    assert officer.get("/stock/count.csv").text.splitlines()[-1].endswith(",100")
    assert officer.post("/stock/undo", data=back).status_code == 409
    assert officer.get("/stock?from=yesterday").status_code == 422
