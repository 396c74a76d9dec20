"""Rate card: what one version of a contract says of every hour of the week, in money.

A card is complete, or refused with a sentence that says what to mend. One without any rate at all is allowed: the
contract is known and its prices are not, so what would be billed is for billing staff to check.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sla.money import windows
from sla.money.rule import A_MINUTE, check_length, check_rate
from sla.overtime import Band, Cover, Terms
from sla.phrases import duration, listed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from decimal import Decimal

    from sla.money.rule import Rule
    from sla.money.windows import Window

AN_HOUR = timedelta(hours=1)
A_MONTH = timedelta(days=31)
NOTHING = timedelta(0)


@dataclass(frozen=True)
class RateCard:
    """The rules of the five bands and of windows in them, of which the first that fits holds.

    `rate`: an hour, excluding VAT. `increment`: a call is billed in steps of it. `minimum`: and for this long at least.
    `merge`: calls on one ticket count as one if each begins no later than this after the one before; None: every call
    for itself. `included`: hours a month that are paid for already, for work whose rule says what it deducts.
    `closures_count`: while the company is closed it is not office hours. Raises ValueError for an impossible card.
    """

    name: str
    version: int
    bands: Mapping[Band, Rule]
    windows: tuple[Window, ...] = ()
    rate: Decimal | None = None
    increment: timedelta = A_MINUTE
    minimum: timedelta = NOTHING
    merge: timedelta | None = None
    included: timedelta = NOTHING
    closures_count: bool = False
    needs_consent: bool = True

    def __post_init__(self) -> None:
        try:
            self._check()
        except ValueError as fault:
            raise ValueError(f"contract {self.name}, version {self.version}: {fault}") from fault

    @property
    def terms(self) -> Terms:
        """What it says of each band, without the money."""
        return Terms(
            self.name, self.version, {band: rule.cover for band, rule in self.bands.items()}, self.needs_consent
        )

    @property
    def priced(self) -> bool:
        """Whether it says what anything costs."""
        return self.rate is not None or any(rule.rate is not None for _, rule in self._rules())

    def minimum_of(self, rule: Rule) -> timedelta:
        """What a call with such work is billed for at least."""
        return self.minimum if rule.minimum is None else rule.minimum

    def _rules(self) -> Iterator[tuple[str, Rule]]:
        yield from ((band.replace("_", " "), self.bands[band]) for band in Band)
        yield from ((window.name, window.rule) for window in self.windows)

    def _check(self) -> None:
        if unsaid := [band.replace("_", " ") for band in Band if band not in self.bands]:
            raise ValueError(f"leaves out {listed(unsaid)}")
        windows.check(self.windows)
        self._check_rates()
        self._check_lengths()
        self._check_included()

    def _check_rates(self) -> None:
        if self.rate is not None:
            check_rate(self.rate)
        elif self.priced:
            for name, rule in self._rules():
                if rule.cover is not Cover.INCLUDED and rule.rate is None:
                    raise ValueError(f"bills {name}, but says no rate for it")

    def _check_lengths(self) -> None:
        if self.increment < A_MINUTE or AN_HOUR % self.increment:
            raise ValueError(f"steps of {duration(self.increment)} do not make an hour: say 6, 15 or 30 min")
        if self.merge is not None:
            check_length("a merge window", self.merge)
        check_length("a minimum", self.minimum)
        for minimum in (self.minimum_of(rule) for _, rule in self._rules()):
            if minimum % self.increment:
                raise ValueError(f"a minimum of {duration(minimum)} is not made of steps of {duration(self.increment)}")

    def _check_included(self) -> None:
        deducting = [name for name, rule in self._rules() if rule.deducts is not None]
        if not NOTHING <= self.included <= A_MONTH:
            raise ValueError("a month has from none to 744 included hours")
        if deducting and not self.included:
            raise ValueError(f"{listed(deducting)} would deduct from included hours, and there are none")
        if self.included and not deducting:
            raise ValueError(f"{duration(self.included)} a month are included, but no work is deducted from them")
