"""The page reads photos that need a second look: dim, out of focus, taken from far away."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest
from PIL import Image

from benchmarks import decoders
from benchmarks.decoders import Decoder
from benchmarks.photos import photo
from benchmarks.qr import CONDITIONS, text_of
from kimberlite.documents import symbols

TEXT = text_of(550)


@pytest.fixture(scope="module")
def page(chromium: str) -> Iterator[Decoder]:
    assert chromium
    with decoders.decoder() as found:
        assert found is not None
        yield found


@pytest.mark.browser
@pytest.mark.parametrize("name", ["dim light", "out of focus", "poor, from further away"])
def test_a_second_look_reads_what_the_first_does_not(page: Decoder, name: str) -> None:
    """Most of four; how often of many is in docs/spec/qr.md."""
    assert page.name == "chromium"
    symbol = symbols.draw(TEXT)
    read = [page.read(photo(symbol, CONDITIONS[name], seed))[0] for seed in range(4)]
    assert read.count([TEXT]) >= 2


@pytest.mark.browser
def test_a_code_of_somebody_else_does_not_end_the_search(page: Decoder) -> None:
    """A sharp code of a shop beside ours, which is out of focus."""
    with Image.open(io.BytesIO(photo(symbols.draw(TEXT), CONDITIONS["dim light"], 1))) as taken:
        sheet = Image.new("L", (taken.width + 400, max(taken.height, 400)), 200)
        sheet.paste(taken, (0, 0))
    sheet.paste(symbols.draw("HTTPS://SHOP.EXAMPLE").picture(6), (sheet.width - 300, 40))
    out = io.BytesIO()
    sheet.save(out, "JPEG", quality=80)
    assert set(page.read(out.getvalue())[0]) >= {TEXT}
