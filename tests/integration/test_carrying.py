"""From a running node to paper and back: issued, printed, photographed badly, checked offline."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import pytest

from benchmarks.photos import Conditions, photo
from kimberlite.certificates.file import parse_file
from kimberlite.certificates.verdict import Result
from kimberlite.certificates.verify import verify
from kimberlite.documents import qr, reading, symbols
from kimberlite.kernel.errors import Refused
from kimberlite.ledger import bundle as bundles
from kimberlite.node.clients import LogClient
from kimberlite.node.demo import world
from kimberlite.node.demo.shipments import Clerks
from kimberlite.node.desk import Check
from kimberlite.node.home import Home
from kimberlite.node.wiring import office_of
from tests.helpers.nodes import running, short_folder

CHECK = Check("officer-3", ("AD-1", "AD-2"), "weighed and sealed")


@pytest.fixture(scope="module")
def home() -> Iterator[Home]:
    with short_folder() as folder, running(folder / "node") as (home, _):
        yield home


def application(**changed: Any) -> dict[str, Any]:
    told = world.application("Kite Mining", "XB", "10.00", "5000.00")
    return {**told, "parties": {**told["parties"], **changed}}


def test_a_certificate_is_issued_printed_photographed_and_checked(home: Home) -> None:
    office = office_of(home, "XA")
    act = office.apply(application())
    office.check(act.id, CHECK)
    file = Clerks(home).approve(office, "XA", act.id, 2)
    read = parse_file(file)
    worn = Conditions(folds=1, stamp=True)
    pictures = [
        photo(symbols.draw(text), worn, at) for at, text in enumerate((*qr.qr1(read), qr.qr2(read)))
    ]
    held = reading.read(pictures[0], more=pictures[1:])
    assert held == file
    trusted = bundles.verify(LogClient(home.log_socket).bundle(), None)
    verdict = verify(held, trusted, office.today(), "XB")
    assert verdict.result is Result.VALID
    assert verdict.proves == ("genuine", "registered", "sections-intact")


def test_what_no_printed_code_holds_is_stopped_before_officers_see_it(home: Home) -> None:
    office = office_of(home, "XA")
    papers = [
        {"kind": "invoice", "text": "N" * 60, "digest": sha256(bytes([at])).hexdigest()}
        for at in range(40)
    ]
    act = office.apply(application(papers=papers))
    with pytest.raises(Refused) as refused:
        office.check(act.id, CHECK)
    assert refused.value.code == "qr.would-not-fit"
    assert office.acts()[0].stage == "applied"
