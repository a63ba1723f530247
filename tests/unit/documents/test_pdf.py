"""A certificate's page: everything the scheme asks for, in every language, marked as it must be."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from importlib.resources import files
from typing import Any

import pytest

from kimberlite.certificates import annex
from kimberlite.certificates.model import Certificate
from kimberlite.documents import qr, symbols
from kimberlite.documents.pdf import guilloche, labels, layout, page, sheet
from kimberlite.kernel.errors import Invalid
from kimberlite.words import LANGUAGES
from kimberlite.words.catalogue import catalogue
from tests.helpers.carried import ARABIC, mixed
from tests.helpers.certificates import certificate
from tests.helpers.printed import (
    PAPER,
    alternative_texts,
    attachments,
    file_of,
    is_tagged,
    order,
    picture,
    positions,
    texts,
)

OTHERS = tuple(lang for lang in labels.PAPER_LANGUAGES if lang != "en")


def text_of(*asked: Any, **changes: Any) -> str:
    return texts(page.certificate(order(*asked, **changes)))[0]


# --- words ------------------------------------------------------------------------------------


def test_hebrew_has_the_printed_words_that_the_catalogues_have() -> None:
    hebrew = json.loads((files("kimberlite.documents.pdf") / "he.json").read_text("utf-8"))
    printed = {key for key in catalogue("en") if key.startswith("paper.")}
    assert hebrew.keys() == printed
    assert all(re.search("[\u05d0-\u05ea]", text) for text in hebrew.values())


def test_the_english_words_are_those_of_the_scheme() -> None:
    assert labels.label("en", "paper.title") == annex.TITLE
    assert labels.label("en", "paper.assurance") == annex.ASSURANCE


def test_every_label_of_the_layout_has_words() -> None:
    keys = {each.label for each in layout.BOXES if each.label}
    keys |= {column.label for goods in layout.GOODS for column in goods.columns}
    keys |= {column.over for goods in layout.GOODS for column in goods.columns if column.over}
    for lang in labels.PAPER_LANGUAGES:
        assert not keys - labels.texts(lang).keys(), lang


def test_another_language_is_refused() -> None:
    asked = order("de")
    with pytest.raises(Invalid) as refused:
        page.certificate(asked)
    assert refused.value.code == "pdf.language"


# --- the page -----------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", labels.PAPER_LANGUAGES)
def test_a_page_in_every_language_has_english_and_every_item(lang: str) -> None:
    asked = order(lang)
    pdf = page.certificate(asked)
    (text,) = texts(pdf)
    seen = asked.certificate
    for item in (
        annex.TITLE,
        annex.ASSURANCE,
        seen.number,
        "Adamantia (XA)",
        "Brilliana (XB)",
        "10 March 2026",
        "9 May 2026",
        "Government Diamond Office",
        "Alpha Stones Ltd",
        "1 Mine Road, Alphaville",
        "Beta Gems BV",
        "1,203.45",
        "1,603.45",
        "250,000.00",
        "258,000.00",
        "7102.10",
        "7102.21",
        "7102.31",
        "A-7781, A-7782",
        "Import confirmation",
        "Date of receipt",
        asked.checkword,
        "v#XA123.ER5C-G6ME-496Z",
    ):
        assert item in text, item
    assert asked.statement.hex() in text.replace(" ", "")
    assert annex.missing(seen) == ()
    assert is_tagged(pdf)
    assert b"<pdfaid:part>3</pdfaid:part>" in pdf
    assert b"<pdfaid:conformance>A</pdfaid:conformance>" in pdf
    assert b"<pdfuaid:part>1</pdfuaid:part>" in pdf
    assert alternative_texts(pdf) == [
        "QR code: Signed certificate",
        "QR code: Receipt of the log",
    ]


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("fr", "Certificat du Processus de Kimberley"),
        ("es", "Certificado del Proceso de Kimberley"),
        ("pt", "Certificado do Processo de Kimberley"),
        ("ru", "Сертификат Кимберлийского процесса"),
        ("zh", "金伯利进程证书"),
        ("ar", "شهادة عملية كيمبرلي"),
        ("he", "תעודת תהליך קימברלי"),
    ],
)
def test_the_second_language_stands_beside_english(lang: str, words: str) -> None:
    assert words in text_of(lang)
    assert words not in text_of("en")


def test_letters_of_every_script_are_printed_whatever_the_page_language() -> None:
    """A name is the party's own: Chinese on an English page is Chinese."""
    text = text_of("en", parties={"exporter": {"name": "阿尔法矿业有限公司", "address": "上海"}})
    assert "阿尔法矿业有限公司" in text
    (arabic,) = texts(page.certificate(order("fr", parties=ARABIC)))
    assert {"شركة", "ألفا", "للأحجار"} <= set(arabic.split())


