"""Rule: what a rate card says of one kind of hour: whether it is covered, at what price, and what it takes at least.

Money is Decimal, in rand excluding VAT; a rate is for an hour.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from sla.overtime import Cover
from sla.phrases import duration

CENT = Decimal("0.01")
ONCE = Decimal(1)
LARGEST = Decimal(10)  # of a multiplier or a factor; a larger one is a slip of the hand
A_MINUTE, A_DAY = timedelta(minutes=1), timedelta(days=1)


@dataclass(frozen=True)
class Rule:
    """What holds for one band, or in one window of hours.

    `rate`: the rule's own, instead of the card's; `multiplier`: of the card's rate. `minimum`: what a call is billed
    for at least, instead of the card's. `deducts`: hours that an hour of work takes from the included hours of the
    month; without it the included hours do not pay for this work. Raises ValueError where these contradict.
    """

    cover: Cover
    rate: Decimal | None = None
    multiplier: Decimal = ONCE
    minimum: timedelta | None = None
    deducts: Decimal | None = None

    def __post_init__(self) -> None:
        priced = (self.rate, self.multiplier, self.minimum, self.deducts) != (None, ONCE, None, None)
        if self.cover is Cover.INCLUDED and priced:
            raise ValueError("what is included has no rate, multiplier, minimum or deduction")
        if self.cover is Cover.NOT_COVERED and self.deducts is not None:
            raise ValueError("included hours cannot pay for what is not covered")
        if self.rate is not None:
            check_rate(self.rate)
            if self.multiplier != ONCE:
                raise ValueError("a rule has a rate of its own or a multiplier of the card's, not both")
        for what, factor in (("a multiplier", self.multiplier), ("a deduction factor", self.deducts)):
            if factor is not None:
                _check_factor(what, factor)
        if self.minimum is not None:
            check_length("a minimum", self.minimum)

    def hourly(self, rate: Decimal | None) -> Decimal | None:
        """What an hour costs where the card's rate is this; None if nobody has said."""
        if self.rate is not None:
            return self.rate
        return None if rate is None else rate * self.multiplier


def check_rate(rate: Decimal) -> None:
    """Raises ValueError unless it is money by the hour, to the cent; TypeError if it is no Decimal."""
    _check_decimal("a rate", rate)
    if not rate > 0:
        raise ValueError(f"a rate is more than nothing, not {rate}")
    if rate % CENT:
        raise ValueError(f"a rate is in whole cents, not {rate}")


def check_length(what: str, length: timedelta) -> None:
    """Raises ValueError unless it is whole minutes, from none to a day."""
    if not timedelta(0) <= length <= A_DAY:
        raise ValueError(f"{what} lasts from nothing to 24 hours, not {length}")
    if length % A_MINUTE:
        raise ValueError(f"{what} is in whole minutes, not {duration(length)}")


def _check_factor(what: str, factor: Decimal) -> None:
    _check_decimal(what, factor)
    if not 0 < factor <= LARGEST:
        raise ValueError(f"{what} is more than nothing and at most {LARGEST}, not {factor}")


def _check_decimal(what: str, number: Decimal) -> None:
    if not isinstance(number, Decimal):
        raise TypeError(f"{what} is a Decimal, not {number!r}: a float cannot hold every cent")
    if not number.is_finite():
        raise ValueError(f"{what} is a number, not {number}")
