"""A view shows what it discloses and no more; readers take one form of each thing."""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kimberlite.certificates.file import parse_file
from kimberlite.certificates.verdict import Result, Weight
from kimberlite.documents.credential import check, jws, strict, view
from kimberlite.kernel.errors import Invalid, Problem, Refused
from tests.helpers.certificates import FakeTrade, no
from tests.helpers.credentials import ORIGIN, Scene


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    return Scene(tmp_path_factory.mktemp("scene"))


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


def test_no_goods_travel_on_a_view(scene: Scene) -> None:
    for data in (scene.raw, scene.token()):
        assert check.refuse_view(data) == data
    with pytest.raises(Refused) as refused:
        check.refuse_view(shown(scene, "public"))
    assert refused.value.code == "credential.view-presented"


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


def test_json_reads_what_the_standard_library_wrote() -> None:
    told = {"a": [1, "é", None, True], "b": {"c": -1}}
    assert strict.decode(json.dumps(told).encode()) == told
