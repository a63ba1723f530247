"""The desk in a real Chromium: both directions, a phone, the keyboard alone, no grave fault."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, sync_playwright

from kimberlite.node.view import View
from kimberlite.node.wiring import office_of
from kimberlite.web.app import create_app
from tests.helpers.web import Node

pytestmark = pytest.mark.browser

AXE = Path(__file__).resolve().parents[2] / "vendor" / "axe.min.js"
PAGES = (
    "/desk",
    "/desk/apply",
    "/desk/on/XA100002/alert?kind=clone",
    "/desk/on/XA100002/correction",
    "/desk/on/XA100002/confirmation?outcome=confirmed",
    "/arrivals",
    "/arrivals/XA100002",
    "/certificates/XA100002",
)
SIZES = {"desktop": (1200, 900), "phone": (375, 740)}


@pytest.fixture(scope="module")
def address(node: Node) -> Iterator[str]:
    node.home.describe({**node.home.read(), "hosts": ["XA", "XB"]})
    app = create_app(View(node.home), node)
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="critical", lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=chromium)
        yield found
        found.close()


def officer(browser: Browser, address: str, size: str, lang: str, code: str = "XB") -> Page:
    width, height = SIZES[size]
    # Only the test's own measuring needs a script here: the pages bring none.
    context = browser.new_context(
        viewport={"width": width, "height": height}, locale=lang, bypass_csp=True
    )
    page = context.new_page()
    page.request.post(f"{address}/look-as", form={"look": f"officer-{code}"})
    return page


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("lang", ["en", "ar"])
def test_every_page_of_the_desk_fits_and_has_no_serious_fault(
    browser: Browser, address: str, lang: str, size: str
) -> None:
    page = officer(browser, address, size, lang)
    for path in PAGES:
        page.goto(address + path)
        root = page.locator("html")
        assert root.get_attribute("dir") == ("rtl" if lang == "ar" else "ltr")
        assert root.evaluate("e => e.scrollWidth - e.clientWidth") <= 0, path
        page.add_script_tag(path=AXE)
        found = page.evaluate("axe.run().then(r => r.violations)")
        grave = [each for each in found if each["impact"] in {"serious", "critical"}]
        shown = [(path, each["id"], [n["html"][:120] for n in each["nodes"]]) for each in grave]
        assert shown == []
    page.context.close()


def test_an_act_is_proposed_by_the_keyboard_alone(
    browser: Browser, address: str, node: Node
) -> None:
    page = officer(browser, address, "desktop", "en", "XA")
    page.goto(address + "/desk/on/XA100002/dispatch")
    page.locator("#day").focus()
    page.keyboard.press("Enter")  # as a form does: its first button, which only looks
    page.wait_for_selector("#foretold")
    button = page.locator('button[value="propose"]')
    for _ in range(60):
        page.keyboard.press("Tab")
        if button.evaluate("e => e === document.activeElement"):
            break
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk/acts/*")
    assert office_of(node.home, "XA").acts()[0].stage == "proposed"
    page.context.close()


def test_a_wrong_field_is_reached_from_the_list_of_faults(browser: Browser, address: str) -> None:
    page = officer(browser, address, "desktop", "ar")
    page.goto(address + "/desk/on/XA100002/alert?kind=clone")
    page.locator('button[value="look"]').click()
    page.locator('a[href="#held"]').click()
    wrong = page.locator("#held")
    assert wrong.get_attribute("aria-invalid") == "true"
    assert wrong.evaluate("e => e.getBoundingClientRect().top >= 0")
    page.context.close()
