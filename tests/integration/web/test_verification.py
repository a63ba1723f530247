"""Files that are checked: genuine, altered, used, none at all."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from kimberlite.certificates.file import parse_file
from kimberlite.documents import qr
from kimberlite.documents.credential import did, jws, strict, vc
from kimberlite.words import Words
from tests.helpers.web import ORIGIN, Node, client_of
from tests.helpers.world import key_of


def check(client: TestClient, raw: bytes, **more: str) -> dict[str, object]:
    answer = client.post("/api/v1/verify", content=raw, params=more)
    assert answer.status_code == 200, answer.text
    found: dict[str, object] = answer.json()
    return found


def test_a_genuine_file_is_valid(client: TestClient, files: dict[str, bytes]) -> None:
    told = check(client, files["XA100002"], receiver="xb")
    assert told["result"] == "valid"
    assert told["kind"] == "demo"
    assert told["proves"] == ["genuine", "registered", "sections-intact"]
    assert told["cannot_prove"]
    assert told["reminders"]


def test_an_altered_file_is_invalid(client: TestClient, files: dict[str, bytes]) -> None:
    told = check(client, files["altered"])
    assert told["result"] == "invalid"
    assert "section.digest" in json.dumps(told["reasons"])


def test_a_used_certificate_is_not_valid(client: TestClient, files: dict[str, bytes]) -> None:
    assert check(client, files["XA100001"])["result"] == "cannot-tell"


def test_a_file_for_another_receiver_is_invalid(
    client: TestClient, files: dict[str, bytes]
) -> None:
    told = check(client, files["XA100002"], receiver="XC")
    assert told["result"] == "invalid"
    assert "destination.another" in json.dumps(told["reasons"])


def test_an_upload_shows_the_verdict_large(client: TestClient, files: dict[str, bytes]) -> None:
    for name, result in (
        ("XA100002", "valid"),
        ("altered", "invalid"),
        ("XA100001", "cannot-tell"),
    ):
        answer = client.post("/verify", files={"file": ("a.kpc", files[name])})
        assert answer.status_code == 200
        assert f"verdict-{result}" in answer.text
        for key in ("declaration-true", "goods-match"):
            assert Words("en").say(f"cannot.{key}") in answer.text
        assert Words("en").say("reminder.specimen") in answer.text


def test_multipart_and_raw_bytes_give_one_answer(
    client: TestClient, files: dict[str, bytes]
) -> None:
    raw = check(client, files["XA100002"], receiver="XB")
    form = client.post(
        "/api/v1/verify",
        files={"file": ("a.kpc", files["XA100002"])},
        data={"receiver": "XB"},
    )
    assert form.json() == raw


def test_a_credential_and_the_text_of_codes_are_read_too(
    client: TestClient, files: dict[str, bytes]
) -> None:
    file = parse_file(files["XA100002"])
    key = key_of("XA")
    kid = did.key_id(ORIGIN, "XA", key.public.kid)
    payload = strict.encode(vc.derive(file, ORIGIN))
    token = jws.sign(payload, key, typ=vc.TYP, kid=kid).encode()
    told = check(client, token)
    assert told["result"] == "valid"
    assert "credential.derived" in json.dumps(told["reasons"])
    codes = "\n".join((*qr.qr1(file), qr.qr2(file))).encode()
    assert check(client, codes)["result"] == "valid"
    assert check(client, file.statement.raw)["proves"] == ["genuine", "registered"]


@pytest.mark.parametrize(
    ("raw", "status", "code"),
    [
        (b"", 422, "verify.no-file"),
        (b"not a certificate", 422, None),
        (b"\xff" * 1000, 422, None),
        (b"\x00" * (120 * 1024 + 1), 413, "reading.too-long"),
        (b"%PDF-1.7 whatever", 422, "reading.on-device"),
        (b"\x89PNG\r\n\x1a\n whatever", 422, "reading.on-device"),
        (b"eyJ.eyJ.eyJ", 422, "credential.form"),
        (b"\x00" * (1 << 20), 413, "web.too-large"),
    ],
)
def test_what_is_no_file_is_refused_in_words(
    client: TestClient, raw: bytes, status: int, code: str | None
) -> None:
    answer = client.post("/api/v1/verify", content=raw)
    assert answer.status_code == status
    assert code is None or answer.json()["code"] == code
    page = client.post("/verify", files={"file": ("a.kpc", raw)})
    assert page.status_code in {status, 413}
    assert "Traceback" not in page.text


def test_a_body_without_a_length_is_bounded(client: TestClient) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(100):
            yield b"x" * 65_536

    answer = client.post("/api/v1/verify", content=endless())
    assert (answer.status_code, answer.json()["code"]) == (413, "web.too-large")


def test_without_the_log_process_checking_says_so(node: Node, files: dict[str, bytes]) -> None:
    with client_of(node) as alone:
        answer = alone.post("/api/v1/verify", content=files["XA100002"])
        page = alone.post("/verify", files={"file": ("a.kpc", files["XA100002"])})
    assert (answer.status_code, answer.json()["code"]) == (503, "log.no-door")
    assert page.status_code == 503
