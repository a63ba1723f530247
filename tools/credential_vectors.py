"""Write the shared cases of credentials, once: tokens, and what every verifier must answer.

    .venv/bin/python -m tools.credential_vectors vectors/credential/cases.json

Keys and salts are fixed, so a second run gives the same bytes. Tests only read the file.
"""

from __future__ import annotations

import base64
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kimberlite.certificates.file import parse_file, write
from kimberlite.certificates.verify import verify
from kimberlite.documents import reading
from kimberlite.documents.credential import check, did, jws, listed, statuslist, strict, vc, view
from kimberlite.documents.credential.opened import LIST_BITS
from kimberlite.kernel.errors import Problem
from kimberlite.ledger import bundle as bundles
from kimberlite.ledger.checkpoint import Checkpoint
from tests.helpers.certificates import DAY
from tests.helpers.world import key_of
from tools.verdict_bench import Bench

ABOUT = (
    "Each case hands a verifier a token, the trust bundle of that name, status lists and a day "
    "(days since 1970-01-01), and expects this result and these reasons of the credential and the "
    "lists, as [code, weight, facts]; or, as 'problem', the code with which it is refused. "
    "'payload' is what is derived from 'file' with 'origin'. The status list is of the same log."
)
_ORIGIN = "log.example/test"
_NOBODY = "did:web:log.example:api:v1:did:XA#0000000000000000"


@dataclass(frozen=True, slots=True)
class Case:
    """One question to a verifier."""

    name: str
    token: str
    bundle: bytes
    lists: tuple[str, ...] = ()
    today: int = DAY

    def answer(self) -> dict[str, Any]:
        """Ask this program, and give what it says."""
        data = self.token.encode()
        try:
            trusted = bundles.verify(self.bundle)
            told = check.judge(data, trusted, verify(reading.read(data), trusted, self.today))
            lists = [statuslist.verify(each.encode(), trusted) for each in self.lists]
            told = listed.judge(told, lists, self.today)
        except Problem as bad:
            return {"problem": bad.code}
        reasons = [[each.code, each.weight.value, dict(each.facts)] for each in told.reasons]
        ours = [each for each in reasons if str(each[0]).startswith("credential.")]
        return {"result": told.result.value, "reasons": ours}


