"""The contact directory: at which office of a participant a matter is raised, and in which words.

Source of the entries: what participants state in kp-office (KPCS Core Document, Section V(a)).
"""

from __future__ import annotations

from typing import Final

from kimberlite.documents.letter import Correspondent, is_address
from kimberlite.kernel.errors import Invalid, NotFound
from kimberlite.registry.read import Registry
from kimberlite.words import LANGUAGES

ARRIVALS: Final = ("import", "focal-point", "export")
"""Roles of an office in the order in which one writes to it about goods that arrive."""
EXPORTS: Final = ("export", "focal-point", "import")


def contact(
    registry: Registry, code: str, roles: tuple[str, ...], day: int, asked: str = ""
) -> Correspondent:
    """Give who is written to at ``code`` as of ``day``.

    Args:
        registry: with what participants stated.
        code: the participant.
        roles: of an office, the best first.
        day: days since 1970.
        asked: an address to use instead; "" for the directory's.

    Raises:
        Invalid: ``letter.address`` for an address that is none.
        NotFound: ``letter.no-contact`` when no office of it states an e-mail address.
    """
    offices = registry.offices(code, day)
    name = registry.names(code).get("en", code)
    if asked:
        if not is_address(asked):
            raise Invalid("letter.address", f"{asked[:80]} is no plain e-mail address")
        return Correspondent(offices[0].name if offices else name, asked)
    for role in roles:
        for office in offices:
            address = office.contact.get("email", "")
            if role in office.roles and is_address(address):
                return Correspondent(office.name, address)
    raise NotFound(
        "letter.no-contact", f"no office of {code} states an e-mail address", holder=code
    )


def language(registry: Registry, code: str, day: int) -> str:
    """Give the language beside English in which ``code`` is written to; "en" for none."""
    stated = registry.practice(code, day).languages
    return next((each for each in stated if each != "en" and each in LANGUAGES), "en")
