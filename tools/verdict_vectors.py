"""Write the shared cases of verdicts, once: what every verifier must answer, byte for byte.

    .venv/bin/python -m tools.verdict_vectors vectors/verdicts/cases.json

Seeds are fixed, so a second run gives the same bytes. Tests read the file and never write it; a
changed answer is a changed vocabulary, and is said so in docs/spec/verdicts.md.
"""

from __future__ import annotations

import base64
import json
import sys
from pathlib import Path
from typing import Any

from tools.verdict_bench import Case
from tools.verdict_cases import all_cases

ABOUT = (
    "Each case hands a verifier a certificate file, a trust bundle, status snapshots and a day "
    "(days since 1970-01-01), perhaps with a day of arrival before it, and expects this answer: "
    "result, reasons as [code, weight, facts] in this order, and what is proved. Where 'problem' "
    "stands instead, the input is not judged but refused with this code. Bytes are base64; bundles "
    "are named, and stand once. "
    "The pin, in hexadecimal, is the genesis digest that the caller trusts; 'root' is a trust root "
    "that the caller trusts (docs/spec/trust-list.md), and status snapshots are in any order."
)


def to_json(cases: list[Case]) -> dict[str, Any]:
    """Give the file's content; bundles that several cases share stand once."""
    shared: dict[bytes, str] = {}
    told = []
    for case in cases:
        name = shared.setdefault(case.bundle, f"bundle-{len(shared) + 1}")
        told.append(
            {
                "name": case.name,
                "file": _text(case.file),
                "bundle": name,
                "status": [_text(each) for each in case.status],
                "root": None if case.root is None else _text(case.root),
                "pin": case.pin.hex() if case.pin else None,
                "today": case.today,
                "receiver": case.receiver,
                "arrived": case.arrived,
                **case.answer(),
            }
        )
    bundles = {name: _text(raw) for raw, name in shared.items()}
    return {"about": ABOUT, "version": 1, "bundles": bundles, "cases": told}


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def main() -> None:
    """Write the file that is named."""
    if len(sys.argv) != 2:
        raise SystemExit("usage: python -m tools.verdict_vectors FILE")
    found = to_json(all_cases())
    text = json.dumps(found, indent=1, ensure_ascii=False, sort_keys=True)
    Path(sys.argv[1]).write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
