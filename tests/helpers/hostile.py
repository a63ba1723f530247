"""Bytes that nobody means well with, for every intake."""

from __future__ import annotations

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from kimberlite.kernel import cbor
from kimberlite.node.books import V1

FEW = settings(
    max_examples=20,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
BOMBS = (
    b"",
    b"\x00",
    b"\x9f" * 400,
    b"\x5b\xff\xff\xff\xff\xff\xff\xff\xff",
    b"\x81" * 60_000,
    cbor.encode(["kp-file/1", b"", [], []]),
    cbor.encode(["kp-file/1", b"\x84" * 40, [[1, 2]], [b""]]),
    b"KP1:" + b"9" * 3000,
    b"%PDF-1.7\n" + b"\xff" * 3000,
    b"\x89PNG\r\n\x1a\n" + b"\x00" * 100,
    b"PK\x03\x04" + b"\x00" * 100,
    "zażółć".encode("utf-16"),
)
NAMES = st.sampled_from(
    sorted(
        {field.name for kind in V1.types.values() for field in kind.schema.fields}
        | {section.name for kind in V1.types.values() for section in kind.sections}
    )
)


@st.composite
def altered(draw: st.DrawFn, good: bytes) -> bytes:
    """Bytes that were good: cut, doubled, with some replaced; or never good."""
    how = draw(st.sampled_from(("cut", "swap", "insert", "twice", "noise", "bomb")))
    at = draw(st.integers(0, len(good) - 1))
    if how == "cut":
        return good[:at]
    if how == "twice":
        return good + good[:at]
    if how == "noise":
        return draw(st.binary(max_size=400))
    if how == "bomb":
        return draw(st.sampled_from(BOMBS))
    more = draw(st.binary(min_size=1, max_size=4))
    return good[:at] + more + good[at + (len(more) if how == "swap" else 0) :]
