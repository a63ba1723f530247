"""Every rule version this program knows: the one place where rooms are bound into books."""

from __future__ import annotations

from kimberlite.certificates import v1 as certificates_v1
from kimberlite.ledger import v1 as ledger_v1
from kimberlite.ledger.types import RuleBook
from kimberlite.registry import v1 as registry_v1

V1 = RuleBook.of(1, ledger_v1.TYPES, registry_v1.TYPES, certificates_v1.TYPES)
BOOKS = {1: V1}
"""By version. A released version is frozen: tests/vectors/test_rules.py holds it to its corpus."""
