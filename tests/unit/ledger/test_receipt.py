from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from typing import Any

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey as OracleKey
from hypothesis import given
from hypothesis import strategies as st

from kimberlite.crypto import Ed25519PrivateKey, Esp256PrivateKey, PrivateKey, sign1
from kimberlite.kernel import cbor
from kimberlite.kernel.errors import Invalid, Problem, Untrusted
from kimberlite.ledger import receipt
from kimberlite.ledger.checkpoint import Checkpoint
from kimberlite.ledger.note import Kind, Verified, Verifier, cosign
from kimberlite.ledger.receipt import ProofKind, ReceiptFacts
from tests.helpers.trees import SlowTree, some_entries

LOG = Ed25519PrivateKey(b"l" * 32)
BELA, CARO = Ed25519PrivateKey(b"b" * 32), Ed25519PrivateKey(b"c" * 32)
ORIGIN = "log.example/xa"
ENTRIES = some_entries(20)
TREE = SlowTree.of(ENTRIES)
T0 = 1_790_000_000


def _head(size: int) -> Checkpoint:
    return Checkpoint(ORIGIN, size, TREE.root(size))


def _issue(index: int = 17, size: int = 20, key: PrivateKey = LOG) -> bytes:
    path = TREE.path(index, size)
    return receipt.issue(_head(size), index, path, key, iss="log.example", sub="XA-0001")


def _grow(old: int = 7, size: int = 20) -> bytes:
    path = TREE.proof(old, size)
    return receipt.issue_consistency(old, _head(size), path, LOG, iss="log.example", sub="log")


RECEIPT = _issue()
FACTS = ReceiptFacts(ORIGIN, 20, 17, TREE.root(20))


def _verify(data: bytes, entry: bytes = ENTRIES[17]) -> ReceiptFacts:
    return receipt.verify(data, entry, LOG.public, ORIGIN)


def test_a_receipt_proves_its_entry() -> None:
    assert _verify(RECEIPT) == FACTS


def test_every_entry_of_every_small_log() -> None:
    for size in range(1, 21):
        for index in range(size):
            facts = _verify(_issue(index, size), ENTRIES[index])
            assert facts == ReceiptFacts(ORIGIN, size, index, TREE.root(size))


def test_a_p256_log_key_works_too() -> None:
    key = Esp256PrivateKey.generate()
    assert receipt.verify(_issue(key=key), ENTRIES[17], key.public, ORIGIN) == FACTS


def test_the_bytes_read_by_other_libraries() -> None:
    """The steps of RFC 9942 by hand, with other CBOR and signature code."""
    tag = cbor2.loads(RECEIPT)
    protected, unprotected, payload, signature = tag.value
    assert (tag.tag, payload) == (18, None)
    assert cbor2.loads(protected) == {
        1: -19,
        4: LOG.public.kid,
        15: {1: "log.example", 2: "XA-0001"},
        395: 1,
        -65538: [ORIGIN, 20],
    }
    assert list(unprotected) == [396]
    assert list(unprotected[396]) == [-1]
    (proof,) = unprotected[396][-1]
    size, index, path = cbor2.loads(proof)
    assert (size, index, len(path)) == (20, 17, 3)

    # By hand: 17 and 16, then 18 and 19, then the sixteen on the left.
    leaf = sha256(b"\x00" + ENTRIES[17]).digest()
    four = sha256(b"\x01" + sha256(b"\x01" + path[0] + leaf).digest() + path[1]).digest()
    root = sha256(b"\x01" + path[2] + four).digest()
    message = cbor2.dumps(["Signature1", protected, b"", root])
    OracleKey.from_public_bytes(LOG.public.raw).verify(signature, message)


def test_sizes_stay_near_the_plan() -> None:
    """ledger.md puts a receipt at a million entries at 824 bytes, and about 35 for the bound."""
    head = Checkpoint(ORIGIN, 1_000_000, bytes(32))
    made = receipt.issue(head, 999, [bytes(32)] * 20, LOG, iss="log.example", sub="XA-0001")
    assert len(made) < 900