def test_a_name_that_no_type_here_can_write_is_refused_and_never_printed_as_boxes() -> None:
    asked = order("en", parties={"exporter": {"name": "ไทยเจมส์", "address": "Bangkok"}})
    with pytest.raises(Invalid) as refused:
        page.certificate(asked)
    assert refused.value.code == "pdf.glyphs"
    assert "ท" in str(refused.value.facts["characters"])


def test_undisclosed_origin_is_asterisks() -> None:
    text = text_of(
        "fr", shipment={"origin_mode": "mixed-undisclosed", "origins": None, "provenance": "XC"}
    )
    assert "***" in text
    assert "mixed origin, countries not disclosed · origines mélangées" in text
    assert "Adamantia (XA)" in text, "as the issuer"
    assert len(re.findall("Adamantia", text)) < len(re.findall("Adamantia", text_of("fr")))


def test_several_origins_are_listed_with_their_shares() -> None:
    origins = [{"country": "BW", "share": 600}, {"country": "NA", "share": 400}]
    text = text_of("es", shipment={"origin_mode": "mixed-shares", "origins": origins})
    assert "Botswana (BW) 60.0 %, Namibia (NA) 40.0 %" in text.replace("\u00a0", " ")


def test_lines_under_one_heading_are_added_up() -> None:
    lines = [{"hs": "7102.31", "carats": "1.50", "value": "100.00"}] * 2
    shown = [{"hs": "7102.31", "parcels": 1}] * 2
    text = text_of("en", values={"lines": lines}, shipment={"lines": shown, "parcels": 2})
    assert "7102.31 · non-industrial 2 3.00 200.00" in text
    assert "7102.10 · unsorted – – –" in text


def test_remarks_say_what_is_out_of_the_ordinary() -> None:
    told = {"purpose": "scientific", "return_by": "2026-06-01"}
    text = text_of("fr", kind="test", shipment=told)
    assert "Purpose: scientific · Motif · To be returned by: 1 June 2026" in text


def test_the_import_confirmation_stands_below_the_perforation() -> None:
    """It is torn off 100 mm above the lower edge, and names what it is about by itself."""
    pdf = page.certificate(order("en"))
    below = [y for _, y in positions(pdf, "Import confirmation")]
    assert below
    assert all(y > layout.PERFORATION for y in below)
    for word in ("XA000123", "Brilliana", "Alpha Stones", "Beta Gems", "258,000.00", "1,603.45"):
        assert [y for _, y in positions(pdf, word) if y > layout.PERFORATION], word
    assert not [y for _, y in positions(pdf, "Exporter") if 195 < y < layout.PERFORATION + 2]


def test_boxes_do_not_overlap_nor_cross_the_perforation() -> None:
    boxes = [(each.name, each.x, each.y, each.w, each.h) for each in layout.BOXES]
    for goods in layout.GOODS:
        width = sum(column.w for column in goods.columns)
        boxes.append((goods.name, goods.x, goods.y, width, goods.head + 4 * goods.row))
    boxes.extend((f"code {x}", x, y, layout.CODE, layout.CODE) for x, y in layout.CODES)
    for at, (name, x, y, w, h) in enumerate(boxes):
        assert 12 <= x < x + w <= 198, name
        assert y + h <= layout.PERFORATION - 4 or y >= layout.PERFORATION + 6, name
        for other, x2, y2, w2, h2 in boxes[:at]:
            apart = x + w <= x2 or x2 + w2 <= x or y + h <= y2 or y2 + h2 <= y
            assert apart, f"{name} over {other}"


@pytest.mark.parametrize("lang", ["en", "ar", "zh"])
def test_both_codes_are_read_off_the_page_at_150_dots_an_inch(lang: str) -> None:
    file = file_of(parties=ARABIC if lang == "ar" else {})
    pdf = page.certificate(order(lang, file=file))
    found = symbols.look(picture(pdf, 150))
    assert set(found) == {*qr.qr1(file), qr.qr2(file)}


