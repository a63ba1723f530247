"""The verifier as people use it: on a phone, in two directions, with and without a network."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest

pytest.importorskip("playwright")

from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, expect
from starlette.testclient import TestClient

from kimberlite.certificates.file import parse_file
from kimberlite.documents.qr import qr1, qr2
from kimberlite.documents.symbols import draw
from kimberlite.kernel.days import day_of, show_day
from kimberlite.ledger import roots
from kimberlite.ledger.roots import LogKey, RootBody
from kimberlite.web.verifier.assets import FOLDER, assets, weight, words
from kimberlite.words import LANGUAGES, Words
from kimberlite.words.catalogue import catalogue
from tests.helpers.verifier import browsing, choose, opened, served, shown
from tests.helpers.web import NOW, ORIGIN, Node, client_of, furnished
from tests.helpers.world import key_of

AXE = Path(__file__).resolve().parents[1] / "vendor" / "axe.min.js"
MOST_BYTES = 150_000
"""What a first visit may weigh, compressed. Source: ours, docs/spec/web-verifier.md."""

CASES = {"XA100001": "cannot-tell", "XA100002": "valid", "altered": "invalid"}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Node, dict[str, bytes]]:
    return furnished(tmp_path_factory.mktemp("node") / "home")


@pytest.fixture(scope="module")
def address(made: tuple[Node, dict[str, bytes]]) -> Iterator[str]:
    with served(made[0]) as found:
        yield found


@pytest.fixture(scope="module")
def browser(
    chromium: str, made: tuple[Node, dict[str, bytes]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Browser]:
    """A browser whose camera sees the printed code of XA100002, a little askew."""
    (code,) = qr1(parse_file(made[1]["XA100002"]))
    scene = Image.new("L", (1280, 720), 235)
    symbol = picture(code, 6).resize((620, 620), Image.Resampling.BICUBIC)
    scene.paste(symbol.rotate(5, fillcolor=235, expand=True).resize((690, 690)), (300, 15))
    film = tmp_path_factory.mktemp("film") / "film.mjpeg"
    film.write_bytes(as_bytes(scene.convert("RGB"), "JPEG", quality=60) * 3)
    flags = (
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={film}",
    )
    with browsing(chromium, *flags) as found:
        yield found


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    found = opened(browser, address, now=NOW)
    yield found
    found.context.close()


def picture(text: str, scale: int = 4) -> Image.Image:
    with Image.open(BytesIO(draw(text).png(scale))) as found:
        return found.convert("L")


def as_bytes(image: Image.Image, kind: str, **more: int) -> bytes:
    out = BytesIO()
    image.save(out, kind, **more)
    return out.getvalue()


@pytest.mark.browser
@pytest.mark.parametrize("name", CASES)
def test_a_file_is_judged_without_a_network(
    page: Page, made: tuple[Node, dict[str, bytes]], name: str
) -> None:
    context: BrowserContext = page.context
    context.set_offline(True)
    page.reload()
    page.wait_for_selector("html[data-ready=true]")
    choose(page, "some.kpc", made[1][name])
    result, codes = shown(page)
    assert result == CASES[name]
    assert "bundle.not-pinned" in codes
    assert page.locator("#answer").inner_text().count("XA10000") >= 1
    assert page.locator("#shopper").is_visible()


@pytest.mark.browser
def test_nothing_is_sent_when_something_is_checked(
    page: Page, made: tuple[Node, dict[str, bytes]]
) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    choose(page, "some.kpc", made[1]["XA100002"])
    assert shown(page)[0] == "valid"
    (code,) = qr1(parse_file(made[1]["XA100002"]))
    page.click("[data-again]")
    choose(page, "photo.png", as_bytes(picture(code), "PNG"))
    assert "signature.good" in shown(page)[1]
    assert asked == []


@pytest.mark.browser
def test_pictures_and_text_of_both_codes(page: Page, made: tuple[Node, dict[str, bytes]]) -> None:
    file = parse_file(made[1]["XA100002"])
    (first,), second = qr1(file), qr2(file)
    one, two = picture(first), picture(second)
    sheet = Image.new("L", (one.width + two.width + 300, max(one.height, two.height) + 200), 255)
    sheet.paste(one, (100, 100))
    sheet.paste(two, (one.width + 200, 100))
    choose(page, "sheet.jpg", as_bytes(sheet, "JPEG", quality=70))
    assert "registration.shown" in shown(page)[1]
    page.click("[data-again]")
    choose(page, "codes.png", as_bytes(one, "PNG"), as_bytes(two, "PNG"))
    assert shown(page)[0] == "valid"
    page.click("[data-again]")
    page.click(".more summary")
    page.fill("#text", f"{first}\n{second}\n")
    page.click("#check")
    assert shown(page)[0] == "valid"


@pytest.mark.browser
def test_the_day_of_arrival_counts(page: Page, made: tuple[Node, dict[str, bytes]]) -> None:
    page.click(".more summary")
    page.fill("#arrived", show_day(day_of(NOW) + 1))
    choose(page, "some.kpc", made[1]["XA100002"])
    assert shown(page) == ("problem", ["verify.arrived"])
    page.click("[data-again]")
    assert page.input_value("#arrived") == "", "the next one is judged for today again"
    page.fill("#arrived", show_day(day_of(NOW)))
    choose(page, "some.kpc", made[1]["XA100002"])
    assert shown(page)[0] == "valid"
    said = Words("en").say("verifier.judged-for", day=day_of(NOW))
    assert said in page.locator("#answer").inner_text()


@pytest.mark.browser
@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"%PDF-1.7", "verifier.pdf"),
        (b"%PDF-1.7 << /Length 9 >>stream\nendstream", "verifier.pdf"),
        (b"eyJ.eyJ", "credential.form"),
        (b"\x89PNG\r\n\x1a\n broken", "verifier.picture"),
        (b"hello", "verifier.unreadable"),
        (as_bytes(Image.new("L", (80, 80), 255), "PNG"), "verifier.no-code"),
        (b"KPC1:ABC", "qr.deflate"),
        (b"\x84\x69kp-file/1", "cbor.truncated"),
    ],
)
def test_what_is_no_certificate_is_told_with_what_to_do(
    page: Page, content: bytes, code: str
) -> None:
    choose(page, "thing", content)
    assert shown(page) == ("problem", [code])
    page.click("[data-again]")
    assert page.locator("#ask").is_visible()


@pytest.mark.browser
def test_the_receiver_is_asked_for(page: Page, made: tuple[Node, dict[str, bytes]]) -> None:
    page.click(".more summary")
    page.fill("#receiver", "xc")
    choose(page, "some.kpc", made[1]["XA100002"])
    assert shown(page)[0] == "invalid"
    assert "destination.another" in shown(page)[1]


@pytest.mark.browser
def test_a_compared_fingerprint_is_remembered_and_another_log_refused(
    page: Page, made: tuple[Node, dict[str, bytes]], tmp_path: Path
) -> None:
    page.click("[data-compared]")
    page.wait_for_selector("[data-compared]", state="detached")
    page.reload()
    page.wait_for_selector("#known .fingerprint")
    assert page.locator("[data-compared]").count() == 0
    choose(page, "some.kpc", made[1]["XA100002"])
    assert "bundle.not-pinned" not in shown(page)[1]
    other = Node(tmp_path / "home", kind="test").bundle()
    told = {"name": "trust.bundle", "mimeType": "application/cose", "buffer": other}
    page.set_input_files("#bundle", told)  # type: ignore[arg-type]
    page.wait_for_function("() => document.getElementById('told').textContent.length > 0")
    assert page.locator("#told").inner_text() == Words("en").say("bundle.other-log")


@pytest.mark.browser
def test_a_trust_root_says_which_log_this_is(
    page: Page, made: tuple[Node, dict[str, bytes]]
) -> None:
    keys = [key_of(f"root {at}") for at in range(2)]
    genesis = made[0].engine.entries(0, 1)[0].raw
    body = RootBody(
        version=1,
        kind="demo",
        origin=ORIGIN,
        genesis=hashlib.sha256(genesis).digest(),
        issued=NOW,
        expires=NOW + 86_400,
        threshold=2,
        keys=tuple(each.public for each in keys),
        log_keys=(LogKey(made[0].key.public),),
    )
    root = roots.draft(body)
    half = roots.sign(root, keys[0])
    whole = roots.sign(half, keys[1])
    for found, told in ((half, "root.threshold"), (whole, "verifier.updated")):
        payload = {"name": "a.root", "mimeType": "", "buffer": found.to_bytes()}
        page.set_input_files("#bundle", payload)  # type: ignore[arg-type]
        said = Words("en").say(told, version=1, signed=1, needed=2)
        expect(page.locator("#told")).to_have_text(said)
    page.reload()
    page.wait_for_selector("#known .fingerprint")
    assert page.locator("[data-compared]").count() == 0
    choose(page, "some.kpc", made[1]["XA100002"])
    assert "bundle.not-pinned" not in shown(page)[1]


@pytest.mark.browser
def test_the_camera_reads_a_printed_code(page: Page) -> None:
    page.click("#scan")
    result, codes = shown(page)
    assert (result, "signature.good" in codes) == ("valid", True)
    assert not page.locator("#camera").is_visible()


@pytest.mark.browser
@pytest.mark.parametrize("lang", ["en", "ar"])
@pytest.mark.parametrize("name", ["", *CASES])
def test_axe_finds_nothing_serious(
    browser: Browser, address: str, made: tuple[Node, dict[str, bytes]], lang: str, name: str
) -> None:
    page = opened(browser, address, lang, now=NOW)
    if name:
        choose(page, "some.kpc", made[1][name])
        assert shown(page)[0] == CASES[name]
    assert page.evaluate("document.documentElement.dir") == ("rtl" if lang == "ar" else "ltr")
    wide = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    assert not wide, "the page must not scroll sideways"
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run()")["violations"]
    assert [(each["id"], each["impact"], each["nodes"][0]["html"]) for each in found] == []
    page.context.close()


@pytest.mark.browser
@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_language_is_whole(
    browser: Browser, address: str, made: tuple[Node, dict[str, bytes]], lang: str
) -> None:
    page = opened(browser, address, lang, now=NOW)
    assert page.locator("h1").first.inner_text() == catalogue(lang)["verifier.title"]
    choose(page, "some.kpc", made[1]["XA100001"])
    assert shown(page)[0] == "cannot-tell"
    text = page.locator("main").inner_text()
    said = set(re.findall(r"\b(?:web|verifier|word|field|proves|cannot|reminder)\.[a-z.-]+", text))
    assert said == set(), "a key stands where its words should"
    page.context.close()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_reason_of_the_shared_cases_has_words_on_the_page(
    repository: Path, lang: str
) -> None:
    rooms = (repository / "vectors" / name / "cases.json" for name in ("verdicts", "credential"))
    cases = [case for room in rooms for case in json.loads(room.read_text("utf-8"))["cases"]]
    codes = {reason[0] for case in cases for reason in case.get("reasons", ())}
    codes |= {case["problem"] for case in cases if "problem" in case}
    told = words(lang)
    assert [c for c in sorted(codes) if not {c, c.partition(".")[0] + ".*"} & told.keys()] == []


def test_a_first_visit_weighs_little() -> None:
    packed = {name: len(gzip.compress(body, 9)) for name, body in weight().items()}
    assert sum(packed.values()) < MOST_BYTES, packed


def test_the_pages_files_are_all_kept_and_nothing_else_is_needed() -> None:
    worker = assets()["sw.js"].body.decode()
    for name in assets():
        assert (f'"{FOLDER}{name}"' in worker) == (name != "sw.js")
    for name, asset in assets().items():
        if name.endswith(".js"):
            imported = re.findall(r'(?:from|import\()\s*"\./([^"]+)"', asset.body.decode())
            folder = "vendor/" if name.startswith("vendor/") else ""
            assert all(folder + each in assets() for each in imported), name
            assert not re.search(rb"\beval\(|new Function|innerHTML|outerHTML", asset.body), name


def test_the_policy_is_strict(made: tuple[Node, dict[str, bytes]]) -> None:
    with client_of(made[0], door=made[0]) as client:
        _check_policy(client)


def _check_policy(client: TestClient) -> None:
    answer = client.get(FOLDER)
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self';")
    assert "unsafe" not in policy
    assert "require-trusted-types-for 'script'" in policy
    assert answer.headers["permissions-policy"].startswith("camera=(self)")
    assert not re.search(r"<script(?![^>]*\bsrc=)|\son[a-z]+=|\sstyle=", answer.text)
    assert client.get("/verifier", follow_redirects=False).headers["location"] == FOLDER
    assert client.get(FOLDER + "no-such-file.js").status_code == 404
    assert client.get(FOLDER + "../app.py").status_code == 404
    packed = client.get(FOLDER + "verify.js", headers={"accept-encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.content == assets()["verify.js"].body
    # Every other page keeps the camera off.
    assert client.get("/about").headers["permissions-policy"].startswith("camera=()")


@pytest.mark.parametrize(
    "folder", ["src/kimberlite/web/verifier/static/vendor", "tests/vendor"], ids=["page", "tests"]
)
def test_vendored_files_are_those_on_record(repository: Path, folder: str) -> None:
    told = (repository / folder / "README.md").read_text(encoding="utf-8")
    recorded = dict(re.findall(r"^([0-9a-f]{64})  (\S+)$", told, re.MULTILINE))
    found = {
        hashlib.sha256(each.read_bytes()).hexdigest(): each.name
        for each in (repository / folder).glob("*.js")
    }
    assert found == recorded
