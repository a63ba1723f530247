"""Symbols: drawn as another writer draws them, read from pictures as cameras give them."""

from __future__ import annotations

import io

import pytest
import segno
from PIL import Image

from benchmarks.photos import Conditions, photo
from benchmarks.qr import CONDITIONS, text_of
from kimberlite.documents import qr, symbols
from kimberlite.kernel.errors import Invalid
from tests.helpers.carried import carried
from tests.helpers.certificates import Desk

TEXT = "KPC1:" + "AB9 $%*+-./:" * 60


@pytest.fixture(scope="module")
def text() -> str:
    return qr.qr1(carried(Desk()))[0]


def saved(picture: Image.Image, form: str = "PNG") -> bytes:
    out = io.BytesIO()
    picture.save(out, form)
    return out.getvalue()


@pytest.mark.parametrize("count", [1, 100, 835, 1055, 1134, 2105])
@pytest.mark.parametrize("level", ["L", "M", "Q"])
def test_another_writer_makes_a_symbol_of_the_same_version(count: int, level: str) -> None:
    """Same version means alphanumeric packing: byte mode would take a larger symbol."""
    words = (TEXT * 3)[:count]
    theirs = segno.make(words, error=level.lower(), boost_error=False, micro=False)
    assert theirs.mode == "alphanumeric"
    assert symbols.draw(words, level).version == theirs.version


def test_another_writers_symbol_reads(text: str) -> None:
    out = io.BytesIO()
    segno.make(text, error="m").save(out, kind="png", scale=5)
    assert symbols.read(out.getvalue()) == (text,)


def test_the_svg_draws_the_same_modules(text: str) -> None:
    """Draw the path's rectangles again, and compare with the picture."""
    symbol = symbols.draw(text)
    side = symbol.modules + 2 * symbols.QUIET
    again = Image.new("L", (side, side), 255)
    for run in symbol.path.split("z")[:-1]:
        start, width, _ = run.replace("h-", "h").split("h")
        x, y = map(int, start[1:].split())
        again.paste(0, (x, y, x + int(width.removesuffix("v1")), y + 1))
    assert again.tobytes() == symbol.picture(1).tobytes()
    assert f'viewBox="0 0 {side} {side}"' in symbol.svg()


def test_a_title_cannot_bring_markup_in(text: str) -> None:
    drawn = symbols.draw(text).svg("</title><script>x</script>&amp;")
    assert drawn.count("<title>/titlescriptx/scriptamp;</title>") == 1


def test_the_same_text_gives_the_same_bytes(text: str) -> None:
    assert symbols.draw(text).svg() == symbols.draw(text).svg()
    assert symbols.draw(text).png() == symbols.draw(text).png()


@pytest.mark.parametrize("words", ["", "kpc1:", "KPC1:é", "KPC1:_", "KPC1:\n", "A" * 4000])
def test_what_no_symbol_holds_is_refused(words: str) -> None:
    with pytest.raises(Invalid, match=r"symbol\.text"):
        symbols.draw(words)


def test_an_unknown_level_is_refused() -> None:
    with pytest.raises(Invalid, match=r"symbol\.text"):
        symbols.draw("KPC1:", "X")


def test_a_code_of_700_bytes_is_at_most_50_millimetres_wide() -> None:
    assert symbols.draw((TEXT * 3)[:1055]).millimetres <= 50


@pytest.mark.parametrize(
    ("count", "level", "version"),
    [(1, "H", 1), (557, "H", 20), (558, "Q", 18), (1094, "Q", 26), (1095, "M", 22)],
)
def test_the_strongest_level_is_taken_that_prints_well(
    count: int, level: str, version: int
) -> None:
    words = (TEXT * 3)[:count]
    assert symbols.draw(words) == symbols.draw(words, level)
    assert symbols.draw(words).version == version
    assert symbols.FINEST == 26


# --- pictures


