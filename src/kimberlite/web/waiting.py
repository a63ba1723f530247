"""Files that were looked at and not taken in yet: the latest few, in memory, each its officer's."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from kimberlite.crypto.random import token
from kimberlite.kernel.errors import Invalid
from kimberlite.node.intake.preview import Asked

_MOST = 8
_NAME_BYTES = 24


@dataclass(frozen=True, slots=True)
class Upload:
    """A file with what was said of it."""

    data: bytes
    asked: Asked


class Waiting:
    """The uploads of one application."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Upload] = OrderedDict()

    def keep(self, upload: Upload) -> str:
        """Keep an upload under a new name that cannot be guessed, and give the name."""
        name = token(_NAME_BYTES).hex()
        self._kept[name] = upload
        while len(self._kept) > _MOST:
            self._kept.popitem(last=False)
        return name

    def of(self, name: str, holder: str) -> Upload:
        """Give an upload back to the authority whose it is. Raises Invalid ``intake.upload``."""
        found = self._kept.get(name)
        if found is None or found.asked.holder != holder:
            raise Invalid("intake.upload", "the file that was looked at is not kept any more")
        return found

    def drop(self, name: str) -> None:
        """Forget an upload."""
        self._kept.pop(name, None)
