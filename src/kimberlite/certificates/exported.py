"""On which day goods left, as their issuer logged it: the one day that no paper shows by itself."""

from __future__ import annotations

from collections.abc import Callable

from kimberlite.certificates.v1.moving import DISPATCH
from kimberlite.certificates.v1.rows import Row
from kimberlite.ledger.envelope import parse


def day_of_export(row: Row | None, entry: Callable[[int], bytes | None]) -> int | None:
    """Give the day of the last dispatch on a certificate, in days since 1970, or None.

    Args:
        row: what the log knows of the certificate; None where it knows nothing.
        entry: gives the statement logged at an index, or None.
    """
    for index in reversed(() if row is None else row.acts):
        raw = entry(index)
        if raw is None:
            continue
        statement = parse(raw)
        if statement.header.typ == DISPATCH.typ:
            return int(DISPATCH.schema.read(statement.body.log)["day"])
    return None
