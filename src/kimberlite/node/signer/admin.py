"""Local administration of a signer: for someone at its machine, with its passphrase.

Nothing here can be reached over the socket. Each change writes the enrolment whole, one version
on; a running signer takes it up with its next request.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Final

from kimberlite.crypto.keyfile import MODERATE, Strength
from kimberlite.crypto.keys import Ed25519PrivateKey, Esp256PrivateKey, PublicKey
from kimberlite.crypto.keystore import FileKeyStore, SoftwareKey
from kimberlite.kernel.errors import Conflict, Invalid, NotFound
from kimberlite.ledger.v1.keys import possession_message
from kimberlite.node.officers import Card
from kimberlite.node.signer.enrolment import (
    APPROVES,
    FILE,
    Enrolment,
    Officer,
    Policy,
    load,
    save,
)
from kimberlite.storage.files import owned

KEYS: Final = "keys"
AUTHORITY: Final = "authority-"
"""Labels of keys that sign statements begin with this; others never do."""

DOCUMENT: Final = "document-"
"""Labels of keys that seal documents begin with this."""

_ENROLMENT: Final = "enrolment"


class Administration:
    """One signer's folder, opened by its administrator.

    All methods raise as ``FileKeyStore`` does, and Conflict ``storage.owned`` while another
    administrator is at work.
    """

    def __init__(self, home: Path, passphrase: str, *, strength: Strength = MODERATE) -> None:
        self._home = home
        self._store = FileKeyStore(home / KEYS, passphrase, strength=strength)

    def set_up(self, genesis: bytes, kind: str, policy: Policy | None = None) -> None:
        """Make the folder of a signer for the one log that ``genesis`` names.

        Args:
            genesis: SHA-256 of the genesis statement, 32 bytes.
            kind: demo, test or prod, as genesis says.

        Raises:
            Conflict: ``signer.set-up-before``.
        """
        self._home.mkdir(mode=0o700, parents=True, exist_ok=True)
        with owned(self._home / "admin"):
            if (self._home / FILE).exists():
                raise Conflict("signer.set-up-before", "there is a signer in this folder already")
            if _ENROLMENT in self._store.labels():  # left by a set-up that was cut off
                key = self._store.load(_ENROLMENT)
            else:
                key = Ed25519PrivateKey.generate()
                self._store.store(_ENROLMENT, key)
            save(self._home, Enrolment(genesis, kind, policy=policy or Policy()), key)

    def show(self) -> Enrolment:
        """Give the enrolment as it stands. Raises as ``enrolment.load``."""
        return load(self._home, enrolment_key(self._store))

    def add_key(self, label: str, key: SoftwareKey | None = None) -> PublicKey:
        """Keep a key that signs statements: a new Ed25519 one, or ``key``.

        It signs nothing before the log holds it, under the issuer's name, with a fitting role.
        """
        kept = Ed25519PrivateKey.generate() if key is None else key
        self._store.store(AUTHORITY + label, kept)
        return kept.public

    def add_document_key(self, label: str, key: Esp256PrivateKey | None = None) -> PublicKey:
        """Keep a P-256 key that seals documents: a new one, or ``key``.

        Whoever reads a document trusts it through an X.509 certificate, not through the log.
        """
        kept = Esp256PrivateKey.generate() if key is None else key
        self._store.store(DOCUMENT + label, kept)
        return kept.public

    def possession(self, label: str, holder: str) -> bytes:
        """Sign that ``holder`` has the key: 64 bytes for the statement that registers it."""
        key = self._store.load(AUTHORITY + label)
        return key.sign(possession_message(holder, key.public))

    def enrol(self, card: Card, roles: Iterable[str], since: int, until: int | None = None) -> None:
        """Enrol the officer whose card was handed over in person.

        Args:
            roles: of ``APPROVES``, for example "approve-issue".
            since, until: validity in UTC seconds; open without ``until``.

        Raises:
            Invalid: ``signer.enrol`` for an unknown role or a validity that ends before it begins.
            Conflict: ``signer.enrolled`` when name or key is enrolled at that time already.
        """
        wanted = frozenset(roles)
        if not wanted or not wanted <= APPROVES or (until is not None and until <= since):
            raise Invalid(
                "signer.enrol",
                f"roles are of {', '.join(sorted(APPROVES))}; validity ends after it begins",
            )
        officer = Officer(card.officer, card.public, wanted, since, until)
        self._change(lambda now: _with(now, officer))

    def end(self, name: str, moment: int) -> None:
        """End an officer's enrolment at ``moment`` (UTC seconds).

        Raises:
            NotFound: ``signer.officer-absent`` when nobody of that name is enrolled then.
        """
        self._change(lambda now: _without(now, name, moment))

    def set_policy(self, policy: Policy) -> None:
        """Put ``policy`` in force. Raises Invalid as the schema says."""
        self._change(lambda now: replace(now, policy=policy))

    def _change(self, how: Callable[[Enrolment], Enrolment]) -> None:
        with owned(self._home / "admin"):
            key = self._store.load(_ENROLMENT)
            now = load(self._home, key.public)
            save(self._home, replace(how(now), version=now.version + 1), key)


def enrolment_key(store: FileKeyStore) -> PublicKey:
    """Give the key that enrolments of this folder are signed with.

    Raises:
        NotFound: ``signer.not-set-up``; and as the key store.
    """
    try:
        return store.load(_ENROLMENT).public
    except NotFound:
        raise NotFound(
            "signer.not-set-up", "there is no signer in this folder: set one up first"
        ) from None


def _with(now: Enrolment, officer: Officer) -> Enrolment:
    for each in now.officers:
        same = each.name == officer.name or each.public == officer.public
        if same and _overlap(each, officer):
            raise Conflict(
                "signer.enrolled",
                f"{each.name} is enrolled in that time already, under this name or with this key",
                officer=each.name,
            )
    return replace(now, officers=(*now.officers, officer))


def _overlap(one: Officer, two: Officer) -> bool:
    first, second = sorted((one, two), key=lambda each: each.since)
    return first.until is None or second.since < first.until


def _without(now: Enrolment, name: str, moment: int) -> Enrolment:
    ended = tuple(
        replace(each, until=max(moment, each.since))
        if each.name == name and (each.until is None or moment < each.until)
        else each
        for each in now.officers
    )
    if ended == now.officers:
        raise NotFound("signer.officer-absent", f"{name} is not enrolled then", officer=name)
    return replace(now, officers=ended)
