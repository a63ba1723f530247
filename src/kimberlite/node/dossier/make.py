"""Making a dossier: every statement on a certificate, with what its asker may see, and proofs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from kimberlite.certificates import json_form
from kimberlite.certificates.file import write
from kimberlite.certificates.visibility import Part
from kimberlite.kernel.days import show_moment
from kimberlite.kernel.errors import NotFound, Refused
from kimberlite.kernel.ids import CertificateNumber
from kimberlite.ledger.approval import Approval
from kimberlite.node.desk import Desk
from kimberlite.node.dossier import form, page
from kimberlite.node.erasing import digests_in
from kimberlite.node.erasures import Erasures
from kimberlite.node.held import Folder, Held, Sealed
from kimberlite.node.sight import BY_VIEW, Asker, Sight
from kimberlite.node.view import View
from kimberlite.storage.vault import Vault
from kimberlite.words import Words

ReceiptOf = Callable[[int], bytes]
"""Gives the receipt of an entry."""


@dataclass(frozen=True, slots=True)
class Press:
    """What a dossier is made with: the log's proofs, the vault, words and the moment.

    ``desk`` is that of the authority that makes it, None where only the log is shown.
    """

    view: View
    vault: Vault
    receipt: ReceiptOf
    bundle: bytes
    words: Words
    now: int
    desk: Desk | None = None


def make(press: Press, folder: Folder, asker: Asker) -> bytes:
    """Make the dossier of a certificate for ``asker``: a ZIP, see ``form``.

    Raises:
        Refused: ``dossier.closed`` for who may not even see the log section.
        Invalid: ``dossier.too-large``. Unavailable: when the log cannot give its receipts.
    """
    sight = Sight(folder, asker, press.view.registry(), press.view.today())
    if asker.role in BY_VIEW or not sight.sees(Part.LOG):
        raise Refused("dossier.closed", "this is for who takes part, observes or holds the paper")
    files: dict[str, bytes] = {form.BUNDLE: press.bundle}
    told = [
        _statement(press, sight, held, at, files) for at, held in enumerate(folder.held, start=1)
    ]
    index = {**_head(press, sight), "statements": told, **_beside(press, sight)}
    files[form.PAGE] = page.write(index, press.words).encode()
    files[form.HOW] = page.instructions(index, press.words).encode()
    return form.pack(index, files)


def _head(press: Press, sight: Sight) -> dict[str, Any]:
    life, described = sight.folder.life, press.view.described
    return {
        "number": life.number,
        "issuer": life.row.holder,
        "status": life.status.word,
        "for": sight.asker.name,
        "mandate": sight.asker.mandate,
        "moment": sight.moment.value,
        "made": show_moment(press.now),
        "made_by": "" if press.desk is None else press.desk.holder,
        "lang": press.words.lang,
        "log": {
            "origin": described.get("origin", ""),
            "kind": described.get("kind", ""),
            "genesis": _genesis(press.view),
            "entries": press.view.reader.size,
        },
    }


def _genesis(view: View) -> str:
    charter = view.charter()
    return "" if charter is None else charter.digest.hex()


def _statement(
    press: Press, sight: Sight, held: Held, at: int, files: dict[str, bytes]
) -> dict[str, Any]:
    act = held.act
    openings = sight.openings(held)
    name = form.statement_name(at, act.typ)
    files[name] = write(held.statement.raw, openings, [press.receipt(act.index)])
    shown = {each.section: each for each in openings}
    told: dict[str, Any] = {
        "file": name,
        "type": act.typ,
        "by": act.holder,
        "entry": act.index,
        "statement": act.statement.hex(),
        "signed_at": show_moment(act.signed_at),
        "said": json_form.show(act.named),
        "sections": [
            {
                "section": each.section,
                "digest": each.digest.hex(),
                "shown": _standing(sight, held, each, shown=each.section in shown),
                "fields": json_form.show(
                    shown[each.section].read(held.kind.section(each.section).schema)
                )
                if each.section in shown
                else None,
            }
            for each in held.sections
        ],
        "scans": list(_scans(press, sight, held, files)),
    }
    verdicts = held.statement.body.verdicts
    if verdicts is not None:
        told["verdicts"] = [[code, word] for code, word in verdicts.said]
    if sight.sees(Part.FINDINGS):
        told["findings"] = [
            {"rule": each.code, "says": press.words.say(each.code, **each.facts), **each.facts}
            for each in act.findings
        ]
    return told


def _standing(sight: Sight, held: Held, told: Sealed, *, shown: bool) -> str:
    """Say how a section stands in this dossier: clear, erased, sealed, or open but not here."""
    if shown:
        return "clear"
    if told.erased is not None:
        return "erased"
    return "not-here" if sight.opens(held, told.section) else "sealed"


def _scans(press: Press, sight: Sight, held: Held, files: dict[str, bytes]) -> Iterator[str]:
    """Add the scans that open sections name, where the asker may have them."""
    if not sight.scans(held):
        return
    for opening in sight.openings(held):
        named = opening.read(held.kind.section(opening.section).schema)
        for digest in digests_in(named):
            with suppress(NotFound):  # erased, or kept by another authority
                name = form.scan_name(digest)
                files[name] = press.vault.get_blob(digest)
                yield name


def _beside(press: Press, sight: Sight) -> dict[str, Any]:
    """Give what stands beside the log: erasures, and the office's own papers for itself."""
    key = CertificateNumber.parse(sight.folder.life.number).key
    told: dict[str, Any] = {}
    if sight.sees(Part.DIGESTS):
        record = Erasures(press.view.home.erasures).of(key)
        told["erasures"] = [_without_officer(each.to_json()) for each in record]
    desk = press.desk
    if desk is None or sight.asker.code != desk.holder or not sight.sees(Part.OFFICE):
        return told
    acts = [desk.store.act(each) for each in desk.store.granted.acts_about(key)]
    told["office"] = [
        {
            "act": act.id,
            "type": act.typ,
            "stage": act.stage,
            "approved_by": [Approval.parse(each).officer for each in desk.store.approvals(act.id)],
            "notes": [
                {"at": show_moment(at), "officer": officer, "words": words}
                for at, officer, words in desk.store.remarks(act.id)
            ],
        }
        for act in acts
    ]
    told["opened_later"] = [
        {
            "section": each.section,
            "to": each.recipient,
            "role": each.role,
            "ground": each.ground,
            "mandate": each.reference,
            "officer": each.officer,
            "at": show_moment(each.at),
        }
        for each in desk.store.granted.grants(key)
    ]
    return told


def _without_officer(told: dict[str, Any]) -> dict[str, Any]:
    """Leave out who decided an erasure: officers are named to their own office alone."""
    return {name: value for name, value in told.items() if name != "officer"}
