"""The hours that a rota takes from the business calendar: outside office hours, and public holidays.

Both go by the regular week and the holiday table; whether somebody has just forced the line open or closed never
moves who is on duty. A public holiday is the whole local day. They are known as far as the calendar is.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from oncall.windows import NamedHours
from sla.interval import Interval

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from sla.calendar import BusinessCalendar

OUTSIDE, HOLIDAYS = "outside office hours", "public holidays"


def outside_office_hours(calendar: BusinessCalendar, since: datetime) -> NamedHours:
    """Return all the time from `since` on that the calendar's regular hours leave out."""
    span = Interval(since.astimezone(UTC), _midnight(calendar, calendar.last + timedelta(days=1)))
    open_ = calendar.regular_hours(span)
    return NamedHours(OUTSIDE, tuple(_between(span, open_)), span.end)


def public_holidays(calendar: BusinessCalendar, since: datetime) -> NamedHours:
    """Return the local days from that of `since` on that are public holidays; those in a row are one stretch."""
    first = calendar.local_date(since)
    days = sorted(day for day in calendar.holidays if first <= day <= calendar.last)
    spans = [(_midnight(calendar, day), _midnight(calendar, day + timedelta(days=1))) for day in days]
    return NamedHours(HOLIDAYS, tuple(_joined(spans)), _midnight(calendar, calendar.last + timedelta(days=1)))


def _between(span: Interval, open_: Iterable[Interval]) -> Iterator[tuple[datetime, datetime]]:
    at = span.start
    for stretch in open_:
        if at < stretch.start:
            yield at, stretch.start
        at = stretch.end
    if at < span.end:
        yield at, span.end


def _joined(spans: list[tuple[datetime, datetime]]) -> Iterator[tuple[datetime, datetime]]:
    while spans:
        start, end = spans.pop(0)
        while spans and spans[0][0] == end:
            end = spans.pop(0)[1]
        yield start, end


def _midnight(calendar: BusinessCalendar, day: date) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(calendar.zone)).astimezone(UTC)
