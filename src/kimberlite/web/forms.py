"""The JSON forms of the API, as OpenAPI describes them, and how values become them.

Days are written "2026-11-22", moments in RFC 3339, carats and US dollars as decimal strings,
digests in hexadecimal.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

TruthForm = Literal["yes", "no", "cannot-tell"]
_CODE = Field(description="ISO 3166-1 alpha-2; XA to XZ in demo and test logs", examples=["XA"])
_DAY = Field(description="UTC day", examples=["2026-11-22"])


class Form(BaseModel):
    """A form that holds what it says and nothing else."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ProblemForm(Form):
    """A problem document (RFC 9457); ``code`` is stable, ``title`` is in the caller's language."""

    type: str = Field(examples=["urn:kimberlite:problem:certificate.unknown"])
    title: str
    status: int = Field(examples=[404])
    detail: str
    instance: str
    code: str = Field(examples=["certificate.unknown"])
    facts: dict[str, str | int]


class ReasonForm(Form):
    """One reason for an answer, with the text it rests on and who contests that."""

    code: str = Field(examples=["participant.listed"])
    truth: TruthForm
    sentence: str
    source: str
    contested_by: list[str]
    facts: dict[str, str | int]


class AnswerForm(Form):
    """A three-valued answer; the decisive reason stands first."""

    truth: TruthForm
    contested: bool
    reasons: list[ReasonForm]


class RecordForm(Form):
    """Where a piece of the registry comes from."""

    entry: int = Field(description="index in the log")
    statement: str
    standing: Literal["stated", "decided", "asserted"]
    source: str
    confidence: str
    known_on: str = _DAY
    contested_by: list[str]


class PeriodForm(Form):
    """A day known only to lie between two, both included."""

    earliest: str = _DAY
    latest: str = _DAY


class ScopeForm(Form):
    """What a restriction catches, and what passes; empty lists mean any."""

    country: str
    target: Literal["issuer", "origin", "provenance"]
    direction: Literal["export", "import", "both"]
    regions: list[str]
    companies: list[str]
    companies_allowed: list[str]
    zones_allowed: list[str] | None
    zones_unnamed: int
    lots_allowed: int | None
    left_before: str | None
    transit_passes: bool
    threshold_carats: str | None
    goods: str
    needs_approval: bool


class RestrictionForm(Form):
    """A restriction, with whether it is in force on the day asked about."""

    id: str
    in_force: TruthForm | None
    authority: Literal["kp", "unsc", "self", "national"]
    jurisdiction: str
    begins: PeriodForm
    ends: PeriodForm | None
    scope: ScopeForm
    record: RecordForm
    ended_by: RecordForm | None


class ParticipantForm(Form):
    """A participant, territory or trading entity as of a day."""

    code: str = _CODE
    name: str
    names: dict[str, str]
    listed: AnswerForm
    may_trade: AnswerForm
    restrictions: list[str] = Field(description="ids of restrictions in force, or perhaps so")
    territory_of: str
    prefixes: list[str]


class RegistryForm(Form):
    """Everyone listed, or perhaps listed, on a day, as known on a day."""

    day: str = _DAY
    known: str | None
    participants: list[ParticipantForm]


class EventForm(Form):
    """One recorded event in a participant's history."""

    kind: str
    when: PeriodForm
    text: str
    record: RecordForm


class RangeForm(Form):
    """A notified range of certificate numbers; ``ends`` is the first day it no longer holds."""

    prefix: str
    first: int
    last: int
    begins: str
    ends: str | None
    office: str


class PracticeForm(Form):
    """National practice as of the day, with defaults where none was stated."""

    validity_days: int
    confirm_days: int
    expiry_governs: str
    status_policy: str
    tolerance_carats_permille: int
    tolerance_value_permille: int
    languages: list[str]
    retention_years: int
    shipment_opens_days: int
    unused_days: int
    answer_days: int
    countersign_days: int
    settle_days: int
    detain_days: int


