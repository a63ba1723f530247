"""Handing a dossier out: to oneself, or to somebody else, which is written down first."""

from __future__ import annotations

from kimberlite.kernel.errors import Refused
from kimberlite.node.dossier.make import Press, make
from kimberlite.node.granted import Grant
from kimberlite.node.granting import check_officer
from kimberlite.node.held import Folder
from kimberlite.node.openings import digest_of
from kimberlite.node.sight import Asker, Sight


def hand_out(press: Press, folder: Folder, asker: Asker, officer: str = "") -> bytes:
    """Make a dossier for ``asker``; write down what is opened in it to somebody else, and by whom.

    Raises:
        Invalid: ``grant.officer`` where somebody else asks and no officer decides.
        Refused: ``dossier.not-yours`` where somebody else asks an office that is neither the
            issuer's nor the destination's.
    """
    desk = press.desk
    if desk is None or asker.code == desk.holder:
        return make(press, folder, asker)
    check_officer(officer)
    if desk.holder not in {folder.life.row.holder, folder.destination}:
        raise Refused(
            "dossier.not-yours",
            "only the issuer and the destination hand out a certificate's file to others",
            holder=desk.holder,
        )
    sight = Sight(folder, asker, press.view.registry(), press.view.today())
    desk.store.granted.grant(
        [
            Grant(
                held.statement.header.sub,
                digest_of(opening, held.statement),
                opening.section,
                asker.name,
                sight.role(held).value,
                sight.ground(held),
                asker.mandate,
                officer,
                press.now,
            )
            for held in folder.held
            for opening in sight.openings(held)
        ]
    )
    return make(press, folder, asker)
