"""Laws of the envelope and of the door: nothing but Problem, nothing left behind, one reading."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from kimberlite.crypto.sign1 import join
from kimberlite.kernel import cbor
from kimberlite.kernel.errors import Invalid, Problem
from kimberlite.ledger import refusal, tlogproof
from kimberlite.ledger.admission import Admitted, Refused, admit
from kimberlite.ledger.engine.memory import MemoryEngine
from kimberlite.ledger.envelope import (
    Body,
    Header,
    Statement,
    Verdicts,
    _header,
    _usual_header,
    parse,
    sign,
)
from kimberlite.ledger.publish import parse_facts
from kimberlite.ledger.schema import MOMENT_MAX
from kimberlite.ledger.state import State
from tests.helpers.log import BEGAN, BOOKS, DAILY, Desk, genesis, key, new_key, sample

HOLDERS = st.sampled_from(["XA", "XB", "kp.chair", "kp.log", "abcd.a-long-organ-name-24", "XZ"])
SUBJECTS = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=64)
HEADERS = st.builds(
    Header,
    algorithm=st.just(key("log").public.algorithm),
    kid=st.just(key("log").public.kid),
    typ=st.from_regex(r"[a-z+-]{1,40}", fullmatch=True),
    iss=HOLDERS,
    sub=SUBJECTS,
    iat=st.integers(0, MOMENT_MAX),
)
PLAIN = st.recursive(
    st.integers(cbor.INT_MIN, cbor.INT_MAX)
    | st.binary(max_size=40)
    | st.text(max_size=20)
    | st.booleans()
    | st.none(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.integers(0, 30), inner, max_size=4)
        | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=12,
)
VERDICTS = st.builds(
    Verdicts,
    st.integers(1, 999),
    st.lists(
        st.tuples(SUBJECTS, st.sampled_from(["finding", "cannot-tell", "overridden"])), max_size=5
    ).map(tuple),
)
BODIES = st.builds(
    Body,
    version=st.integers(1, 999),
    log=st.dictionaries(st.integers(0, 30), PLAIN, max_size=5),
    seals=st.dictionaries(st.integers(1, 23), st.binary(min_size=32, max_size=32), max_size=4),
    approval=st.none() | st.binary(min_size=32, max_size=32),
    verdicts=st.none() | VERDICTS,
)
SPOIL = st.tuples(st.integers(0, 400), st.integers(1, 255))


@given(HEADERS, BODIES)
def test_what_is_signed_is_read_back(header: Header, body: Body) -> None:
    """Law: parse(sign(header, body)) gives header and body again, and the same bytes."""
    raw = sign(header, body, key("log"))
    found = parse(raw)
    assert (found.header, found.body, found.raw) == (header, body, raw)
    assert found.signed_by(key("log").public)
    assert not found.signed_by(key("other").public)


@given(HEADERS | st.builds(lambda h, at: h.to_bytes()[:at], HEADERS, st.integers(0, 90)), SPOIL)
@example(b"", (0, 1))
def test_the_short_way_through_a_header_reads_what_the_long_way_reads(
    told: Header | bytes, spoil: tuple[int, int]
) -> None:
    """Law: where the reading by offsets gives an answer, it is the strict decoder's answer."""
    data = told if isinstance(told, bytes) else told.to_bytes()
    at, bits = spoil
    changed = bytearray(data)
    if at < len(data):
        changed[at] ^= bits
    for each in (data, bytes(changed)):
        quick = _usual_header(each)
        if quick is not None:
            assert quick == _header(cbor.decode(each))


def test_the_short_way_is_taken_by_ordinary_headers() -> None:
    assert _usual_header(parse(sample(1)).protected) == parse(sample(1)).header


@given(st.binary(max_size=200) | st.builds(lambda p: join(b"", p, bytes(64)), st.binary()))
def test_arbitrary_bytes_raise_nothing_but_our_own_errors(data: bytes) -> None:
    """Law: every reader of outside bytes either gives a value or raises Problem."""
    for read in (parse, refusal.parse, tlogproof.parse, parse_facts):
        with suppress(Problem):
            read(data)


@given(st.sampled_from([genesis(), sample(1), sample(2, sealed=True)]), SPOIL)
def test_spoilt_statements_raise_nothing_but_our_own_errors(
    raw: bytes, spoil: tuple[int, int]
) -> None:
    """Law: a statement with one byte changed is malformed, or another one that is not signed."""
    at, bits = spoil[0] % len(raw), spoil[1]
    changed = raw[:at] + bytes((raw[at] ^ bits,)) + raw[at + 1 :]
    try:
        found = parse(changed)
    except Invalid:
        return
    assert not found.signed_by(key("log").public)
    assert not found.signed_by(key("XA daily").public)


