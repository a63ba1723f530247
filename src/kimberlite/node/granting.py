"""Opening later: an authority reseals what it may open to one more that is entitled to it.

Who is entitled, and when, says the matrix; here it is asked, written down, and done, in this
order. Source: ours, docs/spec/visibility.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass

from kimberlite.certificates.visibility import Moment, Role
from kimberlite.kernel.errors import Invalid, NotFound, Refused
from kimberlite.kernel.ids import CertificateNumber
from kimberlite.ledger.approval import PSEUDONYM
from kimberlite.ledger.sections import Opening
from kimberlite.node import clock
from kimberlite.node.desk import Desk
from kimberlite.node.granted import Grant
from kimberlite.node.held import Folder, Held, gather
from kimberlite.node.openings import digest_of, entrust
from kimberlite.node.sight import Asker, Sight
from kimberlite.registry.model import Truth
from kimberlite.registry.v1.sealing import sealing_key

JOB = "job"
"""Who opens what a dated policy opens: no officer decides it case by case."""
_MOST_WORDS = 120


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be opened, to whom, and why.

    Attributes:
        recipient: the participant or organ to whose key it is sealed.
        sections: names of the sections; every statement on the number that has one is meant.
        mandate: the mandate or order that asks for it, by its reference; "" for a dated policy.
        officer: pseudonym of who decides it.
        role: in which role the recipient asks, None for that of a participant.
    """

    recipient: str
    sections: tuple[str, ...]
    mandate: str
    officer: str
    role: Role | None = None

    def check(self) -> None:
        """Make sure that it can be recorded.

        Raises:
            Invalid: ``grant.officer``, ``grant.mandate``.
        """
        check_officer(self.officer)
        if len(self.mandate) > _MOST_WORDS:
            raise Invalid("grant.mandate", "name the mandate in at most 120 characters")


def check_officer(officer: str) -> None:
    """Make sure that somebody decides it. Raises Invalid ``grant.officer``."""
    if PSEUDONYM.fullmatch(officer) is None:
        raise Invalid("grant.officer", "name the officer who decides it, by pseudonym")


def grant(desk: Desk, number: str, wish: Wish, private: bytes | None = None) -> list[Grant]:
    """Seal openings of a certificate to one more recipient; give what was granted now.

    What the recipient has already is passed over.

    Args:
        desk: of the certificate's issuer or destination.
        number: as printed.
        wish: what, to whom, why.
        private: the desk's X25519 key (32 bytes), to open what others sealed to it.

    Raises:
        Invalid: ``grant.officer``, ``grant.mandate``, ``number.format``.
        NotFound: ``certificate.unknown``; ``grant.no-key`` when the recipient stated no sealing
            key; ``grant.not-here`` when nothing here opens such a section.
        Refused: ``grant.not-yours`` for who is neither issuer nor destination;
            ``grant.closed`` when the matrix says no.
    """
    wish.check()
    folder = gather(desk, number, private)
    if desk.holder not in {folder.life.row.holder, folder.destination}:
        raise Refused(
            "grant.not-yours",
            "only the issuer and the destination may open a certificate to others",
            holder=desk.holder,
        )
    key = sealing_key(desk.view.reader.state(), wish.recipient)
    if key is None:
        raise NotFound(
            "grant.no-key",
            f"{wish.recipient} has stated no key to which sections can be sealed",
            recipient=wish.recipient,
        )
    told = tuple(_entitled(desk, folder, wish))
    if not told:
        raise NotFound("grant.not-here", "nothing here opens such a section", number=number)
    return _seal(desk, wish, key, [(held, opening) for held, opening in told])


def _entitled(desk: Desk, folder: Folder, wish: Wish) -> Iterator[tuple[Held, Opening]]:
    sight = sight_for(desk, folder, wish)
    for held in folder.held:
        for each in held.sections:
            if each.section not in wish.sections or each.opening is None:
                continue
            if not sight.opens(held, each.section):
                raise Refused(
                    "grant.closed",
                    f"{each.section} is not open to {wish.recipient} as {sight.role(held).value} "
                    f"now ({sight.moment.value})",
                    section=each.section,
                    recipient=wish.recipient,
                    role=sight.role(held).value,
                    moment=sight.moment.value,
                )
            yield held, each.opening


def sight_for(desk: Desk, folder: Folder, wish: Wish) -> Sight:
    """Give the sight that the recipient of ``wish`` has of a certificate."""
    asker = Asker(wish.recipient, wish.role, wish.mandate)
    return Sight(folder, asker, desk.view.registry(), desk.view.today())


def _seal(desk: Desk, wish: Wish, key: bytes, told: list[tuple[Held, Opening]]) -> list[Grant]:
    new = []
    for held, opening in told:
        digest = digest_of(opening, held.statement)
        if wish.recipient in desk.vault.recipients(digest):
            continue
        new.append((held, opening, digest))
    grants = [
        Grant(
            CertificateNumber.parse(held.act.named["number"]).key,
            digest,
            opening.section,
            wish.recipient,
            wish.role.value if wish.role is not None else Role.PARTICIPANT.value,
            "mandate" if wish.mandate else "policy",
            wish.mandate,
            wish.officer,
            clock.now(),
        )
        for held, opening, digest in new
    ]
    desk.store.granted.grant(grants)
    for held, opening, _ in new:
        header = held.statement.header
        named = {wish.recipient: key}
        entrust(desk.vault, [opening], named, iss=header.iss, sub=header.sub)
    return grants


def open_due(
    desk: Desk, private: bytes | None = None, progress: Callable[[int], None] | None = None
) -> list[Grant]:
    """Open to all participants what dated policy opens by today; give what was granted now.

    For a job that runs daily at issuer or destination; what was opened before is passed over.
    """
    registry, today = desk.view.registry(), desk.view.today()
    state = desk.view.reader.state()
    listed = [each.code for each in registry.participants(today) if each.listed.truth is Truth.YES]
    others = [code for code in listed if sealing_key(state, code) is not None]
    found: list[Grant] = []
    for done, sub in enumerate(desk.store.granted.subjects(), start=1):
        with suppress(NotFound, Invalid):  # acts about offices and ranges have subjects too
            found.extend(_open_one(desk, gather(desk, sub, private), others))
        if progress is not None:
            progress(done)
    return found


def _open_one(desk: Desk, folder: Folder, others: list[str]) -> Iterator[Grant]:
    own = {folder.life.row.holder, folder.destination}
    if desk.holder not in own:
        return
    for code in others:
        if code in own:
            continue
        wish = Wish(code, ("shipment",), "", JOB)
        sight = sight_for(desk, folder, wish)
        if sight.moment is not Moment.AGED:
            return
        key = sealing_key(desk.view.reader.state(), code)
        assert key is not None
        told = [
            (held, each.opening)
            for held in folder.held
            for each in held.sections
            if each.section in wish.sections
            and each.opening is not None
            and sight.opens(held, each.section)
        ]
        yield from _seal(desk, wish, key, told)
