"""Rule version 1 of the registry's statements. Frozen once released."""

from kimberlite.ledger.types import StatementType

TYPES: tuple[StatementType, ...] = ()
