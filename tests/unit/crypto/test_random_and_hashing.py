"""The two smallest doors of the room."""

from __future__ import annotations

import pytest

from kimberlite.crypto import sha256, token
from kimberlite.kernel.errors import Invalid


def test_a_token_has_the_size_asked_for_and_is_new_each_time() -> None:
    assert [len(token(size)) for size in (1, 16, 64)] == [1, 16, 64]
    assert len({token(16) for _ in range(100)}) == 100


@pytest.mark.parametrize("size", [0, -1])
def test_an_empty_token_is_refused(size: int) -> None:
    with pytest.raises(Invalid) as refused:
        token(size)
    assert refused.value.code == "random.size"


def test_the_hash_is_sha_256() -> None:
    """The answer for "abc" of FIPS 180-4's examples."""
    expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert sha256(b"abc").hex() == expected