def test_another_entry_is_not_proved() -> None:
    with pytest.raises(Untrusted) as bad:
        _verify(RECEIPT, ENTRIES[16])
    assert bad.value.code == "receipt.signature"


def test_another_key_is_not_the_logs() -> None:
    with pytest.raises(Untrusted) as bad:
        receipt.verify(RECEIPT, ENTRIES[17], BELA.public, ORIGIN)
    assert bad.value.code == "receipt.key"


def test_another_origin_is_another_log() -> None:
    with pytest.raises(Untrusted) as bad:
        receipt.verify(RECEIPT, ENTRIES[17], LOG.public, "log.example/xb")
    assert bad.value.code == "receipt.origin"


def _with_proof(data: bytes, change: Callable[[Any], object]) -> bytes:
    """Change the unsigned proof and nothing else."""
    parts = sign1.split(data)
    header: Any = cbor.decode(parts.unprotected)
    ((label, [proof]),) = header[396].items()
    header[396] = {label: [cbor.encode(change(cbor.decode(proof)))]}
    return sign1.join(parts.protected, None, parts.signature, cbor.encode(header))


@pytest.mark.parametrize("size", [18, 19, 21, 24, 32])
def test_the_size_in_the_proof_is_the_signed_one(size: int) -> None:
    """Without the bound size, some of these would verify: see test_proofs."""
    with pytest.raises(Untrusted) as bad:
        _verify(_with_proof(RECEIPT, lambda proof: [size, *proof[1:]]))
    assert bad.value.code == "receipt.bound"


def test_the_index_in_the_proof_cannot_change() -> None:
    for index in range(25):
        changed = _with_proof(RECEIPT, lambda proof, to=index: [proof[0], to, proof[2]])  # type: ignore[misc]
        if index == 17:
            assert _verify(changed) == FACTS
            continue
        with pytest.raises(Problem) as bad:
            _verify(changed)
        assert bad.value.code in {"receipt.signature", "proof.length", "proof.index"}


@given(st.integers(min_value=0), st.integers(min_value=0, max_value=7))
def test_no_single_bit_of_a_receipt_can_change(at: int, bit: int) -> None:
    data = bytearray(RECEIPT)
    data[at % len(data)] ^= 1 << bit
    with pytest.raises(Problem):
        _verify(bytes(data))


@given(st.binary(max_size=300))
def test_random_bytes_are_only_ever_refused(data: bytes) -> None:
    for attempt in (
        lambda: _verify(data),
        lambda: _verify(b"\xd2\x84" + data),
        lambda: receipt.verify_consistency(data, _head(7), LOG.public),
        lambda: receipt.with_cosignatures(data, []),
        lambda: receipt.verify_cosignatures(data, FACTS, []),
    ):
        with pytest.raises(Problem):
            attempt()


@given(st.binary(max_size=60), st.binary(max_size=60))
def test_random_headers_are_only_ever_refused(protected: bytes, inner: bytes) -> None:
    unprotected = cbor.encode({396: {-1: [inner]}})
    with pytest.raises(Problem):
        _verify(sign1.join(protected, None, bytes(64), unprotected))
    with pytest.raises(Problem):
        _verify(sign1.join(sign1.split(RECEIPT).protected, None, bytes(64), unprotected))


def test_an_attached_root_is_refused() -> None:
    parts = sign1.split(RECEIPT)
    with pytest.raises(Invalid) as bad:
        _verify(sign1.join(parts.protected, TREE.root(20), parts.signature, parts.unprotected))
    assert bad.value.code == "receipt.payload"


def test_a_receipt_has_a_largest_size() -> None:
    with pytest.raises(Invalid) as bad:
        receipt.parse(RECEIPT + bytes(1 << 15))
    assert bad.value.code == "receipt.length"


GOOD_HEADER: dict[int, object] = {
    1: -19,
    4: LOG.public.kid,
    15: {1: "log.example", 2: "XA-0001"},
    395: 1,
    -65538: [ORIGIN, 20],
}


