"""A counterfeit of a real number comes before the original: both are held, its issuer is asked."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kimberlite.certificates.verdict import Result, Weight
from tests.helpers.region import Region, findings, region


@pytest.fixture(scope="module")
def world() -> Iterator[Region]:
    with pytest.MonkeyPatch.context() as patch, region(patch) as found:
        yield found


def test_the_clone_comes_first(world: Region) -> None:
    # Given a certificate of XA to XB, whose printed codes somebody copied onto another paper
    issued = world.issue("XA", "XB")
    number = issued.number

    # When the copy comes to XB's border first: every code is genuine, and nobody can know better
    assert world.verdict(issued.file, "XB").result is Result.VALID
    clone = world.act("XB", "presentation", number, office="BORDER")
    assert world.entry_findings(clone) == []

    # And the original comes to XB's main office a day later
    world.pass_days(1)
    original = world.act("XB", "presentation", number, office="HQ")

    # Then the second one is found, whichever is the true one
    assert world.entry_findings(original) == ["certificate.presented-before"]

    # When both shipments are held, and XB asks the issuer
    held = world.arrive("XB", issued.file, "detained", office="BORDER")
    assert world.entry_findings(held) == []
    also = world.arrive("XB", issued.file, "detained", office="HQ")
    assert world.entry_findings(also) == ["certificate.detained-before"]
    alert = world.act(
        "XB",
        "alert",
        number,
        kind="clone",
        held=True,
        features=["seal-image", "contents"],
        evidence={"remarks": "seals S-1 and S-2 are on the goods at HQ"},
    )

    # Then whoever checks the file is warned, and the log shows the question to all
    verdict = world.verdict(issued.file, "XB")
    assert verdict.result is Result.CANNOT_TELL
    assert "certificate.held" in verdict.codes(Weight.DOUBT)
    [told] = world.life(number).alerts
    assert (told.kind, told.holder) == ("clone", "XB")

    # And nobody but the issuer can answer for it; who asked may only take the question back
    answer = {"alert": alert.statement.id.hex(), "finding": "genuine"}
    assert world.refused("XC", "answer", number, **answer) == "answer.not-asked"
    assert world.refused("XB", "answer", number, **answer) == "answer.not-asked"

    # When XA finds that the goods at the main office are its own
    world.act("XA", "answer", number, **answer, presentation=original.statement.id.hex())

    # Then XB confirms those, and the detention ends in its ordinary way
    genuine = {**findings(world.day()), "presentation": original.statement.id.hex()}
    confirmed = world.arrive("XB", issued.file, "confirmed", office="HQ", **genuine)
    assert world.entry_findings(confirmed) == []
    assert world.status(number) == "confirmed"

    # And seizes the others: a fact of another shipment, which changes no state of this one
    seized = world.arrive(
        "XB", issued.file, "seized", office="BORDER", presentation=clone.statement.id.hex()
    )
    assert world.entry_findings(seized) == ["certificate.confirmed-before"]
    assert world.status(number) == "confirmed"

    # When one more copy turns up elsewhere, then everything says that it was used
    assert "certificate.confirmed-before" in [
        each.code for each in world.verdict(issued.file, "XC").reasons
    ]
    third = world.act("XC", "alert", number, kind="clone", held=True, features=["paper"])
    world.act("XA", "answer", number, alert=third.statement.id.hex(), finding="clone")

    # Then the life says which presentation was the true one, and no question is open
    life = world.life(number)
    answers = [act.named for act in life.acts if act.typ == "kp-answer+cose"]
    assert [each["finding"] for each in answers] == ["genuine", "clone"]
    assert answers[0]["presentation"] == original.statement.id
    assert life.alerts == ()
    verdict = world.verdict(issued.file)
    assert verdict.result is Result.CANNOT_TELL
    assert verdict.codes(Weight.DOUBT) == ("certificate.confirmed-before",)
