"""The JSON forms of what is due and what is alarming, as OpenAPI describes them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from kimberlite.certificates.due import Kind
from kimberlite.certificates.projection import LONGEST
from kimberlite.certificates.transitions import Status
from kimberlite.certificates.v1.alerts import ALARMS, ANSWERS, BLANK_FATES
from kimberlite.web.forms import Form

_DAY = Field(description="UTC day", examples=["2026-11-22"])
_CODE_OR_NONE = Field(description="A participant; null where it is sealed to this visitor.")
Code = Annotated[str, Field(pattern="^[A-Z]{2}$", examples=["XA"])]
Day = Annotated[str, Field(json_schema_extra={"format": "date"}, examples=["2026-11-22"])]


def _one_of(words: Iterable[str]) -> Any:  # noqa: ANN401 - pydantic's own way to describe a field
    return Field(pattern=f"^(?:{'|'.join(words)})$")


KindForm = Annotated[str, _one_of(each.value for each in Kind)]
StatusForm = Annotated[str, _one_of(each.word for each in Status)]
AlarmForm = Annotated[str, _one_of(ALARMS)]
AnswerForm = Annotated[str, _one_of(ANSWERS)]
FateForm = Annotated[str, _one_of(BLANK_FATES)]


class Asked(BaseModel):
    """What a query may hold."""

    model_config = ConfigDict(extra="ignore", frozen=True)
    most: int = Field(50, ge=1, le=LONGEST, description="Most rows.")


class CertificatesQuery(Asked):
    """How the list of certificates is narrowed."""

    issuer: Code | None = Field(None, description="Issued by this participant.")
    receiver: Code | None = Field(None, description="Presented to this participant.")
    status: StatusForm | None = Field(None, description="Only these.")
    findings: bool = Field(default=False, description="Only those with findings.")
    alerts: bool = Field(default=False, description="Only those with alerts that nobody answered.")
    paper: bool | None = Field(None, description="Taken down from foreign paper, or not.")
    expired: bool = Field(
        default=False, description="Only those that expired before they were used."
    )
    overdue: bool = Field(default=False, description="Only those of which something is late.")
    since: Day | None = Field(None, description="Issued on this day or later.")
    until: Day | None = Field(None, description="Issued on this day or earlier.")


class DueQuery(BaseModel):
    """How what is due is narrowed."""

    model_config = ConfigDict(extra="ignore", frozen=True)
    by: Code | None = Field(None, description="Owed by this participant.")
    to: Code | None = Field(None, description="Owed to this participant.")
    kind: KindForm | None = Field(None, description="Only this kind.")
    late: bool = Field(default=False, description="Only what is late.")


class AlertsQuery(Asked):
    """How the list of alerts is narrowed."""

    all: bool = Field(default=False, description="Those that were answered too.")
    kind: AlarmForm | None = Field(None, description="Only this kind.")
    about: Code | None = Field(
        None, description="Raised by this participant, or about its numbers."
    )


class BlanksQuery(Asked):
    """How the reports on blanks are narrowed."""

    of: Code | None = Field(None, description="Blanks of this participant.")
    fate: FateForm | None = Field(None, description="Only these.")


class DueForm(Form):
    """One thing that one side owes another."""

    number: str = Field(examples=["XA100001"])
    due: KindForm
    by: str | None = _CODE_OR_NONE
    to: str | None = _CODE_OR_NONE
    since: str = _DAY
    until: str | None = Field(description="Last day in time; null where no limit is stated.")
    late: int = Field(description="Days late; 0 when in time.")
    entry: int
    term: str | None = Field(description="Field of the practice of `by` that gives the days.")
    source: str


class DuesForm(Form):
    """What is due as of a day, the earliest deadline first."""

    day: str = _DAY
    due: list[DueForm]


class PairForm(Form):
    """Arrivals of one pair that are not answered."""

    issuer: str
    receiver: str | None = _CODE_OR_NONE
    open: int
    overdue: int
    over_15: int = Field(description="Late by 15 days or more.")
    over_30: int
    over_60: int
    over_90: int
    oldest: str | None = Field(description="Earliest deadline that has passed.")


class PairsForm(Form):
    """The overdue ledger, the most overdue pair first."""

    day: str = _DAY
    pairs: list[PairForm]


class ListedAlertForm(Form):
    """One alert: its author's word until the participant whose number it is answers."""

    number: str
    kind: AlarmForm
    by: str
    day: str = _DAY
    held: bool
    features: list[str] = Field(description="What failed in the check.")
    issuer: str | None = Field(description="Null where the log knows no such number.")
    status: str | None
    under_inquiry: str | None = Field(description="Day since which its owner looks into it.")
    finding: AnswerForm | None
    answered_by: str | None
    answered_at: int | None = Field(description="Entry of the answer.")
    entry: int
    alert: str = Field(description="Id of the statement.")


class AlertsForm(Form):
    """Alerts, the latest first."""

    alerts: list[ListedAlertForm]


class LaterForm(Form):
    """A later report on some of the same blanks."""

    first: int
    last: int
    fate: FateForm
    entry: int


class BlanksReportForm(Form):
    """Blanks that their authority reported."""

    participant: str
    of: Literal["number", "form"]
    lead: str
    first: int
    last: int
    fate: FateForm
    day: str = _DAY
    office: str | None
    recovered: bool
    later: list[LaterForm]
    entry: int


class BlanksForm(Form):
    """Reports on blanks, the latest first."""

    blanks: list[BlanksReportForm]


class ComingForm(Form):
    """A shipment on its way here; null where it is sealed to this page, or was not told."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)
    number: str
    issuer: str = Field(alias="from")
    status: str
    issued: str = _DAY
    expires: str = _DAY
    left: str | None
    expected: str | None
    carats: str | None
    value: str | None
    parcels: int | None
    exporter: str | None
    importer: str | None
    seals: list[str] | None
    carrier: str | None
    alerts: int


class InboxForm(Form):
    """Shipments on their way to the visitor's own office, what is expected first at the head."""

    shipments: list[ComingForm]
