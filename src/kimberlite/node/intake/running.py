"""A batch on its way to the log: proposed, approved in one pass of an officer's key, completed.

The signer signs nothing that two officers have not approved each by itself, so approvals are made
one for each act; what is saved is the typing, not the safeguard. Each step goes on where it was
cut off, and what one act cannot do stops no other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from kimberlite.certificates.v1.issue import TYP as CERTIFICATE_TYP
from kimberlite.crypto.keys import PrivateKey
from kimberlite.kernel.errors import Conflict, Problem, Refused, Unavailable
from kimberlite.ledger.envelope import parse
from kimberlite.node import clock, officers
from kimberlite.node.desk import Desk
from kimberlite.node.intake.batches import Batches, Item
from kimberlite.node.office import Office

Progress = Callable[[int], None]

_STOPS = frozenset(("signer.limit", "signer.officer-unknown", "signer.officer-not-valid"))
"""Refusals that every further act would meet as well."""


@dataclass(slots=True)
class Done:
    """What a step did: how many acts it moved, how many wait, and which it could not move."""

    moved: int = 0
    waiting: int = 0
    problems: list[tuple[Item, Problem]] = field(default_factory=list)
    stopped: Problem | None = None


class Run:
    """One batch of one office."""

    def __init__(self, office: Office, desk: Desk, batch: int) -> None:
        """Take up a batch. Raises NotFound ``intake.batch``."""
        self._office, self._store, self._batch = office, desk.store, batch
        self._batches = Batches(desk.store)
        self._batches.batch(batch)

    def propose(self, most: int, progress: Progress | None = None) -> Done:
        """Fix up to ``most`` acts for approval; applications wait for their goods instead.

        Proposals go stale (a day, by the signer's policy): fix as many as will be signed.
        """
        items = self._batches.items(self._batch)
        logged = {each.act for each in items if each.stage == "logged"}
        ready = [
            each
            for each in items
            if each.stage == "applied"
            and each.typ != CERTIFICATE_TYP
            and (each.follows is None or each.follows in logged)
        ]
        done = self._each(ready[:most], self._propose, progress)
        left = sum(each.stage == "applied" for each in items) - done.moved
        done.waiting = left - len(done.problems)
        return done

    def _propose(self, item: Item) -> None:
        if item.follows is None:
            self._office.propose(item.act, {})
            return
        signed = self._store.act(item.follows).signed
        if signed is None:
            raise Conflict("act.stage", f"act {item.follows} is not signed", act=item.follows)
        file = self._office.file(item.follows)
        self._office.propose(item.act, {"certificate": parse(signed).id.hex()}, (file,))

    def approve(self, officer: str, key: PrivateKey, progress: Progress | None = None) -> Done:
        """Sign for every proposed act as one officer; acts approved before are passed over."""
        genesis = self._office.genesis()
        items = [each for each in self._batches.items(self._batch) if each.stage == "proposed"]

        def approve(item: Item) -> None:
            told = officers.approve(
                key,
                officer,
                self._office.proposal(item.act).proposal,
                genesis=genesis,
                moment=clock.now(),
            )
            try:
                self._office.approve(item.act, told)
            except Conflict as before:
                if before.code != "act.approved":
                    raise

        return self._each(items, approve, progress)

    def complete(self, most: int, progress: Progress | None = None) -> Done:
        """Have up to ``most`` approved acts signed and logged.

        Stops where every further act would meet the same: the day's limit, a signer or a log out
        of reach. What is left goes on another day.
        """
        ready = [
            each
            for each in self._batches.items(self._batch)
            if each.stage in {"proposed", "signed"}
        ]

        def complete(item: Item) -> None:
            self._office.complete(item.act)

        done = self._each(ready[:most], complete, progress)
        done.waiting = len(ready) - done.moved - len(done.problems)
        return done

    def withdraw(self, progress: Progress | None = None) -> Done:
        """Give up every act that is not signed yet; the same file may be taken in again."""
        items = [
            each
            for each in self._batches.items(self._batch)
            if each.stage in {"applied", "proposed"}
        ]

        def withdraw(item: Item) -> None:
            self._office.withdraw(item.act)

        return self._each(items, withdraw, progress)

    def _each(
        self, items: Iterable[Item], step: Callable[[Item], None], progress: Progress | None
    ) -> Done:
        done = Done()
        for at, item in enumerate(items, start=1):
            try:
                step(item)
            except Problem as bad:
                if isinstance(bad, Unavailable) or (
                    isinstance(bad, Refused) and bad.code in _STOPS
                ):
                    done.stopped = bad
                    break
                done.problems.append((item, bad))
            else:
                done.moved += 1
            if progress is not None:
                progress(at)
        return done
