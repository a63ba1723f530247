"""Status lists say what the log's state says, are checked offline, and cannot be stretched."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kimberlite.certificates.transitions import Status
from kimberlite.certificates.v1.rows import Row
from kimberlite.documents.credential import did, jws, statuslist, strict
from kimberlite.documents.credential.opened import LIST_BITS
from kimberlite.documents.credential.vc import TYP
from kimberlite.kernel.errors import Invalid, Problem, Untrusted
from kimberlite.ledger import bundle as bundles
from kimberlite.ledger.checkpoint import Checkpoint
from tests.helpers.certificates import Desk
from tests.helpers.web import client_of, furnished
from tests.helpers.world import key_of

LOG = key_of("kp.log")
DESK = Desk()
BUNDLE = DESK.bundle()
NOON = 1_773_144_000


def row(index: int, status: Status) -> Row:
    return Row(status, "ordinary", 1, 2, index, index.to_bytes(32, "big"), "XA")


def never(_row: Row) -> bool:
    return False


def told(purpose: str = "revocation", number: int = 0, **head: Any) -> statuslist.Told:
    size, root = head.get("size", BUNDLE.size), head.get("root", BUNDLE.checkpoint.root)
    return statuslist.Told(purpose, number, Checkpoint(BUNDLE.origin, size, root), NOON)


def signed(*rows: Row, purpose: str = "revocation", number: int = 0, **head: Any) -> bytes:
    bits = statuslist.bits_of(rows, purpose, number, never)
    return statuslist.sign(told(purpose, number, **head), bits, LOG)


def test_every_state_has_its_bits() -> None:
    rows = [row(at, status) for at, status in enumerate(Status)]
    revoked = statuslist.verify(signed(*rows, size=100), BUNDLE)
    suspended = statuslist.verify(signed(*rows, purpose="suspension", size=100), BUNDLE)
    said = {status: (revoked.says(at), suspended.says(at)) for at, status in enumerate(Status)}
    assert said.pop(Status.ISSUED) == said.pop(Status.DISPATCHED) == (False, False)
    gone = {Status.VOID, Status.REPLACED, Status.LOST, Status.ANNULLED}
    assert {status for status, each in said.items() if each == (True, False)} == gone
    assert {each for status, each in said.items() if status not in gone} == {(False, True)}


def test_what_its_issuer_disowned_is_revoked() -> None:
    bits = statuslist.bits_of([row(9, Status.ISSUED)], "revocation", 0, lambda _row: True)
    assert bits[1] == 0x40
    bits = statuslist.bits_of([row(9, Status.ISSUED)], "suspension", 0, lambda _row: True)
    assert not any(bits)


def test_a_list_speaks_of_its_own_entries_and_of_no_later_ones() -> None:
    rows = [row(LIST_BITS + 3, Status.VOID), row(3, Status.ISSUED)]
    found = statuslist.verify(signed(*rows, number=1, size=LIST_BITS + 10), BUNDLE)
    assert found.says(LIST_BITS + 3) is True
    assert found.says(LIST_BITS + 4) is False
    assert found.says(3) is None
    assert found.says(LIST_BITS + 10) is None


def test_a_list_has_a_time() -> None:
    found = statuslist.verify(signed(), BUNDLE)
    assert found.current(NOON)
    assert found.current(NOON + statuslist.MAX_AGE)
    assert not found.current(NOON + statuslist.MAX_AGE + 1)
    assert not found.current(NOON - 1)


def refused(data: bytes, code: str, kind: type[Problem] = Untrusted) -> None:
    with pytest.raises(kind) as bad:
        statuslist.verify(data, BUNDLE)
    assert bad.value.code == code


def test_only_the_logs_key_makes_a_list() -> None:
    other = key_of("XA")
    bits = statuslist.bits_of((), "revocation", 0, never)
    refused(statuslist.sign(told(), bits, other), "credential.status-key")
    payload = jws.parse(signed()).payload
    kid = did.key_id(BUNDLE.origin, statuslist.HOLDER, LOG.public.kid)
    forged = jws.sign(payload, other, typ=TYP, kid=kid).encode()
    refused(forged, "credential.status-signature")


def test_a_list_on_another_head_of_the_same_size_is_a_split_view() -> None:
    refused(signed(root=bytes(32)), "log.split-view")


def resigned(**changes: Any) -> bytes:
    payload = {**strict.decode(jws.parse(signed()).payload), **changes}
    kid = did.key_id(BUNDLE.origin, statuslist.HOLDER, LOG.public.kid)
    return jws.sign(strict.encode(payload), LOG, typ=TYP, kid=kid).encode()


def packed(data: bytes) -> dict[str, str]:
    text = f"u{strict.to_base64url(data)}"
    return {"statusPurpose": "revocation", "encodedList": text}


WHOLE = bytes(LIST_BITS // 8)


@pytest.mark.parametrize(
    "changes",
    [
        {"id": "https://other.example/api/v1/credentials/status/revocation/0"},
        {"id": "https://log.example/api/v1/credentials/status/suspension/0"},
        {"validUntil": "later"},
        {"logHead": {"size": True, "root": "00" * 32}},
        {"logHead": {"size": 1, "root": "00"}},
        {"credentialSubject": packed(gzip.compress(WHOLE[1:]))},
        {"credentialSubject": packed(gzip.compress(WHOLE + b"\0"))},
        {"credentialSubject": packed(gzip.compress(bytes(50_000_000)))},
        {"credentialSubject": packed(gzip.compress(WHOLE) + b"more")},
        {"credentialSubject": packed(gzip.compress(WHOLE)[:-4])},
        {"credentialSubject": packed(b"not gzip")},
        {"credentialSubject": {"statusPurpose": "revocation", "encodedList": "z"}},
    ],
    ids=range(12),
)
def test_a_list_in_another_form_is_refused_also_when_it_is_signed(changes: dict[str, Any]) -> None:
    refused(resigned(**changes), "credential.status-form", Invalid)


def test_another_purpose_has_no_bits() -> None:
    with pytest.raises(Invalid) as bad:
        statuslist.bits_of((), "message", 0, never)
    assert bad.value.code == "credential.status-purpose"


@given(st.sets(st.integers(0, LIST_BITS - 1), max_size=20))
def test_bits_there_and_back(indexes: set[int]) -> None:
    rows = [row(at, Status.VOID) for at in indexes]
    bits = statuslist.bits_of(rows, "revocation", 0, never)
    found = statuslist.StatusList("revocation", 0, LIST_BITS, "", "", bits)
    assert all(found.says(at) for at in indexes)
    assert sum(byte.bit_count() for byte in bits) == len(indexes)


# --- what a node gives ---------------------------------------------------------------------------


def test_a_node_gives_lists_and_did_documents_that_check_out(tmp_path: Path) -> None:
    node, _ = furnished(tmp_path)
    with client_of(node, door=node) as client:
        told_ = client.get("/api/v1/credentials/status/suspension/0")
        assert told_.status_code == 200
        assert told_.headers["content-type"] == "application/vc+jwt"
        found = statuslist.verify(told_.content, bundles.verify(node.bundle()))
        assert sum(byte.bit_count() for byte in found.bits) == 1
        assert client.get("/api/v1/credentials/status/other/0").status_code == 422
        assert client.get("/api/v1/credentials/status/revocation/9").status_code == 404
        document = client.get("/api/v1/did/XA/did.json")
        assert document.json()["id"] == "did:web:demo.example:api:v1:did:XA"
        assert document.json()["assertionMethod"]
        assert client.get("/api/v1/did/kp.log/did.json").json()["verificationMethod"]
        assert client.get("/api/v1/did/XZ/did.json").status_code == 404
