"""Every code has a sentence, every key a text in every language, with the same facts in it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kimberlite.certificates.rules import ARRIVAL_RULES, ISSUE_RULES
from kimberlite.certificates.transitions import SOURCES, Status
from kimberlite.certificates.verdict import CANNOT_PROVE, PROVES, REMINDERS, SPECIMEN
from kimberlite.ledger.admission import DOOR
from kimberlite.node.books import BOOKS
from kimberlite.words import LANGUAGES, Words
from kimberlite.words.catalogue import catalogue
from kimberlite.words.display import plural
from kimberlite.words.say import PLACE
from tests.helpers.codes import codes_in

SOURCE = Path(__file__).resolve().parents[3] / "src" / "kimberlite"
OTHERS = tuple(lang for lang in LANGUAGES if lang != "en")
SHARED = frozenset(
    (
        "approval",
        "archive",
        "audit",
        "backup",
        "bundle",
        "carats",
        "card",
        "cases",
        "cbor",
        "checkpoint",
        "copy",
        "cose",
        "draft",
        "hpke",
        "import",
        "input",
        "key",
        "keystore",
        "note",
        "officer",
        "proof",
        "publish",
        "random",
        "receipt",
        "root",
        "refusal",
        "section",
        "signer",
        "statement",
        "storage",
        "textproof",
        "tiles",
        "transparent",
        "tree",
        "usd",
        "vault",
        "wire",
        "words",
    )
)
"""Areas where codes may share one sentence: what their reader does is the same for all."""

FORMS = {"zero", "one", "two", "few", "many", "other"}


def codes() -> list[str]:
    ruled = {rule.code for book in BOOKS.values() for t in book.types.values() for rule in t.rules}
    sealed = {rule.code for rule in (*ISSUE_RULES, *ARRIVAL_RULES)}
    return sorted({*codes_in(SOURCE), *ruled, *sealed, *DOOR, *SOURCES})


def base(key: str) -> str:
    return key.partition("#")[0]


def texts(lang: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for key, text in catalogue(lang).items():
        places = {f"{name}:{kind}" for name, kind in PLACE.findall(text)}
        found.setdefault(base(key), set()).update(places)
    return found


@pytest.mark.parametrize("code", codes())
def test_every_code_has_an_english_sentence(code: str) -> None:
    own = catalogue("en").get(code) or catalogue("en").get(f"{code}#other")
    area = code.partition(".")[0]
    sentence = own or (catalogue("en").get(f"{area}.*", "") if area in SHARED else "")
    assert sentence, f"{code} has no English sentence in words/en"
    assert sentence[0].isupper() or sentence[0] in "{“", f"{code}: {sentence}"
    assert sentence.endswith((".", ":", "}")), f"{code}: {sentence}"


@pytest.mark.parametrize("lang", OTHERS)
def test_every_key_has_a_text_of_its_own_or_its_areas_in_every_language(lang: str) -> None:
    here, english = texts(lang), texts("en")
    lacking = [
        key for key in english if key not in here and f"{key.partition('.')[0]}.*" not in here
    ]
    assert lacking == []


@pytest.mark.parametrize("lang", OTHERS)
def test_no_language_has_a_key_that_english_lacks(lang: str) -> None:
    assert sorted(texts(lang).keys() - texts("en").keys()) == []


@pytest.mark.parametrize("lang", OTHERS)
def test_a_translation_asks_for_the_same_facts(lang: str) -> None:
    english = texts("en")
    differing = {
        key: (places, english[key]) for key, places in texts(lang).items() if places != english[key]
    }
    assert differing == {}


@pytest.mark.parametrize("lang", OTHERS)
def test_plural_texts_have_every_form_that_the_language_uses(lang: str) -> None:
    words = Words(lang)
    used = {plural(lang, n) for n in (*range(200), 1_000_000)}
    assert used <= FORMS
    for key in {base(key) for key in catalogue("en") if "#" in key}:
        lacking = [form for form in used if f"{key}#{form}" not in catalogue(lang)]
        assert lacking == [], key
        assert "{" not in words.say(key, n=3)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_texts_are_whole(lang: str) -> None:
    for key, text in catalogue(lang).items():
        assert text == text.strip(), key
        assert "{" not in PLACE.sub("", text), f"{key}: a brace that opens nothing"
        assert "<" not in text, f"{key}: markup belongs in templates"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_status_type_and_verdict_has_words(lang: str) -> None:
    words = Words(lang)
    keys = [f"word.{status.word}" for status in Status]
    keys += [f"web.life.status.{status.word}" for status in Status]
    keys += [f"kind.{typ}" for book in BOOKS.values() for typ in book.types]
    keys += [f"proves.{key}" for key in PROVES]
    keys += [f"cannot.{key}" for key in (*PROVES, *CANNOT_PROVE)]
    keys += [f"reminder.{key}" for key in (*REMINDERS, SPECIMEN)]
    assert [key for key in keys if not words.has(key)] == []


def test_templates_and_pages_say_only_keys_that_exist() -> None:
    web = SOURCE / "web"
    said: set[str] = set()
    for path in (*web.rglob("*.html"), *web.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        said |= set(re.findall(r"say\(\s*['\"]([a-z][a-z0-9.-]+)['\"]\s*[,)]", text))
        said |= set(re.findall(r"title=\"([a-z][a-z0-9.-]+)\"", text))
    known = {base(key) for key in catalogue("en")}
    assert len(said) > 100
    assert sorted(said - known) == []
