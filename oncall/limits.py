"""Warnings: who worked more overtime in a week, or more in a day, than the Act lets an employer ask for.

- No more than ten hours of overtime a week and no more than twelve hours on any day (both BCEA s 10). The
  week runs from Monday to Sunday on the company's clocks. Overtime is what was worked outside office hours.
- For hours of work a day is 24 hours from when somebody normally starts work, not from midnight (BCEA s 8). That is
  when the office first opens in its week, here for everybody; on the day on which the clocks change it has 23 or 25.

Known is the work that was done through the line, and no more: hours at a desk are not. So a warning is certain, and
no warning proves nothing. A minimum that a call-out counts for is not work.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, NamedTuple

from oncall.period import week_of
from oncall.spans import seconds, united, within
from oncall.wall import instant, said
from sla.interval import Interval
from sla.phrases import duration

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from oncall.credit import Pay
    from oncall.spans import Spans
    from sla.calendar import BusinessCalendar

OVERTIME_A_WEEK = timedelta(hours=10)
WORK_A_DAY = timedelta(hours=12)
A_DAY = timedelta(days=1)


class Warned(NamedTuple):
    """More than may be: whose, in which stretch, and how many seconds it was."""

    engineer: str
    kind: str  # week, day
    interval: Interval
    seconds: int
    text: str


def warnings(engineer: str, worked: Iterable[Interval], frame: Interval, pay: Pay) -> list[Warned]:
    """What there is to warn of in the weeks and days that share time with a frame, from all work in them."""
    work = united(worked)
    return [*_weeks(engineer, work, frame, pay), *_days(engineer, work, frame, pay.calendar)]


def day_starts(calendar: BusinessCalendar, at: datetime) -> time:
    """When people normally start work: the earliest opening of the week kept then; midnight where nothing opens."""
    minutes = min((hours.opens for hours in calendar.week_on(calendar.local_date(at))), default=0)
    return time(minutes // 60, minutes % 60)


def _weeks(engineer: str, work: Spans, frame: Interval, pay: Pay) -> Iterator[Warned]:
    zone = pay.calendar.zone
    mondays = sorted({day - day.weekday() * A_DAY for day in _dates(frame, pay.calendar)})
    for monday in mondays:
        week = week_of(monday, zone)
        span = Interval(week.start, week.end)
        overtime = pay.measure(within(work, span)).after_hours
        if overtime > OVERTIME_A_WEEK.total_seconds():
            yield Warned(
                engineer,
                "week",
                span,
                overtime,
                f"{_lasted(overtime)} of overtime in week {week.address}: more than 10 h (BCEA s 10)",
            )


def _days(engineer: str, work: Spans, frame: Interval, calendar: BusinessCalendar) -> Iterator[Warned]:
    starts = day_starts(calendar, frame.start)
    for day in _dates(frame, calendar):
        begins, ends = (instant(datetime.combine(date, starts), calendar.zone) for date in (day, day + A_DAY))
        span = Interval(begins, ends)
        worked = seconds(within(work, span))
        if span.overlap(frame) and worked > WORK_A_DAY.total_seconds():
            since = said(begins, calendar.zone)
            text = f"{_lasted(worked)} of work in the 24 hours from {since}: more than 12 h (BCEA s 8, s 10)"
            yield Warned(engineer, "day", span, worked, text)


def _dates(frame: Interval, calendar: BusinessCalendar) -> list[date]:
    """The local days of a frame, and the one before it, whose working day reaches into it."""
    days = [day for day, _ in calendar.days(frame)]
    return [days[0] - A_DAY, *days] if days else []


def _lasted(number: int) -> str:
    return duration(timedelta(seconds=number))
