"""The public record as drafts: complete, in order, sourced, and without persons."""

from __future__ import annotations

import csv
from pathlib import Path

from kimberlite.kernel.days import parse_day
from kimberlite.ledger.admission import Admitted
from kimberlite.registry.record import statements
from kimberlite.registry.v1.history import SCHEMA
from tests.helpers.record import recorded, registry
from tests.helpers.world import ARCHIVE, World


def test_the_drafts_are_the_same_each_time_and_in_order_of_days() -> None:
    drafts = statements()
    assert drafts == statements()
    days = [(each.named["earliest"], each.named.get("latest", 0)) for each in drafts]
    assert [day for day, _ in days] == sorted(day for day, _ in days)


def test_every_draft_has_its_own_name_a_source_and_a_subject() -> None:
    drafts = statements()
    names = [each.named["event"] for each in drafts]
    assert len(names) == len(set(names)) > 150
    for each in drafts:
        assert SCHEMA.read(SCHEMA.write(each.named))["source"], each
        assert each.named["confidence"] in {"high", "medium", "low"}


def test_every_draft_is_admitted_without_a_finding() -> None:
    told = [each for each in recorded().entries if each.statement.header.typ == "kp-history+cose"]
    assert len(told) == len(statements())
    assert [each.findings for each in told if each.findings] == []
    assert max(len(each.statement.raw) for each in told) < 800


def test_a_prod_log_takes_the_record_too() -> None:
    holders = {
        "kp.log": ("log",),
        "kp.archive": ("transcribe",),
        "BW": ("endorse",),
        "NA": ("endorse",),
    }
    world = World(kind="prod", began="2026-07-01", holders=holders)
    for draft in statements():
        assert isinstance(world.say(ARCHIVE, draft.typ, draft.named, sub=draft.sub), Admitted)


def test_every_participant_of_the_research_data_is_there_with_its_names(shared: Path) -> None:
    with (shared / "domain" / "data" / "participants.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) > 60
    for row in rows:
        assert registry().names(row["code"]) == {
            "en": row["name_en"],
            "ar": row["name_ar"],
            "fr": row["name_fr"],
        }


def test_every_event_of_the_research_data_is_told_on_a_day_that_holds_it(shared: Path) -> None:
    """Each dated event has one of the record's within its interval, about the same subject."""
    with (shared / "domain" / "data" / "case_events.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    drafts = statements()
    missing = []
    for row in rows:
        subject = {"KP": "kp.plenary"}.get(row["code"], row["code"])
        subjects = {subject, "EU"} if row["case"] == "S-NAT" else {subject}
        day = parse_day(row["date"])
        told = any(
            each.sub in subjects
            and each.named["earliest"] <= day <= each.named.get("latest", each.named["earliest"])
            for each in drafts
        )
        if not told:
            missing.append((row["case"], row["date"], row["event"]))
    assert missing == []


def test_chairs_of_the_research_data_are_told_without_persons(shared: Path) -> None:
    with (shared / "domain" / "data" / "chairs.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    words = " ".join(each.named.get("text", "") for each in statements())
    for row in rows:
        found = registry().chair(parse_day(f"{row['year']}-06-15"))
        if row["kind"] in {"chair", "custodian"}:
            assert found is not None
            assert found.code == row["code"]
        else:
            assert found is None, row
        for person in filter(None, row["person"].split(" (")[0].split(" then ")):
            assert person not in words
