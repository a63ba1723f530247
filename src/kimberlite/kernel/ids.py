"""Names that several rooms share: participants, organs of the scheme, certificate numbers."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kimberlite.kernel.errors import Invalid

PARTICIPANT = re.compile(r"[A-Z]{2}")
"""ISO 3166-1 alpha-2; XA to XZ are left to users and serve demo and test."""

ORGAN = re.compile(r"[a-z]{2,4}\.[a-z0-9-]{2,24}")
"""An organ or observer of the scheme, such as ``kp.chair``; lower case, so never a country."""

HOLDER = re.compile(r"[A-Z]{2}|[a-z]{2,4}\.[a-z0-9-]{2,24}")

_NUMBER = re.compile(r"(?P<prefix>[A-Z]{2})(?P<serial>[0-9]{1,12})")
_DISPLAY_GAPS = re.compile(r"[ \-]")


@dataclass(frozen=True, slots=True, order=True)
class CertificateNumber:
    """A certificate's number: country prefix and serial.

    Source: KPCS Core Document, Annex I.A (unique numbering with the alpha-2 country code).
    Two spellings of one serial ("XA7", "XA007") are one number: ``key`` decides.
    """

    prefix: str
    digits: str

    @classmethod
    def parse(cls, text: str) -> CertificateNumber:
        """Read "XA000123"; spaces and hyphens between groups are ignored.

        Raises:
            Invalid: ``number.format``.

        >>> CertificateNumber.parse("XA 000-123").key
        'XA123'
        """
        found = _NUMBER.fullmatch(_DISPLAY_GAPS.sub("", text))
        if found is None:
            raise Invalid(
                "number.format",
                "a certificate number is two capital letters and up to twelve digits",
                text=text[:40],
            )
        return cls(found["prefix"], found["serial"])

    @property
    def serial(self) -> int:
        """The number behind the prefix, as an integer."""
        return int(self.digits)

    @property
    def key(self) -> str:
        """The one spelling under which the log knows this number."""
        return f"{self.prefix}{int(self.digits)}"

    def __str__(self) -> str:
        return self.prefix + self.digits


def is_user_assigned(code: str) -> bool:
    """Say whether ``code`` is one of XA to XZ, which ISO 3166-1 leaves to its users."""
    return len(code) == 2 and code[0] == "X" and "A" <= code[1] <= "Z"
