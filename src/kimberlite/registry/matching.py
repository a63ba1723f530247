"""Whether a scope catches given goods: yes, no, or cannot tell for want of what papers show.

Each check is one line of the deciding text made executable: the target, a class of goods, stones
of a weight, regions, companies, goods that left before, and the exceptions. Pure.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from kimberlite.registry.model import Goods, Interval, Scope, Target, Truth

_GAPS = re.compile(r"[^A-Z0-9]+")


@dataclass(frozen=True, slots=True)
class Catch:
    """Whether goods are caught, and the code that says why."""

    truth: Truth
    code: str = "restriction.in-force"


CAUGHT = Catch(Truth.YES)
FREE = Catch(Truth.NO, "")


def plain(name: str) -> str:
    """Write a place's or company's name as codes are compared.

    >>> plain("Berbérati"), plain("Marange Resources")
    ('BERBERATI', 'MARANGE-RESOURCES')
    """
    bare = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return _GAPS.sub("-", bare.upper()).strip("-")


def _missing(what: str) -> Catch:
    return Catch(Truth.CANNOT_TELL, f"restriction.{what}")


def catches(scope: Scope, goods: Goods, begins: Interval) -> Catch:
    """Say whether ``scope`` catches ``goods``.

    Args:
        scope: what the restriction says on the day asked about.
        goods: what is known of the shipment.
        begins: when the restriction took effect, for goods under way then.

    Returns:
        Yes with ``restriction.in-force`` or ``restriction.approval-missing``; no; or cannot tell
        with the code of the first thing that the papers do not show.
    """
    first: Catch | None = None
    for each in _checks(scope, goods, begins):
        if each.truth is Truth.NO:
            return FREE
        if each.truth is Truth.CANNOT_TELL and first is None:
            first = each
    caught = _except(scope, goods)
    if caught.truth is Truth.NO:
        return FREE
    return first or caught


def _checks(scope: Scope, goods: Goods, begins: Interval) -> Iterator[Catch]:
    yield _target(scope, goods)
    yield _weight(scope, goods)
    yield _regions(scope, goods)
    yield _companies(scope, goods)
    yield _left_before(scope, goods)
    yield _under_way(scope, goods, begins)


def _if(condition: bool) -> Catch:  # noqa: FBT001 - a private turn of a truth into a catch
    return CAUGHT if condition else FREE


def _target(scope: Scope, goods: Goods) -> Catch:
    if scope.goods == "mixed-undisclosed":
        return _if(goods.origins is None)
    if scope.target is Target.ISSUER:
        return _if(goods.issuer == scope.country)
    if scope.target is Target.PROVENANCE:
        return _if(goods.provenance == scope.country)
    if goods.origins is None:
        return _missing("origin-undisclosed")
    return _if(scope.country in goods.origins)


def _weight(scope: Scope, goods: Goods) -> Catch:
    if scope.threshold_points is None:
        return CAUGHT
    if goods.heaviest_points is None:
        return _missing("weight-not-shown")
    return _if(goods.heaviest_points >= scope.threshold_points)


def _places(goods: Goods) -> frozenset[str]:
    return frozenset(plain(each) for each in goods.localities)


def _regions(scope: Scope, goods: Goods) -> Catch:
    if not scope.regions:
        return CAUGHT
    if not goods.localities:
        return _missing("place-not-shown")
    return _if(not _places(goods).isdisjoint(scope.regions))


def _companies(scope: Scope, goods: Goods) -> Catch:
    if not scope.companies:
        return CAUGHT
    return (
        _if(plain(goods.company) in scope.companies)
        if goods.company
        else _missing("company-not-shown")
    )


def _left_before(scope: Scope, goods: Goods) -> Catch:
    """Let goods pass that left the country before the day that the text names."""
    limit = scope.left_before
    if limit is None:
        return CAUGHT
    left = goods.left if goods.left is not None else goods.issued
    if goods.issuer == scope.country:
        shown = goods.left is not None or goods.issued >= limit
    else:
        left = left if goods.left_origin is None else goods.left_origin
        shown = goods.left_origin is not None or (goods.left is not None and left < limit)
    return _if(left >= limit) if shown else _missing("left-not-shown")


def _under_way(scope: Scope, goods: Goods, begins: Interval) -> Catch:
    """Let goods pass that were under way when the restriction took effect, if it says so."""
    if not scope.transit_passes:
        return CAUGHT
    if goods.left is None:
        return CAUGHT if goods.issued >= begins.latest else _missing("left-not-shown")
    if begins.earliest <= goods.left < begins.latest:
        return _missing("dates-uncertain")
    return _if(goods.left >= begins.latest)


def _except(scope: Scope, goods: Goods) -> Catch:
    """Let goods pass that an exception of the text names: a zone, a company, a supervised lot."""
    passes = [_zone(scope, goods), _company(scope, goods), _lot(scope, goods)]
    truths = [each.truth for each in passes]
    if Truth.YES not in truths and Truth.CANNOT_TELL not in truths:
        return CAUGHT
    if scope.needs_approval and not goods.approval:
        return Catch(Truth.YES, "restriction.approval-missing")
    if Truth.YES in truths:
        return FREE
    return next(each for each in passes if each.truth is Truth.CANNOT_TELL)


def _zone(scope: Scope, goods: Goods) -> Catch:
    if not scope.zones_allowed and not scope.zones_unnamed:
        return FREE
    if not goods.localities:
        return _missing("place-not-shown")
    if _places(goods) <= frozenset(scope.zones_allowed or ()):
        return CAUGHT
    return _missing("zone-unnamed") if scope.zones_unnamed else FREE


def _company(scope: Scope, goods: Goods) -> Catch:
    if not scope.companies_allowed:
        return FREE
    if not goods.company:
        return _missing("company-not-shown")
    return _if(plain(goods.company) in scope.companies_allowed)


def _lot(scope: Scope, goods: Goods) -> Catch:
    return _if(goods.lot is not None and 1 <= goods.lot <= (scope.lots_allowed or 0))
