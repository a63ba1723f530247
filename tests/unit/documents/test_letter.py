"""Letters as files: what any mail program reads, and nothing that a name could smuggle in."""

from __future__ import annotations

from dataclasses import replace
from email import message_from_bytes
from email.policy import default

import pytest

from kimberlite.documents.letter import Correspondent, Enclosure, Letter, eml, is_address
from kimberlite.kernel.errors import Invalid

OURS = Correspondent("Government Diamond Office", "office@xa.example")
THEIRS = Correspondent("Bureau, of “Control”", "office@xb.example")
LETTER = Letter(OURS, THEIRS, "Préavis – إشعار", "A line\n\nسطر\n", 1_772_323_200, ("en", "ar"))


def test_a_letter_reads_back_as_it_was_written() -> None:
    file = Enclosure("XA1.kpc", "application/octet-stream", bytes(range(256)))
    found = message_from_bytes(eml(replace(LETTER, enclosures=(file,))), policy=default)
    assert found["Subject"] == LETTER.subject
    assert found["To"].addresses[0].addr_spec == THEIRS.address
    assert found["To"].addresses[0].display_name == THEIRS.name
    assert found["Content-Language"] == "en, ar"
    assert found["Date"].datetime.timestamp() == LETTER.moment
    body = found.get_body(("plain",))
    assert body is not None
    assert body.get_content().replace("\r\n", "\n") == LETTER.text
    (enclosed,) = found.iter_attachments()
    assert (enclosed.get_filename(), enclosed.get_content()) == (file.name, file.data)


def test_the_same_letter_has_the_same_bytes_and_lines_end_as_they_must() -> None:
    file = Enclosure("XA1.kpc", "application/octet-stream", b"x")
    told = replace(LETTER, enclosures=(file,))
    assert eml(told) == eml(told)
    assert b"\n" not in eml(told).replace(b"\r\n", b"")
    assert max(map(len, eml(told).split(b"\r\n"))) <= 998


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "office",
        "office@example",
        "a@b.example, c@d.example",
        "a@b.example\r\nBcc: c@d.example",
        "<a@b.example>",
        '"a b"@c.example',
        f"{'a' * 80}@b.example",
        "a@b.example ",
        "ä@b.example",
    ],
)
def test_what_is_no_plain_address_is_refused(bad: str) -> None:
    assert not is_address(bad)
    with pytest.raises(Invalid) as found:
        eml(replace(LETTER, recipient=Correspondent("Office", bad)))
    assert found.value.code == "letter.address"


def test_a_name_never_becomes_a_header() -> None:
    names = ("Office\r\nBcc: thief@x.example", "Office\u2028Bcc: x", "a\x00b", "x" * 160, "مكتب")
    for name in names:
        told = replace(LETTER, recipient=Correspondent(name, "a@b.example"), subject=name)
        found = message_from_bytes(eml(told), policy=default)
        assert found["Bcc"] is None
        assert [each.addr_spec for each in found["To"].addresses] == ["a@b.example"]
        assert {*found.keys()} <= {
            *("From", "To", "Subject", "Date", "Message-ID", "Content-Language", "X-Unsent"),
            *("MIME-Version", "Content-Type", "Content-Transfer-Encoding"),
        }


def test_too_much_is_refused() -> None:
    large = Enclosure("a.pdf", "application/pdf", bytes(10 * 1024 * 1024 + 1))
    with pytest.raises(Invalid) as found:
        eml(replace(LETTER, enclosures=(large,)))
    assert found.value.code == "letter.too-large"
