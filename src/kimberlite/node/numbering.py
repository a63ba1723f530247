"""Which number and which blank form a certificate takes, and which form its end spoils."""

from __future__ import annotations

from kimberlite.certificates.drafting import Draft
from kimberlite.kernel.errors import Refused
from kimberlite.node import clock
from kimberlite.node.desk import Desk
from kimberlite.node.stock.ledger import Use


def next_number(desk: Desk, today: int, office: str) -> str:
    """Give the lowest number of the notified ranges that is free. Raises ``number.none-left``."""
    for each in desk.view.registry().ranges(desk.holder):
        open_now = each.begins <= today and (each.ends is None or today < each.ends)
        if not open_now or each.office not in desk.blocks(office):
            continue
        serial = desk.store.next_serial(each.prefix, each.first, each.last)
        while serial is not None and serial <= each.last:
            # A store restored from a backup may have forgotten what the log has not.
            if not desk.view.knows(f"{each.prefix}{serial}"):
                return f"{each.prefix}{serial:0{len(str(each.last))}d}"
            serial += 1
    raise Refused(
        "number.none-left",
        "no number is left in the notified ranges: notify a new range first",
        holder=desk.holder,
    )


def use_of(desk: Desk, draft: Draft, officer: str) -> Use:
    """Say what a certificate does to the stock of blank forms: its own, and the replaced one's."""
    told, replaced = draft.log, draft.log.get("replaces")
    spoils = "" if replaced is None else _form_of(desk, replaced["number"])
    return Use(officer, clock.now(), told.get("form", ""), told.get("office", ""), spoils)


def spoiling(desk: Desk, number: str, officer: str = "office") -> Use:
    """Say that the end of certificate ``number`` spoils the form it was printed on."""
    return Use(officer, clock.now(), spoils=_form_of(desk, number))


def _form_of(desk: Desk, number: str) -> str:
    life = desk.view.certificate(number)
    issuing = (each for each in life.acts if each.statement == life.row.statement)
    return next((str(each.named.get("form", "")) for each in issuing), "")
