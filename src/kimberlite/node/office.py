"""An authority's office: from application to certificate, from arrival to confirmation.

Every act goes the same way: it is proposed and fixed, officers approve it, the signer process
signs it, its openings are sealed into the vault, and the log admits it. Each step is kept before
the next begins, so an act that was cut off goes on where it stopped.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from kimberlite.certificates import drafting
from kimberlite.certificates.drafting import TYP_OF, Draft
from kimberlite.certificates.file import parse_file, write
from kimberlite.certificates.json_form import show
from kimberlite.certificates.rules import Assessment, Days, assess, blocking
from kimberlite.certificates.v1.issue import TYP as CERTIFICATE_TYP
from kimberlite.crypto.random import token
from kimberlite.documents import size
from kimberlite.kernel import cbor
from kimberlite.kernel.errors import Conflict, Invalid, NotFound, Refused
from kimberlite.kernel.ids import CertificateNumber
from kimberlite.ledger import json_form
from kimberlite.ledger.approval import Approval, Proposal
from kimberlite.ledger.envelope import Verdicts, parse
from kimberlite.ledger.receipt import attach
from kimberlite.ledger.sections import SALT_BYTES
from kimberlite.node import clock
from kimberlite.node.acting import certificate_draft, draft_act, files_for, open_any, require_reason
from kimberlite.node.assessed import arrival_of, assess_draft, verdicts_of
from kimberlite.node.books import V1
from kimberlite.node.clients import Queued
from kimberlite.node.desk import Check, Desk, Sealed
from kimberlite.node.numbering import next_number, spoiling, use_of
from kimberlite.node.sharing import seal_for_all
from kimberlite.node.signer.request import Request
from kimberlite.node.stock.ledger import Use
from kimberlite.node.store import Act
from kimberlite.storage.vault import Vault

UNSEALED = Sealed(("to be sealed",))
"""What stands for the seals of goods that were not checked yet."""


class Office:
    """The acts of one authority. Raises problems with stable codes; nothing is half done."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    # ---- issuing -------------------------------------------------------------------------

    def apply(self, application: Mapping[str, Any]) -> Act:
        """Take an exporter's application: the certificate's fields without number and days.

        Raises:
            Invalid: ``draft.field`` naming the field that is missing or wrong.
        """
        today = self._desk.view.today()
        certificate_draft(self._desk, application, "XX0", UNSEALED, (today, today))
        kept = json.dumps(dict(application), ensure_ascii=False, sort_keys=True).encode()
        store = self._desk.store
        return store.act(store.apply(CERTIFICATE_TYP, kept, clock.now()))

    def check(self, act: int, check: Check) -> tuple[Act, Assessment]:
        """Fix the certificate after the goods were checked and sealed, ready for approval.

        Raises:
            Refused: ``issue.blocked`` naming the rules, unless each is overridden with a basis;
                ``number.none-left`` when the range is full; ``qr.would-not-fit`` for print.
            Conflict: ``act.stage``, ``number.in-use``.
        """
        desk = self._desk
        found = self._at(act, "applied")
        application = json.loads(found.application)
        today = desk.view.today()
        number = check.number or next_number(desk, today, application.get("office", ""))
        valid = desk.view.registry().practice(desk.holder, today).validity_days
        if form := desk.store.stock.named(check.form or application.get("form", "")):
            application["form"] = form
        overrides = dict(check.overrides or {})
        if overrides:  # what is set aside, and on what ground, is for everyone to see
            application["basis"] = "; ".join(sorted(set(overrides.values())))
        days = (today, today + valid)
        draft = certificate_draft(desk, application, number, check.sealed, days)
        assessment = self._assess(draft, today)
        blocked = blocking(assessment, overrides)
        if blocked:
            codes = ", ".join(each.code for each in blocked)
            raise Refused(
                "issue.blocked",
                f"this certificate must not be issued: {codes}; an override needs a legal basis",
                rules=codes,
            )
        parsed = CertificateNumber.parse(number)
        verdicts = assessment.verdicts(overrides)
        request = self._prepare(draft, verdicts, overrides=overrides, officer=check.officer)
        size.require(request.proposal, request.openings)
        use = use_of(desk, draft, check.officer)
        desk.store.propose(act, draft.sub, _kept(request), (parsed.prefix, parsed.serial), use)
        desk.store.remark(act, check.officer, check.remarks or "goods checked", clock.now())
        return desk.store.act(act), assessment

    def _assess(self, draft: Draft, today: int) -> Assessment:
        certificate = draft.certificate(self._desk.holder)
        return assess(certificate, self._desk.view.registry(), Days(today))

    # ---- arriving ------------------------------------------------------------------------

    def present(self, file: bytes, office: str = "") -> Act:
        """Record that a certificate was presented here. Raises Invalid as ``parse_file``."""
        found = parse_file(file)
        told = {
            "number": found.named["number"],
            "certificate": found.statement.id,
            "day": self._desk.view.today(),
            "office": office or None,
        }
        return self._propose_now(drafting.draft("presentation", told), None, (file,))

    def confirm(
        self, file: bytes, told: Mapping[str, Any], reason: str = ""
    ) -> tuple[Act, Assessment]:
        """Propose a confirmation of the shipment whose certificate file is at hand.

        Args:
            file: the certificate file.
            told: JSON fields: arrived (today if absent), outcome, examination, and, as far as
                found, values, parties and evidence; what is not measured is not to be given.
            reason: why it is confirmed over an open alert.

        Raises:
            Invalid: ``draft.field``; as ``parse_file``. Refused: ``confirmation.alert-open``.
        """
        found = parse_file(file)
        given = {
            **show({"arrived": self.today()}),
            **told,
            "type": "confirmation",
            "number": found.named["number"],
            "certificate": found.statement.id.hex(),
        }
        draft = drafting.from_json(given)
        require_reason(self._desk, draft, reason)
        files = files_for(self._desk, draft, (file,))
        assessment = assess_draft(self._desk, draft, files)
        if assessment is None:  # the log does not hold it yet: what the file says has to do
            said = draft.confirmation(self._desk.holder)
            assessment = arrival_of(self._desk, open_any(found), said)
        act = self._propose_now(draft, verdicts_of(self._desk, draft, files), files, reason=reason)
        return act, assessment

    # ---- ending --------------------------------------------------------------------------

    def void(self, number: str, reason: str, note: str = "") -> Act:
        """Propose to void an own certificate before it is used.

        Args:
            number: as printed.
            reason: one of the reasons of the statement type.
            note: why, in a sentence.
        """
        return self.act("void", {"number": number, "reason": reason, "note": note or None})

    def replace(self, number: str, application: Mapping[str, Any]) -> Act:
        """Take an application for a certificate that replaces an own, unused one."""
        life = self._desk.view.certificate(number)
        link = {"number": life.number, "certificate": life.row.statement.hex()}
        return self.apply({**application, "replaces": link})

    # ---- every act -----------------------------------------------------------------------

    def act(
        self, word: str, told: Mapping[str, Any], files: Sequence[bytes] = (), reason: str = ""
    ) -> Act:
        """Propose an act on a certificate: dispatch, transit, correction, alert and so on.

        Args:
            word: one of ``acting.ACT_WORDS``.
            told: its JSON fields; its day, and links that the log knows, are filled in.
            files: certificate files it rests on; a confirmation takes the one held here.
            reason: why an arrival is confirmed over an open alert; kept as a remark.

        Raises as ``draft_act``, ``verdicts_of`` and ``require_reason``.
        """
        draft = draft_act(self._desk, word, told)
        require_reason(self._desk, draft, reason)
        with_it = files_for(self._desk, draft, files)
        spoiled = spoiling(self._desk, draft.log["number"]) if word == "void" else None
        said = verdicts_of(self._desk, draft, with_it)
        return self._propose_now(draft, said, with_it, use=spoiled, reason=reason)

    # ---- the registry ----------------------------------------------------------------------

    def state(self, typ: str, sub: str, told: Mapping[str, Any]) -> Act:
        """Propose what this authority states about itself: offices, ranges, practice and so on.

        Raises:
            Invalid: ``type.unknown``, ``input.field`` naming the field.
        """
        kind = V1.types.get(typ)
        if kind is None or kind.sections:
            raise Invalid("type.unknown", f"{typ} is not a type to state here", typ=typ)
        named = json_form.read(kind.schema, dict(told))
        holder, store = self._desk.holder, self._desk.store
        log = kind.schema.write(named)
        proposal = Proposal(typ, holder, sub, clock.now(), kind.version, log)
        act = store.apply(typ, json.dumps(dict(told)).encode(), clock.now())
        store.propose(act, sub, _kept(Request(proposal)))
        return store.act(act)

    # ---- the common way ------------------------------------------------------------------

    def propose(self, act: int, more: Mapping[str, Any], files: Sequence[bytes] = ()) -> Act:
        """Fix an act that was taken in, other than a certificate, with ``more`` of its fields.

        Raises Conflict ``act.stage``, Invalid ``draft.field``, Refused ``confirmation.alert-open``.
        """
        found, store = self._at(act, "applied"), self._desk.store
        if found.typ == CERTIFICATE_TYP:
            raise Conflict("act.stage", f"act {act} waits for its goods to be checked", act=act)
        draft = drafting.from_json({**json.loads(found.application), **more}, self._desk.holder)
        require_reason(self._desk, draft, "")
        request = self._prepare(draft, verdicts_of(self._desk, draft, files), files=files)
        store.propose(act, draft.sub, _kept(request))
        return store.act(act)

    def _propose_now(
        self,
        draft: Draft,
        verdicts: Verdicts | None,
        files: Sequence[bytes] = (),
        *,
        use: Use | None = None,
        reason: str = "",
    ) -> Act:
        store = self._desk.store
        act = store.apply(draft.typ, json.dumps(draft.to_json()).encode(), clock.now())
        request = self._prepare(draft, verdicts, files=files)
        store.propose(act, draft.sub, _kept(request), use=use)
        if reason:
            store.remark(act, "office", reason, clock.now())
        return store.act(act)

    def _prepare(
        self,
        draft: Draft,
        verdicts: Verdicts | None,
        *,
        overrides: Mapping[str, str] | None = None,
        officer: str = "",
        files: Sequence[bytes] = (),
    ) -> Request:
        holder = self._desk.holder
        openings = draft.openings({name: token(SALT_BYTES) for name in draft.sections})
        body = draft.body(holder, openings, verdicts=verdicts)
        proposal = Proposal(
            draft.typ,
            holder,
            draft.sub,
            clock.now(),
            body.version,
            body.log,
            body.seals,
            verdicts,
            overrides or {},
        )
        return Request(proposal, openings, proposer=officer, files=tuple(files))

    def acts(self) -> list[Act]:
        """List the acts of this office, newest first."""
        return self._desk.store.acts()

    def today(self) -> int:
        """Give today as the log knows it."""
        return self._desk.view.today()

    def status(self, number: str) -> str:
        """Give the status of a certificate, in the words of the transition table."""
        return self._desk.view.certificate(number).status.word

    @property
    def desk(self) -> Desk:
        """Give where this office stands."""
        return self._desk

    @property
    def vault(self) -> Vault:
        """Give the vault into which this office seals."""
        return self._desk.vault

    def number_in(self, file: bytes) -> str:
        """Give the certificate number that a file is about."""
        return str(parse_file(file).named["number"])

    def genesis(self) -> bytes:
        """Give the name of the log that approvals are for: SHA-256 of its genesis statement."""
        charter = self._desk.view.charter()
        if charter is None:
            raise NotFound("log.not-begun", "this log has not been founded yet")
        return charter.digest

    def withdraw(self, act: int) -> Act:
        """Give an act up before it is signed. Raises Conflict ``act.stage``."""
        store = self._desk.store
        if store.act(act).stage not in {"applied", "proposed"}:
            raise Conflict("act.stage", f"act {act} has been signed: void it instead", act=act)
        store.withdraw(act, "office", clock.now())
        return store.act(act)

    def proposal(self, act: int) -> Request:
        """Give what officers are asked to approve. Raises Conflict ``act.stage``."""
        found = self._desk.store.act(act)
        if found.proposal is None:
            raise Conflict("act.stage", f"act {act} has not been checked and sealed yet", act=act)
        return _read(found.proposal)

    def approve(self, act: int, approval: Approval) -> int:
        """Keep an officer's approval and give how many there are. Raises Conflict."""
        self._at(act, "proposed")
        store = self._desk.store
        store.approve(act, approval.officer, approval.to_bytes())
        return len(store.approvals(act))

    def complete(self, act: int) -> tuple[Act, bytes]:
        """Have the act signed, sealed, logged; give it with its certificate file.

        Goes on where an earlier try stopped. At a node that is cut off from the log, the act stays
        "signed", its file has no receipt yet, and the statement is handed in later.

        Raises:
            Refused: as the signer or the log says. Unavailable: when one cannot be reached.
        """
        desk = self._desk
        found = desk.store.act(act)
        request = self.proposal(act)
        if found.stage == "proposed":
            approvals = tuple(Approval.parse(each) for each in desk.store.approvals(act))
            self._seal(request)
            raw = desk.signer.ask(replace(request, approvals=approvals)).statement
            desk.store.advance(act, "signed", raw)
            found = desk.store.act(act)
        if found.signed is None:
            raise Conflict("act.stage", f"act {act} is {found.stage}", act=act)
        try:
            index = desk.post.submit(found.signed)
        except Queued:
            return found, self._paper(found.signed, request, None)
        except Refused:
            desk.store.advance(act, "refused")
            raise
        desk.store.advance(act, "logged")
        return desk.store.act(act), self._paper(found.signed, request, index)

    def file(self, act: int) -> bytes:
        """Give a logged act's file again, with a fresh receipt. Raises Conflict ``act.stage``."""
        found = self._at(act, "logged")
        if found.signed is None:
            raise NotFound("act.unknown", f"act {act} was never signed", act=act)
        index = self._desk.view.reader.index_of(parse(found.signed).id)
        return self._paper(found.signed, self.proposal(act), index)

    def _paper(self, raw: bytes, request: Request, index: int | None) -> bytes:
        """Give the certificate file; for a statement of another room, it with its receipt.

        Without a receipt while registration is pending, or the line went down after it.
        """
        receipts: list[bytes] = []
        with suppress(Queued):
            receipts = [] if index is None else [self._desk.post.receipt(index)]
        if request.proposal.typ in TYP_OF.values():
            return write(raw, request.openings, receipts)
        return attach(raw, receipts) if receipts else raw

    def _at(self, act: int, stage: str) -> Act:
        found = self._desk.store.act(act)
        if found.stage != stage:
            raise Conflict(
                "act.stage", f"act {act} is {found.stage}, not {stage}", act=act, stage=found.stage
            )
        return found

    def _seal(self, request: Request) -> None:
        """Seal every opening to who is entitled, before anything is issued."""
        seal_for_all(self._desk, request)


def _kept(request: Request) -> bytes:
    return cbor.encode(request.to_args())


def _read(kept: bytes) -> Request:
    value: Any = cbor.decode(kept)
    return Request.from_args(value)
