"""Texts with facts put in, in each language; what is missing never raises."""

from __future__ import annotations

import subprocess
import sys

import pytest

from kimberlite.kernel.errors import Invalid
from kimberlite.words import LANGUAGES, Words, direction, preferred

ISOLATED = "\u2068{}\u2069"


def test_facts_are_shown_as_people_write_them() -> None:
    said = Words("en").say("arrival.carats", found=123456, declared=200, tolerance=5)
    assert said.startswith("1,234.56\u00a0ct arrived, 2.00\u00a0ct were declared")
    assert said.endswith("0.5\u00a0%.")


def test_a_missing_fact_is_shown_as_missing() -> None:
    assert "…" in Words("en").say("certificate.range")


def test_a_fact_of_another_kind_is_shown_as_it_is() -> None:
    assert "soon" in Words("en").say("certificate.expired", expires="soon")


def test_a_fact_cannot_bring_in_another_text() -> None:
    assert "{field}" in Words("en").say("schema.unknown-field", field="{field}")


def test_an_unknown_key_shows_itself() -> None:
    assert Words("ar").say("nothing.of-this-name", n=2) == "nothing.of-this-name"


def test_a_code_without_a_sentence_of_its_own_has_its_areas() -> None:
    words = Words("fr")
    assert words.say("cbor.never-seen") == words.say("cbor.order")


@pytest.mark.parametrize("lang", [each for each in LANGUAGES if each != "en"])
def test_what_only_english_says_is_said_in_english(lang: str) -> None:
    key = "participant.listed"
    assert Words(lang).say(key, since="2003-08-31") != Words("en").say(key, since="2003-08-31")
    assert Words(lang).has("web.nav.home")


def test_an_uncertain_day_is_shown_between_two() -> None:
    words = Words("en")
    assert words.date("2004-07-09") == "9 July 2004"
    assert words.date("2004-07-09/2004-08-02") == "between 9 July 2004 and 2 August 2004"
    assert words.date("2014-07-01/2014-07-31") == "July 2014"
    assert words.date("2001-01-01/2001-12-31") == "2001"


@pytest.mark.parametrize(
    ("lang", "day", "carats", "usd"),
    [
        ("en", "22 November 2026", "1,234.50\u00a0ct", "US$\u00a01,234.50"),
        ("fr", "22 novembre 2026", "1\u202f234,50\u00a0ct", "US$\u00a01\u202f234,50"),
        ("pt", "22 de novembro de 2026", "1\u00a0234,50\u00a0ct", "US$\u00a01\u00a0234,50"),
        ("ru", "22 ноября 2026\u202fг.", "1\u00a0234,50\u00a0кар", "US$\u00a01\u00a0234,50"),
        ("zh", "2026年11月22日", "1,234.50\u00a0克拉", "US$\u00a01,234.50"),
        ("es", "22 de noviembre de 2026", "1.234,50\u00a0ct", "US$\u00a01.234,50"),
        ("ar", "22 نوفمبر 2026", "1,234.50\u00a0قيراط", "US$\u00a01,234.50"),
    ],
)
def test_days_and_amounts_in_each_language(lang: str, day: str, carats: str, usd: str) -> None:
    words = Words(lang)
    assert words.date("2026-11-22") == day
    assert words.carats(123450) == carats
    assert words.usd(123450) == usd


def test_arabic_isolates_what_is_put_in_and_chooses_among_six_forms() -> None:
    words = Words("ar")
    assert ISOLATED.format("XA100001") in words.say("certificate.unknown", number="XA100001")
    said = [words.say("web.days", n=n) for n in (0, 1, 2, 3, 11, 100)]
    bare = [each.replace("\u2068", "").replace("\u2069", "") for each in said]
    assert bare == ["0 يوم", "يوم واحد (1)", "يومان (2)", "3 أيام", "11 يوماً", "100 يوم"]


def test_russian_plurals() -> None:
    words = Words("ru")
    said = [words.say("web.days", n=n) for n in (1, 2, 5, 11, 21)]
    assert said == ["1 день", "2 дня", "5 дней", "11 дней", "21 день"]


def test_territories_go_by_the_registrys_name_first() -> None:
    names = {"XA": {"en": "Adamantia", "fr": "Adamantie"}, "CD": {"en": "DR Congo"}}
    words = Words("fr", lambda code: names.get(code, {}))
    assert words.territory("XA") == "Adamantie"
    assert words.territory("CD") == "République démocratique du Congo"
    assert words.territory("XQ") == "XQ"
    assert Words("ru").territory("TW") == "Китайский Тайбэй"
    assert Words("es", lambda code: names.get(code, {})).territory("XA") == "Adamantia"


def test_xk_is_nobodys_even_where_unicode_names_it() -> None:
    assert Words("fr").territory("XK") == "XK"


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(Invalid) as caught:
        Words("tlh")
    assert caught.value.code == "words.language"


@pytest.mark.parametrize(
    ("accept", "lang"),
    [
        ("", "en"),
        ("ar-EG,ar;q=0.9,en;q=0.5", "ar"),
        ("de-DE,de;q=0.9", "en"),
        ("en;q=0.1, zh-TW;q=0.9", "zh"),
        ("fr;q=nonsense, ru;q=0.2", "ru"),
        ("fr;q=0", "en"),
        (";;;,,,=q", "en"),
    ],
)
def test_the_language_of_a_browser(accept: str, lang: str) -> None:
    assert preferred(accept) == lang


def test_only_arabic_runs_from_the_right() -> None:
    assert [lang for lang in LANGUAGES if direction(lang) == "rtl"] == ["ar"]


def test_english_loads_no_babel() -> None:
    program = (
        "import sys; from kimberlite.words import Words; w = Words('en');"
        "w.say('web.days', n=2), w.day(1), w.carats(1), w.territory('CD');"
        "assert 'babel' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
