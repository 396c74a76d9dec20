"""What fair share counts, and when: hours, nights, weekend days, public-holiday days, calls at night.

A night is 23:00 to 06:00 and a day midnight to midnight, on the clocks of a zone; part of one is that part of it.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from oncall import night
from oncall.wall import WEEKEND, instant, wall

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

A_DAY, AN_HOUR = timedelta(days=1), timedelta(hours=1)
NOTHING = Fraction(0)
Span = tuple[datetime, datetime]


class Measure(StrEnum):
    """What is counted, and in which unit."""

    HOURS = "hours on duty"
    FIRST = "hours ringing first"
    LATER = "hours ringing second or later"
    NIGHTS = "nights"
    WEEKENDS = "weekend days"
    HOLIDAYS = "public-holiday days"
    CALLS = "calls at night"


class Stint(NamedTuple):
    """One person's time on duty in one lane, [start, end); without a place they ring for another lane then."""

    engineer: str
    lane: str
    place: int | None
    start: datetime
    end: datetime


@dataclass(frozen=True)
class Calendar:
    """The nights and days of [start, end) in a zone, as instants."""

    start: datetime
    end: datetime
    zone: str
    public_holidays: frozenset[date] = frozenset()
    spans: Mapping[Measure, Sequence[Span]] = field(init=False)

    def __post_init__(self) -> None:
        """Lay out its nights and days once."""
        first, last = wall(self.start, self.zone).date() - A_DAY, wall(self.end, self.zone).date()
        dates = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        found = {
            Measure.NIGHTS: [(self._at(day, night.DEEP[0]), self._at(day + A_DAY, night.DEEP[1])) for day in dates],
            Measure.WEEKENDS: [self._day(day) for day in dates if day.weekday() in WEEKEND],
            Measure.HOLIDAYS: [self._day(day) for day in dates if day in self.public_holidays],
        }
        object.__setattr__(self, "spans", found)

    def amounts(self, stint: Stint) -> Iterator[tuple[Measure, Fraction]]:
        """Yield what of each measure a stint is."""
        hours = _ratio(stint.end - stint.start, AN_HOUR)
        yield Measure.HOURS, hours
        yield Measure.FIRST, hours if stint.place == 0 else NOTHING
        yield Measure.LATER, NOTHING if stint.place == 0 else hours
        for measure, spans in self.spans.items():
            yield measure, sum(_parts(spans, stint.start, stint.end), NOTHING)

    def is_night(self, at: datetime) -> bool:
        """Whether an instant lies in a night."""
        return any(_parts(self.spans[Measure.NIGHTS], at, at + timedelta.resolution))

    def _day(self, day: date) -> Span:
        return self._at(day, time()), self._at(day + A_DAY, time())

    def _at(self, day: date, clock: time) -> datetime:
        return instant(datetime.combine(day, clock), self.zone)


def columns(*, rung: bool) -> list[Measure]:
    """What a table shows; what is only planned rings nobody."""
    return [one for one in Measure if rung or one is not Measure.CALLS]


def _ratio(part: timedelta, whole: timedelta) -> Fraction:
    return Fraction(part // timedelta.resolution, whole // timedelta.resolution)


def _parts(spans: Sequence[Span], start: datetime, end: datetime) -> Iterator[Fraction]:
    """How much of each of these spans lies in [start, end)."""
    for n in range(max(bisect_right(spans, start, key=_begins) - 1, 0), len(spans)):
        opens, closes = spans[n]
        if opens >= end:
            return
        if start < closes:
            yield _ratio(min(end, closes) - max(start, opens), closes - opens)


def _begins(span: Span) -> datetime:
    return span[0]
