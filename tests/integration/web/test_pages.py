"""What holds for every page: language, headers, labels, links, nothing from elsewhere."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from starlette.testclient import TestClient

from kimberlite.web import pages, portal
from kimberlite.web.permissions import Action
from kimberlite.words import LANGUAGES, Words
from kimberlite.words.catalogue import catalogue

PAGES = (
    "/",
    "/registry",
    "/registry/XA",
    "/registry/CF?day=2017-01-01",
    "/registry/ZW?day=2011-01-01&known=2011-06-01",
    "/restrictions",
    "/restrictions?day=2010-01-01",
    "/certificates",
    "/certificates/XA100001",
    "/verify",
    "/log",
    "/log/entries/0",
    "/about",
)


class Outline(HTMLParser):
    """What a page is made of, as far as rules on every page go."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.tags if name == tag]


def outline(html: str) -> Outline:
    found = Outline()
    found.feed(html)
    return found


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("page", PAGES)
def test_every_page_in_every_language(client: TestClient, page: str, lang: str) -> None:
    answer = client.get(page, headers={"Accept-Language": lang})
    assert answer.status_code == 200
    found = outline(answer.text)
    (html,) = found.all("html")
    assert html == {"lang": lang, "dir": "rtl" if lang == "ar" else "ltr"}
    assert len(found.all("h1")) == 1
    assert answer.headers["content-language"] == lang
    assert Words(lang).say("web.kind.demo.means") in answer.text
    shown = re.sub(r"<code>.*?</code>", "", answer.text)
    left = [key for key in catalogue("en") if key.startswith("web.") and f">{key}<" in shown]
    assert left == []


@pytest.mark.parametrize("page", PAGES)
def test_no_page_holds_script_style_or_anything_from_elsewhere(
    client: TestClient, page: str
) -> None:
    found = outline(client.get(page).text)
    assert not found.all("script")
    assert not found.all("style")
    for _, attrs in found.tags:
        assert "style" not in attrs
        assert not [name for name in attrs if name.startswith("on")]
        for name in ("href", "src", "action"):
            assert not re.match(r"(?:[a-z]+:)?//", attrs.get(name) or ""), attrs


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(client: TestClient, page: str) -> None:
    found = outline(client.get(page).text)
    links = {attrs["href"] for attrs in found.all("a") if attrs.get("href")}
    ids = {attrs["id"] for _, attrs in found.tags if attrs.get("id")}
    for link in sorted(each for each in links if each is not None):
        path, _, fragment = link.partition("#")
        if path:
            assert client.get(path).status_code == 200, link
        else:
            assert fragment in ids, link


@pytest.mark.parametrize("page", PAGES)
def test_every_field_has_a_label_and_every_id_is_one(client: TestClient, page: str) -> None:
    found = outline(client.get(page).text)
    ids = [attrs["id"] for _, attrs in found.tags if attrs.get("id")]
    assert len(ids) == len(set(ids))
    labels = {attrs.get("for") for attrs in found.all("label")}
    fields = [attrs for attrs in found.all("input") if attrs.get("type") != "hidden"]
    assert all(attrs.get("id") in labels for attrs in fields)
    for attrs in found.all("input"):
        assert set((attrs.get("aria-describedby") or "").split()) <= set(ids)


@pytest.mark.parametrize("page", [*PAGES, "/api/v1/log/head", "/nowhere", "/static/mark.svg"])
def test_every_answer_carries_the_headers_that_protect_it(client: TestClient, page: str) -> None:
    headers = client.get(page).headers
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert "server" not in headers


def test_the_language_asked_for_is_kept(client: TestClient) -> None:
    first = client.get("/?lang=ru")
    assert "HttpOnly" in first.headers["set-cookie"]
    assert client.get("/about").headers["content-language"] == "ru"
    assert client.get("/about?lang=xx").headers["content-language"] == "ru"


def test_pages_are_found_not_listed() -> None:
    found = pages.collect(portal)
    assert {page.path for page in found} >= {"/", "/registry", "/certificates", "/verify", "/log"}
    assert all(isinstance(page.action, Action) for page in found)
