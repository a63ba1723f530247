"""COSE examples of the working group, and known answers of RFC 9679 and RFC 9180.

What others signed with the retired algorithm numbers is read here by a lenient reader of our
own; the product's reader is strict and takes less.
"""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import cbor2
import pytest

from kimberlite.crypto import (
    FOREIGN,
    Algorithm,
    PublicKey,
    join,
    parse_cose_key,
    split,
    to_be_signed,
)
from kimberlite.crypto.keys import P256_HALF_ORDER, P256_ORDER
from kimberlite.kernel.errors import Problem

OURS = {"ecdsa-sig-01", "eddsa-01", "eddsa-sig-01", "sign-pass-01", "sign-pass-02", "sign-pass-03"}
OTHER_ALGORITHMS = {"ecdsa-sig-02", "ecdsa-sig-03", "ecdsa-sig-04", "eddsa-02", "eddsa-sig-02"}
FORGED = {f"sign-fail-0{n}" for n in (1, 2, 3, 4, 6, 7)}


@pytest.fixture(scope="module")
def examples(shared: Path) -> dict[str, Any]:
    found = (shared / "vectors" / "cose").glob("*.json")
    return {path.stem: json.loads(path.read_text()) for path in found}


def unbase64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def key_of(example: Any) -> PublicKey:
    """The example's key; a curve that is not ours does not fit and is a Problem."""
    made = example["input"]
    members = made["sign0"]["key"] if "sign0" in made else made["sign"]["signers"][0]["key"]
    if members["kty"] == "OKP":
        return PublicKey(Algorithm.ED25519, bytes.fromhex(members["x_hex"]))
    return PublicKey(Algorithm.ESP256, unbase64(members["x"]) + unbase64(members["y"]))


def read_leniently(data: bytes, external: bytes) -> tuple[int | str | None, bytes, bytes]:
    """Algorithm, bytes that were signed and signature of a COSE_Sign1 or one-signer COSE_Sign."""
    value = cbor2.loads(data)
    tag, members = (value.tag, value.value) if isinstance(value, cbor2.CBORTag) else (18, value)
    protected, unprotected, payload, rest = members
    if tag == 98:
        ((inner, unprotected, signature),) = rest
        signed = ["Signature", protected, inner, external, payload]
    elif tag == 18:
        inner, signature = protected, rest
        signed = ["Signature1", b"" if protected == b"\xa0" else protected, external, payload]
    else:
        raise ValueError(f"tag {tag}")
    headers = {**unprotected, **(cbor2.loads(inner) if inner else {})}
    return headers.get(1), cbor2.dumps(signed), signature


def lowered(signature: bytes) -> bytes:
    s = int.from_bytes(signature[32:], "big")
    return signature[:32] + min(s, P256_ORDER - s).to_bytes(32, "big")


def genuine(example: Any) -> bool:
    external = bytes.fromhex(example["input"].get("sign0", {}).get("external", ""))
    try:
        algorithm, signed, signature = read_leniently(
            bytes.fromhex(example["output"]["cbor"]), external
        )
    except ValueError:
        return False
    if not isinstance(algorithm, int) or algorithm not in FOREIGN:
        return False
    try:
        key = key_of(example)
    except Problem:
        return False
    if FOREIGN[algorithm] is not key.algorithm:
        return False
    if key.algorithm is Algorithm.ESP256:
        signature = lowered(signature)
    return key.verify(signature, signed)


def test_every_example_is_accounted_for(examples: dict[str, Any]) -> None:
    assert set(examples) == OURS | OTHER_ALGORITHMS | FORGED


@pytest.mark.parametrize("name", sorted(OURS))
def test_a_genuine_example_verifies(name: str, examples: dict[str, Any]) -> None:
    assert genuine(examples[name])


@pytest.mark.parametrize("name", sorted(FORGED | OTHER_ALGORITHMS))
def test_a_forged_example_or_another_algorithm_does_not(
    name: str, examples: dict[str, Any]
) -> None:
    assert not genuine(examples[name])


