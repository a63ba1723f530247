"""A credential says what its certificate says, or it is found out; only the signer makes one."""

from __future__ import annotations

import contextlib
import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from kimberlite.certificates.drafting import from_json
from kimberlite.certificates.file import parse_file
from kimberlite.certificates.verdict import Result, Verdict, Weight
from kimberlite.certificates.verify import verify
from kimberlite.cli.main import program
from kimberlite.crypto.keys import Esp256PrivateKey
from kimberlite.documents import reading
from kimberlite.documents.credential import check, did, jws, strict, vc, view
from kimberlite.kernel.errors import Invalid, NotFound, Problem, Refused, Untrusted
from kimberlite.ledger import receipt as receipts
from kimberlite.ledger.bundle import TrustBundle
from kimberlite.ledger.keyring import Key
from kimberlite.ledger.v1.rows import REPUDIATED
from kimberlite.node.signer.client import SignerClient
from kimberlite.node.signer.deriving import DeriveRequest, derive
from kimberlite.node.signer.journal import Journal, Signed
from kimberlite.node.signer.mirror import Look
from tests.helpers.certificates import DAY, TODAY, Desk, FakeTrade, no
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


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    return Scene(tmp_path_factory.mktemp("scene"))


# --- what it says --------------------------------------------------------------------------------


def test_a_credential_is_valid_and_says_why(scene: Scene) -> None:
    found = scene.verdict(scene.token())
    assert found.result is Result.VALID
    assert "credential.derived" in found.codes(Weight.FOR)
    assert found.number == "XA000123"


def test_it_is_typed_for_w3c_and_untp_with_its_status_and_its_statement(scene: Scene) -> None:
    token = jws.parse(scene.token())
    assert token.header["alg"] == "Ed25519"
    assert (token.typ, token.header["cty"]) == ("vc+jwt", "vc")
    told = strict.decode(token.payload)
    assert told["@context"][0] == "https://www.w3.org/ns/credentials/v2"
    assert {"VerifiableCredential", "DigitalConformityCredential"} <= set(told["type"])
    assert told["issuer"]["id"] == "did:web:log.example:api:v1:did:XA"
    assert told["evidence"][0]["kimberleyStatement"] == scene.issued.statement.id.hex()
    purposes = [each["statusPurpose"] for each in told["credentialStatus"]]
    assert purposes == ["revocation", "suspension"]
    assert told["credentialStatus"][0]["statusListIndex"] == str(scene.issued.index)
    assert (told["validFrom"], told["validUntil"]) == (
        "2026-03-10T00:00:00Z",
        "2026-05-09T23:59:59Z",
    )


def test_the_same_certificate_gives_the_same_bytes(scene: Scene) -> None:
    assert scene.token() == scene.token()
    assert scene.token("view") == scene.token("view")


# --- what is found out ---------------------------------------------------------------------------


def payload(scene: Scene) -> dict[str, Any]:
    return vc.derive(scene.file, ORIGIN)


def test_a_credential_that_says_more_than_the_certificate_is_invalid(scene: Scene) -> None:
    told = payload(scene)
    told["credentialSubject"]["kimberleyCertificate"]["shipment"]["destination"] = "XC"
    found = scene.verdict(scene.forged(told))
    assert found.result is Result.INVALID
    assert found.codes(Weight.AGAINST) == ("credential.altered",)


def test_a_false_signature_is_invalid(scene: Scene) -> None:
    named = did.key_id(ORIGIN, "XA", XA.public.kid)
    found = scene.verdict(scene.forged(payload(scene), key_of("XB"), kid=named))
    assert found.codes(Weight.AGAINST) == ("credential.signature",)


def test_a_key_of_somebody_else_is_no_key_of_the_issuer(scene: Scene) -> None:
    other = key_of("XB")
    for holder in ("XA", "XB"):
        kid = did.key_id(ORIGIN, holder, other.public.kid)
        found = scene.verdict(scene.forged(payload(scene), other, kid=kid))
        assert found.result is Result.CANNOT_TELL
        assert "credential.key-unknown" in found.codes(Weight.DOUBT)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"until": 1, "since": 0}, "credential.key-ended"),
        ({"roles": frozenset(("confirm",))}, "credential.key-role"),
    ],
)
def test_a_key_that_had_ended_or_may_not_issue_does_not_count(
    scene: Scene, changes: dict[str, Any], code: str
) -> None:
    keys = {
        kid: replace(key, **changes) if kid == XA.public.kid else key
        for kid, key in scene.bundle.keys.items()
    }
    found = scene.verdict(scene.token(), replace(scene.bundle, keys=keys))
    assert code in {each.code for each in found.reasons}
    assert "credential.derived" not in found.codes(Weight.FOR)


