"""Head, proofs, static files, and the door for statements."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from kimberlite.crypto.hashing import sha256
from kimberlite.kernel.errors import Problem
from kimberlite.ledger import bundle as bundles
from kimberlite.ledger import receipt as receipts
from kimberlite.ledger import tlogproof
from kimberlite.ledger.envelope import LIMIT
from tests.helpers.certificates import certificate_json
from tests.helpers.web import ORIGIN, Node, client_of, furnished, signed


def test_head_checkpoint_and_proof_check_out(client: TestClient, node: Node) -> None:
    head = client.get("/api/v1/log/head").json()
    note = client.get("/api/v1/log/checkpoint").content
    assert note == client.get("/log/tiles/checkpoint").content
    assert (head["size"], head["origin"]) == (node.log.size, ORIGIN)
    raw = client.get("/api/v1/log/entries/7/statement").content
    proof = client.get("/api/v1/log/proof/7").content
    read = tlogproof.parse(proof)
    read.verify(raw, node.key.public, origin=ORIGIN)
    assert read.index == 7
    with pytest.raises(Problem):
        read.verify(raw + b"\x00", node.key.public, origin=ORIGIN)


def test_the_trust_bundle_is_the_logs_own(client: TestClient, node: Node) -> None:
    raw = client.get("/api/v1/trust-bundle").content
    genesis = client.get("/api/v1/log/entries/0/statement").content
    assert bundles.verify(raw, sha256(genesis)).origin == ORIGIN


def test_static_files_of_the_log(client: TestClient, node: Node) -> None:
    names = [
        path.relative_to(node.home.public).as_posix()
        for path in node.home.public.rglob("*")
        if path.is_file() and path.name not in {"facts", "checkpoint"}
    ]
    assert names
    for name in names:
        answer = client.get(f"/log/tiles/{name}")
        assert answer.content == (node.home.public / name).read_bytes()
        assert "max-age" in answer.headers["cache-control"]


@pytest.mark.parametrize(
    "name", ["../log.db", "tile/../../log.db", "%2e%2e/log.db", "facts", "tile/0/", "tile/0/999"]
)
def test_nothing_else_of_the_folder_is_given_out(client: TestClient, name: str) -> None:
    assert client.get(f"/log/tiles/{name}").status_code == 404


def test_a_statement_comes_in_by_the_door(tmp_path: Path) -> None:
    node, _ = furnished(tmp_path)
    told = certificate_json(
        number="XA100009", issued="2026-11-22", expires="2026-12-22", office="HQ"
    )
    raw = signed(told)
    with client_of(node, door=node) as client:
        first = client.post("/api/v1/log/entries", content=raw)
        assert first.status_code == 201
        index = first.json()["index"]
        assert first.headers["location"] == f"/api/v1/log/entries/{index}"
        receipt = bytes.fromhex(first.json()["receipt"])
        facts = receipts.verify(receipt, raw, node.key.public, ORIGIN)
        assert facts.index == index
        again = client.post("/api/v1/log/entries", content=raw)
        assert (again.status_code, again.json()["before"]) == (200, True)
        plain = client.post(
            "/api/v1/log/entries", content=raw, headers={"Accept": "application/cose"}
        )
        assert receipts.verify(plain.content, raw, node.key.public, ORIGIN).index == index


def test_a_refusal_names_the_rule(client: TestClient) -> None:
    told = certificate_json(
        number="XA999999", issued="2026-11-22", expires="2026-12-22", office="HQ"
    )
    answer = client.post("/api/v1/log/entries", content=signed(told))
    assert (answer.status_code, answer.json()["code"]) == (409, "certificate.range")


@pytest.mark.parametrize(
    ("raw", "status"), [(b"", 422), (b"garbage", 422), (b"\x00" * (LIMIT + 1), 413)]
)
def test_what_is_no_statement_never_reaches_the_log(
    client: TestClient, raw: bytes, status: int
) -> None:
    assert client.post("/api/v1/log/entries", content=raw).status_code == status
