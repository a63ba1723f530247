"""What a statement may hold: named fields with integer labels, strict both ways, shown as CDDL.

The labels are what is signed and never change meaning within a statement type; the names are for
people and for code. Reading refuses unknown labels, missing fields and values out of bounds.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from kimberlite.kernel.cbor import INT_MAX
from kimberlite.kernel.days import DAY_MAX, DAY_MIN
from kimberlite.kernel.errors import Invalid

# C0, DEL and C1 move a terminal's cursor, line separators forge lines, and directional overrides
# show letters in another order than they have. Listed, so that every Python version agrees.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")

MOMENT_MAX = 1 << 33
"""Latest accepted moment in seconds since 1970, in the year 2242."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of value: how it is read from CBOR, written to CBOR and shown in CDDL.

    ``inner`` are the records in it, ``member`` what a list holds, ``form`` how people write it
    where that is not as it stands: "day" or "octets"; ``names`` what a choice is between.
    """

    read: Callable[[Any], Any]
    write: Callable[[Any], Any]
    cddl: str
    inner: tuple[Schema, ...] = ()
    member: Kind | None = None
    form: str = ""
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a record. ``note`` says what it means and in which unit."""

    label: int
    name: str
    kind: Kind
    note: str
    required: bool = True


def _wrong(expected: str) -> Invalid:
    return Invalid("schema.value", f"expected {expected}", expected=expected)


def integer(low: int = 0, high: int = INT_MAX) -> Kind:
    """Make an integer from ``low`` to ``high``, both included."""
    expected = f"an integer from {low} to {high}"

    def read(value: Any) -> Any:
        if type(value) is not int or not low <= value <= high:
            raise _wrong(expected)
        return value

    return Kind(read, read, f"{low}..{high}")


def day() -> Kind:
    """Make a UTC day, counted from 1970-01-01, between 1990 and 2200."""
    return replace(integer(DAY_MIN, DAY_MAX), form="day")


def moment() -> Kind:
    """Make a UTC moment in whole seconds since 1970."""
    return integer(0, MOMENT_MAX)


def text(longest: int, pattern: re.Pattern[str] | None = None) -> Kind:
    """Make text of 1 to ``longest`` characters that fits ``pattern`` whole, without controls."""
    expected = f"text of 1 to {longest} characters"
    if pattern is not None:
        expected += f" of the form {pattern.pattern}"

    def read(value: Any) -> Any:
        if type(value) is not str or not 0 < len(value) <= longest:
            raise _wrong(expected)
        if pattern is not None:
            if pattern.fullmatch(value) is None:
                raise _wrong(expected)
        elif _CONTROL.search(value) is not None:
            raise _wrong(expected + " without control characters")
        return value

    shape = (
        f"tstr .size (1..{longest * 4})" if pattern is None else f'tstr .regexp "{pattern.pattern}"'
    )
    return Kind(read, read, shape)


def octets(size: int, longest: int | None = None) -> Kind:
    """Make a byte string of exactly ``size`` bytes, or of ``size`` to ``longest`` bytes."""
    high = size if longest is None else longest
    expected = f"{size} bytes" if longest is None else f"{size} to {longest} bytes"

    def read(value: Any) -> Any:
        if type(value) is not bytes or not size <= len(value) <= high:
            raise _wrong(expected)
        return value

    shape = f"bstr .size {size}" if high == size else f"bstr .size ({size}..{high})"
    return Kind(read, read, shape, form="octets")


def flag() -> Kind:
    """Make true or false."""

    def read(value: Any) -> Any:
        if type(value) is not bool:
            raise _wrong("true or false")
        return value

    return Kind(read, read, "bool")


def choice(*names: str) -> Kind:
    """Make one of ``names``; its place in the list (from 0) is what is signed, so only append."""
    places = {name: place for place, name in enumerate(names)}
    expected = "one of " + ", ".join(names)

    def read(value: Any) -> Any:
        if type(value) is not int or not 0 <= value < len(names):
            raise _wrong(expected)
        return names[value]

    def write(value: Any) -> Any:
        if type(value) is not str or value not in places:
            raise _wrong(expected)
        return places[value]

    shown = "&(" + ", ".join(f"{n}: {p}" for n, p in places.items()) + ")"
    return Kind(read, write, shown, names=names)


