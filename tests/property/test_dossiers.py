"""Dossiers that lie, lack or bloat are refused with a stable code, whatever was done to them."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kimberlite.certificates.visibility import Moment, Role
from kimberlite.kernel.days import day_of
from kimberlite.kernel.errors import Invalid, Problem, Untrusted
from kimberlite.node import clock
from kimberlite.node.dossier import form
from kimberlite.node.dossier.check import Checked, check
from kimberlite.node.dossier.make import Press, make
from kimberlite.node.sight import Asker
from kimberlite.words import Words
from tests.helpers.nodes import short_folder
from tests.helpers.planted import Planted

TODAY = day_of(clock.now())
Files = dict[str, bytes]


@pytest.fixture(scope="module")
def raws() -> Iterator[dict[str, bytes]]:
    """Give dossiers of the same certificate for its issuer and for an observer."""
    with short_folder() as folder:
        world = Planted(folder / "n")
        node, desk = world.node, world.node.desk("XA")
        press = Press(desk.view, desk.vault, node.receipt, node.bundle(), Words("en"), 0, desk)
        held = world.folder(Moment.CONFIRMED, "XA")
        other = world.folder(Moment.AGED, "XA")
        yield {
            "issuer": make(press, held, Asker("XA")),
            "observer": make(press, held, Asker("", Role.OBSERVER)),
            "other": make(press, other, Asker("XA")),
        }


def zipped(files: Files) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as into:
        for name, data in files.items():
            into.writestr(name, data)
    return out.getvalue()


def read(raw: bytes) -> tuple[dict[str, Any], Files]:
    index, files = form.unpack(raw)
    return index, files


def again(index: dict[str, Any], files: Files) -> bytes:
    """Put a dossier together with digests that fit, as a forger would."""
    told = {name: value for name, value in index.items() if name not in {"files", "form"}}
    return form.pack(told, files)


def refused(raw: bytes) -> str:
    with pytest.raises((Invalid, Untrusted)) as bad:
        check(raw, TODAY)
    return bad.value.code


def test_an_untouched_dossier_holds(raws: dict[str, bytes]) -> None:
    for raw in raws.values():
        assert check(raw, TODAY).page
        index, files = read(raw)
        assert check(again(index, files), TODAY).statements


def test_the_same_content_gives_the_same_bytes(raws: dict[str, bytes]) -> None:
    index, files = read(raws["issuer"])
    assert again(index, files) == again(index, dict(reversed(files.items())))


def test_another_log_is_not_taken_for_the_one_that_is_trusted(raws: dict[str, bytes]) -> None:
    with pytest.raises(Untrusted) as bad:
        check(raws["issuer"], TODAY, b"\x01" * 32)
    assert bad.value.code == "bundle.other-log"


Lie = Callable[[dict[str, Any], Files, dict[str, bytes]], object]


def first(index: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = index["statements"][0]
    return found


LIES: dict[str, tuple[Lie, str]] = {
    "a statement is left out of the index": (
        lambda index, files, raws: index["statements"].pop(),
        "dossier.index",
    ),
    "a statement is told twice": (
        lambda index, files, raws: index["statements"].append(first(index)),
        "dossier.index",
    ),
    "the author is another": (
        lambda index, files, raws: first(index).update(by="XC"),
        "dossier.index",
    ),
    "the day of issue is another": (
        lambda index, files, raws: first(index)["said"].update(issued="2001-01-01"),
        "dossier.index",
    ),
    "the entry is another": (
        lambda index, files, raws: first(index).update(entry=1),
        "dossier.index",
    ),
    "the value is another": (
        lambda index, files, raws: first(index)["sections"][1]["fields"].update(heaviest="1.00"),
        "dossier.index",
    ),
    "what is open is said to be sealed": (
        lambda index, files, raws: first(index)["sections"][0].update(shown="sealed"),
        "dossier.index",
    ),
    "a digest is another": (
        lambda index, files, raws: first(index)["sections"][0].update(digest="00" * 32),
        "dossier.index",
    ),
    "the number is another": (
        lambda index, files, raws: index.update(number="XA100002"),
        "dossier.index",
    ),
    "a statement of another certificate is slipped in": (
        lambda index, files, raws: files.update(
            {first(index)["file"]: read(raws["other"])[1][first(index)["file"]]}
        ),
        "dossier.index",
    ),
    "an opening is changed": (
        lambda index, files, raws: files.update(
            {first(index)["file"]: _changed(files[first(index)["file"]])}
        ),
        "dossier.unproved",
    ),
    "a scan is added that no section names": (
        lambda index, files, raws: files.update({form.scan_name(b"\x07" * 32): b"a scan"}),
        "dossier.index",
    ),
    "a scan is exchanged": (
        lambda index, files, raws: files.update({_scan(files): b"another scan"}),
        "dossier.index",
    ),
    "the trust bundle is missing": (
        lambda index, files, raws: files.pop(form.BUNDLE),
        "dossier.altered",
    ),
    "statements are no list": (
        lambda index, files, raws: index.update(statements={"a": 1}),
        "dossier.index",
    ),
    "sections are no list": (
        lambda index, files, raws: first(index).update(sections=7),
        "dossier.index",
    ),
}


def _changed(raw: bytes) -> bytes:
    """Change one letter of an opened text; the statement itself stays as it is."""
    at = raw.rindex(b"zqexporter")
    return raw[:at] + b"Zq" + raw[at + 2 :]


def _scan(files: Files) -> str:
    return next(name for name in files if name.startswith("scans/"))


@pytest.mark.parametrize("lie", LIES)
def test_an_index_that_lies_is_found_out(raws: dict[str, bytes], lie: str) -> None:
    tell, code = LIES[lie]
    index, files = read(raws["issuer"])
    tell(index, files, raws)
    assert refused(again(index, files)) == code


def test_a_page_of_another_make_is_said_and_not_refused(raws: dict[str, bytes]) -> None:
    index, files = read(raws["issuer"])
    files[form.PAGE] = b"<h1>All is well</h1>"
    assert not check(again(index, files), TODAY).page


def test_a_file_that_the_index_does_not_name_is_found(raws: dict[str, bytes]) -> None:
    index, files = read(raws["issuer"])
    head = json.dumps(index).encode()
    extra = {form.scan_name(b"\x08" * 32): b"x"}
    assert refused(zipped({form.INDEX: head, **files, **extra})) == "dossier.altered"
    del files[form.HOW]
    assert refused(zipped({form.INDEX: head, **files})) == "dossier.altered"


@pytest.mark.parametrize("name", ["../outside", "/etc/passwd", "statements/../x.kpc", "a.exe", " "])
def test_a_name_that_leads_elsewhere_is_refused(raws: dict[str, bytes], name: str) -> None:
    index, files = read(raws["issuer"])
    head = json.dumps(index).encode()
    assert refused(zipped({form.INDEX: head, **files, name: b"x"})) == "dossier.form"


def test_a_bomb_is_refused_before_it_fills_the_memory(
    raws: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(form, "LIMIT", 1 << 20)
    index, files = read(raws["issuer"])
    files[form.scan_name(b"\x09" * 32)] = bytes(8 << 20)
    head = json.dumps(index).encode()
    packed = zipped({form.INDEX: head, **files})
    assert len(packed) < 1 << 20
    assert refused(packed) == "dossier.too-large"


def test_too_many_files_are_refused() -> None:
    many = {form.scan_name(bytes([at // 256, at % 256]) * 16): b"" for at in range(500)}
    assert refused(zipped(many)) == "dossier.too-large"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"PK\x03\x04",
        b"not a zip at all",
        zipped({}),
        zipped({"index.json": b"{"}),
        zipped({"index.json": b"[]"}),
        zipped({"index.json": b'{"form":"kimberlite-dossier/2","files":{}}'}),
        zipped({"index.json": b'{"form":"kimberlite-dossier/1","files":[]}'}),
        zipped({"index.json": b"[" * 100_000}),
    ],
)
def test_what_is_no_dossier_is_refused(raw: bytes) -> None:
    assert refused(raw) == "dossier.form"


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.data())
def test_bytes_changed_anywhere_never_pass_and_never_break(
    raws: dict[str, bytes], data: st.DataObject
) -> None:
    """Law: a dossier with bytes changed is refused with a code, or says the very same."""
    raw = bytearray(raws["observer"])
    before = check(bytes(raw), TODAY)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(raw) - 1))
        raw[at] = data.draw(st.integers(0, 255))
    try:
        after: Checked | None = check(bytes(raw), TODAY)
    except Problem:
        after = None
    assert after is None or after == before
