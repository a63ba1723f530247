"""Due, alerts, blanks and letters in a real Chromium: they fit, and axe finds nothing serious."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.integration.web.test_browser import DESKTOP, PHONE, Window, address, browser
from tests.integration.web.test_due import node
from tests.integration.web.test_intake_browser import signed_in

__all__ = ["address", "browser", "node"]
pytestmark = pytest.mark.browser

AXE = Path(__file__).resolve().parents[2] / "vendor" / "axe.min.js"
PAGES = (
    "/due",
    "/alerts?all=1",
    "/blanks",
    "/inbox",
    "/letters",
    "/certificates?overdue=1",
)


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("lang", ["en", "ar"])
def test_pages_fit_and_are_free_of_serious_faults(
    browser: Browser, address: str, lang: str, size: tuple[int, int]
) -> None:
    with Window(browser, size, lang) as window:
        signed_in(window, address)
        for path in PAGES:
            window.page.goto(address + path)
            root = window.page.locator("html")
            assert window.page.locator("h1").count() == 1
            assert root.evaluate("e => e.scrollWidth - e.clientWidth") <= 0, path
            assert serious(window) == [], path
        assert window.elsewhere == []
        assert window.complaints == []


def serious(window: Window) -> list[Any]:
    """Let axe look at the page in a world of its own, which the page's policy does not bind."""
    window.page.evaluate(AXE.read_text("utf-8"))
    found: list[dict[str, Any]] = window.page.evaluate("axe.run()")["violations"]
    return [
        (each["id"], [node["html"] for node in each["nodes"]])
        for each in found
        if each["impact"] in {"serious", "critical"}
    ]


def test_a_table_is_sorted_and_narrowed_by_keyboard_alone(browser: Browser, address: str) -> None:
    with Window(browser, DESKTOP) as window:
        signed_in(window, address)
        page = window.page
        page.goto(address + "/due")
        page.get_by_role("link", name="Late", exact=True).focus()
        page.keyboard.press("Enter")
        assert page.locator("th[aria-sort]").get_attribute("aria-sort") == "ascending"
        page.get_by_role("link", name="Only late").focus()
        page.keyboard.press("Enter")
        assert "sort=late" in page.url
        shown = page.locator("table").first.inner_text()
        assert re.findall(r"XA10000\d", shown) == ["XA100003", "XA100004"]


def test_a_reminder_is_drafted_and_saved(browser: Browser, address: str) -> None:
    with Window(browser, DESKTOP) as window:
        signed_in(window, address)
        page = window.page
        page.goto(address + "/letters")
        page.locator("#remind-officer").fill("officer-1")
        with page.expect_download() as saved:
            page.get_by_role("button", name="Draft a reminder").click()
        assert saved.value.suggested_filename == "reminder-XB.eml"
        page.goto(address + "/letters")
        assert page.locator("#drafted").count() == 1
