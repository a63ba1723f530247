"""Rule version 1 of the log itself: genesis, time, keys, decisions. Frozen once released."""

from kimberlite.ledger.v1 import decisions, keys, time
from kimberlite.ledger.v1.genesis import GENESIS

TYPES = (GENESIS, *time.TYPES, *keys.TYPES, *decisions.TYPES)
