"""What was erased on a node, on which ground: a record that outlives a restore from backup.

One JSON object a line, in a folder of its own that a restore never moves aside. It holds no
content: number, digests, ground, order, officer's pseudonym, day. Source: ours,
docs/spec/retention.md.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kimberlite.kernel.days import parse_day, show_day
from kimberlite.kernel.errors import Problem, Untrusted
from kimberlite.kernel.ids import CertificateNumber
from kimberlite.storage.files import read_if_there, write_whole

FORM = "kp-erasure/1"
_HEX = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Erasure:
    """One erasure of a certificate's openings at one authority.

    Attributes:
        number: as printed.
        holder: the authority that erased.
        ground: why, in a sentence without names of persons.
        order: the lawful order that was followed before the term had run out; "" for none.
        officer: pseudonym of who decided it.
        day: days since 1970.
        digests: of the sections and scans that went, 32 bytes each, sorted.
    """

    number: str
    holder: str
    ground: str
    order: str
    officer: str
    day: int
    digests: tuple[bytes, ...]

    @property
    def key(self) -> str:
        """The number's key."""
        return CertificateNumber.parse(self.number).key

    def to_json(self) -> dict[str, Any]:
        """Give the JSON form, as it stands in the record."""
        return {
            "form": FORM,
            "number": self.number,
            "holder": self.holder,
            "ground": self.ground,
            "order": self.order,
            "officer": self.officer,
            "day": show_day(self.day),
            "digests": [each.hex() for each in self.digests],
        }


class Erasures:
    """The record of one node, in one file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def all(self) -> tuple[Erasure, ...]:
        """Give every erasure, oldest first.

        Raises:
            Untrusted: ``erasures.damaged``. Unavailable: ``storage.read``.
        """
        data = read_if_there(self._path)
        return () if data is None else read(data)

    def of(self, key: str) -> tuple[Erasure, ...]:
        """Give the erasures of one number's key, oldest first."""
        return tuple(each for each in self.all() if each.key == key)

    def add(self, told: Iterable[Erasure]) -> int:
        """Add those that are not in the record yet; give how many. Durable on return."""
        known = list(self.all())
        new = [each for each in told if each not in known]
        if new:
            lines = (json.dumps(each.to_json(), sort_keys=True) for each in (*known, *new))
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            text = "".join(f"{line}\n" for line in lines)
            write_whole(self._path, text.encode(), mode=0o600)
        return len(new)


def read(data: bytes) -> tuple[Erasure, ...]:
    """Read a record. Raises Untrusted ``erasures.damaged``."""
    try:
        return tuple(_erasure(json.loads(line)) for line in data.splitlines() if line.strip())
    except (ValueError, KeyError, TypeError, AttributeError, Problem) as bad:
        raise Untrusted(
            "erasures.damaged",
            "the record of erasures is damaged: restore it from backup before anything else",
        ) from bad


def _erasure(told: dict[str, Any]) -> Erasure:
    digests = tuple(str(each) for each in told["digests"])
    if told["form"] != FORM or not all(map(_HEX.fullmatch, digests)):
        raise ValueError
    words = [str(told[name]) for name in ("number", "holder", "ground", "order", "officer")]
    found = Erasure(
        words[0],
        words[1],
        words[2],
        words[3],
        words[4],
        parse_day(told["day"]),
        tuple(bytes.fromhex(each) for each in digests),
    )
    CertificateNumber.parse(found.number)
    return found
