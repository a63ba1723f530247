"""The day register: every act with its amounts, and totals, over as many sheets as it takes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kimberlite.documents.pdf import labels
from kimberlite.documents.pdf.register import Moved, Other, Register, Row, day_register
from tests.helpers.certificates import DAY
from tests.helpers.printed import is_tagged, names, texts

MOMENT = 1_772_323_200


def rows(count: int) -> tuple[Row, ...]:
    return tuple(
        Row(
            100 + at,
            DAY,
            f"XA{100_000 + at}",
            "XB",
            "issued",
            exporter="Alpha Stones Ltd",
            importer="Beta Gems BV",
            form=f"XA-F-{at:06d}",
            parcels=2,
            points=150,
            cents=10_000,
        )
        for at in range(count)
    )


def register(issued: int = 3, kind: str = "prod", arrived: tuple[Row, ...] = ()) -> Register:
    return Register(
        "XA", "Government Diamond Office", DAY, DAY + 1, rows(issued), arrived, kind, names
    )


@pytest.mark.parametrize("lang", labels.PAPER_LANGUAGES)
def test_a_register_lists_and_adds_up_in_every_language(lang: str) -> None:
    pdf = day_register(register(), lang, MOMENT)
    text = " ".join(texts(pdf))
    assert "Day register" in text
    assert labels.label(lang, "paper.register").split()[0] in text
    for item in ("XA100002", "2026-03-10", "Brilliana", "Alpha Stones Ltd", "XA-F-000001"):
        assert item in text
    # A reader selects a line with Hebrew in it in an order of its own.
    assert lang in labels.RIGHT_TO_LEFT or "Total: 3" in text
    assert text.count("4.50") == text.count("300.00") == 1
    assert "10 March 2026 – 11 March 2026" in text
    assert is_tagged(pdf)


def test_what_was_not_measured_is_a_dash_and_no_zero() -> None:
    seen = Row(7, DAY, "XB500001", "XB", "refused", importer="Beta Gems BV")
    text = " ".join(texts(day_register(register(0, arrived=(seen,)), "en", MOMENT)))
    assert "7 2026-03-10 XB500001 Brilliana Beta Gems BV – – – refused" in text
    assert "Certificates issued none" in text


def test_a_long_register_repeats_its_head_on_every_sheet() -> None:
    pages = texts(day_register(register(90), "en", MOMENT))
    assert len(pages) > 2
    assert all("Certificate number" in each for each in pages[:-1])
    assert "Total: 90" in pages[-1] or "Total: 90" in pages[-2]
    assert [f"{at} / {len(pages)}" in text for at, text in enumerate(pages, 1)] == [True] * len(
        pages
    )


def test_a_register_of_a_demo_says_so() -> None:
    assert "of no value" in texts(day_register(register(kind="demo"), "en", MOMENT))[0]
    assert "of no value" not in texts(day_register(register(), "en", MOMENT))[0]


def test_the_same_register_gives_the_same_bytes() -> None:
    assert day_register(register(), "ru", MOMENT) == day_register(register(), "ru", MOMENT)


def test_a_full_register_shows_papers_other_acts_and_blank_forms() -> None:
    paper = Row(9, DAY, "XB500001", "XB", "issued", "Beta Gems BV", "Alpha", parcels=1, points=250)
    moved = Moved(
        *(4, MOMENT, "spoiled", "AD0001 – AD0003", 3, ("held", "HQ"), ("spoiled", "HQ")),
        *("officer-1", "wet", 3),
    )
    full = replace(
        register(1),
        papers=(paper,),
        others=(Other(11, DAY, "kp-void+cose", "XA100007", "error"),),
        moved=(moved,),
        count=(("opening", 10), ("closing", 7)),
    )
    for lang in labels.PAPER_LANGUAGES:
        text = " ".join(texts(day_register(full, lang, MOMENT)))
        for item in ("XB500001", "2.50", "Voiding", "XA100007", "AD0001 – AD0003", "officer-1"):
            assert item in text, lang
    assert "Foreign papers taken down" in text
    assert "Opening" in text


def test_every_sheet_of_a_long_register_bears_its_own_total_and_what_it_comes_to() -> None:
    pages = texts(day_register(register(45), "en", MOMENT))
    assert "This sheet: 20" in pages[0]
    assert "So far: 20" in pages[0]
    assert "So far: 40" in " ".join(pages)
    whole = " ".join(pages)
    assert "This sheet: 5" in whole
    assert "Total: 45" in whole
    assert "30.00" in pages[0]  # twenty rows of 1.50 ct
    assert "60.00" in whole  # and forty