def test_the_certificate_travels_inside_the_page() -> None:
    file = file_of()
    assert attachments(page.certificate(order(file=file))) == {"certificate.kpc": file.to_bytes()}


def test_the_same_order_gives_the_same_bytes() -> None:
    asked = order("ar")
    assert page.certificate(asked) == page.certificate(asked)


def test_a_closed_section_is_not_printed_around() -> None:
    asked = order()
    closed = replace(asked, certificate=replace(asked.certificate, parties=None))
    with pytest.raises(Invalid) as refused:
        page.certificate(closed)
    assert refused.value.code == "pdf.sections"
    assert refused.value.facts["sections"] == "parties"


# --- what does not fit --------------------------------------------------------------------------


def test_what_does_not_fit_is_continued_on_a_second_sheet() -> None:
    seals = [f"SEAL-2026-{at:05d}-ABCDEF" for at in range(40)]
    first, second = texts(page.certificate(order("fr", parties={"seals": seals})))
    assert "continued on sheet 2" in first
    assert seals[17] not in first
    assert all(seal in second.replace("- ", "-") for seal in seals)
    assert "Continuation sheet" in second
    assert "SPECIMEN" in second
    assert "XA000123" in second


def test_a_page_has_two_codes_and_the_others_follow() -> None:
    """A long certificate has several codes; all of them are read off the sheets together."""
    shipment = mixed(14)
    origins = [
        {**each, "localities": ["Upper River", "Lower River"]} for each in shipment["origins"]
    ]
    file = file_of(shipment={**shipment, "origins": origins}, parties=ARABIC)
    wanted = {*qr.qr1(file), qr.qr2(file)}
    assert len(wanted) > 2
    pdf = page.certificate(order("en", file=file))
    found = {text for at in (0, 1) for text in symbols.look(picture(pdf, 150, at))}
    assert found == wanted
    assert "QR code: Signed certificate, 1 of 2" in alternative_texts(pdf)


# --- marks --------------------------------------------------------------------------------------

COPY = "COPY, NOT FOR PRESENTATION"


@pytest.mark.parametrize("kind", ["demo", "test"])
def test_outside_production_every_page_is_a_specimen(kind: str) -> None:
    text = text_of("fr", kind=kind)
    assert text.count("SPECIMEN") >= 3
    assert "of no value. · Démonstration ou essai" in text


def test_a_page_of_production_is_not() -> None:
    text = text_of("fr", kind="prod")
    assert "SPECIMEN" not in text
    assert "no value" not in text


def test_a_copy_says_so_across_the_page_and_in_both_languages() -> None:
    text = text_of("fr", copy=True, kind="prod", **PAPER)
    assert text.count(COPY) >= 4
    assert f"{COPY} · COPIE, À NE PAS PRÉSENTER" in text
    assert "original is electronic" not in text
    assert COPY not in text_of("fr", kind="prod", **PAPER)


def test_a_page_of_an_electronic_certificate_says_where_the_original_is() -> None:
    text = text_of("fr", copy=True)
    assert "The original is electronic: the signed file attached to this document." in text


@pytest.mark.parametrize(
    ("original", "asked", "own", "copy"),
    [
        ("paper", False, True, False),
        ("paper", True, True, True),
        ("paper", False, False, True),
        ("electronic", False, True, True),
        ("electronic", True, False, True),
    ],
)
def test_the_form_of_the_original_was_fixed_at_issue(
    original: str, asked: bool, own: bool, copy: bool
) -> None:
    seen: Certificate = certificate(original=original)
    assert sheet.is_copy(seen, asked=asked, own=own) is copy


# --- background ---------------------------------------------------------------------------------


def test_the_background_is_worked_out_from_the_statement() -> None:
    one = guilloche.background(b"1" * 32, "#111111", "#222222")
    assert one == guilloche.background(b"1" * 32, "#111111", "#222222")
    assert one != guilloche.background(b"2" * 32, "#111111", "#222222")
    assert 40_000 < len(one) < 300_000


def test_an_emblem_is_its_participants_own() -> None:
    marks = {guilloche.emblem(f"X{each}".encode(), "#111111", "#222222") for each in "ABCDEFGH"}
    assert len(marks) == 8


def test_interface_languages_are_printed_too() -> None:
    assert set(LANGUAGES) < set(labels.PAPER_LANGUAGES)
