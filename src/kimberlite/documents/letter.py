"""A message to another authority as a file: RFC 5322 with MIME, for an officer to read and send.

Nothing is sent from here. The same letter gives the same bytes. Names and addresses come from
statements of others, so nothing of them may become a header of its own.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Final

from kimberlite.kernel.errors import Invalid

MEDIA: Final = "message/rfc822"
LONGEST: Final = 10 * 1024 * 1024
"""Most bytes of attachments: more than that many mail systems give back."""

# A plain dot-atom (RFC 5322, 3.4.1): what an office uses, and nothing that could be two addresses.
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_ADDRESS = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]+")


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A file that goes with a letter; ``media`` such as "application/pdf"."""

    name: str
    media: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Correspondent:
    """Who writes, or to whom: an office's name and its e-mail address."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter. ``moment`` is UTC seconds; ``languages`` those of the text, such as "en", "ar"."""

    sender: Correspondent
    recipient: Correspondent
    subject: str
    text: str
    moment: int
    languages: tuple[str, ...] = ("en",)
    enclosures: tuple[Enclosure, ...] = ()


def is_address(text: str) -> bool:
    """Say whether ``text`` is one plain e-mail address.

    >>> is_address("office@xa.example"), is_address("a@b.example, c@d.example")
    (True, False)
    """
    return len(text) <= 80 and _ADDRESS.fullmatch(text) is not None


def eml(letter: Letter) -> bytes:
    """Give the letter as a file, marked as a draft for mail programs that know the mark.

    Raises:
        Invalid: ``letter.address`` for what is no plain address, ``letter.too-large``.
    """
    told = EmailMessage(SMTP)
    told["From"] = _mailbox(letter.sender)
    told["To"] = _mailbox(letter.recipient)
    told["Subject"] = _line(letter.subject)
    told["Date"] = format_datetime(datetime.fromtimestamp(letter.moment, UTC))
    told["Message-ID"] = f"<{_name(letter)}@kimberlite.invalid>"
    told["X-Unsent"] = "1"
    told.set_content(letter.text, charset="utf-8", cte="base64")
    if sum(len(each.data) for each in letter.enclosures) > LONGEST:
        raise Invalid(
            "letter.too-large", "what goes with a letter has at most 10 MiB", limit=LONGEST
        )
    for each in letter.enclosures:
        kind, _, form = each.media.partition("/")
        told.add_attachment(each.data, maintype=kind, subtype=form, filename=_line(each.name))
    if letter.enclosures:
        told.set_boundary(f"kp-{_name(letter)}")
    told["Content-Language"] = ", ".join(letter.languages)  # last: it moves into a part else
    return told.as_bytes()


def _mailbox(told: Correspondent) -> Address:
    if not is_address(told.address):
        raise Invalid(
            "letter.address", f"{told.address[:80]} is no plain e-mail address", field="address"
        )
    return Address(_line(told.name), addr_spec=told.address)


def _line(text: str) -> str:
    return _CONTROL.sub(" ", text).strip()


def _name(letter: Letter) -> str:
    parts = (letter.sender.address, letter.recipient.address, letter.subject, letter.text)
    told = "\x00".join((*parts, str(letter.moment)))
    return hashlib.sha256(told.encode()).hexdigest()[:32]
