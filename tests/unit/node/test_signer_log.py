"""What holds the signer back by itself: limits, memory, its view of the log, its enrolment."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kimberlite.kernel.errors import NotFound, Problem, Refused, Unavailable, Untrusted
from kimberlite.node.signer.admin import Administration
from kimberlite.node.signer.enrolment import FILE, Policy
from kimberlite.node.signer.mirror import Mirror
from kimberlite.node.signer.service import Signer
from tests.helpers.signing import NOW, WORDS, Bench, Standing, set_up


def test_approvals_for_another_log_do_not_count(bench: Standing) -> None:
    request = bench.request()
    bench.genesis = bytes(32)
    bench.refuses(
        replace(request, approvals=bench.approvals(request.proposal)),
        "approval.signature",
        Untrusted,
    )


def test_one_number_gets_one_certificate_ever(bench: Standing) -> None:
    first = bench.signer.sign(bench.request())
    other = bench.request(draft=bench.certificate(expires="2026-05-01"))
    with pytest.raises(Refused) as refused:
        bench.signer.sign(other)
    assert refused.value.code == "signer.number-used"
    assert refused.value.facts["statement"] == first.id.hex()
    spelt = bench.request(draft=bench.certificate("XA 123"))
    with pytest.raises(Refused) as refused:
        bench.signer.sign(spelt)
    assert refused.value.code == "signer.number-used", "another spelling is the same number"


@pytest.mark.parametrize(
    ("changes", "limit"),
    [
        ({"statements": 2}, "statements"),
        ({"points": 400_000}, "carats"),
        ({"cents": 60_000_000}, "US$"),
    ],
)
def test_a_day_has_its_limits(bench: Standing, changes: dict[str, Any], limit: str) -> None:
    bench.admin.set_policy(Policy(**changes))
    for number in ("XA000001", "XA000002"):
        bench.signer.sign(bench.request(draft=bench.certificate(number)))
    third = bench.request(draft=bench.certificate("XA000003"))
    with pytest.raises(Refused) as refused:
        bench.signer.sign(third)
    assert (refused.value.code, refused.value.facts["limit"]) == ("signer.limit", limit)
    bench.admin.set_policy(Policy())
    bench.signer.sign(third)


def test_the_next_day_begins_anew_and_a_clock_set_back_does_not(bench: Standing) -> None:
    bench.admin.set_policy(replace(Policy(), statements=1, stale=200_000))
    bench.signer.sign(bench.request())
    second = bench.certificate("XA000002")
    bench.clock.now -= 86_400
    with pytest.raises(Refused) as refused:
        bench.signer.sign(bench.request((), draft=second, iat=NOW - 86_400))
    assert refused.value.code == "approval.too-few"
    request = bench.request((), draft=second, iat=NOW - 86_400)
    approvals = bench.approvals(request.proposal, moment=NOW - 86_400)
    with pytest.raises(Refused) as refused:
        bench.signer.sign(replace(request, approvals=approvals))
    assert refused.value.code == "signer.clock-back"
    bench.clock.now += 2 * 86_400
    request = bench.request((), draft=second, iat=NOW)
    bench.signer.sign(replace(request, approvals=bench.approvals(request.proposal)))


def test_an_old_copy_of_the_log_is_not_believed(bench: Standing) -> None:
    bench.clock.now += 3_601
    bench.refuses(bench.request(iat=bench.clock.now), "signer.log-stale", Unavailable)


def test_a_log_that_goes_back_is_not_believed(bench: Standing, tmp_path: Path) -> None:
    older = tmp_path / "older.db"
    shutil.copy(bench.log_file, older)
    shutil.copy(f"{bench.log_file}-wal", f"{older}-wal")
    first = bench.signer.sign(bench.request())
    bench.admit(first.statement)
    bench.signer.prepare(bench.request((), draft=bench.certificate("XA000002")))
    bench.signer._parts = replace(bench.signer._parts, mirror=Mirror(older))
    with pytest.raises(Untrusted) as refused:
        bench.signer.sign(bench.request(draft=bench.certificate("XA000002")))
    assert refused.value.code == "signer.log-rolled-back"


def test_another_log_and_no_log_are_told_apart(bench: Standing, tmp_path: Path) -> None:
    other = Bench(tmp_path / "other", "demo")
    for path, code in (
        (other.log_file, "signer.other-kind"),
        (tmp_path / "absent.db", "signer.log-missing"),
    ):
        bench.signer._parts = replace(bench.signer._parts, mirror=Mirror(path))
        with pytest.raises(Problem) as refused:
            bench.signer.sign(bench.request())
        assert refused.value.code == code


def test_a_log_of_the_same_kind_is_another_log(bench: Standing, tmp_path: Path) -> None:
    home = tmp_path / "elsewhere"
    set_up(home, bytes(32), "test")
    enroller = Administration(home, WORDS)._store.load("enrolment").public
    parts = replace(bench.signer._parts, home=home, enroller=enroller)
    with pytest.raises(Untrusted) as refused:
        Signer(parts).sign(bench.request())
    assert refused.value.code == "signer.other-log"


class TestEnrolment:
    def test_a_change_counts_from_the_next_request(self, bench: Standing) -> None:
        request = bench.request()
        bench.admin.end("officer-2", NOW)
        bench.refuses(request, "signer.officer-not-valid")

    def test_an_altered_file_stops_the_signer(self, bench: Standing) -> None:
        path = bench.home / FILE
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        path.write_bytes(data)
        bench.refuses(bench.request(), "signer.enrolment", Untrusted)

    def test_an_older_file_stops_the_signer(self, bench: Standing) -> None:
        older = (bench.home / FILE).read_bytes()
        bench.admin.end("officer-2", NOW)
        bench.signer.enrolment()
        (bench.home / FILE).write_bytes(older)
        bench.refuses(bench.request(), "signer.enrolment-rolled-back", Untrusted)

    def test_a_file_of_another_signer_stops_it(self, bench: Standing, tmp_path: Path) -> None:
        set_up(tmp_path / "other", bench.genesis, "test")
        shutil.copy(tmp_path / "other" / FILE, bench.home / FILE)
        bench.refuses(bench.request(), "signer.enrolment", Untrusted)

    def test_no_file_says_what_to_do(self, bench: Standing) -> None:
        (bench.home / FILE).unlink()
        bench.refuses(bench.request(), "signer.not-set-up", NotFound)


def test_a_journal_that_cannot_be_written_shows_nothing(
    bench: Standing, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(signed: object) -> None:
        raise Unavailable("storage.write", "the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(bench.journal, "add", full)
        bench.refuses(bench.request(), "storage.write", Unavailable)
    assert bench.signer.sign(bench.request()).moment == NOW
