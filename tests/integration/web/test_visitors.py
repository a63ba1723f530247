"""Who sees what, and what no other site can make a browser do."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from kimberlite.web.permissions import ALLOWED, Action, Role, may
from kimberlite.words import Words
from tests.helpers.web import ELSEWHERE, Node, client_of


def test_what_the_table_does_not_name_nobody_may() -> None:
    assert set(ALLOWED) == set(Action)
    assert not may(Role.PUBLIC, Action.READ_ENTRIES)
    assert not may(Role.PUBLIC, Action.READ_CERTIFICATES)


CLOSED = (
    "/certificates",
    "/certificates/XA100001",
    "/log/entries/3",
    "/api/v1/certificates",
    "/api/v1/certificates/XA100001",
    "/api/v1/log/entries/3",
    "/api/v1/log/entries/3/statement",
    "/api/v1/log/proof/3",
    "/log/tiles/tile/0/000",
)


@pytest.mark.parametrize("path", CLOSED)
def test_the_public_sees_the_head_and_not_the_entries(node: Node, path: str) -> None:
    with client_of(node, ELSEWHERE) as outside:
        answer = outside.get(path)
        assert answer.status_code == 403
        assert "web.forbidden" in answer.text
        assert outside.get("/log").status_code == 200
        assert "/log/entries/" not in outside.get("/log").text
        assert 'href="/certificates"' not in outside.get("/").text


def test_one_click_changes_as_whom_one_looks(client: TestClient) -> None:
    assert client.get("/certificates").status_code == 200
    went = client.post("/look-as", data={"look": "public", "back": "/log"}, follow_redirects=False)
    assert (went.status_code, went.headers["location"]) == (303, "/log")
    cookie = went.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert client.get("/certificates").status_code == 403
    client.post("/look-as", data={"look": "officer-XA"})
    assert Words("en").say("web.look.officer", code="Adamantia") in client.get("/").text
    assert "issuer=XA" in client.get("/certificates").text


@pytest.mark.parametrize("look", ["officer-BE", "officer-", "chair", "", "officer-XAA"])
def test_nobody_looks_as_a_real_country(client: TestClient, look: str) -> None:
    answer = client.post("/look-as", data={"look": look}, follow_redirects=False)
    assert answer.status_code == 422
    assert "look.unknown" in answer.text


@pytest.mark.parametrize("back", ["//evil.example", "https://evil.example", "/\\evil.example"])
def test_going_back_never_leaves_the_site(client: TestClient, back: str) -> None:
    answer = client.post(
        "/look-as", data={"look": "observer", "back": back}, follow_redirects=False
    )
    assert answer.headers["location"] == "/"


def test_looking_as_someone_is_for_demos_on_this_machine(node: Node, tmp_path: Path) -> None:
    with client_of(node, ELSEWHERE) as outside:
        assert "/look-as" not in outside.get("/").text
        assert outside.post("/look-as", data={"look": "observer"}).status_code == 403
    with client_of(Node(tmp_path, kind="test")) as tested:
        assert "/look-as" not in tested.get("/").text
        answer = tested.post("/look-as", data={"look": "observer"})
        assert (answer.status_code, "look.not-demo" in answer.text) == (403, True)


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_another_site_cannot_act(client: TestClient, site: str) -> None:
    answer = client.post("/look-as", data={"look": "public"}, headers={"Sec-Fetch-Site": site})
    assert (answer.status_code, "web.cross-site" in answer.text) == (403, True)
    assert client.get("/certificates").status_code == 200
    assert client.get("/", headers={"Sec-Fetch-Site": site}).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example:80", "", "[::2]:80"])
def test_only_this_machines_own_names_are_answered(client: TestClient, host: str) -> None:
    answer = client.get("/", headers={"Host": host})
    assert (answer.status_code, "web.host" in answer.text) == (403, True)


def test_other_methods_are_refused_in_words(client: TestClient) -> None:
    answer = client.delete("/api/v1/log/head")
    assert (answer.status_code, answer.json()["code"]) == (405, "web.method")