@pytest.mark.parametrize(
    "change",
    [
        {1: None},
        {4: None},
        {15: None},
        {395: None},
        {-65538: None},
        {1: True},
        {4: "text"},
        {15: {1: "log.example"}},
        {15: {1: "log.example", 2: 3}},
        {15: {1: "log.example", 2: "XA-0001", 6: 1}},
        {395: 2},
        {395: True},
        {-65538: [ORIGIN]},
        {-65538: [ORIGIN, "20"]},
        {-65538: [ORIGIN, 20, 1]},
        {-65538: ORIGIN},
        {2: [1]},
        {3: "text/plain"},
    ],
)
def test_the_signed_header_is_exactly_this(change: dict[int, object]) -> None:
    """Signed by the log itself, and still refused."""
    header = {**GOOD_HEADER, **change}
    protected = cbor.encode({label: each for label, each in header.items() if each is not None})
    signature = LOG.sign(sign1.to_be_signed(protected, TREE.root(20)))
    unprotected = sign1.split(RECEIPT).unprotected
    with pytest.raises(Invalid) as bad:
        _verify(sign1.join(protected, None, signature, unprotected))
    assert bad.value.code == "receipt.protected"


def test_the_good_header_is_the_one_issued() -> None:
    assert sign1.split(RECEIPT).protected == cbor.encode(GOOD_HEADER)


PROOF = cbor.encode([20, 17, TREE.path(17, 20)])


@pytest.mark.parametrize(
    "header",
    [
        {},
        {396: {}},
        {396: {-1: []}},
        {396: {-1: [PROOF, PROOF]}},
        {396: {-1: PROOF}},
        {396: {-3: [PROOF]}},
        {396: {-1: [PROOF], -2: [PROOF]}},
        {396: {-1: [[20, 17, []]]}},
        {395: 1, 396: {-1: [PROOF]}},
        {394: [b""], 396: {-1: [PROOF]}},
        {396: {-1: [PROOF]}, -65540: []},
        {396: {-1: [PROOF]}, -65540: bytes(76)},
        {396: {-1: [PROOF]}, -65540: [bytes(75)]},
        {396: {-1: [PROOF]}, -65540: [bytes(76), 5]},
        {396: {-1: [PROOF]}, -65540: [bytes(76)] * 129},
    ],
)
def test_the_unsigned_header_is_exactly_this(header: dict[int, object]) -> None:
    parts = sign1.split(RECEIPT)
    with pytest.raises(Invalid) as bad:
        _verify(sign1.join(parts.protected, None, parts.signature, cbor.encode(header)))
    assert bad.value.code == "receipt.unprotected"


@pytest.mark.parametrize(
    "proof",
    [
        [],
        [20, 17],
        [20, 17, [], 1],
        [20, True, []],
        ["20", 17, []],
        [20, 17, b""],
        [20, 17, [1]],
        {1: 20},
    ],
)
def test_a_proof_is_two_numbers_and_hashes(proof: object) -> None:
    with pytest.raises(Invalid) as bad:
        _verify(_with_proof(RECEIPT, lambda _: proof))
    assert bad.value.code == "receipt.proof"


def test_nothing_is_issued_for_an_entry_not_under_the_head() -> None:
    with pytest.raises(Invalid) as bad:
        receipt.issue(_head(20), 20, [], LOG, iss="log.example", sub="XA-0001")
    assert bad.value.code == "proof.index"
    with pytest.raises(Invalid) as grown:
        receipt.issue_consistency(21, _head(20), [], LOG, iss="log.example", sub="log")
    assert grown.value.code == "proof.size"


def test_growth_from_a_head_one_knows() -> None:
    for size in range(1, 21):
        for old in range(1, size + 1):
            found = receipt.verify_consistency(_grow(old, size), _head(old), LOG.public)
            assert found == _head(size)


def test_growth_from_a_head_one_does_not_know() -> None:
    other = Checkpoint(ORIGIN, 7, bytes(32))
    with pytest.raises(Untrusted) as bad:
        receipt.verify_consistency(_grow(7), other, LOG.public)
    assert bad.value.code == "proof.consistency"
    with pytest.raises(Untrusted) as size:
        receipt.verify_consistency(_grow(7), _head(8), LOG.public)
    assert size.value.code == "receipt.old-size"
    elsewhere = Checkpoint("log.example/xb", 7, TREE.root(7))
    with pytest.raises(Untrusted) as origin:
        receipt.verify_consistency(_grow(7), elsewhere, LOG.public)
    assert origin.value.code == "receipt.origin"


