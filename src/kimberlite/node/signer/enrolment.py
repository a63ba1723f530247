"""Who may approve what, and within which limits: the signer's own word, never anyone else's.

One file, written whole by local administration, signed by a key of the key store so that whoever
can write the file but does not have the passphrase cannot enrol anyone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from kimberlite.crypto.keys import PrivateKey, PublicKey, parse_cose_key
from kimberlite.kernel import cbor
from kimberlite.kernel.errors import NotFound, Problem, Refused, Unavailable, Untrusted
from kimberlite.ledger.approval import PSEUDONYM
from kimberlite.ledger.keyring import ROLES
from kimberlite.ledger.schema import (
    Field,
    Schema,
    choice,
    integer,
    listing,
    moment,
    octets,
    record,
    text,
)
from kimberlite.storage.files import write_whole

FILE: Final = "enrolment"
APPROVES: Final = frozenset(f"approve-{role}" for role in ROLES - {"log"})
"""What officers may be enrolled for: one role for each role that a signing key can have."""

_FORM: Final = "kp-enrolment/1"
_TYP: Final = re.compile(r"kp-[a-z-]{1,30}\+cose")
_ROLE: Final = re.compile(r"approve-[a-z]{2,16}")
_LEAST: Final[Mapping[str, int]] = MappingProxyType({"kp-cert+cose": 2, "kp-void+cose": 2})


@dataclass(frozen=True, slots=True)
class Officer:
    """An enrolled officer: valid from ``since`` up to, not including, ``until`` (UTC seconds)."""

    name: str
    public: PublicKey
    roles: frozenset[str]
    since: int
    until: int | None = None

    def valid_at(self, now: int) -> bool:
        """Say whether this officer may approve at ``now``."""
        return self.since <= now and (self.until is None or now < self.until)


@dataclass(frozen=True, slots=True)
class Policy:
    """How much this signer signs, and on how many approvals.

    Attributes:
        approvals: officers needed, by statement type; ``otherwise`` for all other types.
        statements, points, cents: most for one key in one UTC day: statements, hundredths of a
            carat, cents of US$.
        fresh: how old a proposal may be when it is signed, in seconds.
        stale: how old the newest entry of the mirror may be, in seconds.
    """

    approvals: Mapping[str, int] = field(
        default_factory=lambda: MappingProxyType(
            {
                "kp-cert+cose": 2,
                "kp-void+cose": 2,
                "kp-confirmation+cose": 1,
                "kp-presentation+cose": 1,
            }
        )
    )
    otherwise: int = 2
    statements: int = 500
    points: int = 200_000_000
    cents: int = 50_000_000_000
    fresh: int = 86_400
    stale: int = 3_600

    def needed(self, typ: str) -> int:
        """Give how many officers must approve a statement of ``typ``."""
        return max(self.approvals.get(typ, self.otherwise), _LEAST.get(typ, 1))


@dataclass(frozen=True, slots=True)
class Enrolment:
    """The whole file. ``genesis`` and ``kind`` name the one log this signer signs for."""

    genesis: bytes
    kind: str
    officers: tuple[Officer, ...] = ()
    policy: Policy = Policy()
    version: int = 1

    def officer(self, name: str, now: int) -> Officer:
        """Give the officer of that name, valid now.

        Raises:
            Refused: ``signer.officer-unknown``, ``signer.officer-not-valid``.
        """
        found = [each for each in self.officers if each.name == name]
        if not found:
            raise Refused(
                "signer.officer-unknown", f"{name} is not enrolled at this signer", officer=name
            )
        for each in found:
            if each.valid_at(now):
                return each
        last = found[-1]
        raise Refused(
            "signer.officer-not-valid",
            f"the enrolment of {name} has not begun or has ended",
            officer=name,
            since=last.since,
            until=last.until or 0,
        )


_OFFICER = Schema(
    "enrolled-officer",
    (
        Field(1, "name", text(32, PSEUDONYM), "staff pseudonym"),
        Field(2, "public", octets(8, 120), "COSE_Key, deterministic CBOR (RFC 9052 section 7)"),
        Field(3, "roles", listing(text(24, _ROLE), 1, 12), "what the officer may approve"),
        Field(4, "since", moment(), "first moment of validity"),
        Field(5, "until", moment(), "first moment after it", required=False),
    ),
)
_NEEDED = Schema(
    "approvals-needed",
    (
        Field(1, "typ", text(40, _TYP), "statement type"),
        Field(2, "needed", integer(1, 16), "distinct officers"),
    ),
)
_POLICY = Schema(
    "signer-policy",
    (
        Field(1, "approvals", listing(record(_NEEDED), 0, 64), "officers needed, by type"),
        Field(2, "otherwise", integer(1, 16), "officers needed for other types"),
        Field(3, "statements", integer(), "most statements of one key in one UTC day"),
        Field(4, "points", integer(), "most hundredths of a carat, likewise"),
        Field(5, "cents", integer(), "most cents of US$, likewise"),
        Field(6, "fresh", integer(60), "seconds from proposal to signature"),
        Field(7, "stale", integer(60), "seconds since the mirror's newest entry"),
    ),
)
_SCHEMA = Schema(
    "enrolment",
    (
        Field(1, "version", integer(1), "one more at each change"),
        Field(2, "genesis", octets(32), "SHA-256 of the log's genesis statement"),
        Field(3, "kind", choice("demo", "test", "prod"), "kind of that log"),
        Field(4, "officers", listing(record(_OFFICER), 0, 512), "who is or was enrolled"),
        Field(5, "policy", record(_POLICY), "limits"),
    ),
)


def _to_value(enrolment: Enrolment) -> dict[int, Any]:
    policy = enrolment.policy
    named = {
        "version": enrolment.version,
        "genesis": enrolment.genesis,
        "kind": enrolment.kind,
        "officers": [
            {
                "name": each.name,
                "public": each.public.cose_key(),
                "roles": sorted(each.roles),
                "since": each.since,
                "until": each.until,
            }
            for each in enrolment.officers
        ],
        "policy": {
            "approvals": [{"typ": t, "needed": n} for t, n in sorted(policy.approvals.items())],
            "otherwise": policy.otherwise,
            "statements": policy.statements,
            "points": policy.points,
            "cents": policy.cents,
            "fresh": policy.fresh,
            "stale": policy.stale,
        },
    }
    return _SCHEMA.write(named)


def _from_value(value: object) -> Enrolment:
    named = _SCHEMA.read(value)
    told = named["policy"]
    approvals = {each["typ"]: each["needed"] for each in told["approvals"]}
    return Enrolment(
        named["genesis"],
        named["kind"],
        tuple(
            Officer(
                each["name"],
                parse_cose_key(each["public"]),
                frozenset(each["roles"]),
                each["since"],
                each.get("until"),
            )
            for each in named["officers"]
        ),
        Policy(**{**told, "approvals": MappingProxyType(approvals)}),
        named["version"],
    )


def save(folder: Path, enrolment: Enrolment, key: PrivateKey) -> None:
    """Write the file whole, signed, mode 0600.

    Raises:
        Invalid: as the schema says. Unavailable: ``storage.write``.
    """
    content = cbor.encode(_to_value(enrolment))
    signature = key.sign(cbor.encode([_FORM, content]))
    write_whole(folder / FILE, cbor.encode([_FORM, content, signature]), mode=0o600)


def load(folder: Path, public: PublicKey) -> Enrolment:
    """Read the file and check that ``public`` signed it.

    Raises:
        NotFound: ``signer.not-set-up``. Untrusted: ``signer.enrolment`` when it is damaged or was
            not written by this signer's administration. Unavailable: ``signer.disk``.
    """
    try:
        data = (folder / FILE).read_bytes()
    except FileNotFoundError:
        raise NotFound(
            "signer.not-set-up", "there is no signer in this folder: set one up first"
        ) from None
    except OSError as bad:
        raise Unavailable(
            "signer.disk", f"the enrolment cannot be read: {bad.strerror or bad}"
        ) from bad
    try:
        match cbor.decode(data):
            case [str() as form, bytes() as content, bytes() as signature] if form == _FORM:
                if public.verify(signature, cbor.encode([form, content])):
                    return _from_value(cbor.decode(content))
            case _:
                pass
    except Problem:
        pass
    raise Untrusted(
        "signer.enrolment",
        "the enrolment is damaged or was not written by this signer's administration: restore it",
    )
