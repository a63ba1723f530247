"""Founding a log that is no demo: each holder makes its keys apart, and brings only a card.

The order of a ceremony, and who watches, is in docs/security/key-ceremony.md.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kimberlite.crypto import hpke
from kimberlite.crypto.hashing import sha256
from kimberlite.crypto.keyfile import MODERATE, Strength
from kimberlite.crypto.keys import Ed25519PrivateKey, PrivateKey, PublicKey, parse_cose_key
from kimberlite.crypto.keystore import FileKeyStore
from kimberlite.kernel import cbor
from kimberlite.kernel.errors import Conflict, Invalid, Problem, Untrusted
from kimberlite.kernel.ids import HOLDER
from kimberlite.ledger.envelope import Body, Header, sign
from kimberlite.ledger.keyring import ROLES
from kimberlite.ledger.types import StatementType
from kimberlite.ledger.v1.genesis import GENESIS
from kimberlite.node import clock, logserver
from kimberlite.node.books import V1
from kimberlite.node.founding import append
from kimberlite.node.home import Home
from kimberlite.node.signer.admin import Administration
from kimberlite.storage.files import write_whole

ROOT_LABEL = "root"
SEALING_LABEL = "sealing"
_FORM = "kp-root/1"


@dataclass(frozen=True, slots=True)
class RootCard:
    """What a holder brings to the ceremony: a public key, its roles, and proof that it is held."""

    holder: str
    roles: tuple[str, ...]
    public: PublicKey
    proof: bytes

    def to_json(self) -> str:
        """Give the card as JSON text, to be read aloud and compared if need be."""
        told = {
            "holder": self.holder,
            "roles": list(self.roles),
            "public": self.public.cose_key().hex(),
            "proof": self.proof.hex(),
        }
        return json.dumps(told, indent=1) + "\n"

    @classmethod
    def parse(cls, text: str) -> RootCard:
        """Read a card and check its proof.

        Raises:
            Invalid: ``card.form``. Untrusted: ``card.proof``, ``key.weak``.
        """
        try:
            match json.loads(text):
                case {
                    "holder": str() as holder,
                    "roles": [*roles],
                    "public": str() as public,
                    "proof": str() as proof,
                } if HOLDER.fullmatch(holder) and roles and set(roles) <= ROLES:
                    key = parse_cose_key(bytes.fromhex(public))
                    card = cls(holder, tuple(roles), key, bytes.fromhex(proof))
                case _:
                    raise _no_card()
        except ValueError:
            raise _no_card() from None
        card.public.check()
        if not key.verify(card.proof, _message(holder, card.roles, key)):
            raise Untrusted(
                "card.proof", f"whoever made the card of {holder} does not hold its key"
            )
        return card


def _no_card() -> Invalid:
    return Invalid("card.form", "this is no card of a root key")


def _message(holder: str, roles: Sequence[str], public: PublicKey) -> bytes:
    return cbor.encode([_FORM, holder, list(roles), public.thumbprint()])


def make_key(
    folder: Path,
    holder: str,
    roles: Sequence[str],
    passphrase: str,
    *,
    strength: Strength = MODERATE,
) -> RootCard:
    """Make a holder's key in ``folder`` and give the card to bring.

    Raises:
        Invalid: ``card.form`` for an unknown role or a holder that cannot be one.
        Conflict: ``keystore.exists``.
    """
    if not HOLDER.fullmatch(holder) or not roles or not set(roles) <= ROLES:
        raise Invalid(
            "card.form",
            f"a holder is XX or like kp.chair; roles are of {', '.join(sorted(ROLES))}",
        )
    key = Ed25519PrivateKey.generate()
    FileKeyStore(folder, passphrase, strength=strength).store(ROOT_LABEL, key)
    told = tuple(roles)
    return RootCard(holder, told, key.public, key.sign(_message(holder, told, key.public)))


@dataclass(frozen=True, slots=True)
class Plan:
    """What genesis is to fix: the kind of log, its name, its roots, how many must agree."""

    kind: str
    origin: str
    title: str
    cards: tuple[RootCard, ...]
    needed: int


def found(home: Home, plan: Plan, passphrase: str, *, strength: Strength = MODERATE) -> bytes:
    """Make the log key and the operator's key here, say genesis, and give its digest.

    Raises:
        Conflict: ``node.exists``. Refused: as the rules of genesis say.
    """
    if home.described.exists() or home.log_key.exists():
        raise Conflict("node.exists", "this folder holds a node already")
    log_key, operator = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    FileKeyStore(home.log_key, passphrase, strength=strength).store(logserver.KEY_LABEL, log_key)
    FileKeyStore(home.operator_key, passphrase, strength=strength).store(
        logserver.OPERATOR_LABEL, operator
    )
    now = clock.now()
    endorsed = sorted(typ for typ, each in V1.types.items() if each.endorsed)
    named = {
        "kind": plan.kind,
        "origin": plan.origin,
        "title": plan.title,
        "created": now,
        "rules": V1.version,
        "roots": [
            _root(logserver.HOLDER, ("log",), log_key.public),
            _root(logserver.OPERATOR, ("operate",), operator.public),
            *(_root(each.holder, each.roles, each.public) for each in plan.cards),
        ],
        "thresholds": [{"typ": typ, "needed": plan.needed} for typ in endorsed],
    }
    genesis = say(GENESIS, "genesis", named, log_key, logserver.HOLDER)
    digest = sha256(genesis)
    told = {"kind": plan.kind, "origin": plan.origin, "title": plan.title, "hosts": []}
    home.describe({**told, "genesis": digest.hex()})
    try:
        append(logserver.open_log(home, log_key), [genesis])
    except Problem:
        home.described.unlink()
        raise
    return digest


def _root(holder: str, roles: Sequence[str], public: PublicKey) -> dict[str, Any]:
    return {"public": public.cose_key(), "holder": holder, "roles": list(roles)}


def say(
    kind: StatementType, sub: str, named: Mapping[str, Any], key: PrivateKey, holder: str
) -> bytes:
    """Sign a statement with a key from a ceremony, now.

    Raises:
        Invalid: as the schema says.
    """
    public = key.public
    header = Header(public.algorithm, public.kid, kind.typ, holder, sub, clock.now())
    return sign(header, Body(kind.version, kind.schema.write(named)), key)


def host(
    home: Home,
    holder: str,
    keys: Path,
    passphrase: str,
    *,
    strength: Strength = MODERATE,
) -> bytes:
    """Set up the signer of ``holder`` on this node with its key, and give its public sealing key.

    Raises:
        Conflict: ``signer.set-up-before``. NotFound: ``node.absent``, ``keystore.missing``.
    """
    told = home.read()
    key = FileKeyStore(keys, passphrase, strength=strength).load(ROOT_LABEL)
    signer = Administration(home.signer(holder), passphrase, strength=strength)
    signer.set_up(bytes.fromhex(told["genesis"]), told["kind"])
    signer.add_key("main", key)
    pair = hpke.generate()
    sealing = FileKeyStore(home.sealing(holder), passphrase, strength=strength)
    sealing.store_secret(SEALING_LABEL, pair.private)
    home.describe({**told, "hosts": sorted({*told["hosts"], holder})})
    return pair.public


def write_card(card: RootCard, target: Path) -> None:
    """Write a card. Raises Unavailable ``storage.write``."""
    write_whole(target, card.to_json().encode())
