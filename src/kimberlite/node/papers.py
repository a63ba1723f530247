"""What seals an authority's documents: its certificate, those above it, and, for demos, the makers.

One folder a holder: `seal.cer`, `chain.cer` with its issuers up to the root, `revoked.crl`, all in
DER, `chain.cer` one after the other. In production they come from the certification authority that
national law names. A demo founds one of its own, whose keys protect nothing and say so.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from asn1crypto import core, x509

from kimberlite.crypto.algorithms import Algorithm
from kimberlite.crypto.keyfile import INTERACTIVE
from kimberlite.crypto.keys import Esp256PrivateKey, PublicKey
from kimberlite.crypto.keystore import FileKeyStore
from kimberlite.documents.pdf import authority
from kimberlite.documents.pdf.authority import Authority, Period
from kimberlite.kernel.errors import Invalid, Problem
from kimberlite.node.home import Home
from kimberlite.storage.files import write_whole

DOCUMENT_LABEL: Final = "main"
_ORGANIZATION: Final = "Kimberlite demonstration"
_YEARS: Final = 10 * 366 * 86_400
_AUTHORITY, _TIME = "authority", "time"


@dataclass(frozen=True, slots=True)
class Papers:
    """A holder's certificate for seals with what is above it, all in DER."""

    certificate: bytes
    chain: tuple[bytes, ...]
    revocations: tuple[bytes, ...]

    @property
    def public(self) -> PublicKey:
        """The document key that the certificate is for.

        Raises:
            Invalid: ``print.papers`` when it is not a P-256 key.
        """
        told = x509.Certificate.load(self.certificate).public_key
        if told.algorithm != "ec" or told.curve[1] != "secp256r1":
            raise Invalid("print.papers", "seal.cer must hold a P-256 key")
        return PublicKey(Algorithm.ESP256, bytes(told["public_key"].native)[1:])


def folder(home: Home, holder: str) -> Path:
    """Give the folder of a holder's papers."""
    return home.path / "papers" / holder


def read(home: Home, holder: str) -> Papers | None:
    """Read a holder's papers; None when it has none yet.

    Raises:
        Invalid: ``print.papers`` when they are damaged.
    """
    where = folder(home, holder)
    if not (where / "seal.cer").exists():
        return None
    try:
        own = (where / "seal.cer").read_bytes()
        x509.Certificate.load(own, strict=True).native  # noqa: B018  # parsed when looked at
        chain = _split((where / "chain.cer").read_bytes())
        lists = where / "revoked.crl"
        revoked = (lists.read_bytes(),) if lists.exists() else ()
    except (OSError, ValueError, TypeError) as bad:
        raise Invalid("print.papers", f"the papers of {holder} do not read", holder=holder) from bad
    return Papers(own, chain, revoked)


def _split(data: bytes) -> tuple[bytes, ...]:
    found = []
    while data:
        raw = core.Asn1Value.load(data).dump()
        found.append(raw)
        data = data[len(raw) :]
    if not found:
        raise ValueError("no certificate")
    return tuple(found)


def prepare_demo(home: Home, holder: str, public: PublicKey, passphrase: str, now: int) -> None:
    """Make papers for a demo's holder, and the authorities that they need, once.

    Args:
        public: the holder's document key.
        passphrase: the demo's, which protects nothing.

    Raises:
        Invalid: ``pdf.key``; and as the key store.
    """
    period = Period(now - 86_400, now + _YEARS)
    made = _demo_authority(home, passphrase, period)
    names = (_ORGANIZATION, f"Document seal of {holder}, of no value")
    where = folder(home, holder)
    write_whole(where / "chain.cer", made.certificate)
    write_whole(where / "revoked.crl", authority.revocations(made, period))
    told = authority.certify(made, names, public, "seal", period)
    write_whole(where / "seal.cer", told)


def _demo_authority(home: Home, passphrase: str, period: Period) -> Authority:
    where = folder(home, "demo")
    store = FileKeyStore(where / "keys", passphrase, strength=INTERACTIVE)
    if _TIME not in store.labels():
        keys = {name: Esp256PrivateKey.generate() for name in (_AUTHORITY, _TIME)}
        made = authority.found(_ORGANIZATION, "Authority of no value", keys[_AUTHORITY], period)
        names = (_ORGANIZATION, "Time of no value")
        write_whole(where / "root.cer", made.certificate)
        stamp = authority.certify(made, names, keys[_TIME].public, "timestamp", period)
        write_whole(where / "time.cer", stamp)
        for name, key in keys.items():
            store.store(name, key)
    return Authority((where / "root.cer").read_bytes(), store.load(_AUTHORITY))


@dataclass(frozen=True, slots=True)
class DemoTime:
    """The demo's time authority: its certificate, its issuer's, its key."""

    certificate: bytes
    root: bytes
    key: Esp256PrivateKey


def demo_time(home: Home) -> DemoTime | None:
    """Give the demo's time authority; None on a node that is no demo."""
    where = folder(home, "demo")
    if not (where / "time.cer").exists() or not home.demo_passphrase.exists():
        return None
    words = home.demo_passphrase.read_text("utf-8").rstrip("\n")
    try:
        key = FileKeyStore(where / "keys", words).load(_TIME)
    except Problem as bad:
        raise Invalid("print.papers", "the demo's time authority does not open") from bad
    if not isinstance(key, Esp256PrivateKey):
        raise Invalid("print.papers", "the demo's time authority has another key")
    return DemoTime((where / "time.cer").read_bytes(), (where / "root.cer").read_bytes(), key)
