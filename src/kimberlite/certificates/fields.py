"""What an officer fills in for an act, taken from its schemas: one form for command line and pages.

A field is named by its path, such as ``values.lines.0.carats``. What is read here is the JSON form
of a draft; whether it can be signed is for ``drafting`` to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from kimberlite.certificates import json_form
from kimberlite.certificates.drafting import TYP_OF
from kimberlite.certificates.v1 import TYPES
from kimberlite.certificates.v1.sections import CODE
from kimberlite.kernel.errors import Invalid
from kimberlite.ledger.schema import Field, Kind, Schema

LINKS = frozenset(("number", "certificate"))
"""Fields that are not asked for: the number stands beside the form, the log knows the statement."""

_TYPES = {each.typ: each for each in TYPES}
_LIST = re.compile(r"\[(\d+)\*(\d+) ")
_TEXT = re.compile(r"tstr \.size \(1\.\.(\d+)\)")
_WHOLE = re.compile(r"[0-9]{1,13}")
_PLACE = re.compile(r"[0-9]{1,3}")
_YES, _NO = frozenset(("yes", "true", "1", "on")), frozenset(("no", "false", "0"))


@dataclass(frozen=True, slots=True)
class Input:
    """One field to fill in.

    ``form`` is "text", "integer", "day", "carats", "usd", "flag", "choice", "code" (a
    participant's), "octets" (32 bytes in hexadecimal, or a file's digest) or "record", whose
    fields are ``inner``. ``many`` says that ``fewest`` to ``most`` may be given; ``longest`` bounds
    text.
    """

    name: str
    form: str
    note: str
    required: bool
    many: bool = False
    most: int = 1
    fewest: int = 1
    longest: int = 0
    choices: tuple[str, ...] = ()
    inner: tuple[Input, ...] = ()

    def named(self, name: str) -> Input | None:
        """Give the inner field of that name, or None."""
        return next((each for each in self.inner if each.name == name), None)


def form_of(word: str) -> Input:
    """Give the form of an act, one of ``drafting.TYP_OF``: its fields, then its sealed sections.

    Raises:
        Invalid: ``draft.type``.
    """
    typ = TYP_OF.get(word)
    if typ is None:
        raise Invalid("draft.type", "no statement of that name: " + word[:40], word=word[:40])
    kind = _TYPES[typ]
    plain = tuple(_input(each) for each in kind.schema.fields if each.name not in LINKS)
    sealed = tuple(
        Input(each.name, "record", "sealed", required=False, inner=_inner(each.schema))
        for each in kind.sections
    )
    return Input(word, "record", kind.summary, required=True, inner=(*plain, *sealed))


def _inner(schema: Schema) -> tuple[Input, ...]:
    return tuple(_input(each) for each in schema.fields)


def _input(field: Field) -> Input:
    listed = _LIST.match(field.kind.cddl)
    kind = field.kind if field.kind.member is None else field.kind.member
    long = _TEXT.match(kind.cddl)
    return Input(
        field.name,
        _form(field.name, kind),
        field.note,
        field.required,
        many=listed is not None,
        most=1 if listed is None else int(listed[2]),
        fewest=1 if listed is None else int(listed[1]),
        longest=0 if long is None else int(long[1]) // 4,
        choices=kind.names,
        inner=_inner(kind.inner[0]) if kind.inner else (),
    )


def _form(name: str, kind: Kind) -> str:
    if kind.inner:
        return "record"
    if kind.names:
        return "choice"
    by_name = (
        (json_form.DAYS, "day"),
        (json_form.CARATS, "carats"),
        (json_form.USD, "usd"),
        (json_form.DIGESTS, "octets"),
    )
    for names, form in by_name:
        if name in names:
            return form
    if kind.cddl == CODE.cddl:
        return "code"
    if kind.cddl == "bool":
        return "flag"
    return "text" if kind.cddl.startswith("tstr") else "integer"


def flat(form: Input, path: str = "") -> Iterator[tuple[str, Input]]:
    """List every field that takes a value, by path; a list of records with 0 as its place."""
    for each in form.inner:
        here = f"{path}.{each.name}" if path else each.name
        if each.form != "record":
            yield here, each
            continue
        yield from flat(each, f"{here}.0" if each.many else here)


def read(form: Input, pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Read what was filled in, as (path, text); empty texts count as not filled in.

    Several values of one field come as several pairs, or a line each.

    Raises:
        Invalid: ``draft.field`` naming the path that is unknown or whose text does not read.
    """
    told: dict[str, Any] = {}
    for path, text in pairs:
        if text.strip():
            _put(told, form, path, text)
    found: dict[str, Any] = _listed(told)
    _complete(found, form)
    return found


def _complete(told: dict[str, Any], form: Input) -> None:
    """Give empty lists where a record that is given needs a list, of which none were named."""
    for each in form.inner:
        here = told.get(each.name)
        if here is None and each.required and each.many and each.fewest == 0:
            told[each.name] = []
        for record in here if isinstance(here, list) else [here]:
            if isinstance(record, dict):
                _complete(record, each)


def texts(told: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, str]]:
    """Give the JSON form of fields back as (path, text), as ``read`` takes them."""
    for name, value in told.items():
        here = f"{path}.{name}" if path else name
        many = value if isinstance(value, (list, tuple)) else None
        if isinstance(value, Mapping):
            yield from texts(value, here)
        elif many is not None and all(isinstance(each, Mapping) for each in many):
            for place, each in enumerate(many):
                yield from texts(each, f"{here}.{place}")
        elif many is not None:
            yield here, "\n".join(map(_text, many))
        else:
            yield here, _text(value)


def _text(value: object) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def _put(told: dict[Any, Any], form: Input, path: str, text: str) -> None:
    steps = path.split(".")
    here, at = form, told
    while steps:
        found = here.named(steps.pop(0))
        if found is None:
            break
        if found.form != "record":
            if not steps:
                _set(at, found, path, text)
                return
            break
        at = at.setdefault(found.name, {})
        if found.many:
            place = steps.pop(0) if steps else ""
            if _PLACE.fullmatch(place) is None or int(place) >= found.most:
                break
            at = at.setdefault(int(place), {})
        here = found
    raise Invalid("draft.field", f"{path[:80]}: no such field in {form.name}", field=path[:80])


def _set(at: dict[Any, Any], found: Input, path: str, text: str) -> None:
    if not found.many:
        at[found.name] = _value(found, path, text)
        return
    texts = [line.strip() for line in text.splitlines() if line.strip()]
    at.setdefault(found.name, []).extend(_value(found, path, each) for each in texts)


def _value(found: Input, path: str, text: str) -> object:
    """Read a single text as JSON would have it."""
    plain = text.strip()
    if found.form == "flag":
        if plain.lower() not in _YES | _NO:
            raise Invalid("draft.field", f"{path}: write yes or no", field=path)
        return plain.lower() in _YES
    if found.form == "integer":
        if _WHOLE.fullmatch(plain) is None:
            raise Invalid("draft.field", f"{path}: write a whole number", field=path)
        return int(plain)
    if found.form == "choice" and plain not in found.choices:
        choices = ", ".join(found.choices)
        raise Invalid("draft.field", f"{path}: one of {choices}", field=path)
    return plain.upper() if found.form == "code" else plain


def _listed(told: Mapping[Any, Any]) -> Any:
    """Put the records of a list in order; what was left out between them closes up."""
    if told and all(isinstance(place, int) for place in told):
        return [_listed(told[place]) for place in sorted(told)]
    return {
        name: _listed(value) if isinstance(value, dict) else value for name, value in told.items()
    }
