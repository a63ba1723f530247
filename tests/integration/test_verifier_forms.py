"""What the verifier takes beside codes and certificate files: PDFs, credentials, status lists."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

pytest.importorskip("playwright")

from playwright.sync_api import Browser, Page, expect

from kimberlite.certificates.file import parse_file
from kimberlite.documents.credential import did, jws, strict, vc, view
from kimberlite.documents.pdf import page as sheets
from kimberlite.documents.pdf.seal import seal
from kimberlite.documents.pdf.sheet import Attachment
from kimberlite.words import Words
from tests.helpers.pdf import pdf_with
from tests.helpers.printed import order
from tests.helpers.seals import Cabinet
from tests.helpers.verifier import browsing, choose, opened, served, shown
from tests.helpers.web import NOW, ORIGIN, Node, furnished
from tests.helpers.world import key_of

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Node, dict[str, bytes]]:
    return furnished(tmp_path_factory.mktemp("node") / "home")


@pytest.fixture(scope="module")
def open_at(chromium: str, made: tuple[Node, dict[str, bytes]]) -> Iterator[tuple[Browser, str]]:
    with served(made[0]) as address, browsing(chromium) as browser:
        yield browser, address


@pytest.fixture
def page(open_at: tuple[Browser, str]) -> Iterator[Page]:
    found = opened(*open_at, now=NOW)
    yield found
    found.context.close()


@pytest.mark.parametrize("form", ["plain", "ours", "sealed"])
def test_a_pdf_is_read_on_the_device(
    page: Page, made: tuple[Node, dict[str, bytes]], form: str
) -> None:
    file = made[1]["XA100002"]
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    choose(page, "some.pdf", pdf_of(file, form))
    result, codes = shown(page)
    assert (result, "registration.shown" in codes) == ("valid", True)
    assert Words("en").say("verifier.from-pdf") in page.locator("#answer").inner_text()
    assert asked == []


def pdf_of(file: bytes, form: str) -> bytes:
    """Attach a certificate file to a PDF: of anybody, a page of ours, and that sealed."""
    if form == "plain":
        return pdf_with(attached={"letter.txt": b"hello", "some.kpc": file})
    told = Attachment("certificate.kpc", "application/octet-stream", "It", "source", file)
    made = sheets.certificate(replace(order(), attachments=(told,)))
    if form == "ours":
        return made
    with ThreadPoolExecutor(1) as hand:  # a seal runs an event loop, and here one runs already
        return hand.submit(seal, made, Cabinet().sealing(), name="XA", reason="a test").result()


def test_several_certificates_in_a_pdf_are_not_chosen_among(
    page: Page, made: tuple[Node, dict[str, bytes]]
) -> None:
    both = {"a.kpc": made[1]["XA100001"], "b.kpc": made[1]["XA100002"]}
    choose(page, "some.pdf", pdf_with(attached=both))
    assert shown(page) == ("problem", ["verifier.several"])


def test_credentials_views_and_status_lists(
    page: Page, made: tuple[Node, dict[str, bytes]]
) -> None:
    node, files = made
    file = parse_file(files["XA100002"])
    key = key_of("XA")
    kid = did.key_id(ORIGIN, "XA", key.public.kid)
    token = jws.sign(strict.encode(vc.derive(file, ORIGIN)), key, typ=vc.TYP, kid=kid)
    clear, _ = view.derive(file, ORIGIN)
    seen = view.present(jws.sign(strict.encode(clear), key, typ=view.TYP, kid=kid), ())
    choose(page, "some.jwt", token.encode())
    result, codes = shown(page)
    assert (result, "credential.derived" in codes) == ("valid", True)
    page.click("[data-again]")
    choose(page, "seen.jwt", seen)
    assert "credential.view" in shown(page)[1]
    page.click("[data-again]")
    choose(page, "list.jwt", node.status_list("suspension", 0))
    expect(page.locator("#seen-list")).not_to_be_empty()
    choose(page, "used.kpc", files["XA100001"])
    assert "credential.suspended" in shown(page)[1]
    page.click("[data-again]")
    choose(page, "some.jwt", token.encode())
    assert "credential.status-clear" in shown(page)[1]
