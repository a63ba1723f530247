"""One question to a verifier, and the test log with fixed keys that questions are made of."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import Any

from kimberlite.certificates import verify
from kimberlite.kernel.errors import Problem
from kimberlite.ledger import bundle as bundles
from kimberlite.ledger import roots
from kimberlite.ledger.keyring import KEYS, Key
from tests.helpers.certificates import (
    DAY,
    Desk,
)
from tests.helpers.world import key_of

ORIGIN = "log.example/test"


@dataclass(frozen=True, slots=True)
class Case:
    """One question to a verifier."""

    name: str
    file: bytes
    bundle: bytes
    pin: bytes | None = None
    today: int = DAY
    receiver: str | None = None
    status: tuple[bytes, ...] = ()
    root: bytes | None = None
    arrived: int | None = None

    def answer(self) -> dict[str, Any]:
        """Ask this program, and give what it says."""
        try:
            root = None if self.root is None else roots.verify(self.root)
            trusted = bundles.verify(self.bundle, self.pin, root=root)
            told = (self.today, self.receiver)
            verdict = verify(self.file, trusted, *told, status=self.status, arrived=self.arrived)
        except Problem as bad:
            return {"problem": bad.code}
        return {
            "result": verdict.result.value,
            "kind": verdict.kind,
            "number": verdict.number,
            "issuer": verdict.issuer,
            "reasons": [
                [each.code, each.weight.value, dict(each.facts)] for each in verdict.reasons
            ],
            "proves": list(verdict.proves),
            "cannot_prove": list(verdict.cannot_prove),
            "reminders": list(verdict.reminders),
            "as_of": verdict.as_of,
            "age_days": verdict.age_days,
        }


class Bench:
    """A desk with one certificate issued, and cases made of it."""

    def __init__(self, kind: str = "test") -> None:
        self.desk = Desk(kind=kind)
        self.issued = self.desk.issue()
        self.pin = hashlib.sha256(self.desk.world.entries[0].statement.raw).digest()
        self.file = self.desk.file(self.issued)
        self.bare = self.desk.file(self.issued, receipts=False)
        self.bundle = self.desk.bundle_bytes()

    def case(self, name: str, file: bytes | None = None, /, **more: object) -> Case:
        """Give a case; what is not named is as in the plain valid one."""
        told: dict[str, Any] = {"bundle": self.bundle, "pin": self.pin, **more}
        return Case(name, self.file if file is None else file, **told)

    def with_key(self, holder: str, /, **changes: object) -> bytes:
        """Give a bundle in which the key of ``holder`` is changed."""
        kid = key_of(holder).public.kid
        keys = [key for _, key in self.desk.world.state.scan(KEYS)]
        told: dict[str, Any] = dict(changes)
        changed = (replace(k, **told) if k.public.kid == kid else k for k in keys)
        return self.desk.bundle_bytes(keys=tuple(changed))

    def keys_but(self, holder: str) -> tuple[Key, ...]:
        """Give all keys but those of ``holder``."""
        return tuple(k for _, k in self.desk.world.state.scan(KEYS) if k.holder != holder)
