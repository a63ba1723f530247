"""Sealing to one key, against a second implementation written from RFC 9180 alone."""

from __future__ import annotations

import hmac

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from nacl.bindings import crypto_scalarmult, crypto_scalarmult_base

from kimberlite.crypto import hpke
from kimberlite.kernel.errors import Untrusted

INFO = b"kp-section"
PAIR = hpke.generate()


def extract(salt: bytes, material: bytes) -> bytes:
    return hmac.digest(salt or bytes(32), material, "sha256")


def expand(key: bytes, info: bytes, size: int) -> bytes:
    found, block = b"", b""
    for counter in range(1, 255):
        if len(found) >= size:
            break
        block = hmac.digest(key, block + info + bytes([counter]), "sha256")
        found += block
    return found[:size]


class Reader:
    """RFC 9180 sections 4.1 and 5.1, base mode, DHKEM(X25519), HKDF-SHA256, AES-GCM."""

    def __init__(self, aead: int, key_bytes: int) -> None:
        self.suite = b"HPKE" + (0x20).to_bytes(2, "big") + b"\x00\x01" + aead.to_bytes(2, "big")
        self.key_bytes = key_bytes

    def schedule(self, private: bytes, sealed: bytes, info: bytes) -> tuple[bytes, bytes]:
        kem, v1 = b"KEM" + (0x20).to_bytes(2, "big"), b"HPKE-v1"
        start = sealed[:32]
        shared = crypto_scalarmult(private, start)
        context = start + crypto_scalarmult_base(private)
        eae = extract(b"", v1 + kem + b"eae_prk" + shared)
        secret = expand(eae, b"\x00\x20" + v1 + kem + b"shared_secret" + context, 32)
        label = v1 + self.suite
        named = b"\x00" + extract(b"", label + b"psk_id_hash")
        named += extract(b"", label + b"info_hash" + info)
        master = extract(secret, label + b"secret")
        size = self.key_bytes.to_bytes(2, "big")
        key = expand(master, size + label + b"key" + named, self.key_bytes)
        return key, expand(master, b"\x00\x0c" + label + b"base_nonce" + named, 12)

    def open(self, private: bytes, sealed: bytes, info: bytes, aad: bytes = b"") -> bytes:
        key, nonce = self.schedule(private, sealed, info)
        return AESGCM(key).decrypt(nonce, sealed[32:], aad)


def test_the_second_reader_gives_the_answers_of_rfc_9180_a_1_1() -> None:
    reader = Reader(aead=1, key_bytes=16)
    private = bytes.fromhex("4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8")
    start = bytes.fromhex("37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431")
    info = bytes.fromhex("4f6465206f6e2061204772656369616e2055726e")
    key, nonce = reader.schedule(private, start, info)
    assert key.hex() == "4531685d41d65f03dc48f6b8302c05b0"
    assert nonce.hex() == "56d890e5accaaf011cff4b7d"
    sealed = start + bytes.fromhex(
        "f938558b5d72f1a23810b4be2ab4f84331acc02fc97babc53a52ae8218a355a96d8770ac83d07bea87e13c512a"
    )
    opened = reader.open(private, sealed, info, b"Count-0")
    assert opened == b"Beauty is truth, truth beauty"


@pytest.mark.parametrize("size", [0, 1, 100, 70_000])
def test_what_is_sealed_opens_here_and_in_the_second_reader(size: int) -> None:
    plaintext = b"s" * size
    sealed = hpke.seal(PAIR.public, plaintext, info=INFO)
    assert len(sealed) == size + hpke.OVERHEAD
    assert hpke.open_(PAIR.private, sealed, info=INFO) == plaintext
    assert Reader(aead=2, key_bytes=32).open(PAIR.private, sealed, INFO) == plaintext


def test_sealing_twice_gives_different_bytes() -> None:
    assert hpke.seal(PAIR.public, b"x", info=INFO) != hpke.seal(PAIR.public, b"x", info=INFO)


def refused(private: bytes, sealed: bytes, info: bytes) -> str:
    with pytest.raises(Untrusted) as found:
        hpke.open_(private, sealed, info=info)
    return found.value.code


def test_another_purpose_or_another_key_does_not_open() -> None:
    sealed = hpke.seal(PAIR.public, b"values", info=INFO)
    assert refused(PAIR.private, sealed, b"") == "hpke.open"
    assert refused(PAIR.private, sealed, INFO + b"2") == "hpke.open"
    assert refused(hpke.generate().private, sealed, INFO) == "hpke.open"


def test_no_altered_or_shortened_seal_opens() -> None:
    sealed = hpke.seal(PAIR.public, b"values", info=INFO)
    for at in range(len(sealed)):
        altered = bytearray(sealed)
        altered[at] ^= 0x01
        assert refused(PAIR.private, bytes(altered), INFO) == "hpke.open"
        assert refused(PAIR.private, sealed[:at], INFO) == "hpke.open"
    assert refused(PAIR.private, sealed + b"\x00", INFO) == "hpke.open"
    # A start of small order would give every key the same shared secret.
    assert refused(PAIR.private, bytes(32) + sealed[32:], INFO) == "hpke.open"


@pytest.mark.parametrize("public", [b"", bytes(31), bytes(33), bytes(32), b"\x01" + bytes(31)])
def test_a_short_or_small_order_public_key_is_refused(public: bytes) -> None:
    with pytest.raises(Untrusted) as found:
        hpke.seal(public, b"values", info=INFO)
    assert found.value.code == "hpke.key"


@pytest.mark.parametrize("private", [b"", bytes(31), bytes(33)])
def test_a_secret_of_another_length_is_refused(private: bytes) -> None:
    assert refused(private, bytes(100), INFO) == "hpke.key"
    with pytest.raises(Untrusted) as found:
        hpke.public_of(private)
    assert found.value.code == "hpke.key"


def test_the_pair_belongs_together_and_hides_its_secret() -> None:
    assert hpke.public_of(PAIR.private) == PAIR.public
    assert PAIR.private.hex() not in repr(PAIR)
    assert repr(PAIR.private) not in f"{PAIR} {PAIR!r}"
    assert hpke.generate() != hpke.generate()
