"""Allowance: the included hours of a month, used up call after call in the order in which they began.

- An hour of work takes as many of them as its rule deducts: one, one and a half, two.
- They are used up second by second within a call; a second that is not wholly left is billed.
- Used is used: a new version of the contract in the middle of a month includes its own hours less what went before.
- Work that is still to check takes its part, so that nothing else becomes dearer once it is agreed.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sla.money.merging import Call
    from sla.money.pieces import Kind, Piece
    from sla.money.rates import RateCard
    from sla.month import Month

Account = tuple[int | None, "Month"]  # whose hours, and of which month


class Allowance:
    """What has been deducted so far, in seconds of included time, per customer and month."""

    def __init__(self) -> None:
        self._used: dict[Account, Decimal] = defaultdict(Decimal)

    def draw(self, call: Call, month: Month, found: Iterable[Piece]) -> dict[Kind, int]:
        """The seconds of work, of each kind, that included hours pay for; they are gone then."""
        card = call.basis.card
        drawn: Counter[Kind] = Counter()
        if card and card.included:
            account = call.stretches[0].customer_id, month
            for piece in sorted(found, key=lambda piece: piece.interval):
                drawn[piece.kind] += self._take(account, card, piece)
        return drawn

    def use(self, account: Account, deducted: Decimal) -> None:
        """So many seconds were used before."""
        self._used[account] += deducted

    def _take(self, account: Account, card: RateCard, piece: Piece) -> int:
        if piece.rule is None or piece.rule.deducts is None:
            return 0
        left = Decimal(card.included.total_seconds()) - self._used[account]
        seconds = max(0, min(piece.interval.seconds, int(left // piece.rule.deducts)))
        self._used[account] += seconds * piece.rule.deducts
        return seconds
