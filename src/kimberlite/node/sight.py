"""What one asker may see of one certificate: the matrix applied to what an office holds.

Every way out of a node that shows more than the log goes through here: dossiers, pages about an
own certificate, grants. Source: ours, docs/spec/visibility.md.
"""

from __future__ import annotations

from dataclasses import dataclass

from kimberlite.certificates import visibility
from kimberlite.certificates.visibility import Answer, Moment, Part, Policy, Role
from kimberlite.certificates.visibility.opening import policy_of
from kimberlite.kernel.days import day_of
from kimberlite.kernel.errors import Invalid
from kimberlite.ledger.sections import Opening
from kimberlite.node.held import Folder, Held
from kimberlite.registry.read import Registry

_TRANSIT = "kp-transit+cose"
_CONFIRMATIONS = frozenset(("kp-confirmation+cose", "kp-slip+cose"))
BY_CODE = frozenset((Role.ISSUER, Role.DESTINATION, Role.TRANSIT, Role.PARTICIPANT))
"""Roles that follow from who one is; the others are said."""
BY_VIEW = frozenset((Role.VIEWER, Role.BANK))
"""Roles of who is shown a view by the bearer; a view is made otherwise, and is no dossier."""


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks: a participant by its code, or a role that is no participant's.

    Attributes:
        code: a participant's; "" for a role.
        role: one that does not follow from a code; None for a participant.
        mandate: the mandate under which is asked, by its reference; "" for none.
    """

    code: str = ""
    role: Role | None = None
    mandate: str = ""

    @classmethod
    def parse(cls, text: str, mandate: str = "") -> Asker:
        """Read "XB", "mission" and so on.

        Raises:
            Invalid: ``visibility.role`` for what is neither a code nor a role.
        """
        if len(text) == 2 and text.isupper():
            return cls(text, None, mandate)
        for role in Role:
            if role.value == text and role not in BY_CODE | BY_VIEW:
                return cls("", role, mandate)
        roles = ", ".join(sorted(role.value for role in Role if role not in BY_CODE | BY_VIEW))
        raise Invalid("visibility.role", f"name a participant's code or one of {roles}", role=text)

    @property
    def name(self) -> str:
        """Give the code, or the role's word."""
        return self.code or (self.role.value if self.role is not None else "")


class Sight:
    """One asker's sight of one certificate, as of a day."""

    def __init__(self, folder: Folder, asker: Asker, registry: Registry, today: int) -> None:
        self.folder, self.asker = folder, asker
        life = folder.life
        opens = policy_of(
            registry,
            life.row.holder,
            folder.destination,
            issued=life.row.issued,
            today=today,
        )
        self.policy = Policy(opens.opens_after, asker.mandate)
        self._lives_on = _moment_of(folder, self.policy, today)
        issued = next(each for each in folder.held if each.act.index == folder.life.row.index)
        self.moment = self.moment_for(issued)

    def role(self, held: Held) -> Role:
        """Give the role in which the asker asks about one statement."""
        if self.asker.role is not None:
            return self.asker.role
        folder, code = self.folder, self.asker.code
        return visibility.role_of(
            code,
            author=held.act.holder,
            issuer=folder.life.row.holder,
            destination=folder.destination,
            passed=any(
                each.act.typ == _TRANSIT and each.act.holder == code for each in folder.held
            ),
        )

    def moment_for(self, held: Held) -> Moment:
        """Give the moment for one statement: one whose openings were erased here is erased."""
        return self._lives_on if held.erased is None else Moment.ERASED

    def sees(self, part: Part) -> bool:
        """Say whether a part that is not sealed is shown in clear."""
        role = self.role(self.folder.held[0])
        return visibility.may_see(role, part, self.moment, self.policy) is Answer.CLEAR

    def openings(self, held: Held) -> tuple[Opening, ...]:
        """Give the openings of one statement that the asker may have, of those that are here."""
        return tuple(
            each.opening
            for each in held.sections
            if each.opening is not None and self.opens(held, each.section)
        )

    def opens(self, held: Held, section: str) -> bool:
        """Say whether the asker may have the opening of a section."""
        role, moment = self.role(held), self.moment_for(held)
        return visibility.may_open(role, held.act.typ, section, moment, self.policy)

    def ground(self, held: Held) -> str:
        """Name on which ground the asker sees a statement's openings: see ``granted.GROUNDS``."""
        if self.asker.mandate:
            return "mandate"
        aged = self.moment is Moment.AGED and self.role(held) is Role.PARTICIPANT
        return "policy" if aged else "entitled"

    def scans(self, held: Held) -> bool:
        """Say whether the asker may have the scans and photos that a statement names."""
        role, moment = self.role(held), self.moment_for(held)
        return visibility.may_see(role, Part.SCANS, moment, self.policy) is Answer.CLEAR


def _moment_of(folder: Folder, policy: Policy, today: int) -> Moment:
    """Say where a certificate is in its life, with what is disputed, erased or not."""
    life = folder.life
    confirmed = [day_of(act.signed_at) for act in life.acts if act.typ in _CONFIRMATIONS]
    return visibility.moment_of(
        life.status,
        disputed=bool(life.alerts) or folder.disputed,
        since_confirmed=today - max(confirmed) if confirmed else 0,
        policy=policy,
    )