@given(PLAIN, PLAIN)
def test_any_header_and_payload_is_read_or_refused(header: object, payload: object) -> None:
    """Law: strict CBOR of any shape in the two places is read or refused as ours."""
    with suppress(Problem):
        parse(join(cbor.encode(header), cbor.encode(payload), bytes(64)))


def tampered(kind: str, label: int, value: Any) -> bytes:
    """Sign, with a proper key, a statement whose log section has one odd field."""
    typ = BOOKS[1].types[kind]
    role = min(typ.roles)
    holder = {"log": "kp.log", "operate": "kp.operator", "chair": "kp.chair"}.get(role, "XA")
    name = "XA recovery" if role in {"keys", "recover"} else DAILY[holder]
    signer = key(name)
    header = Header(signer.public.algorithm, signer.public.kid, kind, holder, "x", BEGAN)
    log = {field.label: _plausible(field.name) for field in typ.schema.fields if field.required}
    return sign(header, Body(1, {**log, label: value}), signer)


def _plausible(name: str) -> Any:
    return {
        "public": key("XA fresh").public.cose_key(),
        "holder": "XA",
        "roles": ["issue"],
        "proof": bytes(64),
        "kid": key("XB daily").public.kid,
        "reason": "a test",
        "statements": [bytes(32)],
        "statement": bytes(32),
        "digest": bytes(32),
        "items": ["one"],
        "name": "list",
        "edition": "1",
        "source": "a test",
        "at": BEGAN,
        "version": 2,
        "number": 5,
    }.get(name, 1)


@given(st.sampled_from(sorted(BOOKS[1].types)), st.integers(0, 12), PLAIN)
def test_the_door_is_total_and_a_refusal_leaves_nothing(kind: str, label: int, odd: Any) -> None:
    """Law: admit gives Refused or Admitted for every signed statement; refused changes nothing."""
    desk = Desk()
    before = _everything(desk.log.state)
    outcome = admit(desk.log.state, BOOKS, parse(tampered(kind, label, odd)), desk.log.size)
    if isinstance(outcome, Refused):
        assert desk.log.state.changes() == []
        assert _everything(desk.log.state) == before
    else:
        assert isinstance(outcome, Admitted)
        assert cbor.decode(outcome.encoded())


def _everything(state: State) -> list[object]:
    return [sorted(each.items()) for _, each in sorted(state._resident.items())]


STEPS = st.lists(
    st.one_of(
        st.builds(sample, st.integers(0, 6), st.sampled_from(["XA", "XB"])),
        st.builds(
            new_key,
            st.just("XA"),
            st.sampled_from(["XA second", "XA third", "XA daily"]),
            st.sampled_from([["issue"], ["endorse"], ["recover"]]),
        ),
        st.just(b"garbage"),
        st.builds(genesis),
    ),
    max_size=12,
)


@given(STEPS, st.lists(st.integers(1, 5), min_size=12, max_size=12))
def test_batches_do_not_matter(steps: list[bytes], cuts: list[int]) -> None:
    """Law: a history comes to the same entries, facts and state however it was cut into batches."""
    single, batched = Desk(), Desk()
    one = [single.say(each) for each in steps]
    many, at = [], 0
    for cut in cuts:
        many += batched.log.append(steps[at : at + cut])
        at += cut
    many += batched.log.append(steps[at:])

    assert [_told(each) for each in one] == [_told(each) for each in many]
    assert (single.log.size, single.log.facts) == (batched.log.size, batched.log.facts)
    assert isinstance(single.engine, MemoryEngine)
    assert isinstance(batched.engine, MemoryEngine)
    assert single.engine._rows == batched.engine._rows
    assert single.engine._tiles == batched.engine._tiles


def _told(outcome: Admitted | Refused) -> object:
    return outcome.encoded() if isinstance(outcome, Admitted) else (outcome.code, outcome.facts)


def test_a_statement_is_one_statement_whoever_signs_it_again() -> None:
    found = parse(sample(1))
    again = Statement(b"", b"", found.header, found.body, b"", b"", b"")
    assert parse(sign(again.header, again.body, key("other"))).id == found.id
