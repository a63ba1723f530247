"""Officers' keys: made by the officer, kept in a file under the officer's own passphrase.

What leaves the officer's hands is a card with the public key, for the signer's administrator to
enrol, and approvals. One folder an officer, because one folder has one passphrase.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from kimberlite.crypto.keyfile import MODERATE, Strength
from kimberlite.crypto.keys import Ed25519PrivateKey, PrivateKey, PublicKey, parse_cose_key
from kimberlite.crypto.keystore import FileKeyStore
from kimberlite.kernel import cbor
from kimberlite.kernel.errors import Invalid, NotFound, Problem, Untrusted
from kimberlite.ledger.approval import PSEUDONYM, Approval, Proposal
from kimberlite.ledger.approval import approve as sign_for

_FORM = "kp-officer/1"
_LIMIT = 512


@dataclass(frozen=True, slots=True)
class Card:
    """An officer's public key under a staff pseudonym, with proof that the key is held."""

    officer: str
    public: PublicKey
    proof: bytes

    def to_bytes(self) -> bytes:
        """Give CBOR(["kp-officer/1", officer, COSE_Key, proof])."""
        return cbor.encode([_FORM, self.officer, self.public.cose_key(), self.proof])

    @classmethod
    def parse(cls, data: bytes) -> Card:
        """Read a card and check its proof.

        Raises:
            Invalid: ``officer.card``. Untrusted: ``officer.proof``, ``key.weak``.
        """
        try:
            value = cbor.decode(data, limit=_LIMIT)
        except Problem:
            value = None
        match value:
            case [str() as form, str() as officer, bytes() as key, bytes() as proof] if (
                form == _FORM and PSEUDONYM.fullmatch(officer)
            ):
                public = parse_cose_key(key)
            case _:
                raise Invalid("officer.card", "this is no officer's card")
        public.check()
        if not public.verify(proof, _possession(officer, public)):
            raise Untrusted(
                "officer.proof", "whoever made this card does not hold its key", officer=officer
            )
        return cls(officer, public, proof)


def _possession(officer: str, public: PublicKey) -> bytes:
    return cbor.encode([_FORM, officer, public.thumbprint()])


def card(key: PrivateKey, officer: str) -> Card:
    """Make the card of ``key``. Raises Invalid ``officer.pseudonym``."""
    _check_pseudonym(officer)
    return Card(officer, key.public, key.sign(_possession(officer, key.public)))


def _check_pseudonym(officer: str) -> None:
    if PSEUDONYM.fullmatch(officer) is None:
        raise Invalid(
            "officer.pseudonym",
            'a pseudonym is 2 to 32 of a-z, 0-9 and hyphen, such as "officer-17"; not a name',
        )


def create(folder: Path, officer: str, passphrase: str, *, strength: Strength = MODERATE) -> Card:
    """Make an officer's key in ``folder/officer`` and give the card to enrol.

    Raises:
        Invalid: ``officer.pseudonym``. Conflict: ``keystore.exists``.
        Untrusted: ``keystore.passphrase`` when it is empty.
    """
    _check_pseudonym(officer)
    key = Ed25519PrivateKey.generate()
    FileKeyStore(folder / officer, passphrase, strength=strength).store(officer, key)
    return card(key, officer)


def load(folder: Path, officer: str, passphrase: str) -> PrivateKey:
    """Open an officer's key.

    Raises:
        Invalid: ``officer.pseudonym``. NotFound: ``officer.unknown``.
        Untrusted: ``keystore.passphrase``, ``keystore.damaged``.
    """
    _check_pseudonym(officer)
    try:
        return FileKeyStore(folder / officer, passphrase).load(officer)
    except NotFound:
        raise NotFound(
            "officer.unknown", f"there is no key of {officer} here", officer=officer
        ) from None


def listed(folder: Path) -> tuple[str, ...]:
    """List the officers whose keys are in ``folder``, sorted."""
    return tuple(
        sorted(each.parent.name for each in folder.glob("*/*.key") if each.stem == each.parent.name)
    )


def approve(
    key: PrivateKey, officer: str, proposal: Proposal, *, genesis: bytes, moment: int
) -> Approval:
    """Approve ``proposal``, which the officer has been shown, at ``moment`` (UTC seconds).

    Raises:
        Invalid: ``approval.form``, ``approval.override``, ``approval.basis``.
    """
    return sign_for(key, officer, genesis=genesis, proposal=proposal.digest(), moment=moment)
