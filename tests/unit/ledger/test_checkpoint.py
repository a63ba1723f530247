from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kimberlite.crypto import Ed25519PrivateKey, Esp256PrivateKey
from kimberlite.kernel.errors import Invalid, Problem, Untrusted
from kimberlite.ledger.checkpoint import Checkpoint, open_, parse_body, sign
from kimberlite.ledger.note import Kind, Verifier, cosign, parse, verify
from kimberlite.ledger.tree import EMPTY_ROOT, root_of

KEY, WITNESS = Ed25519PrivateKey(b"k" * 32), Ed25519PrivateKey(b"w" * 32)
ORIGIN = "log.example/xa"
ROOT = root_of([bytes(32)])
HEAD = Checkpoint(ORIGIN, 20, ROOT)
ROOT_TEXT = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="


def test_the_published_example() -> None:
    body = f"example.com/behind-the-sofa\n20852163\n{ROOT_TEXT}\n"
    found = parse_body(body)
    assert (found.origin, found.size) == ("example.com/behind-the-sofa", 20852163)
    assert found.root.hex() == "0ac5186a91863e8e1d90c808014aa89bf5da8e3ee1d9f07630f0378f68f1ab62"
    assert found.body == body


def test_signed_and_opened() -> None:
    note = sign(HEAD, KEY)
    assert note.decode().startswith(f"{ORIGIN}\n20\n")
    assert open_(note, KEY.public) == HEAD
    assert open_(note, KEY.public, origin=ORIGIN) == HEAD


def test_the_empty_log_can_be_stated() -> None:
    empty = Checkpoint(ORIGIN, 0, EMPTY_ROOT)
    assert open_(sign(empty, KEY), KEY.public) == empty
    with pytest.raises(Invalid) as bad:
        Checkpoint(ORIGIN, 0, ROOT)
    assert bad.value.code == "checkpoint.root"


def test_extension_lines_of_others_are_kept_and_signed() -> None:
    head = Checkpoint(ORIGIN, 20, ROOT, ("one more", "and another"))
    note = sign(head, KEY)
    assert open_(note, KEY.public) == head
    with pytest.raises(Untrusted):
        open_(note.replace(b"one more\n", b""), KEY.public)


def test_cosignatures_do_not_disturb() -> None:
    signed = parse(sign(HEAD, KEY))
    both = signed.signed_also(cosign(signed.text, "xb.example", WITNESS, 7)).to_bytes()
    assert open_(both, KEY.public) == HEAD
    verifier = Verifier("xb.example", WITNESS.public, Kind.COSIGNATURE)
    assert [found.time for found in verify(parse(both), [verifier])] == [7]


def test_another_key_did_not_sign() -> None:
    with pytest.raises(Untrusted) as bad:
        open_(sign(HEAD, KEY), WITNESS.public)
    assert bad.value.code == "note.unsigned"


def test_a_changed_head_was_not_signed() -> None:
    with pytest.raises(Untrusted) as bad:
        open_(sign(HEAD, KEY).replace(b"\n20\n", b"\n21\n"), KEY.public)
    assert bad.value.code == "note.signature"


def test_the_log_expected_is_the_log_found() -> None:
    with pytest.raises(Untrusted) as bad:
        open_(sign(HEAD, KEY), KEY.public, origin="log.example/xb")
    assert bad.value.code == "checkpoint.other-log"


@pytest.mark.parametrize(
    ("origin", "code"),
    [
        ("", "checkpoint.origin"),
        ("a\nb", "checkpoint.origin"),
        ("a\0b", "checkpoint.origin"),
        ("\ud800", "checkpoint.origin"),
        ("a" * 256, "checkpoint.origin"),
    ],
)
def test_impossible_origins(origin: str, code: str) -> None:
    with pytest.raises(Invalid) as bad:
        Checkpoint(origin, 20, ROOT)
    assert bad.value.code == code


def test_an_origin_that_is_no_key_name_cannot_sign() -> None:
    with pytest.raises(Invalid) as bad:
        sign(Checkpoint("two words", 20, ROOT), KEY)
    assert bad.value.code == "note.name"


