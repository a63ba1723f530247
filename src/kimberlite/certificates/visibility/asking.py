"""What every exit asks of the matrix: in which role, at which moment, and so: what.

A sealed section opens whole or not at all, as its digest is over all of it; so an exit asks
``may_open`` for sections and ``may_see`` for the rest. Source: ours, docs/spec/visibility.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from kimberlite.certificates.transitions import Status
from kimberlite.certificates.visibility.matrix import (
    CLOSED,
    LETTERS,
    ROWS,
    Answer,
    Moment,
    Part,
    Policy,
    Role,
    Row,
)

_BY_PART: Final[Mapping[tuple[Part, str], Row]] = MappingProxyType(
    {(row.part, row.field): row for row in ROWS}
)
_MOMENTS: Final = tuple(Moment)

_ISSUED_BY_TYP: Final = frozenset(("kp-cert+cose", "kp-correction+cose", "kp-paper+cose"))
"""Statements whose sections are a certificate's own; in every other they are what was found."""
_OF_CERTIFICATE: Final = {
    "shipment": Part.SHIPMENT,
    "values": Part.VALUES,
    "parties": Part.PARTIES,
}
_OF_OTHERS: Final = {
    "shipment": Part.FOUND,
    "values": Part.FOUND,
    "parties": Part.FOUND_PARTIES,
    "measured": Part.FOUND,
    "journey": Part.JOURNEY,
}

_MOMENT_OF: Final[Mapping[Status, Moment]] = MappingProxyType(
    {
        Status.DISPATCHED: Moment.DISPATCHED,
        Status.PRESENTED: Moment.PRESENTED,
        Status.CONFIRMED: Moment.CONFIRMED,
        Status.REPORTED: Moment.CONFIRMED,
        **dict.fromkeys(
            (
                Status.REFUSED,
                Status.DETAINED,
                Status.SEIZED,
                Status.LOST,
                Status.SENT_BACK,
                Status.FORFEITED,
                Status.DISPOSED,
            ),
            Moment.DISPUTED,
        ),
    }
)
"""Statuses not named here (issued, replaced, void, annulled, returned) open nothing new."""


def part_of(typ: str, section: str) -> Part:
    """Say which row a sealed section falls under; what is new falls under the most closed."""
    known = _OF_CERTIFICATE if typ in _ISSUED_BY_TYP else _OF_OTHERS
    return known.get(section, Part.EVIDENCE)


def role_of(code: str, *, author: str, issuer: str, destination: str, passed: bool = False) -> Role:
    """Say in which role a participant asks about a statement.

    Args:
        code: who asks.
        author: who made the statement: what one says oneself one may see.
        issuer: who issued the certificate that it is about.
        destination: to whom the goods go, "" where the asker does not know.
        passed: whether the goods passed through ``code`` on their way.

    >>> role_of("XC", author="XA", issuer="XA", destination="XB")
    <Role.PARTICIPANT: 'participant'>
    """
    if code == issuer:
        return Role.ISSUER
    if code in {author, destination}:
        return Role.DESTINATION
    return Role.TRANSIT if passed else Role.PARTICIPANT


def moment_of(
    status: Status | None,
    *,
    disputed: bool = False,
    erased: bool = False,
    since_confirmed: int = 0,
    policy: Policy = CLOSED,
) -> Moment:
    """Say where a certificate is in its life.

    Args:
        status: as the log has it; None before it is logged.
        disputed: whether a file of discrepancy or an alert is open.
        erased: whether its openings were erased here.
        since_confirmed: days since the day of arrival that its confirmation bears.
        policy: what was decided for this certificate.
    """
    if status is None:
        return Moment.DRAFT
    if erased:
        return Moment.ERASED
    if disputed:
        return Moment.DISPUTED
    found = _MOMENT_OF.get(status, Moment.ISSUED)
    due = 0 < policy.opens_after <= since_confirmed
    return Moment.AGED if found is Moment.CONFIRMED and due else found


def may_see(
    role: Role, part: Part, moment: Moment, policy: Policy = CLOSED, field: str = ""
) -> Answer:
    """Say what ``role`` gets of ``part`` (or of one field in it) at ``moment``.

    >>> may_see(Role.PARTICIPANT, Part.SHIPMENT, Moment.AGED).value
    'sealed'
    >>> may_see(Role.PARTICIPANT, Part.SHIPMENT, Moment.AGED, Policy(opens_after=30)).value
    'clear'
    """
    letter = letter_of(role, part, moment, field)
    closed, by_policy, by_mandate, opened = LETTERS[letter]
    if (by_policy and policy.opens_after > 0) or (by_mandate and policy.mandate):
        return opened
    return closed


def letter_of(role: Role, part: Part, moment: Moment, field: str = "") -> str:
    """Give the letter of a cell: c clear, a totals, s sealed, - never; m, g and b are sealed,
    totals and sealed, and clear under a mandate, a mandate, and a dated policy or a mandate.
    """
    for name in dict.fromkeys((field, "")):
        row = _BY_PART.get((part, name))
        if row is not None and role in row.cells:
            return row.cells[role][_MOMENTS.index(moment)]
    return "-"


def may_open(role: Role, typ: str, section: str, moment: Moment, policy: Policy = CLOSED) -> bool:
    """Say whether ``role`` may have the opening of a sealed section: every field of it in clear."""
    part = part_of(typ, section)
    fields = [row.field for row in ROWS if row.part is part]
    return all(may_see(role, part, moment, policy, each) is Answer.CLEAR for each in fields)


def sharers(typ: str, section: str) -> frozenset[Role]:
    """Name the roles to which a section is sealed when its statement is made.

    These are the parties to the trade who see it with neither a policy nor a mandate, once issued.
    """
    authorities = (Role.ISSUER, Role.DESTINATION, Role.TRANSIT, Role.PARTICIPANT)
    return frozenset(role for role in authorities if may_open(role, typ, section, Moment.ISSUED))
