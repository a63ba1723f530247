"""Every bench runs, says what it measured beside which limit, and does the work it says it does.

Times are never looked at: they are recorded by `make bench`, on a machine that is otherwise idle.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from benchmarks.__main__ import NAMES
from benchmarks.admission import HELP, QUICK
from benchmarks.measure import Steps

ROOT = Path(__file__).resolve().parents[3]
RATES = ("admission", "audit", "offline", "proofs", "restart", "cold")
"""Benches whose every figure is a rate."""


@cache
def quick(name: str) -> list[dict[str, Any]]:
    """Give a bench's figures as a reader of the JSON lines gets them; run once for all tests."""
    found = list(import_module(f"benchmarks.{name}").bench(quick=True))
    return [json.loads(json.dumps(each)) for each in found]


@pytest.mark.parametrize("name", NAMES)
def test_every_figure_says_what_it_is_of(name: str) -> None:
    found = quick(name)
    assert found
    for each in found:
        assert isinstance(each["bench"], str)
        assert ("limit" in each) == ("ratio" in each) == ("limit_figure" in each)


@pytest.mark.parametrize("name", RATES)
def test_every_rate_stands_beside_its_limit(name: str) -> None:
    for each in quick(name):
        assert each["per_second"] > 0
        assert each["limit_figure"] > 0
        assert each["ratio"] >= 0


def test_admission_is_timed_at_each_size_with_each_kind_of_help() -> None:
    found = Counter(
        (each["batch"], each.get("signatures"), each["limit"].split()[1])
        for each in quick("admission")
        if each["bench"] == "admission"
    )
    sizes = {size.batch for size in QUICK}
    wanted = {(batch, help_, "Ed25519") for batch in sizes for help_ in HELP}
    wanted |= {(1, help_, "SQLite") for help_ in HELP}
    assert found == Counter(wanted)


def test_the_steps_of_admission_are_all_there() -> None:
    (steps,) = [each for each in quick("admission") if each["bench"] == "admission by step"]
    assert steps["microseconds"].keys() == {
        "parse",
        "look up",
        "verify",
        "rules and fold",
        "encode facts",
        "encode state",
        "tree",
        "commit",
        "checkpoint and guard",
        "rest",
    }


def test_the_work_of_a_proof_is_the_same_every_time() -> None:
    first, second = (
        [(each["bench"], each["entries"], each["nodes_hashed_a_proof"]) for each in run("proofs")]
        for run in (quick, quick.__wrapped__)
    )
    assert first == second
    assert all(nodes > 8 for _, _, nodes in first)


def test_a_restart_is_answered_by_a_process_of_its_own() -> None:
    found = {each["bench"]: each for each in quick("restart")}
    for part in ("restart: writer", "restart: reader"):
        assert found[part]["entries"] == 3_000
        assert 10 < found[part]["resident_mb"] <= found[part]["highest_mb"]


def test_a_step_inside_another_is_taken_out_of_it() -> None:
    class Work:
        def outer(self) -> int:
            return sum(self.inner() for _ in range(20))

        def inner(self) -> int:
            return sum(range(20_000))

    steps = Steps()
    with steps.timing([(Work, "outer", "outer"), (Work, "inner", "inner")]):
        Work().outer()
    assert steps.spent.keys() == {"outer", "inner"}
    assert steps.spent["inner"] > steps.spent["outer"]
    assert Work.inner.__qualname__.endswith("Work.inner"), "what was patched is put back"


def test_the_command_prints_json_lines_and_nothing_else() -> None:
    words = [sys.executable, "-m", "benchmarks", "offline", "--quick"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)
    assert [json.loads(line)["bench"] for line in done.stdout.splitlines()] == [
        "offline check",
        "offline check: signature and registration alone",
        "offline check: the bundle itself",
    ]
    assert "measuring: offline" in done.stderr


def test_an_unknown_bench_is_refused_with_the_names_there_are() -> None:
    words = [sys.executable, "-m", "benchmarks", "speed"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "admission" in done.stderr
