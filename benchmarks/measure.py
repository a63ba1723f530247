"""Times, taken in turns: a figure, its physical limit, and again, so that noise meets both."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import median
from time import perf_counter, process_time
from typing import Any, NamedTuple, TypeAlias

Figures: TypeAlias = dict[str, Any]


class Took(NamedTuple):
    """Seconds that something took by the wall's clock, and seconds of this process's CPUs."""

    wall: float
    cpu: float


@dataclass(frozen=True, slots=True)
class Turn:
    """One round: what the figure took, and what its limit took right beside it."""

    figure: Took
    limit: Took


def took(run: Callable[[], object]) -> Took:
    """Time one call."""
    cpu, wall = process_time(), perf_counter()
    run()
    return Took(perf_counter() - wall, process_time() - cpu)


def in_turns(rounds: int, figure: Callable[[], object], limit: Callable[[], object]) -> list[Turn]:
    """Time ``limit`` and ``figure`` in turns, ``rounds`` times each."""
    turns = []
    for _ in range(rounds):
        beside = took(limit)
        turns.append(Turn(took(figure), beside))
    return turns


def compared(name: str, turns: Sequence[Turn], limit: str, *, each: int = 1) -> Figures:
    """Put figure and limit beside each other.

    ``ratio`` is the limit's time over the figure's, the median of the rounds: 1 is as fast as the
    machine allows. ``ratio_cpu`` is the same in CPU time of this process, which other work on the
    machine disturbs less. Rates are a second, of ``each`` pieces of work a round.
    """
    ratios = sorted(turn.limit.wall / turn.figure.wall for turn in turns)
    figures = {
        "bench": name,
        "per_second": rate(each / median(turn.figure.wall for turn in turns)),
        "limit": limit,
        "limit_figure": rate(each / median(turn.limit.wall for turn in turns)),
        "ratio": round(median(ratios), 3),
        "ratio_low": round(ratios[0], 3),
        "ratio_high": round(ratios[-1], 3),
        "rounds": len(turns),
    }
    # A limit that mostly waits, for a disk or another process, has no CPU time to compare with.
    if all(turn.limit.cpu > turn.limit.wall / 4 for turn in turns):
        cpu = median(turn.limit.cpu / turn.figure.cpu for turn in turns)
        figures["ratio_cpu"] = round(cpu, 3)
    return figures


def rate(number: float) -> float:
    """Round a rate as far as it means anything."""
    return round(number, 1) if number < 1000 else round(number)


def tell(figures: Figures) -> None:
    """Print one JSON object on one line."""
    print(json.dumps(figures), flush=True)


def whisper(words: str) -> None:
    """Say on standard error what is being done."""
    print(words, file=sys.stderr, flush=True)


@dataclass
class Steps:
    """Splits CPU time among named steps; a step inside another is taken out of the outer one."""

    spent: dict[str, float] = field(default_factory=dict)
    _open: list[float] = field(default_factory=list)

    @contextmanager
    def timing(self, patches: Sequence[tuple[object, str, str]]) -> Iterator[None]:
        """Time what is called as (owner, attribute, step) while the block runs."""
        before = [(owner, name, getattr(owner, name)) for owner, name, _ in patches]
        for owner, name, step in patches:
            setattr(owner, name, self._timed(getattr(owner, name), step))
        try:
            yield
        finally:
            for owner, name, call in before:
                setattr(owner, name, call)

    def _timed(self, call: Callable[..., Any], step: str) -> Callable[..., Any]:
        def timed(*args: Any, **named: Any) -> Any:  # noqa: ANN401 - stands in for anything
            self._open.append(0.0)
            start = process_time()
            try:
                return call(*args, **named)
            finally:
                passed = process_time() - start
                self.spent[step] = self.spent.get(step, 0.0) + passed - self._open.pop()
                if self._open:
                    self._open[-1] += passed

        return timed
