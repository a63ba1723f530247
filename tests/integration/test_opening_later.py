"""Opening later: under a mandate, by dated policy, and to nobody else; each written down."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from kimberlite.certificates.drafting import from_json
from kimberlite.certificates.file import parse_file
from kimberlite.certificates.visibility import Moment, Role
from kimberlite.cli.main import program
from kimberlite.kernel.days import show_day
from kimberlite.kernel.errors import NotFound, Problem
from kimberlite.node import opened
from kimberlite.node.erasing import erase
from kimberlite.node.granting import JOB, Wish, grant, open_due
from kimberlite.node.openings import unseal
from kimberlite.node.sharing import recipients
from kimberlite.node.wiring import desk_of
from kimberlite.storage.vault import Vault
from tests.helpers.nodes import short_folder
from tests.helpers.offices import Offices, private_of
from tests.helpers.planted import ORDER, Planted
from tests.helpers.trading import number_of, trading
from tests.helpers.two_nodes import wait_for

MISSION = Wish("XC", ("values",), "Review visit 2026/4", "officer-1", Role.MISSION)


@pytest.fixture(scope="module")
def world() -> Iterator[Planted]:
    with short_folder() as folder:
        yield Planted(folder / "n")


def sealed_to(node: Offices, world: Planted, moment: Moment, code: str) -> set[str]:
    """Name the sections of the certificate itself that are sealed to ``code``."""
    held = world.folder(moment, "XA").held[0]
    vault = node.desk("XA").vault
    return {each.section for each in held.sections if code in vault.recipients(each.digest)}


def test_at_issue_only_issuer_and_destination_have_copies(world: Planted) -> None:
    every = {"shipment", "values", "parties"}
    assert sealed_to(world.node, world, Moment.ISSUED, "XA") == every
    assert sealed_to(world.node, world, Moment.ISSUED, "XB") == every
    assert sealed_to(world.node, world, Moment.ISSUED, "XC") == set()


def test_a_mission_reads_what_its_mandate_opened_and_no_more(world: Planted) -> None:
    node, number = world.node, world.numbers[Moment.CONFIRMED]
    given = grant(node.desk("XA"), number, MISSION, private_of("XA"))
    assert {each.section for each in given} == {"values"}
    assert all(each.reference == MISSION.mandate and each.role == "mission" for each in given)
    file = parse_file(opened.fetch(node.desk("XC"), number, private_of("XC")))
    assert [each.section for each in file.openings] == ["values"]
    assert grant(node.desk("XA"), number, MISSION, private_of("XA")) == []
    kept = node.desk("XA").store.granted.grants(world.key(Moment.CONFIRMED))
    assert kept == given


def test_a_copy_for_one_opens_for_nobody_else(world: Planted) -> None:
    node, number = world.node, world.numbers[Moment.AGED]
    grant(node.desk("XA"), number, MISSION)
    held = world.folder(Moment.AGED, "XA").held[0]
    digest = next(each.digest for each in held.sections if each.section == "values")
    copy, header = node.desk("XC").vault.get(digest, "XC"), held.statement.header
    for code in ("XA", "XB", "XD"):
        with pytest.raises(Problem) as bad:
            unseal(private_of(code), copy, digest, header.iss, header.sub)
        assert bad.value.code == "hpke.open"


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        (Wish("XC", ("values",), "", "officer-1", Role.MISSION), "grant.closed"),
        (Wish("XC", ("values",), "Letter 3", "officer-1"), "grant.closed"),
        (Wish("XC", ("parties",), "Letter 3", "officer-1"), "grant.closed"),
        (Wish("XC", ("shipment",), "", "officer-1"), "grant.closed"),
        (Wish("XC", ("values",), "Letter 3", "officer-1", Role.OBSERVER), "grant.closed"),
        (Wish("XC", ("values",), "Letter 3", "officer-1", Role.LOG_NODE), "grant.closed"),
        (Wish("XD", ("shipment",), "Letter 3", "officer-1"), "grant.no-key"),
        (Wish("XC", ("journey",), "M", "officer-1", Role.MISSION), "grant.not-here"),
        (Wish("XC", ("shipment",), "Letter 3", ""), "grant.officer"),
        (Wish("XC", ("shipment",), "Letter 3", "Jane Doe"), "grant.officer"),
        (Wish("XC", ("shipment",), "x" * 121, "officer-1"), "grant.mandate"),
    ],
)
def test_nothing_opens_that_the_matrix_closes(world: Planted, wish: Wish, code: str) -> None:
    desk, number = world.node.desk("XA"), world.numbers[Moment.ISSUED]
    with pytest.raises(Problem) as bad:
        grant(desk, number, wish)
    assert bad.value.code == code
    assert desk.store.granted.grants(world.key(Moment.ISSUED)) == []
    assert sealed_to(world.node, world, Moment.ISSUED, "XC") == set()


def test_who_was_given_a_section_does_not_pass_it_on(world: Planted) -> None:
    node, number = world.node, world.numbers[Moment.PRESENTED]
    mandated = Wish("XC", ("shipment",), "Letter 3", "officer-1")
    grant(node.desk("XA"), number, mandated)
    with pytest.raises(Problem) as bad:
        grant(node.desk("XC"), number, mandated, private_of("XC"))
    assert bad.value.code == "grant.not-yours"


def test_the_destination_opens_what_was_sealed_to_it(world: Planted) -> None:
    number = world.numbers[Moment.DISPATCHED]
    wish = Wish("XC", ("shipment",), "Letter 4", "officer-1")
    with pytest.raises(Problem) as bad:
        grant(world.node.desk("XB"), number, wish)
    assert bad.value.code == "grant.not-yours", "without its key it does not know where goods go"
    assert grant(world.node.desk("XB"), number, wish, private_of("XB"))


def test_policy_opens_the_shipment_to_all_when_its_day_has_come(world: Planted) -> None:
    node = world.node
    given = open_due(node.desk("XA"))
    assert {(each.sub, each.recipient, each.section) for each in given} == {
        (world.key(Moment.AGED), "XC", "shipment")
    }
    assert {(each.ground, each.officer) for each in given} == {("policy", JOB)}
    assert open_due(node.desk("XA")) == []
    assert open_due(node.desk("XB"), private_of("XB")) == []
    assert "shipment" in sealed_to(node, world, Moment.AGED, "XC")
    assert "shipment" not in sealed_to(node, world, Moment.CONFIRMED, "XC")
    assert sealed_to(node, world, Moment.DISPUTED, "XC") == set()


def test_who_only_says_that_goods_arrived_gets_nothing_by_it(world: Planted) -> None:
    node, number = world.node, world.numbers[Moment.DISPATCHED]
    node.act("XC", "presentation", number, day=show_day(world.today))
    life = node.desk("XA").view.certificate(number)
    told = {"number": number, "certificate": life.row.statement.hex(), "day": show_day(world.today)}
    draft = from_json({"type": "dispatch", **told, "journey": {"waybill": "W-1"}}, "XA")
    request = node.office("XA")._prepare(draft, None)
    assert recipients(node.desk("XA"), request) == {"journey": {"XA", "XB"}}


def test_what_was_erased_is_opened_to_nobody(world: Planted) -> None:
    number = world.numbers[Moment.DISPUTED]
    erase(world.node.desk("XA"), number, ORDER)
    wish = Wish("XC", ("shipment",), "Letter 5", "officer-1")
    with pytest.raises(NotFound) as bad:
        grant(world.node.desk("XA"), number, wish, private_of("XA"))
    assert bad.value.code == "grant.not-here"


def test_commands_grant_list_and_open_what_is_due(world: Planted, tmp_path: Path) -> None:
    def run(*words: str) -> str:
        told = CliRunner().invoke(program, ["--home", str(world.node.home.path), *words])
        assert told.exception is None, told.output + str(told.exception)
        return told.output

    number = world.numbers[Moment.ISSUED]
    words = ("--to", "XC", "--role", "auditor", "--section", "parties", "--mandate", "Audit 9")
    assert "XC" in run("opening", "grant", "--as", "XA", number, *words, "--officer", "officer-2")
    listed = run("opening", "list", "--as", "XA", "--number", number)
    assert "Audit 9" in listed
    assert "officer-2" in listed
    run("opening", "open-due", "--as", "XA")


# ---- between nodes ---------------------------------------------------------------------------


def test_what_is_opened_later_crosses_to_the_other_node() -> None:
    with trading() as trade:
        nodes = trade.nodes
        file = nodes.issue("XA", "XC")
        number = number_of(file)
        wait_for(lambda: trade.knows(number))
        wish = Wish("XB", ("values",), "Review visit 2026/4", "officer-1", Role.MISSION)
        (given,) = grant(desk_of(nodes.log, "XA"), number, wish)
        vault = Vault(trade.home.vault)
        wait_for(lambda: "XB" in vault.recipients(given.digest))
        told = parse_file(trade.opened(number))
        assert [each.section for each in told.openings] == ["values"]
