"""The verifier in a real browser: a node that serves it, and its page on a phone."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from playwright.sync_api import Browser, Page, sync_playwright

from kimberlite.node.view import View
from kimberlite.web.app import create_app
from tests.helpers.web import Node


@contextmanager
def served(node: Node) -> Iterator[str]:
    """Serve a node's pages on a free port of this machine; give their address."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        config = uvicorn.Config(
            create_app(View(node.home), node), log_level="critical", lifespan="off"
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


@contextmanager
def browsing(chromium: str, *flags: str) -> Iterator[Browser]:
    """Start a browser without a window."""
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=list(flags))
        try:
            yield browser
        finally:
            browser.close()


def opened(browser: Browser, address: str, lang: str = "en", *, now: int) -> Page:
    """Open the verifier at the size of a phone and wait until it can be used without a network.

    ``now`` is the time there, in seconds since 1970.
    """
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, device_scale_factor=2, locale=lang
    )
    context.clock.set_fixed_time(now)
    page = context.new_page()
    page.goto(f"{address}/verifier/?lang={lang}")
    page.wait_for_selector("html[data-ready=true]")
    page.wait_for_selector("#offline[data-say='verifier.ready']")
    page.wait_for_selector("#known .fingerprint")
    return page


def choose(page: Page, name: str, *files: bytes) -> None:
    """Choose files on the page, as things of one kind of name."""
    told = [
        {"name": f"{at}-{name}", "mimeType": "application/octet-stream", "buffer": each}
        for at, each in enumerate(files)
    ]
    page.set_input_files("#choose", told)  # type: ignore[arg-type]  # a list of payloads is one


def shown(page: Page) -> tuple[str, list[str]]:
    """Give the verdict on the page (or the word "problem") and the codes of its reasons."""
    page.wait_for_selector("#answer h1")
    classes = page.locator("#answer > div").first.get_attribute("class") or ""
    result = classes.partition("verdict-")[2] if "verdict" in classes else "problem"
    return result, page.locator("#answer code").all_text_contents()
