"""How much is signed, and when: the limits that hold even if everything else is stolen."""

from __future__ import annotations

from typing import Final

from kimberlite.kernel.errors import Refused
from kimberlite.node.signer.enrolment import Policy
from kimberlite.node.signer.ports import Judged

AHEAD: Final = 300
"""How far, in seconds, the clock of an officer or of the asking process may be ahead of the
signer's, and how far the signer's own may go back."""


def check_moment(iat: int, now: int, policy: Policy, latest: int) -> None:
    """Make sure that a proposal of ``iat`` is fresh, and that this machine's clock runs on.

    Args:
        latest: moment of the last signature; all moments in UTC seconds.

    Raises:
        Refused: ``signer.time``; ``signer.clock-back``, as a clock set back would open a spent
            day anew.
    """
    if now < latest - AHEAD:
        raise Refused(
            "signer.clock-back",
            "this machine's clock is behind the last signature: set it right first",
            now=now,
            latest=latest,
        )
    if not now - policy.fresh <= iat <= now + AHEAD:
        raise Refused(
            "signer.time",
            "the proposal is too old, or dated in the future: make it anew",
            iat=iat,
            now=now,
        )


def check_day(spent: tuple[int, int, int], judged: Judged, policy: Policy) -> None:
    """Make sure that one more statement stays within the day's limits of its key.

    Args:
        spent: statements, hundredths of a carat and cents of US$ signed this UTC day.

    Raises:
        Refused: ``signer.limit`` naming the limit.
    """
    asked = (1, judged.points, judged.cents)
    limits = (policy.statements, policy.points, policy.cents)
    names = ("statements", "carats", "US$")
    for name, done, more, limit in zip(names, spent, asked, limits, strict=True):
        if done + more > limit:
            raise Refused(
                "signer.limit",
                f"the day's limit of {name} for this key is reached: wait, or let the signer's "
                "administrator raise it",
                limit=name,
                spent=done,
                asked=more,
                allowed=limit,
            )
