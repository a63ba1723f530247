from __future__ import annotations

import contextlib
from base64 import b64decode, b64encode

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PublicKey as OracleKey,
)
from hypothesis import given
from hypothesis import strategies as st

from kimberlite.crypto import Ed25519PrivateKey, Esp256PrivateKey
from kimberlite.kernel.errors import Invalid, Problem, Untrusted
from kimberlite.ledger.note import (
    MAX_NOTE,
    Kind,
    Note,
    Signature,
    Verified,
    Verifier,
    cosign,
    cosigned_message,
    key_id,
    parse,
    parse_vkey,
    sign,
    verify,
)

# The key and note of the reference implementation's documentation (golang.org/x/mod/sumdb/note).
PETER_VKEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PETER_SEED = "AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
PETER_TEXT = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
)
PETER_LINE = (
    "\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngot"
    "pRZb6KE6RyyBwJnAM=\n"
)
PETER_NOTE = (PETER_TEXT + "\n" + PETER_LINE).encode()

# The examples of C2SP signed-note and C2SP tlog-cosignature; their keys are not published.
POEM = (
    "Ognuno sta solo sul cuor della terra\n"
    "trafitto da un raggio di sole:\n\n\u00e8 subito sera.\n\n"
    "\u2014 quasimodo.example/salvatore NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJK"
    "ONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=\n"
).encode()
COSIGNED = (
    "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
    "\u2014 example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u"
    "5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
    "\u2014 witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlr"
    "DJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"
).encode()

ANNA, BELA = Ed25519PrivateKey(b"a" * 32), Ed25519PrivateKey(b"b" * 32)
KNOWN_ANNA = Verifier("xa.example/log", ANNA.public)
WITNESS = Verifier("xb.example/witness", BELA.public, Kind.COSIGNATURE)
TEXT = "xa.example/log\n3\nsomething\n"
T0 = 1_790_000_000


def _signed(*more: Signature) -> Note:
    return Note(TEXT, (sign(TEXT, "xa.example/log", ANNA), *more))


def _code(error: pytest.ExceptionInfo[Problem]) -> str:
    return error.value.code


def test_the_reference_note_verifies() -> None:
    peter = parse_vkey(PETER_VKEY)
    assert (peter.name, peter.key_id.hex(), peter.kind) == ("PeterNeumann", "c74f20a3", 1)
    assert peter.vkey == PETER_VKEY
    note = parse(PETER_NOTE)
    assert note.text == PETER_TEXT
    assert verify(note, [peter]) == (Verified(peter, None),)
    assert note.to_bytes() == PETER_NOTE


def test_the_reference_note_is_signed_byte_for_byte() -> None:
    peter = Ed25519PrivateKey(b64decode(PETER_SEED)[1:])
    assert Note(PETER_TEXT, (sign(PETER_TEXT, "PeterNeumann", peter),)).to_bytes() == PETER_NOTE


def test_a_changed_letter_in_the_reference_note_shows() -> None:
    with pytest.raises(Untrusted) as bad:
        verify(parse(PETER_NOTE.replace(b"answer", b"Answer")), [parse_vkey(PETER_VKEY)])
    assert _code(bad) == "note.signature"


def test_text_may_hold_empty_lines() -> None:
    note = parse(POEM)
    assert note.text.endswith("sole:\n\n\u00e8 subito sera.\n")
    assert [(each.name, each.key_id.hex()) for each in note.signatures] == [
        ("quasimodo.example/salvatore", "367ba04b")
    ]
    assert note.to_bytes() == POEM


def test_the_published_cosignature_has_its_time() -> None:
    note = parse(COSIGNED)
    line = note.signatures[1]
    assert (line.name, len(line.blob), len(line.raw)) == ("witness.example.com/w1", 72, 76)
    assert int.from_bytes(line.blob[:8], "big") == 1_679_315_147
    assert cosigned_message(note.text, 1_679_315_147).decode().splitlines() == [
        "cosignature/v1",
        "time 1679315147",
        "example.com/behind-the-sofa",
        "20852163",
        "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=",
    ]


def test_another_library_agrees_about_both_kinds() -> None:
    log, witness = sign(TEXT, "xa.example/log", ANNA), cosign(TEXT, "xb.example/witness", BELA, T0)
    OracleKey.from_public_bytes(ANNA.public.raw).verify(log.blob, TEXT.encode())
    message = f"cosignature/v1\ntime {T0}\n{TEXT}".encode()
    OracleKey.from_public_bytes(BELA.public.raw).verify(witness.blob[8:], message)
    assert witness.blob[:8] == T0.to_bytes(8, "big")