def listing(member: Kind, fewest: int = 0, most: int = 256) -> Kind:
    """Make a list of ``fewest`` to ``most`` members of one kind."""
    expected = f"a list of {fewest} to {most}"

    def through(each: Callable[[Any], Any]) -> Callable[[Any], Any]:
        def go(value: Any) -> Any:
            if not isinstance(value, (list, tuple)) or not fewest <= len(value) <= most:
                raise _wrong(expected)
            return [each(member_value) for member_value in value]

        return go

    return Kind(
        through(member.read),
        through(member.write),
        f"[{fewest}*{most} {member.cddl}]",
        member.inner,
        member,
    )


def record(schema: Schema) -> Kind:
    """Make a nested record."""
    return Kind(schema.read, schema.write, schema.name, (schema,))


@dataclass(frozen=True)
class Schema:
    """A record: fields by label. ``name`` is its CDDL rule name."""

    name: str
    fields: tuple[Field, ...]
    _readers: Mapping[int, tuple[str, Callable[[Any], Any]]] = field(init=False, repr=False)
    _required: frozenset[str] = field(init=False, repr=False)
    _by_name: Mapping[str, Field] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        put = object.__setattr__
        put(self, "_readers", {f.label: (f.name, f.kind.read) for f in self.fields})
        put(self, "_required", frozenset(f.name for f in self.fields if f.required))
        put(self, "_by_name", {f.name: f for f in self.fields})

    def read(self, raw: Any) -> dict[str, Any]:
        """Give the fields of ``raw`` (a decoded CBOR map) by name.

        Raises:
            Invalid: ``schema.value`` naming the field, ``schema.unknown-field``,
                ``schema.missing-field``.
        """
        if type(raw) is not dict:
            raise _wrong("a map")
        found: dict[str, Any] = {}
        readers = self._readers
        for label, value in raw.items():
            try:
                name, reader = readers[label]
            except KeyError:
                raise Invalid(
                    "schema.unknown-field", f"{self.name} has no field {label!r}", field=str(label)
                ) from None
            try:
                found[name] = reader(value)
            except Invalid as bad:
                raise _at(name, bad) from None
        if not self._required <= found.keys():
            raise self._missing(found)
        return found

    def write(self, named: Mapping[str, Any]) -> dict[int, Any]:
        """Give the CBOR map for fields by name; a field whose value is None is left out.

        Raises:
            Invalid: as ``read``.
        """
        if not isinstance(named, Mapping):
            raise _wrong("a record")
        found: dict[int, Any] = {}
        present = {name: value for name, value in named.items() if value is not None}
        for name, value in present.items():
            known = self._by_name.get(name)
            if known is None:
                raise Invalid("schema.unknown-field", f"{self.name} has no {name}", field=name)
            try:
                written = known.kind.write(value)
                known.kind.read(written)
            except Invalid as bad:
                raise _at(name, bad) from None
            found[known.label] = written
        if not self._required <= present.keys():
            raise self._missing(present)
        return found

    def _missing(self, found: Mapping[str, Any]) -> Invalid:
        names = ", ".join(sorted(self._required - found.keys()))
        return Invalid("schema.missing-field", f"{self.name} lacks {names}", field=names)


def _at(name: str, bad: Invalid) -> Invalid:
    inner = str(bad.facts.get("field", ""))
    path = f"{name}.{inner}" if inner else name
    facts = {**bad.facts, "field": path}
    return Invalid(
        bad.code, f"{path}: {bad.detail}" if not inner else f"{name}.{bad.detail}", **facts
    )


def nested(schema: Schema) -> list[Schema]:
    """List ``schema`` and every record inside it, outermost first, for the CDDL catalogue."""
    found = [schema]
    for each in schema.fields:
        for other in each.kind.inner:
            found.extend(one for one in nested(other) if one not in found)
    return found
