"""Rule version 1 of the registry's statements. Frozen once released."""

from kimberlite.ledger.types import StatementType
from kimberlite.registry.v1 import (
    history,
    numbers,
    offices,
    organs,
    participants,
    restrictions,
    sealing,
)

TYPES: tuple[StatementType, ...] = (
    *participants.TYPES,
    *restrictions.TYPES,
    *offices.TYPES,
    *numbers.TYPES,
    sealing.TYPE,
    *organs.TYPES,
    *history.TYPES,
)