@pytest.mark.parametrize(
    ("form", "mode"),
    [
        *(("PNG", mode) for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16")),
        *(("JPEG", mode) for mode in ("L", "RGB", "CMYK")),
        *(("WEBP", mode) for mode in ("RGB", "RGBA")),
    ],
)
def test_pictures_of_every_form_and_colour_read(text: str, form: str, mode: str) -> None:
    drawn = symbols.draw(text).picture(4).convert("L" if mode == "I;16" else "RGB").convert(mode)
    assert symbols.read(saved(drawn, form)) == (text,)


def test_what_shines_through_is_white(text: str) -> None:
    """Dark modules on nothing, as a drawing program saves it."""
    grey = symbols.draw(text).picture(4)
    drawn = Image.new("RGBA", grey.size, (0, 0, 0, 0))
    drawn.paste((0, 0, 0, 255), mask=grey.point(lambda level: 255 - level))
    assert symbols.read(saved(drawn)) == (text,)


@pytest.mark.parametrize("turn", [0, 7, 45, 90, 180, 270])
def test_a_turned_picture_reads(text: str, turn: int) -> None:
    drawn = symbols.draw(text).picture(5).rotate(turn, expand=True, fillcolor=255)
    assert symbols.read(saved(drawn)) == (text,)


def test_every_symbol_of_a_page_is_read(text: str) -> None:
    page = Image.new("L", (1700, 2400), 250)
    others = [text[:200], text[:400]]
    for at, each in enumerate((text, *others)):
        page.paste(symbols.draw(each).picture(4), (80 + 500 * at, 100 + 700 * at))
    assert set(symbols.read(saved(page))) == {text, *others}


HARD = {
    "a scan at 150 dpi": Conditions(pixels=2.25, blur=0.5, quality=80, turn=2, slant=0, shade=0),
    "two folds": Conditions(folds=2),
    "a stamp": Conditions(stamp=True),
    "a signature": Conditions(pen=True),
    "a stain of 5 %": Conditions(stain=0.05),
    "out of focus": Conditions(blur=2.0),
    "few pixels, blurred, slanted": Conditions(4.2, 1.5, 40, 25, 0.05, 8),
    "dim light": Conditions(blur=1.2, quality=40, noise=20, shade=0.6),
}


@pytest.mark.parametrize("how", HARD.values(), ids=HARD)
def test_what_happens_to_paper_does_not_stop_the_reader(text: str, how: Conditions) -> None:
    """Three of three here; how often of many is in docs/spec/qr.md."""
    symbol = symbols.draw(text)
    assert [symbols.read(photo(symbol, how, seed)) for seed in range(3)] == [(text,)] * 3


def test_what_is_seen_of_a_poor_symbol_does_not_hide_the_rest() -> None:
    """A corner that was taken for all of it: the whole picture is treated as well."""
    text = text_of(350)
    symbol = symbols.draw(text)
    far = CONDITIONS["poor, from further away"]
    taken = [photo(symbol, far, seed) for seed in range(6)]
    assert [symbols.read(each) for each in taken] == [(text,)] * 6


def test_a_picture_without_a_symbol_gives_nothing() -> None:
    assert symbols.read(saved(Image.new("L", (400, 300), 200))) == ()


@pytest.mark.parametrize(
    "data", [b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0 no picture", b"GIF89a"]
)
def test_a_picture_that_does_not_open_is_refused(data: bytes) -> None:
    with pytest.raises(Invalid, match=r"picture\.form"):
        symbols.read(data)


def test_half_a_picture_is_refused(text: str) -> None:
    whole = saved(symbols.draw(text).picture(4))
    with pytest.raises(Invalid, match=r"picture\.form"):
        symbols.read(whole[: len(whole) // 2])


@pytest.mark.parametrize("side", [9_000, 20_000])
def test_a_picture_that_unpacks_to_too_much_is_refused_unread(side: int) -> None:
    """A few kilobytes that would take 81 million pixels and more."""
    with pytest.raises(Invalid, match=r"picture\.too-large"):
        symbols.read(saved(Image.new("1", (side, side))))