def test_a_cosigned_note_there_and_back() -> None:
    note = _signed().signed_also(cosign(TEXT, "xb.example/witness", BELA, T0))
    again = parse(note.to_bytes())
    assert again == note
    assert verify(again, [KNOWN_ANNA, WITNESS]) == (
        Verified(KNOWN_ANNA, None),
        Verified(WITNESS, T0),
    )


def test_a_cosigners_vkey_there_and_back() -> None:
    assert parse_vkey(WITNESS.vkey) == WITNESS
    assert WITNESS.key_id != key_id(WITNESS.name, Kind.ED25519, WITNESS.key.raw)


def test_unknown_keys_are_ignored_even_with_a_known_name_or_id() -> None:
    same_name = sign(TEXT, "xa.example/log", BELA)
    same_id = Signature("xc.example/log", KNOWN_ANNA.key_id, bytes(64))
    other_type = Signature("xd.example/mldsa", b"\x06\x06\x06\x06", bytes(2420))
    note = _signed(same_name, same_id, other_type)
    assert verify(note, [KNOWN_ANNA]) == (Verified(KNOWN_ANNA, None),)


def test_a_note_that_no_known_key_signed() -> None:
    with pytest.raises(Untrusted) as bad:
        verify(_signed(), [Verifier("xa.example/log", BELA.public)])
    assert _code(bad) == "note.unsigned"


@pytest.mark.parametrize("blob", [bytes(64), b"\x01", bytes(72), bytes(65)])
def test_one_false_line_of_a_known_key_fells_the_note(blob: bytes) -> None:
    false = Signature(KNOWN_ANNA.name, KNOWN_ANNA.key_id, blob)
    with pytest.raises(Untrusted) as bad:
        verify(_signed(false), [KNOWN_ANNA])
    assert _code(bad) == "note.signature"


def test_a_cosignature_binds_its_time() -> None:
    line = cosign(TEXT, WITNESS.name, BELA, T0)
    later = Signature(line.name, line.key_id, (T0 + 1).to_bytes(8, "big") + line.blob[8:])
    for blob in (later.blob, line.blob[:-1], line.blob + b".", line.blob[:4], b"\xff" * 72):
        with pytest.raises(Untrusted) as bad:
            verify(Note(TEXT, (Signature(line.name, line.key_id, blob),)), [WITNESS])
        assert _code(bad) == "note.signature"


def test_a_key_that_cosigned_twice_counts_once_with_its_latest_time() -> None:
    lines = [cosign(TEXT, WITNESS.name, BELA, time) for time in (T0, T0 + 9, T0 + 5)]
    assert verify(Note(TEXT, tuple(lines)), [WITNESS]) == (Verified(WITNESS, T0 + 9),)


def test_one_key_under_two_names_is_no_two_cosigners() -> None:
    twin = Verifier("xc.example/witness", BELA.public, Kind.COSIGNATURE)
    for verifiers in ([WITNESS, twin], [WITNESS, WITNESS]):
        with pytest.raises(Invalid) as bad:
            verify(_signed(cosign(TEXT, WITNESS.name, BELA, T0)), verifiers)
        assert _code(bad) == "note.verifiers"


@pytest.mark.parametrize("time", [-1, 1 << 63])
def test_times_beyond_the_format(time: int) -> None:
    with pytest.raises(Invalid) as bad:
        cosign(TEXT, WITNESS.name, BELA, time)
    assert _code(bad) == "note.time"


def test_at_least_sixteen_signatures_and_at_most_128() -> None:
    keys = [Ed25519PrivateKey(bytes([i]) * 32) for i in range(1, 130)]
    lines = [sign(TEXT, f"x{i}.example", key) for i, key in enumerate(keys)]
    verifiers = [Verifier(f"x{i}.example", key.public) for i, key in enumerate(keys)]
    note = parse(Note(TEXT, tuple(lines[:128])).to_bytes())
    assert len(verify(note, verifiers)) == 128
    with pytest.raises(Invalid):
        Note(TEXT, tuple(lines))
    with pytest.raises(Invalid) as bad:
        parse(note.to_bytes() + lines[128].line.encode())
    assert _code(bad) == "note.format"


LINE = _signed().signatures[0].line


