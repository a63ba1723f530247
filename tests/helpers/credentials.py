"""A certificate in a log, and a signer that derives credentials from it, in memory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kimberlite.certificates.drafting import from_json
from kimberlite.certificates.file import parse_file
from kimberlite.certificates.verdict import Verdict
from kimberlite.certificates.verify import verify
from kimberlite.documents import reading
from kimberlite.documents.credential import check, did, jws, strict, vc
from kimberlite.kernel.errors import Problem
from kimberlite.ledger.bundle import TrustBundle
from kimberlite.node.signer.deriving import DeriveRequest, derive
from kimberlite.node.signer.journal import Journal, Signed
from kimberlite.node.signer.mirror import Look
from tests.helpers.certificates import DAY, TODAY, Desk
from tests.helpers.signing import NOW
from tests.helpers.world import key_of

ORIGIN = "log.example/test"
XA = key_of("XA")
KEYS = {XA.public.kid: XA}


class Scene:
    """A certificate in a log, its file, and a signer's journal that holds it."""

    def __init__(self, folder: Path) -> None:
        self.desk = Desk()
        self.issued = self.desk.issue()
        told = {"number": "XA000123", "certificate": self.issued.statement.id.hex()}
        void = {"type": "void", "day": TODAY, "reason": "unused", **told}
        self.void = self.desk.sign("XA", from_json(void))
        self.raw = self.desk.file(self.issued)
        self.file = parse_file(self.raw)
        self.bundle = self.desk.bundle()
        self.journal = Journal(folder / "journal.db")
        self.keep(self.issued.statement.raw, self.issued.statement.id)

    def keep(self, statement: bytes, of: bytes) -> None:
        self.journal.add(Signed(of, of, None, bytes(8), NOW, 1, 0, 0, "", of, statement, b""))

    def look(self) -> Look:
        world = self.desk.world
        head = type("Head", (), {"size": len(world.entries), "root": self.desk.head.root})()
        engine: Any = None
        return Look(engine, world.state, head, NOW, 1)

    def request(self, form: str = "credential", **changes: Any) -> DeriveRequest:
        told = {
            "statement": self.issued.statement.id,
            "openings": self.file.openings,
            "receipt": self.file.receipts[0],
            "form": form,
        }
        return DeriveRequest(**{**told, **changes})

    def token(self, form: str = "credential") -> bytes:
        return derive(self.request(form), KEYS, self.journal, self.look()).encode()

    def verdict(self, data: bytes, bundle: TrustBundle | None = None) -> Verdict:
        known = bundle or self.bundle
        return check.judge(data, known, verify(reading.read(data), known, DAY))

    def forged(
        self, payload: dict[str, Any], key: Any = XA, typ: str = vc.TYP, **more: str
    ) -> bytes:
        kid = more.get("kid", did.key_id(ORIGIN, "XA", key.public.kid))
        return jws.sign(strict.encode(payload), key, typ=typ, kid=kid).encode()

    def refuses(self, request: DeriveRequest, code: str, kind: type[Problem]) -> None:
        with pytest.raises(kind) as bad:
            derive(request, KEYS, self.journal, self.look())
        assert bad.value.code == code
