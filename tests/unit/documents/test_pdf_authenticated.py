"""The authenticated copy: declared beside found, numbered, in every language, never an original."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kimberlite.certificates.drafting import from_json
from kimberlite.documents.pdf import labels
from kimberlite.documents.pdf.authenticated import Copy, Named, authenticated
from kimberlite.documents.pdf.sheet import Attachment
from kimberlite.kernel.errors import Invalid
from tests.helpers.certificates import DAY, certificate, confirmation_json
from tests.helpers.printed import is_tagged, names, texts

MOMENT = 1_772_323_200
FILE = Attachment("certificate.kpc", "application/octet-stream", "A file", "source", b"file")


def copy(lang: str = "en", kind: str = "prod", **changes: object) -> Copy:
    told = confirmation_json(bytes(32), outcome="confirmed-with-discrepancy", **changes)
    found = from_json(told).confirmation("XB")
    at = Named(bytes(range(32)), 61, "ABCD-EFGH")
    office = "Diamond Control Bureau"
    return Copy(certificate(), found, at, at, 3, DAY, office, lang, kind, names, (FILE,))


@pytest.mark.parametrize("lang", labels.PAPER_LANGUAGES)
def test_a_copy_says_what_it_is_in_every_language(lang: str) -> None:
    pdf = authenticated(copy(lang), MOMENT)
    text = " ".join(texts(pdf))
    for item in ("XA000123", "251,000.00", "250,000.00", "ABCD-EFGH", "61"):
        assert item in text
    # A reader selects a line with Arabic or Hebrew in it in an order of its own.
    assert lang in labels.RIGHT_TO_LEFT or "AUTHENTICATED COPY" in text
    assert "confirmed, with a discrepancy" in text
    assert "cannot be presented again" in text
    assert labels.label("en", "paper.worthless") not in text
    assert is_tagged(pdf)


def test_outside_production_it_says_that_it_is_of_no_value() -> None:
    assert labels.label("en", "paper.worthless") in " ".join(
        texts(authenticated(copy(kind="demo"), MOMENT))
    )


def test_what_was_not_found_is_a_dash() -> None:
    text = " ".join(texts(authenticated(copy(evidence={"seals": None}), MOMENT)))
    assert "A-7781, A-7782 –" in text


def test_the_same_copy_has_the_same_bytes() -> None:
    assert authenticated(copy(), MOMENT) == authenticated(copy(), MOMENT)


def test_nothing_is_made_of_closed_sections() -> None:
    closed = copy()
    for told in (
        replace(closed, certificate=replace(closed.certificate, parties=None)),
        replace(closed, confirmation=replace(closed.confirmation, values=None)),
    ):
        with pytest.raises(Invalid) as bad:
            authenticated(told, MOMENT)
        assert bad.value.code == "pdf.sections"
