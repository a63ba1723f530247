"""Only the signer makes a credential, and only of what it signed."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from kimberlite.cli.main import program
from kimberlite.documents.credential.opened import LIST_BITS
from kimberlite.documents.credential.statuslist import Told, sign
from kimberlite.kernel.days import show_day
from kimberlite.kernel.errors import Invalid, NotFound, Refused, Untrusted
from kimberlite.ledger import receipt as receipts
from kimberlite.ledger.v1.rows import REPUDIATED
from kimberlite.node.signer.client import SignerClient
from kimberlite.node.signer.deriving import DeriveRequest, derive
from tests.helpers.certificates import DAY, TODAY
from tests.helpers.credentials import KEYS, XA, Scene
from tests.helpers.world import key_of


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    return Scene(tmp_path_factory.mktemp("scene"))


def test_the_signer_derives_only_from_what_it_signed(scene: Scene) -> None:
    scene.refuses(scene.request(statement=bytes(32)), "signer.unknown", NotFound)


def test_the_signer_derives_only_from_certificates(scene: Scene) -> None:
    of = hashlib.sha256(scene.void).digest()
    scene.keep(scene.void, of)
    request = scene.request(statement=of, openings=())
    scene.refuses(request, "signer.not-logged", Refused)


def test_an_opening_that_is_not_the_statements_is_refused(scene: Scene) -> None:
    first, *rest = scene.file.openings
    wrong = replace(first, salt=bytes(16))
    scene.refuses(scene.request(openings=(wrong, *rest)), "section.digest", Untrusted)
    scene.refuses(scene.request(openings=(first,)), "credential.closed", Invalid)


def test_a_receipt_that_is_not_the_logs_is_refused(scene: Scene) -> None:
    raw = bytearray(scene.file.receipts[0])
    raw[-1] ^= 1
    scene.refuses(scene.request(receipt=bytes(raw)), "receipt.signature", Untrusted)


def test_what_its_issuer_disowned_gets_no_credential(tmp_path: Path) -> None:
    own = Scene(tmp_path)
    own.desk.world.state.put(REPUDIATED, f"XA/{own.issued.statement.id.hex()}", 5)
    own.refuses(own.request(), "signer.disowned", Refused)


def test_a_receipt_signed_by_a_key_that_is_not_the_logs_is_refused(scene: Scene) -> None:
    desk = scene.desk
    path = receipts.parse(scene.file.receipts[0]).path
    forged = receipts.issue(
        desk.head, scene.issued.index, path, XA, iss="log.example/test", sub="x"
    )
    scene.refuses(scene.request(receipt=forged), "receipt.key", Untrusted)


def test_without_a_valid_key_of_the_issuer_nothing_is_signed(scene: Scene) -> None:
    other = key_of("XB")
    with pytest.raises(Refused) as bad:
        derive(scene.request(), {other.public.kid: other}, scene.journal, scene.look())
    assert bad.value.code == "signer.no-key"


@pytest.mark.parametrize(
    "changes",
    [
        {"payload": b"{}"},
        {"form": "anything"},
        {"receipt": "text"},
        {"openings": [[]] * 9},
        {"statement": None},
    ],
)
def test_no_bytes_of_the_office_can_come_in(scene: Scene, changes: dict[str, Any]) -> None:
    """There is no argument for a payload, header or claim; anything else is malformed."""
    good = scene.request().to_args()
    assert DeriveRequest.from_args(good) == scene.request()
    with pytest.raises(Invalid) as bad:
        DeriveRequest.from_args({**good, **changes})
    assert bad.value.code == "wire.arguments"


def test_the_client_has_no_call_that_signs_what_it_is_given() -> None:
    calls = {name for name in vars(SignerClient) if not name.startswith("_")}
    assert calls == {"about", "prepare", "sign", "ask", "find", "seal", "derive"}


def run(*words: object) -> Any:
    return CliRunner().invoke(program, ["--json", *map(str, words)])


def test_the_command_asks_for_a_receipt(scene: Scene, tmp_path: Path) -> None:
    path = tmp_path / "bare.kpc"
    path.write_bytes(scene.desk.file(scene.issued, receipts=False))
    done = run("certificate", "credential", path)
    assert isinstance(done.exception, Invalid)
    assert done.exception.code == "credential.no-receipt"


def test_the_command_writes_what_the_signer_derived(
    scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both forms, and each checked again by the command that verifies."""

    def answer(_client: SignerClient, request: DeriveRequest) -> str:
        return derive(request, KEYS, scene.journal, scene.look())

    monkeypatch.setattr(SignerClient, "derive", answer)
    (tmp_path / "c.kpc").write_bytes(scene.raw)
    (tmp_path / "trust-bundle").write_bytes(scene.desk.bundle_bytes())
    for words, label in (((), "credential"), (("--view", "public"), "public")):
        out = tmp_path / f"{label}.jwt"
        done = run("certificate", "credential", tmp_path / "c.kpc", "--out", out, *words)
        assert json.loads(done.output)["form"] == label
        told = json.loads(run("verify", out, "--as-of", TODAY).output)
        codes = {each["code"] for each in told["reasons"]}
        assert told["result"] == "valid"
        assert ("credential.view" in codes) is (label == "public")
        assert "credential.derived" in codes


def test_the_command_takes_status_lists_and_a_day_of_arrival(scene: Scene, tmp_path: Path) -> None:
    (file := tmp_path / "c.kpc").write_bytes(scene.raw)
    (tmp_path / "trust-bundle").write_bytes(scene.desk.bundle_bytes())
    at, bits = scene.issued.index, bytearray(LIST_BITS // 8)
    bits[at >> 3] |= 0x80 >> (at & 7)
    told = Told("suspension", 0, scene.desk.head, scene.desk.bundle().contents.as_of)
    (used := tmp_path / "used.jwt").write_bytes(sign(told, bytes(bits), key_of("kp.log")))
    later = show_day(DAY + 80)
    assert run("verify", file, "--as-of", TODAY).exit_code == 0
    suspended = run("verify", file, "--as-of", TODAY, "--status-list", used)
    assert (suspended.exit_code, "credential.suspended" in suspended.output) == (3, True)
    assert "certificate.expired" in run("verify", file, "--as-of", later).output
    arrived = run("verify", file, "--as-of", later, "--arrived", TODAY)
    assert "certificate.expired" not in arrived.output
    ahead = run("verify", file, "--as-of", TODAY, "--arrived", later)
    assert isinstance(ahead.exception, Invalid)
    assert ahead.exception.code == "verify.arrived"
