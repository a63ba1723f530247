"""Sealed sections: what a statement commits to without showing it to everyone who replays the log.

digest = SHA-256(CBOR(["kp-section/1", section, iss, sub, salt, section bytes])). The salt is 16
fresh random bytes per section and statement, so that a guess at the contents cannot be tested
against the digest. An opening travels with the paper, the file, or sealed through the vault.
Source: ours, docs/decisions/0005.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kimberlite.kernel import cbor
from kimberlite.kernel.errors import Invalid, Untrusted
from kimberlite.ledger.schema import Schema

SALT_BYTES = 16
LIMIT = 16 * 1024
"""Longest content of one section, in bytes."""


@dataclass(frozen=True, slots=True)
class Opening:
    """A section's content with the salt that binds it to its digest."""

    section: str
    salt: bytes
    content: bytes

    def digest(self, iss: str, sub: str) -> bytes:
        """Give the 32-byte digest that stands in the statement of issuer ``iss`` about ``sub``."""
        name = ["kp-section/1", self.section, iss, sub, self.salt, self.content]
        return hashlib.sha256(cbor.encode(name)).digest()

    def read(self, schema: Schema) -> dict[str, Any]:
        """Give the fields by name. Raises Invalid as the schema does."""
        return schema.read(cbor.decode(self.content, limit=LIMIT))

    def to_value(self) -> list[Any]:
        """Give the CBOR form in which an opening travels: [section, salt, content]."""
        return [self.section, self.salt, self.content]

    @classmethod
    def from_value(cls, value: Any) -> Opening:
        """Read what ``to_value`` gives. Raises Invalid ``section.form``."""
        match value:
            case [str() as section, bytes() as salt, bytes() as content] if (
                len(salt) == SALT_BYTES and len(content) <= LIMIT
            ):
                return cls(section, salt, content)
        raise Invalid("section.form", "an opening is a section name, a 16-byte salt and a content")


def make(section: str, schema: Schema, named: Mapping[str, Any], salt: bytes) -> Opening:
    """Put ``named`` fields into a section. Raises Invalid as the schema does."""
    if len(salt) != SALT_BYTES:
        raise Invalid("section.form", "a salt is 16 bytes")
    content = cbor.encode(schema.write(named))
    if len(content) > LIMIT:
        raise Invalid("section.too-long", f"the {section} section is too long", limit=LIMIT)
    return Opening(section, salt, content)


def require(opening: Opening, seal: bytes | None, iss: str, sub: str) -> None:
    """Make sure that ``opening`` is what the statement committed to with ``seal``.

    Raises:
        Untrusted: ``section.digest`` when it is not, or when nothing was sealed by that name.
    """
    if seal != opening.digest(iss, sub):
        raise Untrusted(
            "section.digest",
            f"the {opening.section} section is not the one that was signed",
            section=opening.section,
        )
