"""Hostile input on every intake of a running node: a stable code, nothing lost, nothing half done.

Each try compares all stores before and after: a refusal leaves every row and every file as it was.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from kimberlite.certificates.file import parse_file
from kimberlite.kernel.errors import Problem
from kimberlite.ledger.envelope import Body, Header, sign
from kimberlite.node import clock
from kimberlite.node.acting import ACT_WORDS
from kimberlite.node.books import V1
from kimberlite.node.clients import LogClient
from kimberlite.node.intake.batches import Batches
from kimberlite.node.intake.preview import Asked, preview
from kimberlite.node.intake.scans import Scans
from kimberlite.node.store import Act
from tests.helpers.hostile import FEW, NAMES, altered
from tests.helpers.region import Issued, Region, findings, region
from tests.helpers.sheets import as_csv, as_json, as_xlsx, papers
from tests.helpers.stores import CODES, contents, tried


@pytest.fixture(scope="module")
def world() -> Iterator[Region]:
    with pytest.MonkeyPatch.context() as patch, region(patch, hosted=("XA", "XB")) as found:
        yield found


@pytest.fixture(scope="module")
def issued(world: Region) -> Issued:
    return world.issue("XA", "XB")


# ---- certificate files at the office ---------------------------------------------------------


@given(st.data())
@FEW
def test_certificate_files(world: Region, issued: Issued, data: st.DataObject) -> None:
    raw = data.draw(altered(issued.file))
    office = world.office("XB")
    told = {**findings(world.day()), "outcome": "confirmed"}
    ways: tuple[Callable[[], Act], ...] = (
        lambda: office.present(raw, "HQ"),
        lambda: office.confirm(raw, told)[0],
        lambda: office.act("confirmation", {"number": issued.number, **told}, (raw,)),
    )
    at = data.draw(st.integers(0, 2))
    found = tried(world.nodes.log, ways[at])
    if isinstance(found, str):
        return
    # What was taken is a draft; it goes past the signer only if the log holds the very statement
    if at < 2 and parse_file(raw).statement.id != issued.parsed.statement.id:
        size = world.view.reader.size
        with pytest.raises(Problem) as bad:
            world.finish("XB", found)
        assert bad.value.code in CODES
        assert world.view.reader.size == size
    office.withdraw(found.id)


def test_a_file_of_another_log_gets_nowhere(world: Region) -> None:
    with pytest.MonkeyPatch.context() as patch, region(patch, hosted=("XA",)) as other:
        foreign = other.issue("XA", "XB", number="XA04242")
    office = world.office("XB")
    told = {**findings(world.day()), "outcome": "confirmed"}
    ways: tuple[Callable[[], Act], ...] = (
        lambda: office.present(foreign.file),
        lambda: office.confirm(foreign.file, told)[0],
    )
    for way in ways:
        act = tried(world.nodes.log, way)
        if isinstance(act, str):
            continue
        size = world.view.reader.size
        with pytest.raises(Problem) as bad:
            world.finish("XB", act)
        assert bad.value.code in CODES
        assert world.view.reader.size == size
        office.withdraw(act.id)


# ---- what officers and programs type ----------------------------------------------------------

_LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**30), 10**30),
    st.floats(allow_nan=True),
    st.text(max_size=12),
    st.sampled_from(["XA00001", "XA1", "XB", "2026-01-01", "9999-12-31", "ab" * 32, "genuine"]),
)
_JSON = st.recursive(
    _LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(st.sampled_from((*ACT_WORDS, "certificate", "", "x" * 90)), st.dictionaries(NAMES, _JSON))
@FEW
def test_acts_of_any_shape(world: Region, issued: Issued, word: str, told: dict[str, Any]) -> None:
    office = world.office("XA")
    given = {"number": issued.number, **told}
    found = tried(world.nodes.log, lambda: office.act(word, given))
    if isinstance(found, Act):
        office.withdraw(found.id)


@given(st.dictionaries(NAMES, _JSON))
@FEW
def test_applications_of_any_shape(world: Region, told: dict[str, Any]) -> None:
    office = world.office("XA")
    found = tried(world.nodes.log, lambda: office.apply(told))
    if isinstance(found, Act):
        office.withdraw(found.id)


# ---- statements at the log --------------------------------------------------------------------


def _signed(
    world: Region, holder: str, typ: str, sub: str, named: dict[str, Any], **more: Any
) -> bytes:
    key = world.nodes.founder.key(more.pop("by", holder), "issue")
    iat = more.pop("iat", clock.now())
    header = Header(key.public.algorithm, key.public.kid, typ, holder, sub, iat)
    kind = V1.types[typ]
    return sign(header, Body(kind.version, kind.schema.write(named), {}, bytes(32)), key)


@given(st.data())
@FEW
def test_statements_that_nobody_signed_like_this(
    world: Region, issued: Issued, data: st.DataObject
) -> None:
    good = issued.parsed.statement.raw
    raw = data.draw(altered(good))
    if raw == good:
        return
    size = world.view.reader.size
    assert isinstance(tried(world.nodes.log, lambda: world.post.submit(raw)), str)
    assert world.view.reader.size == size


def test_statements_out_of_order_replayed_and_from_the_future(world: Region) -> None:
    home, post, today = world.nodes.log, world.post, world.today
    first = world.issue("XA", "XB")
    link = {"number": first.number, "certificate": first.parsed.statement.id}
    dispatch = {**link, "day": today}
    sub = f"XA{int(first.number[2:])}"

    # Replayed: the same statement again is the same entry, and adds nothing
    size = world.view.reader.size
    index = world.view.reader.index_of(first.parsed.statement.id)
    before = contents(home)
    assert post.submit(first.parsed.statement.raw) == index
    assert contents(home) == before

    # From the future, by the signer's clock or by the day that it names
    for days, named in ((3, dispatch), (0, {**dispatch, "day": today + 40})):
        raw = _signed(world, "XA", "kp-dispatch+cose", sub, named, iat=clock.now() + days * 86_400)
        assert isinstance(tried(home, partial(post.submit, raw)), str)

    # Out of order: an act on what the log does not hold yet
    unknown = {"number": "XA07777", "certificate": bytes(32), "day": today}
    raw = _signed(world, "XA", "kp-dispatch+cose", "XA7777", unknown)
    assert tried(home, lambda: post.submit(raw)) == "certificate.link"

    # In another's name, about another number, and of a type that the key may not say
    for told in (
        _signed(world, "XB", "kp-dispatch+cose", sub, dispatch, by="XA"),
        _signed(world, "XA", "kp-dispatch+cose", "XA99", dispatch),
        _signed(world, "XA", "kp-time+cose", "time", {"at": clock.now()}),
        _signed(world, "XB", "kp-dispatch+cose", sub, dispatch),
    ):
        assert isinstance(tried(home, partial(post.submit, told)), str)
    assert world.view.reader.size == size

    # And the honest one goes in after all of them, once
    good = _signed(world, "XA", "kp-dispatch+cose", sub, dispatch)
    assert post.submit(good) == post.submit(good) >= size
    assert world.status(first.number) == "dispatched"


def test_a_batch_with_one_bad_statement_takes_the_good_ones_whole(world: Region) -> None:
    first = world.issue("XA", "XB")
    sub = f"XA{int(first.number[2:])}"
    named = {"number": first.number, "certificate": first.parsed.statement.id, "day": world.today}
    good = _signed(world, "XA", "kp-dispatch+cose", sub, named)
    bad = _signed(world, "XA", "kp-dispatch+cose", "XA7778", {**named, "number": "XA07778"})
    told = LogClient(world.nodes.log.log_socket)._client.call(
        "submit", statements=[b"\xff", bad, good, bad]
    )
    codes = [each.get("refused", "") for each in told]
    assert [bool(code) for code in codes] == [True, True, False, True]
    assert set(codes) - {""} <= CODES
    assert world.status(first.number) == "dispatched"


# ---- files of national systems, and scans -----------------------------------------------------

_SHEETS = (
    as_csv(papers(3)),
    as_json(papers(3)),
    as_xlsx([list(papers(1)[0]), *(list(each.values()) for each in papers(3))]),
)


@given(st.data())
@FEW
def test_files_of_rows_are_taken_whole_or_not_at_all(world: Region, data: st.DataObject) -> None:
    raw = data.draw(altered(data.draw(st.sampled_from(_SHEETS))))
    desk = world.office("XB").desk
    batches = Batches(desk.store)
    count = len(world.office("XB").acts())

    def take() -> int:
        found = preview(raw, Asked("papers", "rows", "XB", world.today))
        return batches.apply(found, "officer-1", clock.now()).rows

    rows = tried(world.nodes.log, take)
    acts = world.office("XB").acts()
    assert len(acts) == count + (0 if isinstance(rows, str) else rows)
    for act in acts[: len(acts) - count]:
        world.office("XB").withdraw(act.id)


def _picture(form: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (30, 30), "white").save(out, form)
    return out.getvalue()


@given(st.data(), st.text(max_size=30))
@FEW
def test_scans_are_kept_whole_or_not_at_all(world: Region, data: st.DataObject, name: str) -> None:
    raw = data.draw(altered(data.draw(st.sampled_from((_picture("PNG"), _picture("JPEG"))))))
    desk = world.office("XB").desk
    scans = Scans(desk.store, desk.vault)
    found = tried(world.nodes.log, lambda: scans.take(raw, name, "officer-1", clock.now()))
    if not isinstance(found, str):
        assert desk.vault.get_blob(found.digest) == raw
        again = scans.take(raw, name, "officer-1", clock.now())
        assert again == found
