"""A credential says what its certificate says, or it is found out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from kimberlite.certificates.verdict import Result, Weight
from kimberlite.certificates.verify import verify
from kimberlite.crypto.keys import Esp256PrivateKey
from kimberlite.documents import reading
from kimberlite.documents.credential import check, did, jws, strict, vc, view
from kimberlite.kernel.errors import Invalid
from kimberlite.ledger.keyring import Key
from tests.helpers.certificates import DAY
from tests.helpers.credentials import ORIGIN, XA, Scene
from tests.helpers.world import key_of


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    return Scene(tmp_path_factory.mktemp("scene"))


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
