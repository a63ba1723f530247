"""Write the shared cases of credentials, once: tokens, and what every verifier must answer.

    .venv/bin/python -m tools.credential_vectors vectors/credential/cases.json

Keys and salts are fixed, so a second run gives the same bytes. Tests only read the file.
"""

from __future__ import annotations

import base64
import json
import sys
from pathlib import Path
from typing import Any

from kimberlite.certificates.file import parse_file
from kimberlite.documents.credential import did, jws, statuslist, strict, vc, view
from tests.helpers.certificates import DAY, Desk
from tests.helpers.world import key_of

ABOUT = (
    "Each case hands a verifier a token, the trust bundle and a day (days since 1970-01-01), and "
    "expects this result and these reasons of the credential, as [code, weight]. 'payload' is what "
    "is derived from 'file' with 'origin'. The status list is of the same log."
)
_ORIGIN = "log.example/test"


def content() -> dict[str, Any]:
    """Give the file's content."""
    desk = Desk()
    file = desk.file(desk.issue())
    bundle = desk.bundle_bytes()
    read, key = parse_file(file), key_of("XA")
    kid = did.key_id(_ORIGIN, "XA", key.public.kid)
    told, (shown, every) = vc.derive(read, _ORIGIN), view.derive(read, _ORIGIN)

    def signed(payload: dict[str, Any], typ: str = vc.TYP) -> str:
        return jws.sign(strict.encode(payload), key, typ=typ, kid=kid)

    token, seen = signed(told), signed(shown, view.TYP)
    bank = [each for each in every if each.name in view.VIEWS["bank"]]
    invented = view.disclose(bytes(16), "exporter", {"name": "Other"})
    derived, altered = ["credential.derived", "for"], ["credential.altered", "against"]
    note = ["credential.view", "note"]
    cases: list[tuple[str, str, str, list[list[str]]]] = [
        ("credential", token, "valid", [derived]),
        ("later than it was", signed({**told, "validUntil": "2036-05-09T23:59:59Z"}), "invalid",
         [altered]),
        ("signature of another", token[:-86] + "A" * 86, "invalid",
         [["credential.signature", "against"]]),
        ("public view", view.present(seen, ()).decode(), "valid", [note, derived]),
        ("bank view", view.present(seen, bank).decode(), "valid", [note, derived]),
        ("invented disclosure", view.present(seen, [invented]).decode(), "invalid",
         [altered, note]),
    ]  # fmt: skip
    bits = statuslist.bits_of([desk.row()], "revocation", 0, lambda _row: False)
    as_of = desk.bundle().contents.as_of
    listed = statuslist.sign(
        statuslist.Told("revocation", 0, desk.head, as_of), bits, key_of("kp.log")
    )
    return {
        "about": ABOUT,
        "version": 1,
        "origin": _ORIGIN,
        "today": DAY,
        "bundle": base64.b64encode(bundle).decode(),
        "file": base64.b64encode(file).decode(),
        "payload": told,
        "view": shown,
        "disclosures": [each.text for each in every],
        "status_list": listed.decode(),
        "cases": [
            {"name": name, "token": data, "result": result, "reasons": reasons}
            for name, data, result, reasons in cases
        ],
    }


def main() -> None:
    """Write the file that is named."""
    if len(sys.argv) != 2:
        raise SystemExit("usage: python -m tools.credential_vectors FILE")
    text = json.dumps(content(), indent=1, ensure_ascii=False, sort_keys=True)
    Path(sys.argv[1]).write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
