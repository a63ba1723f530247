"""A dossier's index as people read it: one page without scripts, and how to check the rest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any, Final

from kimberlite.words import Words

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;"
    "color:#1a1a1a;background:#fff}table{border-collapse:collapse;width:100%}"
    "th,td{text-align:start;vertical-align:top;padding:.25rem .5rem;border-bottom:1px solid #ccc}"
    "th{width:16rem;font-weight:600}code{font-size:.85em;overflow-wrap:anywhere}"
    "h2{margin-top:2rem}pre{background:#f4f4f4;padding:1rem;overflow-x:auto}"
)

LOGGED: Final = ("field",)
SEALED: Final = ("dossier.field", "field")
"""Where the labels of a log section's and of a sealed section's fields stand, the nearest first."""


def write(index: Mapping[str, Any], words: Words) -> str:
    """Give the page; everything told is escaped."""
    title = words.say("dossier.title", number=index["number"])
    parts = [
        "<!doctype html>",
        f'<html lang="{words.lang}" dir="{words.direction}"><head><meta charset="utf-8">',
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body>",
        f"<h1>{escape(title)}</h1>",
        f"<p>{escape(words.say('dossier.for', asker=index['for'], moment=index['moment']))}</p>",
        *_kind(index, words),
        _table(_head(index, words)),
        *(part for each in index["statements"] for part in _statement(each, words)),
        *_erasures(index, words),
        *_office(index, words),
        f"<h2>{escape(words.say('dossier.check'))}</h2>",
        f"<pre>{escape(instructions(index, words))}</pre>",
        "</body></html>\n",
    ]
    return "\n".join(parts)


def instructions(index: Mapping[str, Any], words: Words) -> str:
    """Give how to check a dossier, as text."""
    first = index["statements"][0]["file"]
    genesis = index["log"]["genesis"]
    lines = [
        words.say("dossier.how"),
        "",
        f"  kimberlite certificate dossier-check DOSSIER.zip --pin {genesis}",
        f"  kimberlite verify {first} --bundle trust-bundle --pin {genesis}",
        "",
        words.say("dossier.pin"),
        words.say("dossier.limits"),
    ]
    return "\n".join(lines) + "\n"


def _kind(index: Mapping[str, Any], words: Words) -> Iterator[str]:
    """Say of a demonstration or a test that it is one."""
    if index["log"]["kind"] != "prod":
        yield f"<p><strong>{escape(words.say('reminder.specimen'))}</strong></p>"


def _head(index: Mapping[str, Any], words: Words) -> list[tuple[str, str]]:
    log = index["log"]
    return [
        (words.say("web.certificates.issuer"), index["issuer"]),
        (words.say("dossier.status"), words.word(index["status"])),
        (words.say("dossier.made"), f"{index['made']} {index['made_by']}"),
        (words.say("dossier.log"), f"{log['origin']} ({log['kind']}), {log['entries']}"),
        (words.say("dossier.genesis"), log["genesis"]),
    ]


def _statement(told: Mapping[str, Any], words: Words) -> Iterator[str]:
    key = f"kind.{told['type']}"
    kind = words.say(key) if words.has(key) else told["type"]
    yield f"<h2>{escape(kind)} – {escape(told['by'])}, {escape(told['signed_at'])}</h2>"
    yield _table(
        [
            *_fields(told["said"], words, LOGGED),
            (words.say("dossier.entry"), str(told["entry"])),
            (words.say("dossier.file"), told["file"]),
        ]
    )
    for each in told["sections"]:
        standing = words.say(f"dossier.shown.{each['shown']}")
        name = words.say(f"dossier.section.{each['section']}")
        yield f"<h3>{escape(name)}: {escape(standing)}</h3>"
        rows = [] if each["fields"] is None else _fields(each["fields"], words)
        yield _table([*rows, (words.say("dossier.digest"), each["digest"])])
    for name in told["scans"]:
        yield f'<p><a href="{escape(name)}">{escape(name)}</a></p>'
    for each in told.get("findings", ()):
        yield f"<p>{escape(each['says'])} <code>{escape(each['rule'])}</code></p>"


def _erasures(index: Mapping[str, Any], words: Words) -> Iterator[str]:
    for each in index.get("erasures", ()):
        facts = {name: each[name] for name in ("day", "holder", "ground")}
        yield f"<p>{escape(words.say('visibility.erasure', **facts))}</p>"
        if each["order"]:
            yield f"<p>{escape(words.say('visibility.erasure.order', order=each['order']))}</p>"


def _office(index: Mapping[str, Any], words: Words) -> Iterator[str]:
    if "office" not in index:
        return
    yield f"<h2>{escape(words.say('dossier.office'))}</h2>"
    for each in index["office"]:
        notes = "; ".join(f"{note['officer']}: {note['words']}" for note in each["notes"])
        who = ", ".join(each["approved_by"])
        yield _table([(f"{each['act']} {each['type']}", f"{each['stage']} {who} {notes}".strip())])
    for each in index["opened_later"]:
        yield _table([(each["to"], " ".join(each[k] for k in ("section", "ground", "mandate")))])


def _fields(
    named: Mapping[str, Any], words: Words, areas: tuple[str, ...] = SEALED
) -> list[tuple[str, str]]:
    return [(_label(name, words, areas), _text(value, words)) for name, value in named.items()]


def _text(value: object, words: Words) -> str:
    match value:
        case dict():
            return "; ".join(f"{name}: {text}" for name, text in _fields(value, words))
        case list():
            return ", ".join(_text(each, words) for each in value)
        case bool():
            return words.say("word.yes" if value else "word.no")
        case _:
            return str(value)


def _label(name: str, words: Words, areas: tuple[str, ...]) -> str:
    for key in (f"{area}.{name}" for area in areas):
        if words.has(key):
            return words.say(key)
    return name.replace("_", " ").replace("-", " ")


def _table(rows: list[tuple[str, str]]) -> str:
    lines = (f"<tr><th>{escape(name)}</th><td>{escape(text)}</td></tr>" for name, text in rows)
    return f"<table>{''.join(lines)}</table>"
