"""Presets: the three rate cards that most contracts begin as. Everything in them may be changed.

The factors are those that South African price lists share: one and a half on a weekday after hours and on a Saturday,
two on Sundays and public holidays; after hours half an hour at least, in quarters of an hour.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from sla.money.rates import RateCard
from sla.money.rule import Rule
from sla.overtime import Band, Cover

if TYPE_CHECKING:
    from collections.abc import Mapping

QUARTER, HALF_AN_HOUR = timedelta(minutes=15), timedelta(minutes=30)
MULTIPLIERS: Mapping[Band, Decimal] = {
    Band.WEEKDAY_AFTER_HOURS: Decimal("1.5"),
    Band.SATURDAY: Decimal("1.5"),
    Band.SUNDAY: Decimal(2),
    Band.PUBLIC_HOLIDAY: Decimal(2),
}
OVERTIME: Mapping[Band, Rule] = {
    band: Rule(Cover.BILLABLE, multiplier=multiplier, minimum=HALF_AN_HOUR) for band, multiplier in MULTIPLIERS.items()
}


def premium(name: str, version: int, rate: Decimal | None = None) -> RateCard:
    """Round the clock: every hour is included, so nobody is asked and nothing is billed, whatever the rate."""
    return RateCard(name, version, dict.fromkeys(Band, Rule(Cover.INCLUDED)), rate=rate)


def office_hours(name: str, version: int, rate: Decimal | None = None) -> RateCard:
    """Office hours are included, all others billed to whoever accepts them."""
    bands = {Band.OFFICE: Rule(Cover.INCLUDED), **OVERTIME}
    return RateCard(name, version, bands, rate=rate, increment=QUARTER)


def ad_hoc(name: str, version: int, rate: Decimal | None = None) -> RateCard:
    """Every hour is billed, office hours without a minimum."""
    bands = {Band.OFFICE: Rule(Cover.BILLABLE), **OVERTIME}
    return RateCard(name, version, bands, rate=rate, increment=QUARTER)


PRESETS = {"premium": premium, "office hours": office_hours, "ad hoc": ad_hoc}