def test_a_forged_newer_head_is_not_signed() -> None:
    forged = _with_proof(_grow(8), lambda proof: [*proof[:2], [bytes(32), *proof[2][1:]]])
    with pytest.raises(Untrusted) as bad:
        receipt.verify_consistency(forged, _head(8), LOG.public)
    assert bad.value.code == "receipt.signature"


def test_each_kind_proves_only_its_own() -> None:
    with pytest.raises(Invalid) as bad:
        _verify(_grow())
    with pytest.raises(Invalid) as other:
        receipt.verify_consistency(RECEIPT, _head(7), LOG.public)
    assert bad.value.code == other.value.code == "receipt.kind"
    assert receipt.parse(_grow()).kind is ProofKind.CONSISTENCY
    assert receipt.parse(_grow()).position == 7


# Cosignatures beside the proof.

WITNESSES = [
    Verifier("xb.example", BELA.public, Kind.COSIGNATURE),
    Verifier("xc.example", CARO.public, Kind.COSIGNATURE),
]


def _cosignature(name: str, key: Ed25519PrivateKey, time: int = T0, size: int = 20) -> bytes:
    return cosign(_head(size).body, name, key, time).raw


def test_cosignatures_travel_with_the_receipt() -> None:
    lines = [_cosignature("xb.example", BELA), _cosignature("xc.example", CARO, T0 + 5)]
    full = receipt.with_cosignatures(RECEIPT, lines)
    assert [len(line) for line in lines] == [76, 76]
    assert receipt.parse(full).cosignatures == tuple(lines)
    facts = _verify(full)
    assert facts == FACTS
    assert receipt.verify_cosignatures(full, facts, WITNESSES) == (
        Verified(WITNESSES[0], T0),
        Verified(WITNESSES[1], T0 + 5),
    )
    assert receipt.with_cosignatures(full, []) == RECEIPT
    assert receipt.verify_cosignatures(RECEIPT, facts, WITNESSES) == ()


def test_a_cosigner_counts_once_and_strangers_not_at_all() -> None:
    lines = [
        _cosignature("xb.example", BELA),
        _cosignature("xb.example", BELA, T0 + 9),
        _cosignature("xb.example", BELA, T0 + 5),
        _cosignature("xz.example", CARO),
        bytes(76),
    ]
    full = receipt.with_cosignatures(RECEIPT, lines)
    assert receipt.verify_cosignatures(full, FACTS, WITNESSES) == (Verified(WITNESSES[0], T0 + 9),)


def test_a_cosignature_of_another_head_is_false() -> None:
    full = receipt.with_cosignatures(RECEIPT, [_cosignature("xb.example", BELA, size=19)])
    with pytest.raises(Untrusted) as bad:
        receipt.verify_cosignatures(full, FACTS, WITNESSES)
    assert bad.value.code == "note.signature"


def test_cosigners_must_be_told_apart() -> None:
    log_key = Verifier("xb.example", BELA.public)
    for verifiers in ([*WITNESSES, WITNESSES[0]], [log_key]):
        with pytest.raises(Invalid) as bad:
            receipt.verify_cosignatures(RECEIPT, FACTS, verifiers)
        assert bad.value.code == "note.verifiers"
    twin = Verifier("xd.example", BELA.public, Kind.COSIGNATURE)
    with pytest.raises(Invalid):
        receipt.verify_cosignatures(RECEIPT, FACTS, [WITNESSES[0], twin])


@pytest.mark.parametrize("lines", [[bytes(75)], [bytes(77)], [b""], [bytes(76)] * 129])
def test_only_cosignatures_are_put_beside_a_proof(lines: list[bytes]) -> None:
    with pytest.raises(Invalid) as bad:
        receipt.with_cosignatures(RECEIPT, lines)
    assert bad.value.code == "receipt.unprotected"
