"""Values of this room: a shipment as certified, as measured, and who stands behind it.

Every class is read from the named fields of its section (``of``), which the statement's schema
has checked. Days count from 1970-01-01 in UTC.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self, TypeVar

from kimberlite.kernel.quantity import Carats, UsdCents

Value = TypeVar("Value")


def _open(read: Callable[[Any], Value], told: Any) -> Value | None:
    return None if told is None else read(told)


@dataclass(frozen=True, slots=True)
class Origin:
    """A country where goods of the shipment were mined; ``share`` in thousandths of the mass."""

    country: str
    share: int | None = None
    localities: tuple[str, ...] = ()

    @classmethod
    def of(cls, named: Mapping[str, Any]) -> Self:
        """Read named fields."""
        return cls(named["country"], named.get("share"), tuple(named.get("localities", ())))


@dataclass(frozen=True, slots=True)
class ShipmentLine:
    """The parcels of a shipment under one HS heading, such as "7102.31"."""

    hs: str
    parcels: int


@dataclass(frozen=True, slots=True)
class Shipment:
    """Where goods come from and go to, and in how many parcels. Source: KPCS Annex I.A.

    ``origin_mode`` is "single", "mixed-undisclosed" (printed ``***``), "mixed-listed" or
    "mixed-shares".
    """

    destination: str
    origin_mode: str
    origins: tuple[Origin, ...]
    provenance: str
    lines: tuple[ShipmentLine, ...]
    parcels: int
    purpose: str = ""
    return_by: int | None = None
    left_origin: int | None = None

    @classmethod
    def of(cls, named: Mapping[str, Any]) -> Self:
        """Read named fields."""
        return cls(
            destination=named["destination"],
            origin_mode=named["origin_mode"],
            origins=tuple(Origin.of(each) for each in named.get("origins", ())),
            provenance=named["provenance"],
            lines=tuple(ShipmentLine(each["hs"], each["parcels"]) for each in named["lines"]),
            parcels=named["parcels"],
            purpose=named.get("purpose", ""),
            return_by=named.get("return_by"),
            left_origin=named.get("left_origin"),
        )


@dataclass(frozen=True, slots=True)
class ValueLine:
    """Mass and value under one HS heading; ``value`` is None where nobody valued the goods."""

    hs: str
    carats: Carats
    value: UsdCents | None

    @classmethod
    def of(cls, named: Mapping[str, Any]) -> Self:
        """Read named fields: carats in points, value in cents."""
        value = _open(UsdCents, named.get("value"))
        return cls(named["hs"], Carats(named["carats"]), value)


@dataclass(frozen=True, slots=True)
class Size:
    """Mass in one size class of a national price book."""

    name: str
    carats: Carats
    stones: int | None = None

    @classmethod
    def of(cls, named: Mapping[str, Any]) -> Self:
        """Read named fields."""
        return cls(named["name"], Carats(named["carats"]), named.get("stones"))


@dataclass(frozen=True, slots=True)
class Parcel:
    """One parcel by its mark, such as "P-3"; ``box`` is the container it lies in."""

    id: str
    hs: str
    carats: Carats
    value: UsdCents | None = None
    box: str = ""

    @classmethod
    def of(cls, named: Mapping[str, Any]) -> Self:
        """Read named fields."""
        value = _open(UsdCents, named.get("value"))
        return cls(named["id"], named["hs"], Carats(named["carats"]), value, named.get("box", ""))


@dataclass(frozen=True, slots=True)
class Values:
    """What goods weigh and are worth, declared or found.

    ``parcels`` as counted on arrival, ``parcel_list`` as listed one by one at issue.
    """

    lines: tuple[ValueLine, ...]
    basis: str = ""
    sizes: tuple[Size, ...] = ()
    heaviest: Carats | None = None
    parcels: int | None = None
    parcel_list: tuple[Parcel, ...] = ()

    @classmethod
    def of(cls, named: Mapping[str, Any]) -> Self:
        """Read named fields."""
        return cls(
            lines=tuple(ValueLine.of(each) for each in named["lines"]),
            basis=named.get("basis", ""),
            sizes=tuple(Size.of(each) for each in named.get("sizes", ())),
            heaviest=_open(Carats, named.get("heaviest")),
            parcels=named.get("parcels"),
            parcel_list=tuple(Parcel.of(each) for each in named.get("parcel_list", ())),
        )

    @property
    def carats(self) -> Carats:
        """The whole mass."""
        return Carats(sum(line.carats.points for line in self.lines))

    @property
    def value(self) -> UsdCents | None:
        """The whole value, or None where a line was not valued."""
        cents = [line.value.cents for line in self.lines if line.value is not None]
        return UsdCents(sum(cents)) if len(cents) == len(self.lines) else None


@dataclass(frozen=True, slots=True)
class Party:
    """An exporter or importer."""

    name: str
    address: str
    licence: str = ""

    @classmethod
    def of(cls, named: Mapping[str, Any]) -> Self:
        """Read named fields."""
        return cls(named["name"], named["address"], named.get("licence", ""))


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper shown with the goods: its kind, its number, and the digest of its scan."""

    kind: str
    text: str
    digest: bytes | None = None


