"""The JSON-LD contexts that are shipped, byte for byte as published, pinned by their SHA-256.

No check of ours reads them: bytes are signed, not graphs. They are for the JSON-LD tools of others
that have no network. Source: README.md beside this file.
"""

from __future__ import annotations

import hashlib
from importlib.resources import files

from kimberlite.kernel.errors import NotFound, Untrusted

CORE = "https://www.w3.org/ns/credentials/v2"
CORE_DIGEST = "59955ced6697d61e03f2b2556febe5308ab16842846f5b586d7f1f7adec92734"
"""SHA-256 of that context in hexadecimal. Source: W3C VC Data Model 2.0, appendix B.1."""

SHIPPED = {CORE: ("credentials-v2.jsonld", CORE_DIGEST)}
"""By address: the file, and its SHA-256."""


def document(address: str) -> bytes:
    """Give a shipped context.

    Raises:
        NotFound: ``credential.context-unknown`` for an address that is not shipped.
        Untrusted: ``credential.context-altered`` when the file is not the published one.
    """
    if address not in SHIPPED:
        raise NotFound("credential.context-unknown", "this context is not shipped", context=address)
    name, digest = SHIPPED[address]
    found = (files(__package__) / name).read_bytes()
    if hashlib.sha256(found).hexdigest() != digest:
        raise Untrusted(
            "credential.context-altered", "this is not the published context", file=name
        )
    return found
