"""A view for banks and the public: an SD-JWT (RFC 9901), signed by the issuer, without a holder.

Number, dates, route, goods and origins stand in clear. Each party, the seals and the values are
digests; whoever has the disclosure of one can show it. A view is never the certificate.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kimberlite.certificates.file import CertificateFile
from kimberlite.certificates.v1.issue import TYP as CERTIFICATE
from kimberlite.certificates.v1.sections import ISSUE_SECTIONS, PARTIES
from kimberlite.certificates.visibility import Answer, Moment, Part, Role, may_open, may_see
from kimberlite.documents.credential import strict
from kimberlite.documents.credential.opened import Opened, open_file
from kimberlite.documents.credential.vc import SECTIONS
from kimberlite.kernel.days import start_of
from kimberlite.kernel.errors import Invalid

TYP = "kp-view+sd-jwt"
_SEEN = Moment.ISSUED
LABEL = "VIEW, NOT THE CERTIFICATE"
VIEWERS: Mapping[str, Role] = {"public": Role.VIEWER, "bank": Role.BANK}
"""As whom the reader of each view stands in the matrix of ``certificates.visibility``."""

OPEN = frozenset(
    each.name for each in ISSUE_SECTIONS if may_open(Role.VIEWER, CERTIFICATE, each.name, _SEEN)
)
"""Sections that stand in clear in every view."""


def disclosed(role: Role) -> frozenset[str]:
    """Name the claims that a view discloses to ``role`` beside what stands in clear."""
    parties = (field.name for field in PARTIES.fields)
    found = {
        name for name in parties if may_see(role, Part.PARTIES, _SEEN, field=name) is Answer.CLEAR
    }
    if may_open(role, CERTIFICATE, "values", _SEEN):
        found.add("values")
    return frozenset(found)


VIEWS: Mapping[str, frozenset[str]] = {name: disclosed(role) for name, role in VIEWERS.items()}
"""What each view discloses beside what stands in clear."""

MOST = 16
"""Most disclosures."""
LONGEST = 64 * 1024
_RESERVED = frozenset(("_sd", "_sd_alg", "..."))
_SALT_BYTES = 16


@dataclass(frozen=True, slots=True)
class Disclosure:
    """One claim that can be shown: its name and value, and the text whose digest was signed."""

    name: str
    value: Any
    text: str

    @property
    def digest(self) -> str:
        """The digest that stands in the token (RFC 9901 section 4.2.3)."""
        return digest_of(self.text)


def digest_of(text: str) -> str:
    """Give the digest of a disclosure's text."""
    return strict.to_base64url(hashlib.sha256(text.encode("ascii")).digest())


def derive(file: CertificateFile, origin: str) -> tuple[dict[str, Any], tuple[Disclosure, ...]]:
    """Give the view of a certificate file, unsigned, and every disclosure that it has.

    Raises:
        Invalid, Untrusted: as ``opened.open_file``; all three sections have to be open.
    """
    opened = open_file(file, origin, SECTIONS)
    salts = {each.section: each.salt for each in file.openings}
    claims = {
        **{name: ("parties", opened.shown["parties"][name]) for name in opened.shown["parties"]},
        "values": ("values", opened.shown["values"]),
    }
    found = tuple(
        disclose(_salt(salts[section], name), name, value)
        for name, (section, value) in sorted(claims.items())
    )
    return {**clear(opened), "_sd": sorted(each.digest for each in found)}, found


def clear(opened: Opened) -> dict[str, Any]:
    """Give what every view of a certificate says in clear. It looks at no section but shipment."""
    named = opened.file.named
    return {
        "_sd_alg": "sha-256",
        "label": LABEL,
        "iss": opened.issuer_did,
        "nbf": start_of(named["issued"]),
        "exp": start_of(named["expires"] + 1),
        "certificate": opened.log_section,
        "shipment": opened.shown["shipment"],
        "credentialStatus": opened.status(),
        "statement": opened.file.statement.id.hex(),
        "file": strict.to_base64url(opened.reduced(OPEN)),
    }


def disclose(salt: bytes, name: str, value: object) -> Disclosure:
    """Make a disclosure (RFC 9901 section 4.2.1)."""
    return Disclosure(
        name, value, strict.to_base64url(strict.encode([strict.to_base64url(salt), name, value]))
    )


def _salt(sealed: bytes, name: str) -> bytes:
    """Give a claim's salt: made of its section's, which it does not give away.

    So the same certificate always has the same view, and a signer needs no chance.
    """
    return hashlib.sha256(b"kp-view/1\x00" + sealed + name.encode()).digest()[:_SALT_BYTES]


def present(token: str, shown: Sequence[Disclosure]) -> bytes:
    """Put a token and the disclosures to show into one text (RFC 9901 section 4)."""
    return "~".join((token, *(each.text for each in shown), "")).encode()


def parse(data: bytes) -> tuple[bytes, tuple[Disclosure, ...]]:
    """Take a view apart into its token and its disclosures. A holder's binding is none of ours.

    Raises:
        Invalid: ``credential.form``, ``credential.disclosure``, ``credential.too-long``, and as
            ``strict.decode_any``.
    """
    if len(data) > strict.LIMIT:
        raise Invalid("credential.too-long", "a credential has at most 384 KiB", limit=strict.LIMIT)
    token, *texts = data.split(b"~")
    if not texts or texts[-1] or len(texts) - 1 > MOST:
        raise Invalid("credential.form", "a view ends with a tilde, after at most 16 disclosures")
    found = tuple(_disclosure(each) for each in texts[:-1])
    if len({each.name for each in found}) != len(found):
        raise Invalid("credential.disclosure", "something is disclosed twice in this view")
    return token, found


def _disclosure(text: bytes) -> Disclosure:
    if len(text) > LONGEST:
        raise Invalid("credential.disclosure", "a disclosure in this view is too long")
    match strict.decode_any(strict.from_base64url(text)):
        case [str(), str() as name, value] if name not in _RESERVED:
            return Disclosure(name, value, text.decode("ascii"))
    raise Invalid("credential.disclosure", "a disclosure in this view is damaged")
