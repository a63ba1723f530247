"""Draw unpredictable bytes from the operating system."""

from __future__ import annotations

import secrets

from kimberlite.kernel.errors import Invalid


def token(size: int) -> bytes:
    """Draw ``size`` bytes fit for salts, nonces and secrets.

    Raises:
        Invalid: ``random.size`` when ``size`` is below 1.
    """
    if size < 1:
        raise Invalid("random.size", "ask for at least one byte", size=size)
    return secrets.token_bytes(size)
