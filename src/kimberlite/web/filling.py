"""A form on a page, from the schemas of an act: what was filled in, what is wrong, what to show."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from starlette.datastructures import FormData, UploadFile

from kimberlite.certificates.fields import Input
from kimberlite.kernel.errors import Problem
from kimberlite.storage.vault import BLOB_LIMIT
from kimberlite.words import Words

UPLOAD = "upload:"
"""Before the path of a field whose digest comes from an uploaded file."""
MOST_FIELDS = 600
MOST_FILES = 8
_PLACES = re.compile(r"\.[0-9]+")
_ROW = re.compile(r"(.+)\.([0-9]{1,3})\.")


@dataclass(frozen=True, slots=True)
class Filled:
    """Texts by path, and the sentence of what is wrong, by path too."""

    texts: Mapping[str, str] = field(default_factory=dict)
    wrong: Mapping[str, str] = field(default_factory=dict)

    def text(self, path: str) -> str:
        """Give what was filled in at ``path``; "" for nothing."""
        return self.texts.get(path, "")

    def chosen(self, path: str) -> tuple[str, ...]:
        """Give the values of a field that may have several."""
        return tuple(self.text(path).split("\n"))

    def rows(self, path: str, each: Input) -> range:
        """Say which rows of a list to show: those that hold something, and one more."""
        begun = f"{path}."
        used = [
            int(found[2])
            for name, text in self.texts.items()
            if text
            and name.startswith(begun)
            and (found := _ROW.match(name[: len(begun) + 4]))
            and found[1] == path
        ]
        return range(min(max(used, default=-1) + 2, each.most))

    def open(self, path: str) -> bool:
        """Say whether anything at or below ``path`` is filled in or wrong."""
        below = f"{path}."
        told = (*(name for name, text in self.texts.items() if text), *self.wrong)
        return any(name == path or name.startswith(below) for name in told)


def pairs_of(form: FormData) -> list[tuple[str, str]]:
    """Give the fields of a posted form as (path, text), in order; several values as several."""
    return [
        (name, value.replace("\r\n", "\n"))
        for name, value in form.multi_items()
        if isinstance(value, str) and not name.startswith("_")
    ]


def joined(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Put several values of one field a line each."""
    found: dict[str, str] = {}
    for name, text in pairs:
        found[name] = f"{found[name]}\n{text}" if found.get(name) else text
    return found


async def uploads(form: FormData) -> list[tuple[str, str, bytes]]:
    """Give the uploaded files as (path of their digest, name, bytes); empty ones are left out."""
    found = []
    for name, value in form.multi_items():
        if isinstance(value, UploadFile) and name.startswith(UPLOAD):
            data = await value.read(BLOB_LIMIT + 1)
            if data:
                found.append((name.removeprefix(UPLOAD), value.filename or "", data))
    return found


def wrong(bad: Problem, words: Words, paths: frozenset[str]) -> dict[str, str]:
    """Give what a problem says of fields, by their paths; of the whole form under "".

    Args:
        bad: with ``field`` among its facts, where it is about fields.
        words: of the visitor.
        paths: every path of the form, with 0 as the place in a list.
    """
    told = str(bad.facts.get("field", ""))
    before, _, last = told.rpartition(".")
    names = [f"{before}.{name}" if before else name for name in last.split(", ")]
    return {_path(name, paths): _sentence(bad, name, words) for name in names}


def _path(name: str, paths: frozenset[str]) -> str:
    """Find the field that is meant: lists are named with the place of a member, or without."""
    plain = _PLACES.sub("", name)
    if plain in paths:
        return plain
    found = next((path for path in paths if _PLACES.sub("", path) == plain), name)
    return name if name.count(".") == found.count(".") else found


def _sentence(bad: Problem, path: str, words: Words) -> str:
    name = path.rpartition(".")[2]
    shown = words.say(f"field.{name}") if words.has(f"field.{name}") else name.replace("_", " ")
    why = str(bad.facts.get("why", ""))
    code = why if why and words.has(why) and why != "schema.value" else bad.code
    return words.say(code, **{**bad.facts, "field": shown})