def test_only_ed25519_signs_checkpoints() -> None:
    with pytest.raises(Invalid) as bad:
        sign(HEAD, Esp256PrivateKey.generate())
    assert bad.value.code == "note.algorithm"


@pytest.mark.parametrize("size", [-1, 1 << 63])
def test_impossible_sizes(size: int) -> None:
    with pytest.raises(Invalid) as bad:
        Checkpoint(ORIGIN, size, ROOT)
    assert bad.value.code == "checkpoint.size"


@pytest.mark.parametrize("line", ["", "a\nb", "a\rb"])
def test_impossible_extensions(line: str) -> None:
    with pytest.raises(Invalid) as bad:
        Checkpoint(ORIGIN, 20, ROOT, (line,))
    assert bad.value.code == "checkpoint.extension"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        f"{ORIGIN}\n",
        f"{ORIGIN}\n20\n",
        f"{ORIGIN}\n20\n{ROOT_TEXT}",
        f"{ORIGIN}\n020\n{ROOT_TEXT}\n",
        f"{ORIGIN}\n+20\n{ROOT_TEXT}\n",
        f"{ORIGIN}\n-20\n{ROOT_TEXT}\n",
        f"{ORIGIN}\n2_0\n{ROOT_TEXT}\n",
        f"{ORIGIN}\n 20\n{ROOT_TEXT}\n",
        f"{ORIGIN}\n\n{ROOT_TEXT}\n",
        f"{ORIGIN}\n\u0662\u0660\n{ROOT_TEXT}\n",
        f"{ORIGIN}\n{'9' * 5000}\n{ROOT_TEXT}\n",
        f"{ORIGIN}\n20\n{ROOT_TEXT[:-1]}\n",
        f"{ORIGIN}\n20\n{ROOT_TEXT[:-2]}J=\n",
        f"{ORIGIN}\n20\n{ROOT_TEXT} \n",
        f"{ORIGIN}\n20\n{ROOT_TEXT.replace('/', '_')}\n",
        f"{ORIGIN}\n20\n\u2014{ROOT_TEXT}\n",
    ],
)
def test_other_spellings_are_refused(text: str) -> None:
    with pytest.raises(Invalid) as bad:
        parse_body(text)
    assert bad.value.code == "checkpoint.format"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (f"\n20\n{ROOT_TEXT}\n", "checkpoint.origin"),
        (f"{ORIGIN}\n9223372036854775808\n{ROOT_TEXT}\n", "checkpoint.size"),
        (f"{ORIGIN}\n20\nAAAA\n", "checkpoint.root"),
        (f"{ORIGIN}\n20\n\n", "checkpoint.root"),
        (f"{ORIGIN}\n0\n{ROOT_TEXT}\n", "checkpoint.root"),
        (f"{ORIGIN}\n20\n{ROOT_TEXT}\n\n", "checkpoint.extension"),
    ],
)
def test_other_contents_are_refused(text: str, code: str) -> None:
    with pytest.raises(Invalid) as bad:
        parse_body(text)
    assert bad.value.code == code


@given(st.integers(min_value=1, max_value=(1 << 63) - 1), st.binary(min_size=32, max_size=32))
def test_there_and_back(size: int, root: bytes) -> None:
    head = Checkpoint(ORIGIN, size, root)
    assert parse_body(head.body) == head


@given(st.lists(st.text(max_size=12), max_size=6))
def test_random_lines_are_refused_or_come_out_the_same(lines: list[str]) -> None:
    text = "\n".join(lines)
    with contextlib.suppress(Problem):
        assert parse_body(text).body == text


@given(st.integers(min_value=0), st.integers(min_value=0, max_value=7))
def test_no_single_bit_can_change(at: int, bit: int) -> None:
    """Law: a checkpoint with any bit flipped is never opened."""
    data = bytearray(sign(HEAD, KEY))
    data[at % len(data)] ^= 1 << bit
    with pytest.raises(Problem):
        open_(bytes(data), KEY.public)
