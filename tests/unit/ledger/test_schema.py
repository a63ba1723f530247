"""Schemas are strict both ways, and name the field that is wrong."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kimberlite.kernel import cbor
from kimberlite.kernel.days import DAY_MAX, DAY_MIN
from kimberlite.kernel.errors import Invalid
from kimberlite.ledger.schema import (
    MOMENT_MAX,
    Field,
    Kind,
    Schema,
    choice,
    day,
    flag,
    integer,
    listing,
    moment,
    nested,
    octets,
    record,
    text,
)

LINE = Schema(
    "line",
    (
        Field(1, "points", integer(1, 1000), "carats in hundredths"),
        Field(2, "note", text(10), "free words", required=False),
    ),
)
PARCEL = Schema(
    "parcel",
    (
        Field(0, "code", text(4, re.compile(r"[A-Z]{2}")), "a code"),
        Field(1, "way", choice("import", "export"), "direction"),
        Field(2, "lines", listing(record(LINE), 1, 3), "what is in it"),
        Field(5, "mark", octets(2, 4), "a mark", required=False),
        Field(6, "open", flag(), "was it open", required=False),
    ),
)
GOOD: dict[str, Any] = {
    "code": "XA",
    "way": "export",
    "lines": [{"points": 5, "note": "a"}, {"points": 6}],
    "mark": b"\x01\x02",
    "open": False,
}
RAW: dict[int, Any] = {
    0: "XA",
    1: 1,
    2: [{1: 5, 2: "a"}, {1: 6}],
    5: b"\x01\x02",
    6: False,
}


def refused(call: Any, told: Any) -> Invalid:
    with pytest.raises(Invalid) as found:
        call(told)
    return found.value


def test_names_become_labels_and_labels_names() -> None:
    assert PARCEL.write(GOOD) == RAW
    assert PARCEL.read(RAW) == GOOD


def test_none_means_left_out() -> None:
    assert PARCEL.write({**GOOD, "mark": None, "open": None}) == {0: "XA", 1: 1, 2: RAW[2]}
    assert "mark" not in PARCEL.read({0: "XA", 1: 1, 2: RAW[2]})


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({0: "xa"}, "code"),
        ({0: "XAB"}, "code"),
        ({0: 1}, "code"),
        ({1: 2}, "way"),
        ({1: -1}, "way"),
        ({1: "export"}, "way"),
        ({1: True}, "way"),
        ({2: []}, "lines"),
        ({2: [{1: 1}] * 4}, "lines"),
        ({2: {1: 1}}, "lines"),
        ({2: [{1: 0}]}, "lines.points"),
        ({2: [{1: 1001}]}, "lines.points"),
        ({2: [{1: True}]}, "lines.points"),
        ({2: [{1: 1}, {1: 1, 2: ""}]}, "lines.note"),
        ({2: [7]}, "lines"),
        ({5: b"\x01"}, "mark"),
        ({5: b"\x01\x02\x03\x04\x05"}, "mark"),
        ({5: "ab"}, "mark"),
        ({6: 0}, "open"),
        ({6: None}, "open"),
    ],
)
def test_a_wrong_value_is_refused_and_its_field_named(change: dict[int, Any], field: str) -> None:
    found = refused(PARCEL.read, {**RAW, **change})
    assert (found.code, found.facts["field"]) == ("schema.value", field)
    assert found.detail.startswith(field)


def test_an_unknown_field_is_refused_both_ways() -> None:
    for label in (3, -1, 99, "code"):
        assert refused(PARCEL.read, {**RAW, label: 1}).code == "schema.unknown-field"
    assert refused(PARCEL.write, {**GOOD, "colour": 1}).code == "schema.unknown-field"
    assert (
        refused(PARCEL.write, {**GOOD, "lines": [{"points": 5, "x": 1}]}).facts["field"]
        == "lines.x"
    )


@pytest.mark.parametrize(("label", "name"), [(0, "code"), (1, "way"), (2, "lines")])
def test_a_missing_field_is_refused_both_ways(label: int, name: str) -> None:
    raw = {key: value for key, value in RAW.items() if key != label}
    named = {key: value for key, value in GOOD.items() if key != name}
    for found in (refused(PARCEL.read, raw), refused(PARCEL.write, named)):
        assert (found.code, found.facts["field"]) == ("schema.missing-field", name)
    assert refused(PARCEL.write, {**GOOD, name: None}).code == "schema.missing-field"


def test_a_missing_field_inside_is_named_with_its_place() -> None:
    found = refused(PARCEL.read, {**RAW, 2: [{2: "a"}]})
    assert (found.code, found.facts["field"]) == ("schema.missing-field", "lines.points")


@pytest.mark.parametrize("raw", [None, [], "map", 7, b""])
def test_what_is_no_map_is_refused(raw: Any) -> None:
    assert refused(PARCEL.read, raw).code == "schema.value"


def test_writing_refuses_what_reading_would() -> None:
    for change in (
        {"code": "xa"},
        {"way": "sideways"},
        {"way": 1},
        {"lines": ()},
        {"lines": [{"points": 0}]},
        {"mark": b""},
        {"open": "no"},
    ):
        assert refused(PARCEL.write, {**GOOD, **change}).code == "schema.value"


EDGES: list[tuple[Kind, list[Any], list[Any]]] = [
    (integer(), [0, 2**63 - 1], [-1, 2**63, 1.0, True, "1", None]),
    (integer(-3, 3), [-3, 3], [-4, 4]),
    (day(), [DAY_MIN, DAY_MAX], [DAY_MIN - 1, DAY_MAX + 1]),
    (moment(), [0, MOMENT_MAX], [-1, MOMENT_MAX + 1]),
    (
        text(3),
        ["a", "abc", "\u00e9\u6c34\U00010151"],
        ["", "abcd", "a\n", "\t", "a\x00", "\x7f", "\u202e", "\u2066", 1, b"a"],
    ),
    (text(9, re.compile(r"[0-9]+")), ["1", "123456789"], ["", "1a", "1\n", "\u0661", "1234567890"]),
    (octets(2), [b"ab"], [b"a", b"abc", "ab"]),
    (octets(0, 1), [b"", b"a"], [b"ab"]),
    (flag(), [True, False], [0, 1, None]),
    (choice("a", "b"), [0, 1], [2, -1, "a", False]),
    (listing(flag(), 0, 2), [[], [True, False]], [[True] * 3, True, "ab"]),
]


@pytest.mark.parametrize(("kind", "good", "bad"), EDGES, ids=lambda each: getattr(each, "cddl", ""))
def test_bounds_are_included_and_what_lies_beyond_is_not(
    kind: Kind, good: list[Any], bad: list[Any]
) -> None:
    for value in good:
        kind.read(value)
    for value in bad:
        assert refused(kind.read, value).code == "schema.value"


def test_cddl_says_what_is_read() -> None:
    """RFC 8610: ranges, sizes in bytes, choices by number, how often."""
    assert integer(1, 5).cddl == "1..5"
    assert text(3).cddl == "tstr .size (1..12)"
    assert octets(32).cddl == "bstr .size 32"
    assert octets(2, 4).cddl == "bstr .size (2..4)"
    assert choice("a", "b").cddl == "&(a: 0, b: 1)"
    assert listing(record(LINE), 1, 3).cddl == "[1*3 line]"


def test_nested_lists_each_record_once_and_the_outermost_first() -> None:
    other = Schema("other", (Field(1, "one", record(LINE), ""), Field(2, "two", record(LINE), "")))
    whole = Schema("whole", (Field(1, "other", listing(record(other)), ""),))
    assert [each.name for each in nested(whole)] == ["whole", "other", "line"]
    assert nested(LINE) == [LINE]


named = st.fixed_dictionaries(
    {
        "code": st.from_regex(r"[A-Z]{2}", fullmatch=True),
        "way": st.sampled_from(["import", "export"]),
        "lines": st.lists(
            st.fixed_dictionaries({"points": st.integers(1, 1000)}), min_size=1, max_size=3
        ),
    },
    optional={"mark": st.binary(min_size=2, max_size=4), "open": st.booleans()},
)


@given(named)
def test_what_is_written_is_read_back(told: dict[str, Any]) -> None:
    """read(decode(encode(write(v)))) = v."""
    assert PARCEL.read(cbor.decode(cbor.encode(PARCEL.write(told)))) == told


leaves = (
    st.none()
    | st.booleans()
    | st.integers(-9, 2**63 - 1)
    | st.binary(max_size=5)
    | st.text(max_size=5)
)
anything = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.integers(-2, 9), inner, max_size=5)
    ),
    max_leaves=10,
)


@given(anything)
def test_anything_is_read_or_refused_and_what_is_read_can_be_written(raw: Any) -> None:
    """read gives a value or Invalid, and write(read(v)) = v."""
    try:
        told = PARCEL.read(raw)
    except Invalid as bad:
        code = bad.code
    else:
        assert PARCEL.write(told) == raw
        return
    assert code.startswith("schema.")
