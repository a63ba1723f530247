"""Designs are data: read strictly, and pages follow them, on plain paper and on numbered stock."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from kimberlite.documents import qr, symbols
from kimberlite.documents.pdf import design, page
from kimberlite.documents.pdf.page import Stock
from kimberlite.kernel.errors import Invalid, NotFound, Refused
from tests.helpers.printed import PAPER, file_of, names, order, picture, positions, texts

GOOD: dict[str, Any] = {
    "design": "kp-design/1",
    "name": "XQ-1",
    "colours": {"ink": "#112233", "accent": "#445566"},
    "heading": {"en": ["Quartzland", "Stone Office"], "ar": ["بلاد المرو"]},
    "stock": {"prefix": "Q/", "digits": 4},
    "overprint": {"number": [20, 30, 40, 8, 12]},
}


def raw(**changes: Any) -> bytes:
    return json.dumps({**GOOD, **changes}).encode()


def test_a_design_is_read() -> None:
    found = design.parse(raw())
    assert (found.name, found.ink, found.accent) == ("XQ-1", "#112233", "#445566")
    assert found.heading["ar"] == ("بلاد المرو",)
    assert found.form_number(7) == "Q/0007"
    assert found.overprint["number"] == design.Place(20, 30, 40, 8, 12)
    assert found.digest == hashlib.sha256(raw()).digest()


@pytest.mark.parametrize("name", ["plain", "XA-2026", "XB-2026"])
def test_shipped_designs_read(name: str) -> None:
    assert design.shipped(name).name == name


@pytest.mark.parametrize("name", ["absent", "../design", "", "a/b", "x" * 60])
def test_there_is_no_design_outside_the_folder(name: str) -> None:
    with pytest.raises(NotFound) as refused:
        design.shipped(name)
    assert refused.value.code == "pdf.design-unknown"


@pytest.mark.parametrize(
    "bad",
    [
        b"\xff",
        b"[]",
        raw(design="kp-design/2"),
        raw(name="a b"),
        raw(name=7),
        raw(more=1),
        raw(colours={"ink": "red", "accent": "#445566"}),
        raw(colours={"ink": "#112233"}),
        raw(colours=[]),
        raw(heading={"de": ["x"]}),
        raw(heading={"en": ["1", "2", "3", "4", "5"]}),
        raw(heading={"en": [1]}),
        raw(stock={"prefix": "Q", "digits": 0}),
        raw(stock={"prefix": "Q", "digits": True}),
        raw(stock={"prefix": "<b>", "digits": 4}),
        raw(overprint={"nothing": [0, 0, 1, 1, 1]}),
        raw(overprint={"number": [0, 0, 1, 1]}),
        raw(overprint={"number": [0, 0, 1, "1", 1]}),
        raw(overprint={"number": [0, 0, True, 1, 1]}),
        raw(overprint={"number": [-1, 0, 1, 1, 1]}),
        raw(overprint={"number": [200, 0, 20, 1, 1]}),
        raw(overprint={"number": [0, 290, 20, 20, 1]}),
    ],
    ids=range(22),
)
def test_a_design_that_is_not_written_as_the_specification_says_is_refused(bad: bytes) -> None:
    with pytest.raises(Invalid) as refused:
        design.parse(bad)
    assert refused.value.code == "pdf.design"


def test_a_page_follows_its_participants_design() -> None:
    one, other = (page.certificate(order("en", template=name)) for name in ("XA-2026", "plain"))
    assert one != other
    assert "Government Diamond Office" in texts(one)[0]
    plain = texts(other)[0]
    assert plain.index("Adamantia") < plain.index("Kimberley Process Certificate")


# --- numbered stock -------------------------------------------------------------------------------


def test_an_overprint_holds_values_and_no_form() -> None:
    """Each value stands where the design says, and nothing that the stock has already."""
    asked = order("ar", kind="prod", **PAPER)
    pdf = page.overprint(asked)
    (text,) = texts(pdf)
    for label in ("Certificate number", "Exporter", "Import confirmation", "Kimberley"):
        assert label not in text
    places = asked.design.overprint
    for word, name in (
        ("XA000123", "number"),
        ("1,603.45", "carats.total"),
        ("250,000.00", "value.7102.31"),
        ("Alpha Stones Ltd", "exporter"),
    ):
        at = places[name]
        inside = [
            (x, y)
            for x, y in positions(pdf, word)
            if at.x - 0.5 <= x < at.x + at.w and at.y - 0.5 <= y < at.y + at.h
        ]
        assert inside, (word, positions(pdf, word), at)


def test_codes_of_an_overprint_are_read_too() -> None:
    file = file_of(**PAPER)
    found = symbols.look(picture(page.overprint(order("en", file=file, kind="prod")), 150))
    assert set(found) == {*qr.qr1(file), qr.qr2(file)}


def test_a_demo_marks_an_overprint_as_well() -> None:
    assert "SPECIMEN" in texts(page.overprint(order("en", **PAPER)))[0]
    assert "SPECIMEN" not in texts(page.overprint(order("en", kind="prod", **PAPER)))[0]


def test_no_copy_and_no_nameless_form_goes_onto_numbered_stock() -> None:
    with pytest.raises(Refused) as refused:
        page.overprint(order(copy=True, **PAPER))
    assert refused.value.code == "pdf.stock-copy"
    with pytest.raises(Refused) as refused:
        page.overprint(order(original="paper"))
    assert refused.value.code == "pdf.stock-number"


def test_a_design_without_places_has_no_overprint() -> None:
    with pytest.raises(Invalid) as refused:
        page.overprint(order(template="XB-2026", **PAPER))
    assert refused.value.code == "pdf.overprint"


# --- blank forms ----------------------------------------------------------------------------------


def stock(serials: range, kind: str = "prod", lang: str = "pt") -> Stock:
    return Stock(design.shipped("XA-2026"), "XA", serials, lang, kind, names)


def test_blank_forms_are_numbered_and_each_has_its_own_background() -> None:
    pdf = page.blank(stock(range(17, 20)), 1_772_323_200)
    pages = texts(pdf)
    assert [f"XA-F-{at:06d}" in text for at, text in zip((17, 18, 19), pages, strict=True)] == [
        True,
        True,
        True,
    ]
    assert all("País de origem" in text and "Import confirmation" in text for text in pages)
    assert not [text for text in pages if "SPECIMEN" in text]
    alike = [picture(pdf, 40, at).tobytes() for at in range(3)]
    assert len(set(alike)) == 3


def test_blank_forms_of_a_demo_are_specimens() -> None:
    (text,) = texts(page.blank(stock(range(1, 2), "demo"), 0))
    assert text.count("SPECIMEN") >= 3


@pytest.mark.parametrize("serials", [range(1, 1), range(5), range(1, 502)])
def test_forms_are_numbered_from_one_and_not_too_many_at_a_time(serials: range) -> None:
    with pytest.raises(Invalid) as refused:
        page.blank(stock(serials), 0)
    assert refused.value.code == "pdf.forms"
