"""A week or a month of wall days, as an address names it and a page is laid out in it."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from oncall.wall import WEEKEND, instant, wall

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

WEEK, MONTH = re.compile(r"(\d{4})-W(\d\d)", re.ASCII), re.compile(r"(\d{4})-(\d\d)", re.ASCII)
DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
YEARS = range(2000, 2101)  # further no rota is looked at


@dataclass(frozen=True)
class Day:
    """One wall day: the instants [start, end), which are not always 24 hours apart."""

    date: date
    start: datetime
    end: datetime

    @property
    def is_weekend(self) -> bool:
        """Whether it is a Saturday or Sunday."""
        return self.date.weekday() in WEEKEND


@dataclass(frozen=True)
class Period:
    """Whole wall days of one zone, from `first` to `last`; `address` is how an URL says it."""

    first: date
    last: date
    zone: str
    address: str

    @property
    def start(self) -> datetime:
        """The instant at which it begins."""
        return instant(datetime.combine(self.first, time()), self.zone)

    @property
    def end(self) -> datetime:
        """The instant at which it is over."""
        return instant(datetime.combine(self.last + timedelta(days=1), time()), self.zone)

    @property
    def days(self) -> tuple[Day, ...]:
        """Its days, in order."""
        dates = [self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1)]
        edges = [*(instant(datetime.combine(day, time()), self.zone) for day in dates), self.end]
        return tuple(map(Day, dates, edges, edges[1:]))

    @property
    def ticks(self) -> tuple[datetime, ...]:
        """Of a single day, every third hour on its clocks, to tell the time by; without one that the clocks skip."""
        if self.first != self.last:
            return ()
        clocks = (datetime.combine(self.first, time(hour)) for hour in range(0, 24, 3))
        return tuple(sorted({at for local in clocks if wall(at := instant(local, self.zone), self.zone) == local}))

    def part(self, at: datetime) -> float:
        """How much of it is over at an instant, in per cent; outside it 0 or 100."""
        gone = (at - self.start) / (self.end - self.start)
        return round(100 * min(max(gone, 0.0), 1.0), 3)

    def holds(self, at: datetime) -> bool:
        """Whether the instant lies in it."""
        return self.start <= at < self.end


def day(text: str, zone: str, now: datetime) -> Period:
    """The day "2026-11-22"; without words today. Raises ValueError for what is no day."""
    if not text:
        return day_of(wall(now, zone).date(), zone)
    if not DAY.fullmatch(text) or int(text[:4]) not in YEARS:
        raise ValueError(f"{text!r} is no day such as 2026-11-22")
    return day_of(date.fromisoformat(text), zone)


def day_of(day: date, zone: str) -> Period:
    """One day."""
    return Period(day, day, zone, day.isoformat())


def week(text: str, zone: str, now: datetime) -> Period:
    """The week "2026-W47"; without words the one that it is now. Raises ValueError for what is no week."""
    if not text:
        return week_of(wall(now, zone).date(), zone)
    found = WEEK.fullmatch(text)
    if not found or int(found[1]) not in YEARS:
        raise ValueError(f"{text!r} is no week such as 2026-W47")
    return week_of(date.fromisocalendar(int(found[1]), int(found[2]), 1), zone)


def week_of(day: date, zone: str) -> Period:
    """The week, Monday to Sunday, in which a day lies."""
    monday = day - timedelta(days=day.weekday())
    year, number, _ = monday.isocalendar()
    return Period(monday, monday + timedelta(days=6), zone, f"{year}-W{number:02}")


def month(text: str, zone: str, now: datetime) -> Period:
    """The month "2026-11"; without words the one that it is now. Raises ValueError for what is no month."""
    if not text:
        return month_of(wall(now, zone).date(), zone)
    found = MONTH.fullmatch(text)
    if not found or int(found[1]) not in YEARS:
        raise ValueError(f"{text!r} is no month such as 2026-11")
    return month_of(date(int(found[1]), int(found[2]), 1), zone)


def month_of(day: date, zone: str) -> Period:
    """The month in which a day lies."""
    last = monthrange(day.year, day.month)[1]
    return Period(day.replace(day=1), day.replace(day=last), zone, f"{day:%Y-%m}")


def around(shown: Period, of: Callable[[date, str], Period]) -> tuple[str | None, str | None]:
    """The addresses of the periods before and after one; None where no rota is looked at any more."""
    beside = (of(day, shown.zone) for day in (shown.first - timedelta(days=1), shown.last + timedelta(days=1)))
    before, after = (each.address if int(each.address[:4]) in YEARS else None for each in beside)
    return before, after


def weeks_of(days: Iterable[Day]) -> list[list[Day | None]]:
    """The days as rows from Monday to Sunday, filled up with None."""
    rows: list[list[Day | None]] = []
    for day in days:
        if not rows or day.date.weekday() == 0:
            rows.append([None] * 7)
        rows[-1][day.date.weekday()] = day
    return rows