@pytest.mark.parametrize(
    "whole",
    [
        "",
        "\n",
        "text\n",
        "text\n\n",
        f"text\n{LINE}",
        f"text\n\n{LINE[:-1]}",
        f"text\n\n{LINE}\n",
        f"text\n\n{LINE}trailing\n",
        f"text\n\n{LINE}{LINE} ",
        f"te\txt\n\n{LINE}",
        f"te\rxt\n\n{LINE}",
        f"te\0xt\n\n{LINE}",
        f"text\n\n-{LINE[1:]}",
        f"text\n\n {LINE}",
        f"text\n\n{LINE.replace('=', '')}",
        f"text\n\n{LINE[:-1]} \n",
        f"text\n\n{LINE[:-3]}*=\n",
        "text\n\n\u2014 name\n",
        "text\n\n\u2014 name \n",
        "text\n\n\u2014 name AAAA\n",
        "text\n\n\u2014 name AAAAAA==\n",
        "text\n\n\u2014 name AAAAAAB=\n",
        "text\n\n\u2014 name \u0661AAAAAA=\n",
    ],
)
def test_malformed_notes(whole: str) -> None:
    with pytest.raises(Invalid) as bad:
        parse(whole.encode())
    assert _code(bad) == "note.format"


def test_notes_that_are_no_text_or_too_long() -> None:
    with pytest.raises(Invalid) as bad:
        parse(b"\xff\n\n" + LINE.encode())
    assert _code(bad) == "note.format"
    with pytest.raises(Invalid) as long:
        parse(b"a" * MAX_NOTE + b"\n\n" + LINE.encode())
    assert _code(long) == "note.length"
    with pytest.raises(Invalid) as text:
        Note("no newline", _signed().signatures)
    with pytest.raises(Invalid) as lone:
        Note("\ud800\n", _signed().signatures)
    assert _code(text) == _code(lone) == "note.format"


@pytest.mark.parametrize(
    "name", ["", "a b", "a+b", "a\tb", "a\u00a0b", "a\u2003b", "a\u3000b", "a\u2028b", "\ud800"]
)
def test_names_that_no_key_has(name: str) -> None:
    with pytest.raises(Invalid) as bad:
        Verifier(name, ANNA.public)
    assert _code(bad) == "note.name"
    if name != "\ud800":
        with pytest.raises(Invalid):
            parse(f"text\n\n\u2014 {name} AAAAAAA=\n".encode())


def _material(*parts: bytes) -> str:
    return b64encode(b"".join(parts)).decode()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "xa.example",
        "xa.example+",
        "xa.example+00000000+",
        PETER_VKEY.replace("c74f20a3", "c74f20a4"),
        PETER_VKEY.replace("c74f20a3", "C74F20A3"),
        PETER_VKEY.replace("PeterNeumann", "Peter"),
        PETER_VKEY[:-1],
        PETER_VKEY + "=",
        PETER_VKEY + "\n",
        "xa.example+00000000+" + _material(b"\x02", bytes(32)),
        "xa.example+00000000+" + _material(b"\x01", bytes(31)),
    ],
)
def test_malformed_verifier_keys(text: str) -> None:
    with pytest.raises(Invalid) as bad:
        parse_vkey(text)
    assert _code(bad) == "note.vkey"


def test_a_weak_verifier_key_is_refused() -> None:
    weak = bytes([1]) + bytes(31)
    text = f"xa.example+{key_id('xa.example', 1, weak).hex()}+{_material(bytes([1]), weak)}"
    with pytest.raises(Untrusted) as bad:
        parse_vkey(text)
    assert _code(bad) == "key.weak"


def test_other_algorithms_do_not_sign_notes() -> None:
    with pytest.raises(Invalid) as bad:
        sign(TEXT, "xa.example", Esp256PrivateKey.generate())
    assert _code(bad) == "note.algorithm"


@given(st.binary(max_size=400))
def test_random_bytes_are_refused_or_come_out_the_same(data: bytes) -> None:
    with contextlib.suppress(Problem):
        assert parse(data).to_bytes() == data


@given(st.text(max_size=100), st.text(max_size=60))
def test_random_text_is_refused_or_comes_out_the_same(text: str, row: str) -> None:
    data = f"{text}\n\n\u2014 {row}\n".encode(errors="replace")
    with contextlib.suppress(Problem):
        assert parse(data).to_bytes() == data
    with contextlib.suppress(Problem):
        assert parse_vkey(row).vkey == row


@given(st.integers(min_value=0), st.integers(min_value=0, max_value=7))
def test_no_single_bit_of_a_note_can_change(at: int, bit: int) -> None:
    """Law: after any flip the note no longer parses, or verifies with nobody's key."""
    data = bytearray(_signed().to_bytes())
    data[at % len(data)] ^= 1 << bit
    with pytest.raises(Problem):
        verify(parse(bytes(data)), [KNOWN_ANNA])
