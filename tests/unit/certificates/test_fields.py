"""The form of every act follows its schema, and what is filled in reads as a draft."""

from __future__ import annotations

import pytest

from kimberlite.certificates import fields
from kimberlite.certificates.drafting import TYP_OF, from_json
from kimberlite.kernel.errors import Invalid

LINKED = {"number": "XA7", "certificate": "00" * 32}


@pytest.mark.parametrize("word", TYP_OF)
def test_every_act_has_a_form_in_which_every_choice_is_named(word: str) -> None:
    for path, each in fields.flat(fields.form_of(word)):
        assert (each.form == "choice") == bool(each.choices), path
        assert each.form != "record"
        assert each.note


def test_what_is_filled_in_is_read_as_a_draft_of_it() -> None:
    pairs = [
        ("day", "2026-11-22"),
        ("condition", "identical"),
        ("left", ""),
        ("evidence.seals", "A-1\n A-2 \n"),
        ("evidence.seals", "A-3"),
        ("evidence.seals_intact", "no"),
    ]
    told = fields.read(fields.form_of("transit"), pairs)
    draft = from_json({"type": "transit", **LINKED, **told})
    assert draft.log["condition"] == "identical"
    assert draft.sections["evidence"] == {"seals": ["A-1", "A-2", "A-3"], "seals_intact": False}


def test_records_in_a_list_close_up_over_empty_ones() -> None:
    form = fields.form_of("rectification")
    pairs = [("values.lines.3.hs", "7102.31"), ("values.lines.1.hs", "7102.21")]
    assert fields.read(form, pairs) == {"values": {"lines": [{"hs": "7102.21"}, {"hs": "7102.31"}]}}


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("colour", "red"),
        ("evidence", "all"),
        ("evidence.seals.0", "A"),
        ("evidence.seals_intact", "perhaps"),
        ("condition", "fine"),
        ("day.year", "2026"),
        ("number", "XA8"),
    ],
)
def test_what_does_not_fit_names_its_field(path: str, text: str) -> None:
    with pytest.raises(Invalid) as bad:
        fields.read(fields.form_of("transit"), [(path, text)])
    assert bad.value.code == "draft.field"
    assert bad.value.facts["field"] == path


def test_a_list_takes_no_more_records_than_its_schema() -> None:
    form = fields.form_of("rectification")
    for place in ("12", "-1", "x", "", "0000"):
        with pytest.raises(Invalid):
            fields.read(form, [(f"values.lines.{place}.hs", "7102.31")])
