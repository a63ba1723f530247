"""Credentials: the signer derives one from a certificate that it signed, and signs what it derived.

Nobody hands it bytes to sign. What the office gives are the openings and receipts that it has and
the signer has not; digests and the log's signature say whether they are the right ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from kimberlite.certificates.file import CertificateFile, parse_file, write
from kimberlite.crypto.keys import PrivateKey
from kimberlite.documents.credential import did, jws, strict, vc, view
from kimberlite.kernel.errors import Invalid, NotFound, Refused, Untrusted
from kimberlite.ledger import receipt as receipts
from kimberlite.ledger.keyring import KEYS
from kimberlite.ledger.sections import Opening
from kimberlite.ledger.v1.rows import REPUDIATED, charter
from kimberlite.node.signer.journal import Journal
from kimberlite.node.signer.mirror import Look

FORMS: Final = ("credential", "view")
_ROLE: Final = "issue"


@dataclass(frozen=True, slots=True)
class DeriveRequest:
    """What to derive: of which statement, with which openings and receipt, in which form."""

    statement: bytes
    openings: tuple[Opening, ...]
    receipt: bytes
    form: str

    @classmethod
    def from_args(cls, args: Mapping[str, Any]) -> DeriveRequest:
        """Read a call's arguments. Raises Invalid ``wire.arguments``, ``section.form``."""
        match dict(args):
            case {
                "statement": bytes() as statement,
                "openings": list() as openings,
                "receipt": bytes() as receipt,
                "form": "credential" | "view" as form,
                **rest,
            } if not rest and len(openings) <= 8:
                read = tuple(Opening.from_value(each) for each in openings)
                return cls(statement, read, receipt, form)
        raise Invalid("wire.arguments", "derive takes statement, openings, receipt and form")

    def to_args(self) -> dict[str, Any]:
        """Give the arguments of a call."""
        openings = [each.to_value() for each in self.openings]
        told = {"statement": self.statement, "receipt": self.receipt, "form": self.form}
        return {**told, "openings": openings}


def derive(
    request: DeriveRequest, keys: Mapping[bytes, PrivateKey], journal: Journal, look: Look
) -> str:
    """Give the signed token: the same again for the same certificate and key of Ed25519.

    Raises:
        NotFound: ``signer.unknown`` for what this signer did not sign.
        Refused: ``signer.not-logged`` when the log does not hold it, ``signer.disowned``,
            ``signer.no-key``.
        Untrusted: ``section.digest``; as ``receipt.verify`` when the log did not sign it.
        Invalid: as ``credential.vc.derive``, ``parse_file``.
    """
    signed = journal.of_id(request.statement)
    if signed is None:
        raise NotFound("signer.unknown", "this signer has signed no such statement")
    file = parse_file(write(signed.statement, request.openings, (request.receipt,)))
    origin = _logged(file, request.receipt, look)
    key = _key(file, keys, look)
    if request.form == "view":
        payload, typ, cty = view.derive(file, origin)[0], view.TYP, None
    else:
        payload, typ, cty = vc.derive(file, origin), vc.TYP, vc.CTY
    kid = did.key_id(origin, file.statement.header.iss, key.public.kid)
    return jws.sign(strict.encode(payload), key, typ=typ, kid=kid, cty=cty)


def _logged(file: CertificateFile, receipt: bytes, look: Look) -> str:
    """Give the log's origin, once it is sure that the log holds this where the receipt says."""
    statement, found = file.statement, charter(look.state)
    index = look.state.index_of(statement.id)
    if index is None or found is None:
        raise Refused("signer.not-logged", "the log does not hold this certificate yet")
    name = f"{statement.header.iss}/{statement.id.hex()}"
    if look.state.get(REPUDIATED, name) is not None:
        raise Refused("signer.disowned", "its issuer has disowned this statement")
    told = receipts.parse(receipt)
    held = look.state.get(KEYS, told.kid.hex())
    if held is None or "log" not in held.roles:
        raise Untrusted("receipt.key", "the receipt is signed by another key", kid=told.kid.hex())
    if receipts.verify(receipt, statement.raw, held.public, found.origin).index != index:
        raise Untrusted("receipt.position", "the receipt is for another entry of the log")
    return found.origin


def _key(file: CertificateFile, keys: Mapping[bytes, PrivateKey], look: Look) -> PrivateKey:
    """Give the key that signed the certificate while it is valid, else the issuer's newest."""
    header = file.statement.header
    fitting: list[tuple[bool, int, bytes]] = []
    for kid in keys:
        held = look.state.get(KEYS, kid.hex())
        if held is None or held.holder != header.iss or _ROLE not in held.roles:
            continue
        if held.valid_at(look.head.size):
            fitting.append((kid != header.kid, -held.since, kid))
    if not fitting:
        raise Refused(
            "signer.no-key", f"this signer holds no key with which {header.iss} may issue now"
        )
    return keys[min(fitting)[-1]]
