"""Seals on documents: a document key signs for pages of certificates that this signer has signed,
and for copies of those whose arrival it confirmed.

The signer does not see the page. It makes sure that what it signs can be nothing but the signed
attributes of a CMS signature, that they are for a statement in its own journal, and that there is
one original. What is official is the statement inside the document, never the page around it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from kimberlite.crypto.hashing import sha256
from kimberlite.crypto.keys import PrivateKey
from kimberlite.kernel.errors import Invalid, NotFound, Refused
from kimberlite.ledger.envelope import parse
from kimberlite.node.signer.journal import Journal, Sealed

MOST_SEALS: Final = 100
"""Seals for one statement, ever: enough for copies, too few to work for anyone else."""

_TYP: Final = "kp-cert+cose"
_COPIED: Final = frozenset((_TYP, "kp-confirmation+cose"))
"""Of these copies are sealed: of a certificate, and of one beside its own confirmation."""
_LONGEST: Final = 4096
_SET_OF: Final = 0x31
_MESSAGE_DIGEST: Final = bytes.fromhex("06092a864886f70d01090431220420")
"""Of CMS signed attributes (RFC 5652 section 11.2): OID, set of one octet string of 32 bytes."""


@dataclass(frozen=True, slots=True)
class SealRequest:
    """What to seal.

    Attributes:
        kid: document key.
        statement: id of the certificate's statement.
        page: 32 bytes that name the page: the same for the same original, made again.
        copy: whether the page is marked as a copy.
        attributes: signed attributes of the CMS signature, DER.
    """

    kid: bytes
    statement: bytes
    page: bytes
    copy: bool
    attributes: bytes

    @classmethod
    def from_args(cls, args: Mapping[str, Any]) -> SealRequest:
        """Read a call's arguments. Raises Invalid ``wire.arguments``."""
        match dict(args):
            case {
                "kid": bytes() as kid,
                "statement": bytes() as statement,
                "page": bytes() as page,
                "copy": bool() as copy,
                "attributes": bytes() as attributes,
                **rest,
            } if not rest and len(page) == 32:
                return cls(kid, statement, page, copy, attributes)
        raise Invalid(
            "wire.arguments", "seal takes kid, statement, page, copy and signed attributes"
        )


def seal(
    request: SealRequest, keys: Mapping[bytes, PrivateKey], journal: Journal, now: int
) -> bytes:
    """Sign for a document: 64 bytes over the attributes, kept in the journal first.

    Raises:
        Invalid: ``signer.seal-form`` for anything but signed attributes.
        NotFound: ``signer.unknown``, ``signer.no-document-key``.
        Refused: ``signer.seal-type`` for a statement that is neither certificate nor, of a copy,
            confirmation,
            ``signer.original-sealed`` for the original on another page than before,
            ``signer.seals-spent``.
    """
    check_attributes(request.attributes)
    key = keys.get(request.kid)
    if key is None:
        raise NotFound("signer.no-document-key", "this signer has no such document key")
    signed = journal.of_id(request.statement)
    if signed is None:
        raise NotFound("signer.unknown", "this signer has signed no such statement")
    typ = parse(signed.statement).header.typ
    if typ != _TYP and not (request.copy and typ in _COPIED):
        raise Refused(
            "signer.seal-type",
            "only pages of certificates, and copies of confirmed ones, are sealed",
        )
    before = journal.seals(request.statement)
    if len(before) >= MOST_SEALS:
        raise Refused("signer.seals-spent", "too many documents of this certificate were sealed")
    pages = {each.page for each in before if not each.copy}
    if not request.copy and pages - {request.page}:
        raise Refused(
            "signer.original-sealed",
            "the original was sealed on another page: make a copy, or replace the certificate",
        )
    digest = sha256(request.attributes)
    journal.add_seal(
        Sealed(request.statement, request.page, request.copy, request.kid, now, digest)
    )
    return key.sign(request.attributes)


def check_attributes(data: bytes) -> None:
    """Make sure that ``data`` is one SET in DER with one message digest in it, and no more.

    A certificate, a request for one or a COSE structure begins otherwise, so a document key can
    never be talked into signing one.

    Raises:
        Invalid: ``signer.seal-form``.
    """
    good = len(data) <= _LONGEST and _is_one_set(data) and data.count(_MESSAGE_DIGEST) == 1
    if not good:
        raise Invalid("signer.seal-form", "these are not the signed attributes of a seal")


def _is_one_set(data: bytes) -> bool:
    if len(data) < 2 or data[0] != _SET_OF:
        return False
    if data[1] < 0x80:
        return data[1] == len(data) - 2
    count = data[1] & 0x7F
    length = int.from_bytes(data[2 : 2 + count], "big")
    shortest = 0x80 <= length and length.bit_length() > 8 * (count - 1)
    return 0 < count < 3 and shortest and length == len(data) - 2 - count
