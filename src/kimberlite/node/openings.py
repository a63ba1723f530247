"""Openings on their way: sealed to each authority that may see a section, before it is issued.

Seal: HPKE (RFC 9180) with info = "kp-opening/1" || digest of the section, so that a copy sealed
for one section does not open as another. The plaintext is the opening's CBOR.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kimberlite.crypto import hpke
from kimberlite.kernel import cbor
from kimberlite.ledger.envelope import Statement
from kimberlite.ledger.sections import LIMIT, Opening, require
from kimberlite.storage.vault import Vault

_INFO = b"kp-opening/1"
_FRAME = 64
"""Room for the section's name and the salt beside the content, in bytes."""


def seal_for(public: bytes, opening: Opening, digest: bytes) -> bytes:
    """Seal ``opening``, whose digest stands in the statement, to an X25519 key (32 bytes).

    Raises:
        Untrusted: ``hpke.key``.
    """
    return hpke.seal(public, cbor.encode(opening.to_value()), info=_INFO + digest)


def unseal(private: bytes, sealed: bytes, digest: bytes, iss: str, sub: str) -> Opening:
    """Open what :func:`seal_for` made, and make sure that it is what was signed.

    Raises:
        Untrusted: ``hpke.open`` for another recipient, another section or altered bytes;
            ``section.digest`` when the sender sealed something else than was signed; ``hpke.key``.
        Invalid: ``section.form``, and the codes of ``cbor``.
    """
    plain = hpke.open_(private, sealed, info=_INFO + digest)
    opening = Opening.from_value(cbor.decode(plain, limit=LIMIT + _FRAME))
    require(opening, digest, iss, sub)
    return opening


def digest_of(opening: Opening, statement: Statement) -> bytes:
    """Give the digest of an opening under the statement that it belongs to, 32 bytes."""
    return opening.digest(statement.header.iss, statement.header.sub)


def entrust(
    vault: Vault,
    openings: Sequence[Opening],
    recipients: Mapping[str, bytes],
    *,
    iss: str,
    sub: str,
) -> int:
    """Put a copy of each opening for each recipient into the vault; durable on return.

    Args:
        openings: sections of the statement of ``iss`` about ``sub``.
        recipients: X25519 public key (32 bytes) by participant or organ.

    Returns:
        How many copies were put.

    Raises:
        Untrusted: ``hpke.key``; and as ``Vault.put``. Nothing is put if a key is unusable.
    """
    sealed = [
        (digest, name, seal_for(public, opening, digest))
        for opening in openings
        for digest in (opening.digest(iss, sub),)
        for name, public in sorted(recipients.items())
    ]
    for digest, name, copy in sealed:
        vault.put(digest, name, copy)
    return len(sealed)