class Signer:
    """Signs tokens as the issuer of one certificate, and lists as its log."""

    def __init__(self) -> None:
        self.bench = Bench()
        self.desk = self.bench.desk
        self.file, self.key = parse_file(self.bench.file), key_of("XA")
        self.kid = did.key_id(_ORIGIN, "XA", self.key.public.kid)
        self.told = vc.derive(self.file, _ORIGIN)
        self.shown, self.every = view.derive(self.file, _ORIGIN)

    def sign(self, payload: dict[str, Any], typ: str = vc.TYP, kid: str = "") -> str:
        """Sign a payload as the issuer."""
        return jws.sign(strict.encode(payload), self.key, typ=typ, kid=kid or self.kid)

    def raw(self, payload: bytes) -> str:
        """Sign bytes as the issuer, as they are."""
        return jws.sign(payload, self.key, typ=vc.TYP, kid=self.kid)

    def list_(self, purpose: str, bit: int | None = None, **more: object) -> str:
        """Sign a status list as the log, with one bit set."""
        bits = bytearray(LIST_BITS // 8)
        if bit is not None:
            bits[bit >> 3] |= 0x80 >> (bit & 7)
        head, as_of = self.desk.head, self.desk.bundle().contents.as_of
        told: dict[str, Any] = {"purpose": purpose, "number": 0, "head": head, "as_of": as_of}
        told |= more
        return statuslist.sign(statuslist.Told(**told), bytes(bits), key_of("kp.log")).decode()


def cases(by: Signer) -> list[Case]:
    """Give every case, in the order of the file."""
    bench, at = by.bench, by.bench.issued.index
    bundle, token = bench.bundle, by.sign(by.told)
    ended = bench.with_key("XA", until=at + 1)
    unreceipted = by.sign(_unreceipted(by))
    told = [*_asked(by, token).items(), ("without a receipt", unreceipted)]
    return [
        *(Case(name, each, bundle) for name, each in told),
        *(Case(name, token, bundle, lists) for name, lists in _lists(by, token, at).items()),
        Case("status list, two days old", token, bundle, (by.list_("revocation"),), DAY + 2),
        Case("key ended since", token, ended),
        Case("key ended before", token, bench.with_key("XA", until=at)),
        Case("key without the role", token, bench.with_key("XA", roles=frozenset(("confirm",)))),
        Case("not known to be registered", unreceipted, bundle, (by.list_("revocation"),)),
    ]


def _asked(by: Signer, token: str) -> dict[str, str]:
    """Give tokens by the name of their case."""
    seen = by.sign(by.shown, view.TYP)
    bank = [each for each in by.every if each.name in view.VIEWS["bank"]]
    invented = view.disclose(bytes(16), "exporter", {"name": "Other"})
    text = strict.encode(by.told)
    return {
        "credential": token,
        "later than it was": by.sign({**by.told, "validUntil": "2036-05-09T23:59:59Z"}),
        "signature of another": token[:-86] + "A" * 86,
        "public view": view.present(seen, ()).decode(),
        "bank view": view.present(seen, bank).decode(),
        "invented disclosure": view.present(seen, [invented]).decode(),
        "spaces around it": f"\n {token}\r\n",
        "key unknown": by.sign(by.told, kid=_NOBODY),
        "members in another order": by.raw(json.dumps(by.told, sort_keys=False).encode()),
        "malformed: a member stands twice": by.raw(b'{"id":"x",' + text[1:]),
        "malformed: a fraction": by.raw(b'{"a":1.0,' + text[1:]),
        "malformed: a number too large": by.raw(b'{"a":9007199254740992,' + text[1:]),
        "nested as deeply as may be": by.raw(_nested(24) + text[1:]),
        "malformed: nested too deeply": by.raw(_nested(25) + text[1:]),
        "malformed: half a character": by.raw(b'{"a":"\\ud800",' + text[1:]),
        "malformed: no JSON": by.raw(text[:-1]),
        "malformed: no certificate inside": by.sign({"type": ["VerifiableCredential"]}),
        "malformed: another type": by.sign(by.told, "jwt"),
        "malformed: a view without a tilde": seen,
        "malformed: cut short": token[:-1],
        "malformed: disclosed twice": view.present(seen, [bank[0], bank[0]]).decode(),
        "malformed: a disclosure of nothing": f"{seen}~e30~",
    }


def _lists(by: Signer, token: str, at: int) -> dict[str, tuple[str, ...]]:
    """Give status lists by the name of their case."""
    other = Checkpoint(_ORIGIN, by.desk.head.size, bytes(32))
    return {
        "status lists, not named": (by.list_("revocation"), by.list_("suspension")),
        "status list, revoked": (by.list_("revocation", at),),
        "status list, suspended": (by.list_("suspension", at),),
        "status list of other entries": (by.list_("revocation", number=1),),
        "status list of another head": (by.list_("revocation", head=other),),
        "status list altered": (by.list_("revocation")[:-86] + "A" * 86,),
        "status list that is a credential": (token,),
    }


def _unreceipted(by: Signer) -> dict[str, Any]:
    return {**by.told, "evidence": [{"kimberleyFile": _closed(by)}]}


def _nested(depth: int) -> bytes:
    return b'{"a":' + b"[" * depth + b"]" * depth + b","


def _closed(by: Signer) -> str:
    return strict.to_base64url(write(by.file.statement.raw, by.file.openings, ()))


def content() -> dict[str, Any]:
    """Give the file's content."""
    by = Signer()
    named: dict[bytes, str] = {}
    told = [
        {
            "name": each.name,
            "token": each.token,
            "bundle": named.setdefault(each.bundle, f"bundle-{len(named) + 1}"),
            "lists": list(each.lists),
            "today": each.today,
            **each.answer(),
        }
        for each in cases(by)
    ]
    bits = statuslist.bits_of([by.desk.row()], "revocation", 0, lambda _row: False)
    as_of = by.desk.bundle().contents.as_of
    listed_ = statuslist.sign(
        statuslist.Told("revocation", 0, by.desk.head, as_of), bits, key_of("kp.log")
    )
    return {
        "about": ABOUT,
        "version": 1,
        "origin": _ORIGIN,
        "bundles": {name: base64.b64encode(raw).decode() for raw, name in named.items()},
        "file": base64.b64encode(by.bench.file).decode(),
        "payload": by.told,
        "view": by.shown,
        "disclosures": [each.text for each in by.every],
        "status_list": listed_.decode(),
        "cases": told,
    }


def main() -> None:
    """Write the file that is named."""
    if len(sys.argv) != 2:
        raise SystemExit("usage: python -m tools.credential_vectors FILE")
    text = json.dumps(content(), indent=1, ensure_ascii=False, sort_keys=True)
    Path(sys.argv[1]).write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
