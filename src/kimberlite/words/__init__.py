"""What people read: sentences behind stable keys, in seven languages, and how amounts are shown."""

from kimberlite.words.catalogue import LANGUAGES, NAMES, direction, preferred
from kimberlite.words.say import Words

__all__ = ["LANGUAGES", "NAMES", "Words", "direction", "preferred"]