def test_a_key_that_ended_after_the_certificate_was_logged_still_counts(scene: Scene) -> None:
    held = scene.bundle.keys[XA.public.kid]
    ended = replace(held, until=scene.issued.index + 1)
    found = scene.verdict(
        scene.token(), replace(scene.bundle, keys={**scene.bundle.keys, XA.public.kid: ended})
    )
    assert "credential.derived" in found.codes(Weight.FOR)


def test_a_credential_beside_another_certificate_is_refused(scene: Scene) -> None:
    verdict = verify(reading.read(scene.token()), scene.bundle, DAY)
    with pytest.raises(Invalid) as bad:
        check.judge(scene.token(), scene.bundle, replace(verdict, statement=bytes(32)))
    assert bad.value.code == "reading.several"


def test_an_eddsa_header_is_read_too(scene: Scene) -> None:
    header = {"alg": "EdDSA", "kid": did.key_id(ORIGIN, "XA", XA.public.kid), "typ": vc.TYP}
    parts = (strict.encode(header), strict.encode(payload(scene)))
    told = ".".join(strict.to_base64url(each) for each in parts)
    data = f"{told}.{strict.to_base64url(XA.sign(told.encode()))}".encode()
    assert scene.verdict(data).result is Result.VALID


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ({"alg": "none"}, "credential.algorithm"),
        ({"alg": "HS256"}, "credential.algorithm"),
        ({"crit": "b64"}, "credential.form"),
        ({"jwk": {"kty": "OKP"}}, "credential.form"),
        ({"typ": "JWT"}, "credential.type"),
        ({"typ": view.TYP}, "credential.type"),
    ],
)
def test_headers_that_ask_for_something_else_are_refused(
    scene: Scene, header: dict[str, Any], code: str
) -> None:
    told = {"alg": "Ed25519", "kid": "did:web:x#y", "typ": vc.TYP, **header}
    parts = (strict.encode(told), strict.encode(payload(scene)), bytes(64))
    with pytest.raises(Invalid) as bad:
        check.read(".".join(strict.to_base64url(each) for each in parts).encode())
    assert bad.value.code == code


def test_es256_is_written_and_read(scene: Scene) -> None:
    key = Esp256PrivateKey(bytes(31) + b"\x07")
    token = jws.parse(jws.sign(b"{}", key, typ="x", kid="y").encode())
    assert token.header["alg"] == "ES256"
    assert token.signed_by(key.public)
    assert not token.signed_by(XA.public)


# --- the signer ----------------------------------------------------------------------------------


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


# --- a view --------------------------------------------------------------------------------------


def shown(scene: Scene, name: str) -> bytes:
    _, every = view.derive(scene.file, ORIGIN)
    chosen = [each for each in every if each.name in view.VIEWS[name]]
    return view.present(scene.token("view").decode(), chosen)


def test_a_public_view_hides_parties_and_values(scene: Scene) -> None:
    data = shown(scene, "public")
    whole = jws.parse(data.rstrip(b"~")).payload
    told = strict.decode(whole)
    assert told["label"] == "VIEW, NOT THE CERTIFICATE"
    assert told["shipment"]["lines"][0]["hs"] == "7102.31"
    assert told["shipment"]["destination"] == "XB"
    inner = strict.from_base64url(told["file"])
    for secret in (b"Alpha Stones", b"Beta Gems", b"A-7781", b"250000.00", b"1203.45"):
        assert secret not in whole
        assert secret not in inner
    assert {each.section for each in parse_file(inner).openings} == {"shipment"}


def test_a_bank_sees_parties_and_values_and_no_seals(scene: Scene) -> None:
    _, every = view.parse(shown(scene, "bank"))
    told = {each.name: each.value for each in every}
    assert told.keys() == {"exporter", "importer", "values"}
    assert told["exporter"]["name"] == "Alpha Stones Ltd"
    assert told["values"]["lines"][0]["carats"] == "1203.45"


@pytest.mark.parametrize("name", ["public", "bank"])
def test_a_view_is_checked_and_says_that_it_is_one(scene: Scene, name: str) -> None:
    found = scene.verdict(shown(scene, name))
    assert found.result is Result.VALID
    assert "credential.view" in found.codes(Weight.NOTE)
    assert "credential.derived" in found.codes(Weight.FOR)
    assert "sections-intact" not in found.proves


def test_a_disclosure_that_was_not_signed_is_found_out(scene: Scene) -> None:
    invented = view.disclose(bytes(16), "exporter", {"name": "Other"})
    found = scene.verdict(view.present(scene.token("view").decode(), [invented]))
    assert found.codes(Weight.AGAINST) == ("credential.altered",)


