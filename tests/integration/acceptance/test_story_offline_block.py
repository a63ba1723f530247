"""An office issues offline from its block, and the same number surfaces elsewhere."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kimberlite.certificates.verdict import Result
from kimberlite.kernel.errors import Conflict
from kimberlite.ledger import refusal as refusals
from kimberlite.node.mirror.box import LOGGED, REFUSED, Box
from tests.helpers.region import Region, region


@pytest.fixture(scope="module")
def world() -> Iterator[Region]:
    with pytest.MonkeyPatch.context() as patch, region(patch) as found:
        yield found


def test_a_number_issued_offline_was_used_elsewhere(world: Region) -> None:
    # Given a border office of XB with a node of its own, and the line cut for days
    border = world.join("XB", office="BORDER")
    border.cut()
    with world.at(border):
        first, second = (world.issue("XB", "XA", office="BORDER") for _ in range(2))

    # Then it goes on from the block that was allotted to it, and its papers travel unregistered
    assert [first.number, second.number] == ["XB599900", "XB599901"]
    assert first.parsed.receipts == ()
    pending = world.verdict(first.file, "XA")
    assert pending.result is Result.CANNOT_TELL
    assert "registration.not-shown" in [each.code for each in pending.reasons]

    # When somebody at XB's main office, which has a line, uses the border's number for other goods
    fraud = world.issue("XB", "XC", number=first.number, office="BORDER")
    assert world.life(first.number).row.statement.hex() == fraud.id

    # And the line comes back
    border.proxy.down = False
    border.level(world.nodes.log)

    # Then the later one is refused with the log's signed word, which the border office keeps
    box = Box(border.home.post)
    late, fine = (box.find(each.parsed.statement.id) for each in (first, second))
    box.close()
    assert late is not None
    assert fine is not None
    assert (late.state, late.why) == (REFUSED, "certificate.number-used")
    assert fine.state == LOGGED
    assert late.refusal is not None
    public = world.nodes.founder.key("kp.log", "log").public
    assert refusals.verify(late.refusal, public, raw=late.raw).code == "certificate.number-used"
    with world.at(border):
        stages = {act.sub: act.stage for act in world.office("XB").acts()}
    assert stages == {"XB599900": "refused", "XB599901": "logged"}

    # When the border's goods come to XA, then its file contradicts the log, and XA holds them
    assert world.verdict(first.file, "XA").result is not Result.VALID
    alert = world.act(
        "XA",
        "alert",
        first.number,
        kind="duplicate-number",
        held=True,
        certificate=first.id,
        evidence={"remarks": "signed by the same authority as the one in the log"},
    )

    # And XC, where the goods under the logged one arrive, is warned and detains them too
    codes = [each.code for each in world.verdict(fraud.file, "XC").reasons]
    assert "certificate.held" in codes
    world.arrive("XC", fraud.file, "detained")

    # When XB answers that it stands on two papers, and annuls what its main office did in fraud
    world.act(
        "XB", "answer", first.number, alert=alert.statement.id.hex(), finding="duplicate-number"
    )
    world.act("XB", "annulment", first.number, ground="false-declaration")
    assert world.status(first.number) == "annulled"

    # Then a use of it is a finding, and its number is never free again
    seized = world.arrive("XC", fraud.file, "seized")
    assert world.entry_findings(seized) == ["certificate.annulled"]
    with pytest.raises(Conflict) as taken:
        world.issue("XB", "XA", number=first.number, office="BORDER")
    assert taken.value.code == "number.in-use"

    # And the honest goods get another number of the block, again offline, and XA lets them in
    border.cut()
    with world.at(border):
        other = world.issue("XB", "XA", office="BORDER")
    assert other.number == "XB599902"
    border.proxy.down = False
    border.level(world.nodes.log)
    assert world.verdict(other.file, "XA").result is Result.VALID
    world.arrive("XA", other.file, "confirmed")
    assert (world.status(other.number), world.life(other.number).alerts) == ("confirmed", ())
