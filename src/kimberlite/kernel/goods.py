"""What the scheme covers: rough diamonds under three headings of the Harmonized System, no other.

Source: KPCS Core Document, Section I, "rough diamonds".
"""

from __future__ import annotations

from types import MappingProxyType

ROUGH = MappingProxyType(
    {
        "7102.10": "unsorted",
        "7102.21": "industrial, unworked or simply sawn, cleaved or bruted",
        "7102.31": "non-industrial, unworked or simply sawn, cleaved or bruted",
    }
)