@dataclass(frozen=True, slots=True)
class Box:
    """One container by its mark, with the numbers of the seals on it."""

    id: str
    seals: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Parties:
    """Who sends, who receives, how the goods are sealed and carried, and with which papers."""

    exporter: Party
    importer: Party
    seals: tuple[str, ...]
    containers: int | None = None
    carrier: str = ""
    papers: tuple[Paper, ...] = ()
    boxes: tuple[Box, ...] = ()

    @classmethod
    def of(cls, named: Mapping[str, Any]) -> Self:
        """Read named fields."""
        papers = named.get("papers", ())
        return cls(
            exporter=Party.of(named["exporter"]),
            importer=Party.of(named["importer"]),
            seals=tuple(named["seals"]),
            containers=named.get("containers"),
            carrier=named.get("carrier", ""),
            papers=tuple(Paper(each["kind"], each["text"], each.get("digest")) for each in papers),
            boxes=tuple(Box(each["id"], tuple(each["seals"])) for each in named.get("boxes", ())),
        )


@dataclass(frozen=True, slots=True)
class Evidence:
    """How goods were examined on arrival. None where nothing was said."""

    seals: tuple[str, ...] | None = None
    seals_intact: bool | None = None
    instrument: str = ""
    synthetics: bool | None = None
    photos: tuple[bytes, ...] = ()
    remarks: str = ""

    @classmethod
    def of(cls, named: Mapping[str, Any]) -> Self:
        """Read named fields."""
        return cls(
            seals=_open(tuple, named.get("seals")),
            seals_intact=named.get("seals_intact"),
            instrument=named.get("instrument", ""),
            synthetics=named.get("synthetics"),
            photos=tuple(named.get("photos", ())),
            remarks=named.get("remarks", ""),
        )


@dataclass(frozen=True, slots=True)
class Token:
    """What a restriction asks to be shown in clear: a licence, company, zone, lot or locality."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate: what the log shows, and what of the sealed sections is open (else None)."""

    number: str
    issuer: str
    kind: str
    issued: int
    expires: int
    original: str
    office: str = ""
    replaces: tuple[str, bytes] | None = None
    tokens: tuple[Token, ...] = ()
    form: str = ""
    basis: str = ""
    shipment: Shipment | None = None
    values: Values | None = None
    parties: Parties | None = None

    @classmethod
    def of(
        cls, issuer: str, log: Mapping[str, Any], sections: Mapping[str, Mapping[str, Any]]
    ) -> Self:
        """Read the named fields of the log section and of each section that is open."""
        link = log.get("replaces")
        return cls(
            number=log["number"],
            issuer=issuer,
            kind=log["kind"],
            issued=log["issued"],
            expires=log["expires"],
            original=log["original"],
            office=log.get("office", ""),
            replaces=None if link is None else (link["number"], link["certificate"]),
            tokens=tuple(Token(each["kind"], each["text"]) for each in log.get("tokens", ())),
            form=log.get("form", ""),
            basis=log.get("basis", ""),
            shipment=_open(Shipment.of, sections.get("shipment")),
            values=_open(Values.of, sections.get("values")),
            parties=_open(Parties.of, sections.get("parties")),
        )

    @classmethod
    def transcribed(cls, log: Mapping[str, Any], sections: Mapping[str, Mapping[str, Any]]) -> Self:
        """Read a foreign paper certificate as it was taken down; its original is on paper."""
        told = {name: log[name] for name in ("number", "kind", "issued", "expires")}
        form = {"form": log["form"]} if "form" in log else {}
        return cls.of(log["holder"], {**told, **form, "original": "paper"}, sections)

    def token(self, kind: str) -> tuple[str, ...]:
        """List the texts of the tokens of one kind."""
        return tuple(each.text for each in self.tokens if each.kind == kind)


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What an importing authority said on arrival, with what of its sections is open."""

    number: str
    holder: str
    certificate: bytes
    arrived: int
    outcome: str
    examination: tuple[str, ...]
    office: str = ""
    values: Values | None = None
    parties: Parties | None = None
    evidence: Evidence = field(default_factory=Evidence)

    @classmethod
    def of(
        cls, holder: str, log: Mapping[str, Any], sections: Mapping[str, Mapping[str, Any]]
    ) -> Self:
        """Read the named fields of the log section and of each section that is open."""
        return cls(
            number=log["number"],
            holder=holder,
            certificate=log["certificate"],
            arrived=log["arrived"],
            outcome=log["outcome"],
            examination=tuple(log["examination"]),
            office=log.get("office", ""),
            values=_open(Values.of, sections.get("values")),
            parties=_open(Parties.of, sections.get("parties")),
            evidence=Evidence.of(sections.get("evidence", {})),
        )