@pytest.mark.parametrize("name", sorted(OURS))
def test_what_was_signed_is_what_the_example_says(name: str, examples: dict[str, Any]) -> None:
    example = examples[name]
    external = bytes.fromhex(example["input"].get("sign0", {}).get("external", ""))
    between = example["intermediates"]
    expected = between.get("ToBeSign_hex") or between["signers"][0]["ToBeSign_hex"]
    _, signed, _ = read_leniently(bytes.fromhex(example["output"]["cbor"]), external)
    assert signed.hex() == expected.lower()


def test_our_frame_and_sig_structure_match_the_examples(examples: dict[str, Any]) -> None:
    """pass-01 differs by an encoded empty map, which RFC 9052 signs as no bytes at all."""
    seen = 0
    for name in sorted(OURS | FORGED | OTHER_ALGORITHMS):
        example = examples[name]
        data = bytes.fromhex(example["output"]["cbor"])
        try:
            parts = split(data)
        except Problem:
            continue
        assert join(parts.protected, parts.payload, parts.signature, parts.unprotected) == data
        if name in OURS and name != "sign-pass-01" and "external" not in example["input"]["sign0"]:
            signed = to_be_signed(parts.protected, parts.payload or b"")
            assert signed.hex() == example["intermediates"]["ToBeSign_hex"].lower()
            seen += 1
    assert seen == 2


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("sign-fail-01", "cose.tag"),  # tag 998
        ("sign-pass-03", "cose.tag"),  # no tag: fine elsewhere, not in our log
        ("eddsa-01", "cose.tag"),  # COSE_Sign
        ("ecdsa-sig-02", "cose.signature"),  # 96 bytes
        ("ecdsa-sig-03", "cose.signature"),  # 132 bytes
        ("eddsa-sig-02", "cose.signature"),  # 114 bytes
    ],
)
def test_the_strict_reader_refuses(name: str, code: str, examples: dict[str, Any]) -> None:
    with pytest.raises(Problem) as refused:
        split(bytes.fromhex(examples[name]["output"]["cbor"]))
    assert refused.value.code == code


def test_external_data_is_never_ours(examples: dict[str, Any]) -> None:
    example = examples["sign-pass-02"]
    parts = split(bytes.fromhex(example["output"]["cbor"]))
    assert parts.payload is not None
    signed = to_be_signed(parts.protected, parts.payload)
    assert not key_of(example).verify(lowered(parts.signature), signed)


def test_an_example_with_high_s_verifies_only_when_lowered(examples: dict[str, Any]) -> None:
    example = examples["ecdsa-sig-01"]
    parts = split(bytes.fromhex(example["output"]["cbor"]))
    signed = bytes.fromhex(example["intermediates"]["ToBeSign_hex"])
    assert int.from_bytes(parts.signature[32:], "big") > P256_HALF_ORDER
    assert not key_of(example).verify(parts.signature, signed)
    assert key_of(example).verify(lowered(parts.signature), signed)


def test_the_thumbprint_of_rfc_9679_section_6() -> None:
    key = PublicKey(
        Algorithm.ESP256,
        bytes.fromhex(
            "65eda5a12577c2bae829437fe338701a10aaa375e1bb5b5de108de439c08551d"
            "1e52ed75701163f7f9e40ddf9f341b3dc9ba860af7e0ca7ca7e9eecd0084d19c"
        ),
    )
    key.check()
    expected = "496bd8afadf307e5b08c64b0421bf9dc01528a344a43bda88fadd1669da253ec"
    assert key.thumbprint().hex() == expected
    assert key.kid.hex() == expected[:16]


def test_the_encoded_key_is_what_another_library_writes() -> None:
    okp = PublicKey(Algorithm.ED25519, bytes(range(32)))
    ec2 = PublicKey(Algorithm.ESP256, bytes(range(64)))
    assert okp.cose_key() == cbor2.dumps({1: 1, -1: 6, -2: okp.raw})
    assert ec2.cose_key() == cbor2.dumps({1: 2, -1: 1, -2: ec2.raw[:32], -3: ec2.raw[32:]})
    assert parse_cose_key(okp.cose_key()) == okp
    assert parse_cose_key(ec2.cose_key()) == ec2
