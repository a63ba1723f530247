"""Intake and stock in a real Chromium: typed by keyboard alone, on a desk and on a telephone."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.helpers.sheets import PAPER
from tests.integration.web.test_browser import DESKTOP, PHONE, Window, address, browser

__all__ = ["address", "browser"]
pytestmark = pytest.mark.browser

AXE = Path(__file__).resolve().parents[2] / "vendor" / "axe.min.js"
PAGES = ("/intake", "/intake/entry", "/intake/scans", "/stock")


def signed_in(window: Window, address: str) -> None:
    window.page.goto(address)
    window.page.request.post(
        address + "/look-as", form={"look": "officer-XA"}, headers={"sec-fetch-site": "none"}
    )


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("lang", ["en", "ar"])
def test_pages_fit(browser: Browser, address: str, lang: str, size: tuple[int, int]) -> None:
    with Window(browser, size, lang) as window:
        signed_in(window, address)
        for path in PAGES:
            window.page.goto(address + path)
            root = window.page.locator("html")
            assert window.page.locator("h1").count() == 1
            assert root.evaluate("e => e.scrollWidth - e.clientWidth") <= 0, path
        assert window.elsewhere == []
        assert window.complaints == []


def test_a_row_is_typed_and_checked_by_keyboard_alone(browser: Browser, address: str) -> None:
    with Window(browser, DESKTOP) as window:
        signed_in(window, address)
        page = window.page
        page.goto(address + "/intake/entry")
        page.locator("#r1-number").focus()
        for name in ("number", "issued", "expires", "origin", "parcels"):
            assert page.evaluate("document.activeElement.id") == f"r1-{name}"
            page.keyboard.type({**PAPER, "number": "XC000800"}[name])
            page.keyboard.press("Tab")
        page.locator("#r1-carats_710231").focus()
        for name in ("carats_710231", "value_710231"):
            page.keyboard.type(PAPER[name])
            page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.wait_for_selector("[role=status]")
        wrong = page.locator("[aria-invalid]").evaluate_all("all => all.map(e => e.id)")
        assert wrong == [
            "r1-exporter",
            "r1-exporter_address",
            "r1-importer",
            "r1-importer_address",
        ]
        for name in ("exporter", "exporter_address", "importer", "importer_address"):
            page.locator(f"#r1-{name}").fill(PAPER[name])
        page.locator("#r1-seals").press("Enter")
        page.wait_for_selector("[role=status] .counts")
        assert page.locator("[aria-invalid]").count() == 0


@pytest.mark.parametrize("lang", ["en", "ar"])
def test_axe_finds_nothing_serious(browser: Browser, address: str, lang: str) -> None:
    with Window(browser, DESKTOP, lang) as window:
        signed_in(window, address)
        for path in PAGES:
            window.page.goto(address + path)
            window.page.evaluate(AXE.read_text(encoding="utf-8"))
            found = window.page.evaluate("axe.run()")["violations"]
            serious = [
                (each["id"], [node["html"][:120] for node in each["nodes"]][:3])
                for each in found
                if each["impact"] in {"serious", "critical"}
            ]
            assert serious == [], path
