"""A short address to print in clear, for people without the program.

"https://verify.example/v#XA123.7ZK4-M2QX-P0DR": the number's key and twelve letters of a secret
that only a holder of the opened certificate can work out. Both stand in the fragment, which a
browser never sends, so that no server's log becomes a list of parcels on their way.
Source: ours, docs/spec/qr.md.
"""

from __future__ import annotations

import hashlib
import hmac
import re

from kimberlite.certificates.file import CertificateFile
from kimberlite.documents import letters
from kimberlite.kernel import cbor
from kimberlite.kernel.errors import Invalid, Problem
from kimberlite.kernel.ids import CertificateNumber

LETTERS = 12
"""Letters of the secret, five bits each: sixty bits, and a guess can only be tried by asking."""

_BASE = re.compile(
    r"(?:https://[a-z0-9.-]+|http://(?:127\.0\.0\.1|localhost))(?::[0-9]{1,5})?(?:/[a-z0-9-]+)*"
)
_LONGEST_BASE = 80


def base_of(origin: str) -> str:
    """Give the address of the verifier that a log's origin stands for, where none is set.

    >>> base_of("demo.kimberlite.example/log")
    'https://demo.kimberlite.example/v'
    """
    return f"https://{origin.partition('/')[0].lower()}/v"


def secret(file: CertificateFile) -> str:
    """Give the twelve letters that only who has every section open can work out.

    The first 60 bits of SHA-256(CBOR(["kp-ask/1", statement id, [[section, salt]...]])), sections
    in the order of their names.

    Raises:
        Invalid: ``address.closed`` when a sealed section is not open in this file.
    """
    if len(file.openings) != len(file.statement.body.seals):
        raise Invalid("address.closed", "an address needs the file with every section open")
    salts = sorted([each.section, each.salt] for each in file.openings)
    told = cbor.encode(["kp-ask/1", file.statement.id, salts])
    return letters.write(int.from_bytes(hashlib.sha256(told).digest()[:8], "big") >> 4, LETTERS)


def address(base: str, file: CertificateFile) -> str:
    """Give the address to print, below ``base`` (https, or http on this machine).

    Raises:
        Invalid: ``address.base``, ``address.closed``.
    """
    if len(base) > _LONGEST_BASE or _BASE.fullmatch(base) is None:
        raise Invalid("address.base", "the verifier's address is https://, a host and a path")
    return f"{base}#{file.statement.header.sub}.{letters.grouped(secret(file))}"


def parse(text: str) -> tuple[str, str]:
    """Give number key and secret of an address or its fragment, as people type it.

    Raises:
        Invalid: ``address.form``.

    >>> parse("https://verify.example/v#xa123.7zk4 m2qx pOdr")
    ('XA123', '7ZK4M2QXP0DR')
    """
    number, dot, rest = text.rpartition("#")[2].partition(".")
    try:
        key, given = CertificateNumber.parse(number.strip().upper()).key, letters.tidy(rest)
    except Problem:
        key = given = ""
    if not dot or len(given) != LETTERS:
        raise Invalid("address.form", "type the number, a dot, and the twelve letters after it")
    return key, given


def answers(file: CertificateFile, told: str) -> bool:
    """Say whether ``told`` is this file's secret, taking as long for a wrong one as for the right.

    Raises:
        Invalid: ``address.closed``, ``letters.unknown``.
    """
    return hmac.compare_digest(secret(file), letters.tidy(told))
