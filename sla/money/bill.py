"""Bill: from seconds of work to billed seconds to money.

In this order (who bills otherwise bills more, or what nobody can follow):

1. what included hours pay for is left out;
2. the minimum, once for the call, not for each band; of several minimums the longest that the work touches. What
   included hours paid for counts towards it, and where they paid for everything there is none;
3. up to the next step of the increment, once for the call;
4. both go to the kind of hour with the most seconds left to bill, of equals the earliest;
5. seconds times rates, rounded half up to the cent once, on the line.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

from sla.money.rule import CENT
from sla.overtime import Cover, Share

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sla.money.pieces import Kind
    from sla.money.rates import RateCard
    from sla.money.rule import Rule

AN_HOUR = 3600
A_SECOND = timedelta(seconds=1)


@dataclass(frozen=True)
class Item:
    """One kind of hour in a call: its rule, and the seconds worked, paid for by included hours, and billed."""

    kind: Kind
    rule: Rule | None
    worked: int
    drawn: int = 0
    billed: int = 0

    @property
    def share(self) -> Share:
        """As the verdict sees it."""
        return Share(self.kind.band, self.worked, self.rule.cover if self.rule else None, self.kind.window)

    @property
    def left(self) -> int:
        """Seconds that are to be billed before any minimum or step."""
        return 0 if self.rule is None or self.rule.cover is Cover.INCLUDED else self.worked - self.drawn


def billed(items: Sequence[Item], card: RateCard) -> tuple[Item, ...]:
    """The items with the seconds that each is billed for."""
    leading = max(items, key=lambda item: item.left, default=None)  # of equals the first
    if leading is None or not leading.left:
        return tuple(items)
    extra = _whole(items, card) - sum(item.left for item in items)
    return tuple(replace(item, billed=item.left + (extra if item is leading else 0)) for item in items)


def price(items: Iterable[Item], card: RateCard) -> Decimal | None:
    """What they come to, excluding VAT; None if nobody said what they cost."""
    total = Decimal(0)
    for item in items:
        if item.billed and item.rule:
            if (hourly := item.rule.hourly(card.rate)) is None:
                return None
            total += item.billed * hourly
    return (total / AN_HOUR).quantize(CENT, ROUND_HALF_UP)


def least(items: Iterable[Item], card: RateCard) -> timedelta:
    """The minimum of a call: the longest of those that its billable work is under."""
    return max((card.minimum_of(item.rule) for item in items if item.rule and item.left), default=timedelta(0))


def still_owed(items: Sequence[Item], card: RateCard) -> int:
    """The seconds of the minimum that included hours have not paid for; negative where they paid for more."""
    return least(items, card) // A_SECOND - sum(item.drawn for item in items)


def _whole(items: Sequence[Item], card: RateCard) -> int:
    """The seconds that the call is billed for, all told."""
    seconds = max(sum(item.left for item in items), still_owed(items, card))
    step = card.increment // A_SECOND
    return -(-seconds // step) * step
