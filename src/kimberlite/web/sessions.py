"""As whom a visitor looks, in the demo: a random name in a cookie, what it means in memory.

One-click looking exists only where genesis says demo and the node is reached over loopback. A
role only changes what is shown; nothing here signs.
"""

from __future__ import annotations

import ipaddress
from collections import OrderedDict
from dataclasses import dataclass

from kimberlite.crypto.random import token
from kimberlite.web.permissions import Role

COOKIE = "kimberlite-look"
_MOST = 1_000
_NAME_BYTES = 24


@dataclass(frozen=True, slots=True)
class Look:
    """A role, and for an officer the participant whose officer it is."""

    role: Role
    code: str = ""


HERE = Look(Role.OBSERVER)
"""Who reaches a node over loopback sits at it, and sees what everyone sees who replays the log."""

OUTSIDE = Look(Role.PUBLIC)
"""Who comes from elsewhere, without a look of their own."""


class Sessions:
    """The looks that were chosen, the latest thousand."""

    def __init__(self) -> None:
        self._looks: OrderedDict[str, Look] = OrderedDict()

    def begin(self, look: Look) -> str:
        """Keep ``look`` under a new name that cannot be guessed, and give the name."""
        name = token(_NAME_BYTES).hex()
        self._looks[name] = look
        while len(self._looks) > _MOST:
            self._looks.popitem(last=False)
        return name

    def look(self, name: str | None, host: str) -> Look:
        """Give the look kept under ``name``, or what a visitor from ``host`` sees."""
        return self._looks.get(name or "", HERE if is_loopback(host) else OUTSIDE)

    def end(self, name: str | None) -> None:
        """Forget ``name``."""
        self._looks.pop(name or "", None)


def is_loopback(host: str) -> bool:
    """Say whether ``host`` is this machine itself.

    >>> is_loopback("127.0.0.1"), is_loopback("192.0.2.7")
    (True, False)
    """
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
