"""How far a page of figures reaches: so many days back or ahead, or a month; as an address names it."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import NamedTuple

from oncall import period
from oncall.wall import instant, wall

BACK = {"30d": 30, "90d": 90, "365d": 365}
AHEAD = {"next28d": 28}
USUAL = "90d"


class Reach(NamedTuple):
    """The instants [start, end), and the address that says so."""

    start: datetime
    end: datetime
    address: str


def reach(text: str, zone: str, now: datetime) -> Reach:
    """Read "90d" (whole days back, and today up to now), "next28d" or "2026-11"; raises ValueError for other words."""
    name = text or USUAL
    local = wall(now, zone)
    if days := BACK.get(name):
        return Reach(instant(datetime.combine(local.date() - timedelta(days=days), time()), zone), now, name)
    if days := AHEAD.get(name):
        return Reach(now, instant(local + timedelta(days=days), zone), name)
    month = period.month(name, zone, now)
    return Reach(month.start, month.end, name)


def addresses(zone: str, now: datetime) -> list[str]:
    """What a page offers: days back, last month and this, days ahead."""
    this = period.month("", zone, now)
    last = period.month_of(this.first - timedelta(days=1), zone)
    return [*BACK, last.address, this.address, *AHEAD]
