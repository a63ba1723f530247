"""The one owner of the real clock."""

from __future__ import annotations

import time


def now() -> int:
    """Give UTC seconds since 1970."""
    return int(time.time())
