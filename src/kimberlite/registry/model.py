"""Values of the registry: who is who, who may trade, under which restrictions, as of any day.

Every question has two days: the day it is true of, and the day on which it was known. Every
answer has three values, because the record of the past has uncertain dates.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum


class Truth(Enum):
    """Yes, no, or cannot tell."""

    YES = "yes"
    NO = "no"
    CANNOT_TELL = "cannot-tell"


class Direction(Enum):
    """Which trade a restriction or a question is about, seen from the participant it names."""

    EXPORT = "export"
    IMPORT = "import"
    BOTH = "both"


class Target(Enum):
    """Which part of a shipment a restriction looks at."""

    ISSUER = "issuer"
    ORIGIN = "origin"
    PROVENANCE = "provenance"


class Authority(Enum):
    """Who laid a restriction down; national ones bind only their own importers and exporters."""

    KP = "kp"
    UNSC = "unsc"
    SELF = "self"
    NATIONAL = "national"


class Standing(Enum):
    """How the log came to hold a record."""

    STATED = "stated"
    """by the participant concerned"""
    DECIDED = "decided"
    """by enough endorsements"""
    ASSERTED = "asserted"
    """by a transcriber of the public record"""


@dataclass(frozen=True, slots=True)
class Interval:
    """A day known only to lie from ``earliest`` to ``latest``, both included (days since 1970)."""

    earliest: int
    latest: int

    def reached(self, day: int) -> Truth:
        """Say whether the event had happened by ``day``."""
        if day >= self.latest:
            return Truth.YES
        return Truth.CANNOT_TELL if day >= self.earliest else Truth.NO


@dataclass(frozen=True, slots=True)
class Record:
    """Where a piece of the registry comes from.

    ``entry`` is the log index; ``known_on`` the day it was published, or logged where no
    publication is named; ``source`` names the text; ``confidence`` is "high", "medium" or "low".
    """

    statement: bytes
    entry: int
    known_on: int
    standing: Standing
    source: str
    confidence: str = "high"
    contested_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Scope:
    """What a restriction catches. Empty tuples mean "any"; codes as the deciding text names them.

    ``companies_allowed`` and ``zones_allowed`` are exceptions named in the text: goods of these
    pass. ``lots_allowed`` counts supervised lots that pass. ``left_before``: goods that left
    before this day pass (goods-left-before clause). ``transit_passes``: goods under way when it
    took effect pass. ``thresholds_points``: only stones of at least this weight, in points.
    ``goods`` narrows to a named class, for example "mixed-undisclosed". ``zones_unnamed`` counts
    further zones that pass but that no source names. ``needs_approval``: goods of an exception
    pass only with a prior approval by the monitoring body. Codes of places and companies are
    compared without case, accents and punctuation.
    """

    country: str
    target: Target
    direction: Direction
    regions: tuple[str, ...] = ()
    companies: tuple[str, ...] = ()
    companies_allowed: tuple[str, ...] = ()
    zones_allowed: tuple[str, ...] | None = None
    lots_allowed: int | None = None
    left_before: int | None = None
    transit_passes: bool = False
    threshold_points: int | None = None
    goods: str = ""
    zones_unnamed: int = 0
    needs_approval: bool = False


@dataclass(frozen=True, slots=True)
class Restriction:
    """A restriction with its life. ``jurisdiction``: the code a national one binds, else ""."""

    id: str
    scope: Scope
    authority: Authority
    jurisdiction: str
    begins: Interval
    ends: Interval | None
    record: Record
    ended_by: Record | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason for an answer: stable code, the record it rests on, what a sentence needs."""

    code: str
    truth: Truth
    source: str
    contested_by: tuple[str, ...] = ()
    facts: dict[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """A three-valued answer with its reasons, the decisive one first."""

    truth: Truth
    reasons: tuple[Reason, ...] = ()

    @property
    def contested(self) -> bool:
        """Say whether a decision that this rests on is contested."""
        return any(reason.contested_by for reason in self.reasons)


@dataclass(frozen=True, slots=True)
class Goods:
    """What restriction matching needs to know of a shipment.

    ``origins`` is None when the origins are mixed and not disclosed. ``localities`` are mining
    places, ``zones`` or regions named on the papers; ``company`` the exporter's registered name
    code; ``lot`` the number of a supervised lot. ``heaviest_points`` is the heaviest stone if
    stated. Days since 1970; ``left`` is the day of export, ``left_origin`` the day on which
    re-exported goods first left their country of origin, if the papers show it. ``approval``
    refers to a prior approval where a restriction asks for one.
    """

    issuer: str
    destination: str
    origins: tuple[str, ...] | None
    provenance: str
    issued: int
    left: int | None = None
    localities: tuple[str, ...] = ()
    company: str = ""
    lot: int | None = None
    heaviest_points: int | None = None
    left_origin: int | None = None
    approval: str = ""


@dataclass(frozen=True, slots=True)
class ParticipantView:
    """A participant as of a day."""

    code: str
    names: dict[str, str]
    listed: Answer
    may_trade: Answer
    restrictions: tuple[tuple[Restriction, Truth], ...]
    territory_of: str = ""
    prefixes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Practice:
    """National practice, as of a day: data, with the default where a participant stated none.

    Amounts: ``tolerance_carats_permille`` and ``tolerance_value_permille`` in thousandths of the
    declared amount; ``validity_days`` from issue to expiry; ``confirm_days`` to confirm an
    arrival. ``expiry_governs`` and ``status_policy`` say which day decides. Defaults are ours
    (docs/decisions/0011), as the KP texts are silent. ``shipment_opens_days`` counts from the
    confirmed arrival to when all participants may be given what was shipped; 0 for never.

    In days: ``unused_days`` from expiry to voiding what was not used; ``answer_days`` to an alert's
    answer; ``countersign_days`` to a countersignature; ``settle_days`` to the outcome of a
    discrepancy; ``detain_days`` for which goods may be detained, 0 where no limit is stated.
    """

    validity_days: int = 60
    confirm_days: int = 10
    expiry_governs: str = "arrival"  # or "export"
    status_policy: str = "arrival"  # "issue", "export" or "arrival"
    tolerance_carats_permille: int = 5
    tolerance_value_permille: int = 100
    languages: tuple[str, ...] = ("en",)
    retention_years: int = 3
    shipment_opens_days: int = 0
    unused_days: int = 30
    answer_days: int = 5
    countersign_days: int = 20
    settle_days: int = 60
    detain_days: int = 0


@dataclass(frozen=True, slots=True)
class NumberRange:
    """A notified range of certificate numbers, with the office it is allotted to, if any.

    ``ends`` here and below is the first day on which it no longer holds.
    """

    prefix: str
    first: int
    last: int
    begins: int
    ends: int | None
    office: str
    record: Record


@dataclass(frozen=True, slots=True)
class Specimen:
    """A notified certificate design: template, days of validity, security features by digest."""

    template: str
    begins: int
    ends: int | None
    features: tuple[str, ...]
    image: bytes | None
    record: Record


@dataclass(frozen=True, slots=True)
class Office:
    """An authority of a participant, or an office of it: what it may do and how it is reached."""

    id: str
    holder: str
    name: str
    parent: str
    roles: tuple[str, ...]  # "export", "import", "statistics", "focal-point"
    contact: dict[str, str]
    begins: int
    ends: int | None
    record: Record


@dataclass(frozen=True, slots=True)
class Organ:
    """A chair, vice chair, custodian or observer, with its days."""

    kind: str
    code: str
    names: dict[str, str]
    begins: Interval
    ends: Interval | None
    record: Record