def test_a_view_without_its_tilde_or_a_credential_with_one_is_neither(scene: Scene) -> None:
    for data in (scene.token("view"), scene.token() + b"~"):
        with pytest.raises(Invalid) as bad:
            check.read(data)
        assert bad.value.code == "credential.type"


def test_rfc_9901_disclosure_digests() -> None:
    """Source: RFC 9901 section 4.2.1 and 4.2.3."""
    text = "WyJfMjZiYzRMVC1hYzZxMktJNmNCVzVlcyIsICJmYW1pbHlfbmFtZSIsICJNw7ZiaXVzIl0"
    _, (found,) = view.parse(b"e30~" + text.encode() + b"~")
    assert (found.name, found.value) == ("family_name", "Möbius")
    assert found.digest == "X9yH0Ajrdm1Oij4tWso9UzzKJvPoDxwmuEcO3XAdRC0"


# --- DID documents -------------------------------------------------------------------------------


def test_a_did_document_keeps_old_keys_and_asserts_with_those_of_now() -> None:
    old = Key(key_of("old").public, "XA", "", frozenset(("issue",)), 1, 9)
    new = Key(XA.public, "XA", "", frozenset(("issue",)), 9)
    other = Key(key_of("XB").public, "XB", "", frozenset(("issue",)), 2)
    keeper = Key(key_of("keeper").public, "XA", "", frozenset(("keys", "recover")), 10)
    told = did.document(ORIGIN, "XA", (new, other, old, keeper))
    methods = told["verificationMethod"]
    assert [(each["since"], each.get("until")) for each in methods] == [
        (1, 9),
        (9, None),
        (10, None),
    ]
    assert told["assertionMethod"] == [did.key_id(ORIGIN, "XA", XA.public.kid)]
    assert strict.from_base64url(methods[1]["publicKeyJwk"]["x"]) == XA.public.raw


# --- strict reading ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        b'{"a":1,"a":2}',
        b'{"a":1.5}',
        b'{"a":NaN}',
        b'{"a":1e3}',
        b'{"a":9007199254740993}',
        b'{"a":' + b"9" * 5000 + b"}",
        b'{"a":"\\ud800"}',
        b"[]",
        b"\xff",
        b"",
        b'{"a":' + b"[" * 5000 + b"]" * 5000 + b"}",
    ],
)
def test_json_that_could_be_read_in_two_ways_is_refused(text: bytes) -> None:
    with pytest.raises(Invalid) as bad:
        strict.decode(text)
    assert bad.value.code == "credential.json"


@pytest.mark.parametrize("text", ["a", "aB", "AA=", "A A", "é", "__5"])
def test_base64url_has_one_spelling(text: str) -> None:
    with pytest.raises(Invalid) as bad:
        strict.from_base64url(text)
    assert bad.value.code == "credential.base64"


@given(st.binary(max_size=200))
def test_base64url_there_and_back(data: bytes) -> None:
    assert strict.from_base64url(strict.to_base64url(data)) == data


@settings(max_examples=200)
@given(st.one_of(st.binary(max_size=300), st.text(alphabet="eyJ.~AQab-_0", max_size=80)))
def test_no_bytes_make_a_reader_fail_but_with_a_problem(data: bytes | str) -> None:
    raw = data if isinstance(data, bytes) else b"eyJ" + data.encode()
    for read in (check.read, view.parse, jws.parse, strict.decode_any):
        with contextlib.suppress(Problem):
            read(raw)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_changed_credential_is_never_valid(scene: Scene, data: st.DataObject) -> None:
    whole = scene.token()
    at = data.draw(st.integers(0, len(whole) - 1))
    letter = data.draw(st.sampled_from(b"AZaz09-_.~"))
    changed = whole[:at] + bytes([letter]) + whole[at + 1 :]
    try:
        found = scene.verdict(changed)
    except Problem:
        return
    assert changed == whole or found.result is not Result.VALID


def test_what_is_too_long_is_not_read() -> None:
    with pytest.raises(Invalid) as bad:
        check.read(b"eyJ" + b"A" * strict.LIMIT)
    assert bad.value.code == "credential.too-long"


def test_a_stopped_issuer_makes_its_credential_doubtful_too(scene: Scene) -> None:
    trade = FakeTrade(stopped={"XA": [(0, no())]})
    found = scene.verdict(scene.token(), scene.desk.bundle(trade=trade))
    assert "credential.derived" in found.codes(Weight.FOR)
    assert found.result is not Result.VALID or found.codes(Weight.NOTE)


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


def test_json_reads_what_the_standard_library_wrote() -> None:
    told = {"a": [1, "é", None, True], "b": {"c": -1}}
    assert strict.decode(json.dumps(told).encode()) == told
