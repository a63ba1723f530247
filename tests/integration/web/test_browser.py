"""The pages in a real Chromium: both directions, a phone, the keyboard, an upload."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, Self

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, sync_playwright

from kimberlite.node.view import View
from kimberlite.web.app import create_app
from kimberlite.words import Words
from tests.helpers.web import Node

pytestmark = pytest.mark.browser

DESKTOP, PHONE = (1200, 900), (375, 740)
PAGES = (
    "/",
    "/registry?day=2010-01-01",
    "/registry/CF?day=2017-01-01",
    "/restrictions?day=2011-06-01",
    "/certificates/XA100001",
    "/verify",
    "/log",
    "/log/entries/5",
    "/about",
    "/nowhere",
)


@pytest.fixture(scope="module")
def address(node: Node) -> Iterator[str]:
    config = uvicorn.Config(
        create_app(View(node.home), node), port=0, log_level="critical", lifespan="off"
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join()


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=chromium)
        yield found
        found.close()


class Window:
    """A page in a context of its own, with everything the browser complained of."""

    def __init__(self, browser: Browser, size: tuple[int, int], lang: str = "en") -> None:
        self.context = browser.new_context(
            viewport={"width": size[0], "height": size[1]}, locale=lang
        )
        self.page: Page = self.context.new_page()
        self.complaints: list[str] = []
        self.elsewhere: list[str] = []
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self._seen(request.url))

    def _seen(self, url: str) -> None:
        if not url.startswith("http://127.0.0.1:"):
            self.elsewhere.append(url)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.context.close()


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("lang", ["en", "ar"])
def test_every_page_fits_and_loads_nothing_from_elsewhere(
    browser: Browser, address: str, lang: str, size: tuple[int, int]
) -> None:
    with Window(browser, size, lang) as window:
        for path in PAGES:
            window.page.goto(address + path)
            root = window.page.locator("html")
            assert root.get_attribute("dir") == ("rtl" if lang == "ar" else "ltr")
            beyond = root.evaluate("e => e.scrollWidth - e.clientWidth")
            assert beyond <= 0, f"{path} is {beyond} pixels wider than the window"
        assert window.elsewhere == []
        unexpected = [said for said in window.complaints if "404" not in said]
        assert unexpected == []


def test_arabic_begins_at_the_right(browser: Browser, address: str) -> None:
    with Window(browser, DESKTOP, "ar") as window:
        window.page.goto(address)
        name, tools = window.page.locator(".name"), window.page.locator(".tools")
        one, other = name.bounding_box(), tools.bounding_box()
        assert one is not None
        assert other is not None
        assert one["x"] > other["x"]


def test_the_keyboard_alone_reaches_the_content(browser: Browser, address: str) -> None:
    with Window(browser, DESKTOP) as window:
        window.page.goto(address + "/registry")
        window.page.keyboard.press("Tab")
        skip = window.page.locator(".skip")
        assert skip.evaluate("e => e === document.activeElement")
        assert skip.evaluate("e => e.getBoundingClientRect().top >= 0")
        window.page.keyboard.press("Enter")
        assert window.page.evaluate("document.activeElement.id") == "main"


def test_the_language_is_changed_by_hand_and_stays(browser: Browser, address: str) -> None:
    with Window(browser, PHONE) as window:
        window.page.goto(address + "/registry?day=2010-01-01")
        window.page.locator("details.menu").last.locator("summary").click()
        window.page.get_by_role("link", name="Русский").click()
        assert window.page.locator("html").get_attribute("lang") == "ru"
        assert "day=2010-01-01" in window.page.url
        window.page.goto(address)
        assert window.page.locator("html").get_attribute("lang") == "ru"


@pytest.mark.parametrize(
    ("name", "result"),
    [("XA100002", "valid"), ("altered", "invalid"), ("XA100001", "cannot-tell")],
)
@pytest.mark.parametrize("lang", ["en", "ar"])
def test_a_file_is_checked_by_hand(
    browser: Browser,
    address: str,
    files: dict[str, bytes],
    tmp_path: Path,
    lang: str,
    name: str,
    result: str,
) -> None:
    path = tmp_path / "shipment.kpc"
    path.write_bytes(files[name])
    with Window(browser, DESKTOP, lang) as window:
        window.page.goto(address + "/verify")
        window.page.set_input_files("#file", path)
        window.page.locator("form.upload button").click()
        window.page.locator(f".verdict-{result}").wait_for()
        said = window.page.locator("h1").inner_text()
        assert said == Words(lang).say(f"web.verdict.{result}")
        assert window.complaints == []


def test_one_click_looks_as_the_public_and_back(browser: Browser, address: str) -> None:
    with Window(browser, DESKTOP) as window:
        window.page.goto(address + "/log")
        assert window.page.locator("h2#entries").count() == 1
        window.page.locator("details.menu").first.locator("summary").click()
        window.page.get_by_role("button", name=Words("en").say("web.look.public")).click()
        assert window.page.url == address + "/log"
        assert window.page.locator("h2#entries").count() == 0
        assert window.page.get_by_role("link", name="Certificates").count() == 0


def test_the_table_is_sorted_without_a_script(browser: Browser, address: str) -> None:
    with Window(browser, DESKTOP) as window:
        window.page.goto(address + "/registry")
        window.page.get_by_role("link", name="Code").click()
        head = window.page.locator("th[aria-sort]")
        assert head.get_attribute("aria-sort") == "ascending"
        first = window.page.locator("tbody td .code").first.inner_text()
        window.page.locator("th[aria-sort] a").click()
        assert window.page.locator("th[aria-sort]").get_attribute("aria-sort") == "descending"
        assert window.page.locator("tbody td .code").last.inner_text() == first


def test_dark_and_light_both_read(browser: Browser, address: str) -> None:
    shades = {}
    schemes: tuple[Literal["light", "dark"], ...] = ("light", "dark")
    for scheme in schemes:
        context = browser.new_context(color_scheme=scheme)
        page = context.new_page()
        page.goto(address)
        shades[scheme] = page.evaluate(
            "['color', 'backgroundColor'].map(n => getComputedStyle(document.body)[n])"
        )
        context.close()
    assert shades["light"] != shades["dark"]
    assert shades["light"][0] != shades["light"][1]
    assert shades["dark"][0] != shades["dark"][1]
