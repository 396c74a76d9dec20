"""Windows: hours outside office hours that a contract treats otherwise than their band.

An evening until 20:00, a Saturday morning, the evening before a public holiday. What South African price lists name
is a time of day on certain days, so that is what a window is. Office hours are never in a window: a window narrower or
wider than what the office keeps must not bill what a contract includes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from sla.calendar import DAY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from sla.calendar import BusinessCalendar
    from sla.interval import Span
    from sla.money.rule import Rule

ONE = timedelta(days=1)


class Day(StrEnum):
    """What a local day is. A public holiday is one and nothing else; any other day is its weekday, and may be more."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"
    PUBLIC_HOLIDAY = "public_holiday"
    HOLIDAY_EVE = "holiday_eve"  # the next day is a public holiday
    BEFORE_HOLIDAYS = "before_holidays"  # the last working day before days off that hold a public holiday
    AMONG_HOLIDAYS = "among_holidays"  # a day off among such days, as the Saturday before a holiday Monday
    AFTER_HOLIDAYS = "after_holidays"  # the first working day after them


@dataclass(frozen=True)
class Window:
    """Named hours, in minutes of the local day, on days of these kinds, and what holds in them."""

    name: str
    days: frozenset[Day]
    opens: int
    closes: int
    rule: Rule

    def __post_init__(self) -> None:
        if not self.name.strip():
            raise ValueError("a window needs a name, which the statement tells")
        if not self.days:
            raise ValueError(f"window {self.name} is on no day")
        if not 0 <= self.opens < self.closes <= DAY:
            raise ValueError(f"window {self.name} begins before it ends, within minutes 0 to 1440 of a day")

    def on(self, day: date, calendar: BusinessCalendar) -> Span | None:
        """From when to when it holds on a local day; None if it does not."""
        if any(_IS[kind](day, calendar) for kind in self.days):
            return calendar.on_the_clock(day, self.opens, self.closes)
        return None

    def hides(self, other: Window) -> frozenset[Day]:
        """The kinds of day on which it leaves nothing of another window."""
        return self.days if self.opens <= other.opens and other.closes <= self.closes else frozenset()


def check(windows: Iterable[Window]) -> None:
    """Raises ValueError where two have one name, or one never holds because those before it always do."""
    before: list[Window] = []
    for window in windows:
        if window.name in {other.name for other in before}:
            raise ValueError(f"two windows are called {window.name}")
        if window.days <= frozenset().union(*(other.hides(window) for other in before)):
            raise ValueError(f"window {window.name} never holds: what comes before it takes all of its hours")
        before.append(window)


def _weekday(number: int) -> Callable[[date, BusinessCalendar], bool]:
    return lambda day, calendar: day.weekday() == number and day not in calendar.holidays


def _is_working_day(day: date, calendar: BusinessCalendar) -> bool:
    return day not in calendar.holidays and bool(calendar.regular_hours(calendar.day(day)))


def _is_eve(day: date, calendar: BusinessCalendar) -> bool:
    return day not in calendar.holidays and day + ONE in calendar.holidays


def _is_before(day: date, calendar: BusinessCalendar) -> bool:
    return _is_working_day(day, calendar) and _holiday_beside(day, ONE, calendar)


def _is_after(day: date, calendar: BusinessCalendar) -> bool:
    return _is_working_day(day, calendar) and _holiday_beside(day, -ONE, calendar)


def _is_among(day: date, calendar: BusinessCalendar) -> bool:
    if day in calendar.holidays or _is_working_day(day, calendar):
        return False
    return _holiday_beside(day, ONE, calendar) or _holiday_beside(day, -ONE, calendar)


def _holiday_beside(day: date, step: timedelta, calendar: BusinessCalendar) -> bool:
    return any(off in calendar.holidays for off in _days_off(day, step, calendar))


def _days_off(day: date, step: timedelta, calendar: BusinessCalendar) -> Iterator[date]:
    """The days off that follow, or for a step back precede, without a working day between; as far as is known."""
    day += step
    while calendar.first <= day <= calendar.last and not _is_working_day(day, calendar):
        yield day
        day += step


_IS: dict[Day, Callable[[date, BusinessCalendar], bool]] = {
    **{kind: _weekday(number) for number, kind in enumerate(list(Day)[:7])},
    Day.PUBLIC_HOLIDAY: lambda day, calendar: day in calendar.holidays,
    Day.HOLIDAY_EVE: _is_eve,
    Day.BEFORE_HOLIDAYS: _is_before,
    Day.AMONG_HOLIDAYS: _is_among,
    Day.AFTER_HOLIDAYS: _is_after,
}
