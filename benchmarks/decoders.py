"""The decoder of the browser page, to compare with ours: in Chromium, or its engine in Node.js."""

from __future__ import annotations

import base64
import io
import json
import shutil
import struct
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from PIL import Image
from playwright.sync_api import Page, Route, sync_playwright

STATIC = Path(__file__).parents[1] / "src/kimberlite/web/verifier/static"
PICTURE_MS = 1500
"""How long Node.js searches a picture, in milliseconds; as long as the page does per size."""

_TYPES = {".js": "text/javascript", ".html": "text/html"}
_ADDRESS = "http://page.test"
_READ = """async ({ jpeg }) => {
  const { readPicture } = await import("/pictures.js");
  const bytes = Uint8Array.from(atob(jpeg), (each) => each.charCodeAt(0));
  const began = performance.now();
  let texts = [];
  try { texts = await readPicture(new Blob([bytes], { type: "image/jpeg" })); } catch {}
  return { texts, ms: performance.now() - began };
}"""


class Decoder(Protocol):
    """Gives the texts found in a JPEG, and the seconds that took."""

    name: str

    def read(self, picture: bytes) -> tuple[list[str], float]: ...  # noqa: D102


class _Chromium:
    """The page's own module for pictures, whole, in a real browser."""

    name = "chromium"

    def __init__(self, page: Page) -> None:
        self._page = page

    def read(self, picture: bytes) -> tuple[list[str], float]:
        told = self._page.evaluate(_READ, {"jpeg": base64.b64encode(picture).decode()})
        return told["texts"], told["ms"] / 1000


class _Node:
    """The page's engine alone, one look at one picture."""

    name = "node"

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process

    def read(self, picture: bytes) -> tuple[list[str], float]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        grey = Image.open(io.BytesIO(picture)).convert("L")
        self._process.stdin.write(struct.pack("<II", *grey.size) + grey.tobytes())
        self._process.stdin.flush()
        told = json.loads(self._process.stdout.readline())
        return told["texts"], told["ms"] / 1000


@contextmanager
def decoder() -> Iterator[Decoder | None]:
    """Start the best there is: Chromium, else Node.js, else None."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is not None:
        with sync_playwright() as play:
            browser = play.chromium.launch(executable_path=chromium)
            page = browser.new_page()
            page.route(f"{_ADDRESS}/**", _serve)
            page.goto(f"{_ADDRESS}/blank.html")
            try:
                yield _Chromium(page)
            finally:
                browser.close()
    elif shutil.which("node"):
        script = Path(__file__).with_name("decode.mjs")
        command = ["node", str(script), str(STATIC / "vendor/qr.js"), str(PICTURE_MS)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            yield _Node(process)
    else:
        yield None


def _serve(route: Route) -> None:
    """Give a file of the page; nothing leaves this machine."""
    path = route.request.url.removeprefix(_ADDRESS).lstrip("/")
    if path == "blank.html":
        route.fulfill(body="<!doctype html><title>-</title>", content_type="text/html")
        return
    file = STATIC / path
    route.fulfill(body=file.read_bytes(), content_type=_TYPES[file.suffix])
