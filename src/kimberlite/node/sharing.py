"""To whom the sections of a new statement are sealed: what the matrix says of issue, by name."""

from __future__ import annotations

from contextlib import suppress

from kimberlite.certificates import visibility
from kimberlite.certificates.v1.sections import SHIPMENT
from kimberlite.certificates.visibility import Part, Role
from kimberlite.kernel.errors import Invalid, NotFound
from kimberlite.kernel.ids import CertificateNumber
from kimberlite.ledger.sections import Opening
from kimberlite.node.desk import Desk
from kimberlite.node.held import gather
from kimberlite.node.openings import entrust
from kimberlite.node.signer.request import Request
from kimberlite.registry.ranges import prefix_owner
from kimberlite.registry.v1.sealing import sealing_key


def seal_for_all(desk: Desk, request: Request) -> None:
    """Seal every opening of ``request`` to who is to have it, into the vault; durable on return.

    Who has stated no sealing key gets it with the file or the paper.

    Raises:
        Untrusted: ``hpke.key``; and as ``Vault.put``.
    """
    state, proposal = desk.view.reader.state(), request.proposal
    for section, codes in recipients(desk, request).items():
        keys = {each: sealing_key(state, each) for each in sorted(codes)}
        known = {each: key for each, key in keys.items() if key is not None}
        openings = [each for each in request.openings if each.section == section]
        entrust(desk.vault, openings, known, iss=proposal.iss, sub=proposal.sub)


def recipients(desk: Desk, request: Request) -> dict[str, frozenset[str]]:
    """Name by section who gets a copy: its author, and who sees it without policy or mandate.

    The destination is the one that the issuer named. Who only says that goods arrived gets nothing
    by saying so. A correction that names another destination is sealed to both: who the goods no
    longer go to has to know it.
    """
    proposal = request.proposal
    by_role = {
        Role.ISSUER: {_issuer(desk, request)},
        Role.DESTINATION: {proposal.iss, *_destinations(desk, request)},
    }
    return {
        each.section: frozenset(
            code
            for role in visibility.sharers(proposal.typ, each.section)
            for code in by_role.get(role, ())
            if code
        )
        | {proposal.iss}
        for each in request.openings
    }


def _issuer(desk: Desk, request: Request) -> str:
    """Name who issued the certificate, or whose number it is where the log does not hold it."""
    proposal = request.proposal
    with suppress(NotFound, Invalid):
        return desk.view.certificate(proposal.sub).row.holder
    with suppress(Invalid):
        prefix = CertificateNumber.parse(proposal.sub).prefix
        return prefix_owner(desk.view.reader.state(), prefix) or ""
    return ""


def _destinations(desk: Desk, request: Request) -> set[str]:
    proposal = request.proposal
    found = {named for each in request.openings for named in _named(proposal.typ, each)}
    with suppress(NotFound, Invalid):
        found.add(gather(desk, proposal.sub).destination)
    return found


def _named(typ: str, opening: Opening) -> tuple[str, ...]:
    if visibility.part_of(typ, opening.section) is not Part.SHIPMENT:
        return ()
    return (str(opening.read(SHIPMENT)["destination"]),)
