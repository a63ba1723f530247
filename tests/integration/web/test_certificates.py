"""Certificates: lives, lists, errors in words."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from kimberlite.node.view import View
from kimberlite.web.app import create_app
from kimberlite.words import Words
from tests.helpers.web import Node


def test_a_life_shows_every_act_with_findings_and_their_source(client: TestClient) -> None:
    told = client.get("/api/v1/certificates/xa-100001").json()
    assert told["status"] == "confirmed"
    assert [act["typ"] for act in told["acts"]] == [
        "kp-cert+cose",
        "kp-confirmation+cose",
        "kp-confirmation+cose",
    ]
    (finding,) = told["acts"][2]["findings"]
    assert finding["code"] == "certificate.confirmed-before"
    assert "Annex I.A" in finding["source"]
    assert finding["sentence"] in client.get("/certificates/XA100001").text


def test_what_is_sealed_is_nowhere_on_the_pages_or_in_the_api(client: TestClient) -> None:
    for path in (
        "/certificates/XA100001",
        "/api/v1/certificates/XA100001",
        "/api/v1/certificates",
        "/log",
    ):
        text = client.get(path).text
        assert "Alpha Stones" not in text
        assert "1603.45" not in text


def test_lists_of_certificates(client: TestClient) -> None:
    def numbers(query: str) -> list[str]:
        told = client.get(f"/api/v1/certificates?{query}").json()
        return [each["number"] for each in told["certificates"]]

    assert numbers("") == ["XA100002", "XA100001"]
    assert numbers("findings=true") == ["XA100001"]
    assert numbers("issuer=XB") == []
    assert numbers("most=1") == ["XA100002"]
    assert "XA100002" not in client.get("/certificates?findings=1").text


def test_a_number_is_found_however_it_is_spelled(client: TestClient) -> None:
    answer = client.get("/certificates?number=xa%20100-001", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/certificates/XA100001")
    wrong = client.get("/certificates?number=one")
    assert wrong.status_code == 422
    assert Words("en").say("number.format") in wrong.text


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/api/v1/certificates/XA999", 404, "certificate.unknown"),
        ("/api/v1/certificates/!", 422, "web.parameter"),
        ("/api/v1/registry/QQ", 404, "participant.unknown"),
        ("/api/v1/registry/toolong", 404, "participant.unknown"),
        ("/api/v1/registry?day=soon", 422, "day.format"),
        ("/api/v1/registry?day=2026-02-30", 422, "day.format"),
        ("/api/v1/log/entries/99999", 404, "log.no-entry"),
        ("/api/v1/log/entries/-1", 422, "web.parameter"),
        ("/api/v1/log/proof/99999", 404, "log.no-entry"),
        ("/api/v1/nowhere", 404, "web.no-page"),
    ],
)
def test_errors_are_problem_documents(
    client: TestClient, path: str, status: int, code: str
) -> None:
    answer = client.get(path, headers={"Accept-Language": "fr"})
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    told = answer.json()
    assert (told["status"], told["code"]) == (status, code)
    assert told["title"] == Words("fr").say(code, **told["facts"])
    assert told["type"] == f"urn:kimberlite:problem:{code}"


def test_people_get_a_page_for_an_error(client: TestClient) -> None:
    answer = client.get("/certificates/XA999", headers={"Accept": "text/html"})
    assert answer.status_code == 404
    assert answer.text.count("<h1>") == 1
    assert Words("en").say("certificate.unknown", number="XA999") in answer.text


def test_a_fault_is_told_without_its_insides(node: Node) -> None:
    view = View(node.home)
    app = create_app(view)
    secret = "what only the developer should read"

    def broken() -> None:
        raise RuntimeError(secret)

    view.charter = broken  # type: ignore[method-assign]  # a planted fault
    with TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False) as client:
        answer = client.get("/api/v1/log/head")
    assert answer.status_code == 500
    assert answer.json()["code"] == "web.fault"
    assert secret not in answer.text
