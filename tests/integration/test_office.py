"""Officers at work on a running node: real processes, real sockets, real files."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kimberlite.certificates.file import parse_file
from kimberlite.certificates.projection import Query
from kimberlite.kernel.days import show_day
from kimberlite.kernel.errors import Conflict, Invalid, NotFound, Problem, Refused, Unavailable
from kimberlite.node import opened
from kimberlite.node.demo import world
from kimberlite.node.demo.founding import PASSPHRASE
from kimberlite.node.demo.shipments import Clerks
from kimberlite.node.desk import Check
from kimberlite.node.erasing import Reason, erase
from kimberlite.node.home import Home
from kimberlite.node.office import Office
from kimberlite.node.supervisor import Processes, answers
from kimberlite.node.view import View
from kimberlite.node.wiring import desk_of, office_of, sealing_key_of
from tests.helpers.nodes import running, short_folder

CHECK = Check("officer-3", ("AD-1",), "weighed")


@pytest.fixture(scope="module")
def node() -> Iterator[tuple[Home, Processes]]:
    with short_folder() as folder, running(folder / "node") as found:
        yield found


@pytest.fixture
def home(node: tuple[Home, Processes]) -> Home:
    return node[0]


@pytest.fixture
def sender(home: Home) -> Office:
    return office_of(home, "XA")


@pytest.fixture
def receiver(home: Home) -> Office:
    return office_of(home, "XB")


@pytest.fixture
def clerks(home: Home) -> Clerks:
    return Clerks(home)


def application(**changed: Any) -> dict[str, Any]:
    return {**world.application("Kite Mining", "XB", "10.00", "5000.00"), **changed}


def issued(sender: Office, clerks: Clerks) -> tuple[str, bytes]:
    act = sender.apply(application())
    sender.check(act.id, CHECK)
    file = clerks.approve(sender, "XA", act.id, 2)
    return sender.number_in(file), file


def code(bad: pytest.ExceptionInfo[Problem]) -> str:
    return bad.value.code


def test_two_officers_are_needed_and_one_is_not_two(sender: Office, clerks: Clerks) -> None:
    act = sender.apply(application())
    sender.check(act.id, CHECK)
    with pytest.raises(Refused) as bad:
        clerks.approve(sender, "XA", act.id, 1)
    assert code(bad) == "approval.too-few"
    with pytest.raises(Conflict) as twice:
        clerks.approve(sender, "XA", act.id, 1)
    assert code(twice) == "act.approved"
    assert sender.acts()[0].stage == "proposed"


def test_an_application_names_the_field_that_is_wrong(sender: Office) -> None:
    wrong = application()
    wrong["values"]["lines"][0]["carats"] = "10.001"
    with pytest.raises(Invalid) as bad:
        sender.apply(wrong)
    assert bad.value.facts["field"] == "values.lines.0.carats"


def test_goods_for_who_may_not_trade_are_not_certified(sender: Office) -> None:
    goods = application()
    goods["shipment"]["destination"] = "XZ"
    act = sender.apply(goods)
    with pytest.raises(Refused) as bad:
        sender.check(act.id, CHECK)
    assert code(bad) == "issue.blocked"
    assert bad.value.facts["rules"] == "destination.listed, destination.may-import"


def test_an_override_needs_a_basis_and_shows_for_ever(sender: Office, clerks: Clerks) -> None:
    goods = application()
    goods["shipment"]["lines"][0]["parcels"] = 1
    act = sender.apply(goods)
    with pytest.raises(Refused) as bad:
        sender.check(act.id, CHECK)
    rules = str(bad.value.facts["rules"]).split(", ")
    basis = dict.fromkeys(rules, "Order 7 of the Ministry, for a test")
    sender.check(act.id, Check("officer-3", ("AD-2",), overrides=basis))
    clerks.approve(sender, "XA", act.id, 2)
    request = sender.proposal(act.id)
    assert request.proposal.verdicts is not None
    assert {(rule, "overridden") for rule in rules} <= set(request.proposal.verdicts.said)


def test_a_number_is_used_once(sender: Office, clerks: Clerks) -> None:
    number, _ = issued(sender, clerks)
    act = sender.apply(application())
    with pytest.raises(Conflict) as bad:
        sender.check(act.id, Check("officer-3", ("AD-3",), number=number))
    assert code(bad) == "number.in-use"


def test_void_before_use_and_never_after(
    sender: Office, receiver: Office, clerks: Clerks, home: Home
) -> None:
    unused, _ = issued(sender, clerks)
    clerks.approve(sender, "XA", sender.void(unused, "error").id, 2)
    used, file = issued(sender, clerks)
    act, _ = receiver.confirm(file, findings(receiver))
    clerks.approve(receiver, "XB", act.id, 1)
    late = sender.void(used, "error")
    with pytest.raises(Refused) as bad:
        clerks.approve(sender, "XA", late.id, 2)
    assert code(bad) in {"signer.log-would-refuse", "certificate.void-used"}


def findings(receiver: Office, carats: str = "10.00") -> dict[str, Any]:
    return world.findings(show_day(receiver.today()), carats, "5000.00")


def test_a_replacement_takes_the_place_of_an_unused_certificate(
    sender: Office, clerks: Clerks, home: Home
) -> None:
    old, _ = issued(sender, clerks)
    act = sender.replace(old, application())
    sender.check(act.id, CHECK)
    clerks.approve(sender, "XA", act.id, 2)
    assert sender.status(old) == "replaced"


def test_a_short_parcel_is_confirmed_with_a_finding(
    sender: Office, receiver: Office, clerks: Clerks
) -> None:
    _, file = issued(sender, clerks)
    act, assessment = receiver.confirm(file, findings(receiver, "9.00"))
    assert [each.code for each in assessment.broken]
    clerks.approve(receiver, "XB", act.id, 1)
    assert receiver.acts()[0].stage == "logged"


def test_openings_are_in_the_vault_before_anything_is_issued(
    sender: Office, clerks: Clerks, home: Home
) -> None:
    act = sender.apply(application())
    sender.check(act.id, CHECK)
    request = sender.proposal(act.id)
    clerks.approve(sender, "XA", act.id, 2)
    proposal = request.proposal
    for opening in request.openings:
        held = sender.vault.recipients(opening.digest(proposal.iss, proposal.sub))
        assert held == ("XA", "XB")


def test_only_hosted_authorities_have_an_office(home: Home) -> None:
    with pytest.raises(NotFound) as bad:
        office_of(home, "XC")
    assert code(bad) == "node.not-hosted"


def test_an_act_goes_on_where_it_was_cut_off(
    sender: Office, clerks: Clerks, node: tuple[Home, Processes]
) -> None:
    home, processes = node
    act = sender.apply(application())
    sender.check(act.id, CHECK)
    log = next(each for name, each in processes.running if name == "log")
    os.kill(log.pid, signal.SIGKILL)
    log.wait()
    with pytest.raises(Unavailable):
        clerks.approve(sender, "XA", act.id, 2)
    assert sender.acts()[0].stage == "signed"

    processes.restart("log", ("log", "--passphrase-file", str(home.demo_passphrase)))
    processes.wait_for(answers(home.log_socket, "head"))
    completed, file = sender.complete(act.id)

    assert completed.stage == "logged"
    assert sender.number_in(file)


def test_what_the_web_process_can_reach_holds_no_key(home: Home) -> None:
    """The pages need the log, its static files and sockets; every key lies elsewhere."""
    held = json.loads(home.described.read_text())
    assert "key" not in json.dumps(held)
    keys = {each.parent for each in home.path.rglob("*.key")}
    open_to_web = (home.log.parent, home.public, home.path / "run", home.path / "office")
    assert keys
    for folder in keys:
        assert not any(folder.is_relative_to(each) for each in open_to_web)
        assert folder.stat().st_mode & 0o077 == 0


def test_log_time_moves_and_nothing_is_acknowledged_twice(sender: Office, clerks: Clerks) -> None:
    started = time.monotonic()
    act = sender.apply(application())
    sender.check(act.id, CHECK)
    first = clerks.approve(sender, "XA", act.id, 2)
    again = sender.complete(act.id)[1]
    assert sender.number_in(first) == sender.number_in(again)
    assert time.monotonic() - started < 60


def test_a_file_of_another_kind_is_told_apart(receiver: Office, tmp_path: Path) -> None:
    with pytest.raises(Invalid):
        receiver.present(b"not a certificate file")


def test_certificates_are_listed_as_the_log_has_them(
    home: Home, sender: Office, receiver: Office, clerks: Clerks
) -> None:
    number, file = issued(sender, clerks)
    for carats in ("10.00", "9.99"):
        act, _ = receiver.confirm(file, findings(receiver, carats))
        clerks.approve(receiver, "XB", act.id, 1)

    view = View(home)
    found = {each.number: each for each in view.certificates(Query(issuer="XA", most=500))}
    assert (found[number].status, found[number].findings) == ("confirmed", 1)
    assert number in {each.number for each in view.certificates(Query(with_findings=True))}
    assert number not in {each.number for each in view.certificates(Query(status="void"))}
    assert view.certificates(Query(issuer="XC")) == []

    # Nothing official lives there: thrown away, it comes back the same.
    for each in home.projections.parent.iterdir():
        each.unlink()
    again = {each.number: each for each in View(home).certificates(Query(issuer="XA", most=500))}
    assert again == found


def test_numbers_in_the_log_are_not_taken_again_after_a_lost_store(
    home: Home, sender: Office, clerks: Clerks
) -> None:
    used, _ = issued(sender, clerks)
    home.office.rename(home.office.with_suffix(".lost"))
    for suffix in ("-wal", "-shm"):
        home.office.with_name(home.office.name + suffix).unlink(missing_ok=True)
    fresh, view = office_of(home, "XA"), View(home)
    logged = {each.number for each in view.certificates(Query(issuer="XA", most=500))}
    assert used in logged
    given = {
        fresh.check(fresh.apply(application()).id, CHECK)[0].sub for _ in range(len(logged) + 1)
    }
    assert len(given) == len(logged) + 1
    assert not given & logged
    assert max(given) > min(logged)


def test_the_destination_opens_what_was_sealed_to_it_and_nobody_after_an_erasure(
    home: Home, sender: Office, clerks: Clerks
) -> None:
    number, file = issued(sender, clerks)
    private = sealing_key_of(home, "XB", PASSPHRASE)
    fetched = parse_file(opened.fetch(desk_of(home, "XB"), number, private))
    assert set(fetched.openings) == set(parse_file(file).openings)

    order = Reason("a court ordered it", "officer-1", "Order 12 of the District Court")
    with pytest.raises(NotFound) as bad:
        erase(desk_of(home, "XB"), number, order)
    assert code(bad) == "certificate.not-own"
    with pytest.raises(Refused) as early:
        erase(desk_of(home, "XA"), number, Reason("asked for", "officer-1"))
    assert code(early) == "retention.under-way"
    left = erase(desk_of(home, "XA"), number, order)
    assert [day is not None for _, _, day in left.traces[0].sections] == [True] * 3
    with pytest.raises(NotFound) as bad:
        opened.fetch(desk_of(home, "XB"), number, private)
    assert code(bad) == "vault.erased"
    assert sender.status(number) == "issued"
