"""`python -m benchmarks [NAME ...] [--quick]`: measure, and print one JSON object a line."""

from __future__ import annotations

import argparse
from importlib import import_module

from benchmarks.measure import tell, whisper

NAMES = (
    "admission",
    "life",
    "audit",
    "offline",
    "proofs",
    "restart",
    "cold",
    "status",
    "pdf",
    "credential",
    "verifier",
    "intake",
    "qr",
    "nodes",
)
LONG = frozenset(("qr",))
"""What takes a quarter of an hour or more: measured only when named, or with --quick."""


def main() -> None:
    """Run the benches that were named; else all but those that take long."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("name", nargs="*", help=f"what to measure: {', '.join(NAMES)}")
    parser.add_argument("--quick", action="store_true", help="tiny sizes, to see that it works")
    asked = parser.parse_args()
    for name in asked.name or [each for each in NAMES if asked.quick or each not in LONG]:
        if name not in NAMES:
            parser.error(f"there is no bench {name}: choose from {', '.join(NAMES)}")
        whisper(f"measuring: {name}")
        for figures in import_module(f"benchmarks.{name}").bench(quick=asked.quick):
            tell(figures)


if __name__ == "__main__":
    main()