class ParticipantPageForm(Form):
    """One participant with its history and what it notified."""

    day: str = _DAY
    known: str | None
    participant: ParticipantForm
    may_export: AnswerForm
    may_import: AnswerForm
    members: list[str]
    history: list[EventForm]
    ranges: list[RangeForm]
    practice: PracticeForm


class RestrictionsForm(Form):
    """Restrictions as of a day, or all of them where no day was given."""

    day: str | None
    known: str | None
    restrictions: list[RestrictionForm]


class FindingForm(Form):
    """What a rule had to say about something that is recorded all the same."""

    code: str = Field(examples=["certificate.confirmed-before"])
    sentence: str
    source: str
    facts: dict[str, str | int]


class ActForm(Form):
    """One act in a certificate's life: log section only, as sealed sections are not here."""

    index: int
    statement: str
    typ: str = Field(examples=["kp-cert+cose"])
    holder: str = _CODE
    signed_at: str
    said: dict[str, Any]
    findings: list[FindingForm]


class PaperForm(Form):
    """How a foreign paper certificate was taken down."""

    transcriber: str = _CODE
    specimen: str = Field(examples=["matches"])
    sentence: str


class AlertForm(Form):
    """An open alert on a number."""

    statement: str
    entry: int
    kind: str = Field(examples=["clone"])
    holder: str = _CODE


class LifeForm(Form):
    """Everything the log knows of a certificate number."""

    number: str = Field(examples=["XA1001"])
    status: str = Field(examples=["issued"])
    expired: bool
    kind: str
    issuer: str = _CODE
    issued: str = _DAY
    expires: str = _DAY
    paper: PaperForm | None = Field(
        description="Set where a foreign paper certificate was taken down: a weaker record."
    )
    alerts: list[AlertForm] = Field(description="Alerts that nobody has answered.")
    acts: list[ActForm]


class ListedForm(Form):
    """A certificate in a list."""

    number: str = Field(examples=["XA100001"])
    issuer: str = _CODE
    status: str = Field(examples=["issued"])
    issued: str = _DAY
    expires: str = _DAY
    entry: int
    findings: int
    alerts: int = Field(description="Alerts that nobody has answered.")
    paper: bool = Field(description="Taken down from foreign paper: a weaker record.")
    receiver: str | None = Field(description="Before which authority it was presented.")
    since: str = Field(description="UTC day from which it has its status", examples=["2026-11-22"])


class CertificatesForm(Form):
    """Certificates, the latest first."""

    certificates: list[ListedForm]


class VerdictReasonForm(Form):
    """One reason of a verdict and what it weighs."""

    code: str
    weight: Literal["for", "note", "doubt", "against"]
    sentence: str
    facts: dict[str, str | int]


class VerdictForm(Form):
    """The answer to a check: valid, invalid or cannot tell, and what it does and does not prove."""

    result: Literal["valid", "invalid", "cannot-tell"]
    kind: Literal["demo", "test", "prod"]
    origin: str
    number: str
    issuer: str
    typ: str
    statement: str
    reasons: list[VerdictReasonForm]
    proves: list[str]
    cannot_prove: list[str]
    reminders: list[str]
    as_of: str
    age_days: int


class HeadForm(Form):
    """The log as of its latest entry."""

    kind: str
    origin: str
    title: str
    genesis: str
    size: int
    root: str
    facts: str = Field(description="digest of the facts chain")
    time: str | None
    checkpoint: str | None = Field(description="signed note, C2SP tlog-checkpoint")


class EntryForm(Form):
    """One entry: its header, its log section, and the facts that admission made of it."""

    index: int
    statement: str
    typ: str
    iss: str
    sub: str
    signed_at: str
    kid: str
    said: dict[str, Any]
    sealed: list[str]
    facts: list[Any]


class RegisteredForm(Form):
    """What the log says to a statement that it holds; the receipt is COSE (RFC 9942), in hex."""

    index: int
    before: bool = Field(description="it was in the log already")
    findings: list[FindingForm]
    receipt: str
