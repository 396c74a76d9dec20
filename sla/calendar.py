"""Business hours: is it open, when does it open next, and how much open time lies between two instants.

Where calendars differ, this one holds that closing time itself is closed; that a duration used up exactly at
closing ends there, not at the next opening; that no duration at all, asked while closed, ends at the next
opening (backwards: at the last closing); that open time is elapsed time, whatever the clocks do; and that a
wall time which the clocks skip is moved on by what they skip, while one that happens twice is its first.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from itertools import accumulate, chain, pairwise
from typing import Self
from zoneinfo import ZoneInfo

from sla.interval import NOTHING, Interval, Span, joined, near

DAY = 24 * 60  # minutes; as a closing time: the midnight that ends the day
Minutes = tuple[int, int]  # opens and closes, in minutes of the local day


class OutsideTable(LookupError):
    """The question, or its answer, lies outside the days that the calendar knows."""


@dataclass(frozen=True, order=True)
class Hours:
    """One open stretch of a weekday (0 is Monday), in minutes of the day; between two lies a break."""

    weekday: int
    opens: int
    closes: int

    def __post_init__(self) -> None:
        if self.weekday not in range(7):
            raise ValueError(f"a weekday is 0 (Monday) to 6 (Sunday), not {self.weekday}")
        _check_minutes(self.opens, self.closes)


@dataclass(frozen=True, kw_only=True)
class BusinessCalendar:
    """The open time of one place from the local day `first` to the local day `last`, both included.

    What beats what: `openings`, then `closures`, then `dates`, then `holidays`, then `week`.
    """

    zone: str
    week: tuple[Hours, ...]
    first: date
    last: date
    holidays: frozenset[date] = frozenset()
    dates: tuple[tuple[date, tuple[Minutes, ...]], ...] = ()  # hours instead of the weekday's; none is closed
    closures: tuple[Interval, ...] = ()
    openings: tuple[Interval, ...] = ()
    later: tuple[tuple[date, tuple[Hours, ...]], ...] = ()  # weeks instead of `week`, each from its day on, in order
    may_never_open: bool = False  # for a line forced closed without an end; anywhere else it is a mistake

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError(f"a calendar cannot end on {self.last}, before its first day {self.first}")
        for opens, closes in (hours for _, day in self.dates for hours in day):
            _check_minutes(opens, closes)
        if any(one >= other for (one, _), (other, _) in pairwise(self.later)):
            raise ValueError("later weeks come in the order of their days, and on each day begins one")
        if not (self.ever_opens or self.may_never_open):
            raise ValueError(f"the calendar has no open time from {self.first} to {self.last} in {self.zone}")

    @classmethod
    def always(cls, zone: str, first: date, last: date, holidays: frozenset[date] = frozenset()) -> Self:
        """Round the clock; the holidays are open too, and kept for whoever asks `is_holiday`."""
        week = tuple(Hours(weekday, 0, DAY) for weekday in range(7))
        dates = tuple((day, ((0, DAY),)) for day in sorted(holidays))
        return cls(zone=zone, week=week, first=first, last=last, holidays=holidays, dates=dates)

    @property
    def ever_opens(self) -> bool:
        """Whether there is any open time in the table."""
        return bool(self._open)

    def is_open(self, at: datetime) -> bool:
        """Whether `at` lies in open time."""
        return self._stretch(self._moment(at)) is not None

    def next_opening(self, at: datetime) -> datetime | None:
        """The first open instant from `at` on, `at` itself if open; None if the table holds no more."""
        at = self._moment(at)
        ended = bisect_right(self._ends, at)
        return max(at, self._open[ended].start) if ended < len(self._open) else None

    def closes_at(self, at: datetime) -> datetime | None:
        """When the open time around `at` ends; None if closed at `at`, or open as far as the table goes."""
        stretch = self._stretch(self._moment(at))
        return stretch.end if stretch and stretch.end < self._table.end else None

    def open_between(self, start: datetime, end: datetime) -> timedelta:
        """The open time from `start` to `end`; none if `end` comes first."""
        return max(NOTHING, self._open_until(end) - self._open_until(start))

    def after(self, start: datetime, duration: timedelta) -> datetime:
        """The instant by which `duration` of open time has passed since `start`."""
        goal = self._open_until(start) + _checked(duration)
        # Left of an equal sum, the stretch that ends there; no duration wants the one that begins there.
        needed = (bisect_left if duration else bisect_right)(self._sums, goal)
        if needed == len(self._sums):
            raise self._outside(f"{duration} of open time after {start}")
        return self._ends[needed - 1] - (self._sums[needed] - goal)

    def before(self, end: datetime, duration: timedelta) -> datetime:
        """The latest instant from which `duration` of open time passes until `end`."""
        end = self._edge(end)
        goal = self._open_until(end) - _checked(duration)
        # Right of an equal sum, the stretch that begins there; no duration, while closed, the one that ended.
        spared = (bisect_right if duration or self._stretch(end) else bisect_left)(self._sums, goal)
        if not spared:
            raise self._outside(f"{duration} of open time before {end}")
        return self._starts[spared - 1] + (goal - self._sums[spared - 1])

    def is_holiday(self, at: datetime) -> bool:
        """Whether the local date of `at` is a public holiday, open or not."""
        return self.local_date(self._moment(at)) in self.holidays

    def local_date(self, at: datetime) -> date:
        """The date on the wall calendar in this zone."""
        return at.astimezone(self._zone).date()

    def days(self, span: Interval) -> tuple[tuple[date, Interval], ...]:
        """The local days that `span` touches, each with its part of `span`."""
        dates = _dates(self.local_date(self._edge(span.start)), self.local_date(self._edge(span.end)))
        return tuple((day, part) for day in dates if (part := self.day(day).overlap(span)))

    def day(self, day: date) -> Interval:
        """A local day from midnight to midnight: 23 to 25 hours where the clocks change."""
        return Interval(*self._span(day))

    def on_the_clock(self, day: date, opens: int, closes: int) -> Span:
        """The instants at which the wall clock shows these minutes of `day`; empty or backward where it skips them."""
        return self._span(day, opens, closes)

    def week_on(self, day: date) -> tuple[Hours, ...]:
        """The week that is kept on a day: the latest that has begun by then."""
        return self._weeks[bisect_right(self._turns, day)]

    def regular_hours(self, span: Interval) -> tuple[Interval, ...]:
        """The stretches of `span` that are open by `week`, `holidays` and `dates`, whatever was forced."""
        return self._parts(self._regular, span)

    def open_hours(self, span: Interval) -> tuple[Interval, ...]:
        """The stretches of `span` that are open, all told."""
        return self._parts(self._open, span)

    def business_day(self, at: datetime, number: int = 1) -> Interval:
        """The `number`th business day after the local day of `at`, from its first opening to its last closing.

        A business day has open time; closing, for a day that is open at midnight, is that midnight.
        """
        for _ in range(number):
            midnight = self.day(self.local_date(self._moment(at))).end
            if (opening := self.next_opening(midnight)) is None:
                raise self._outside(f"{number} business days after {at}")
            at = opening
        return Interval(at, self.before(self.day(self.local_date(at)).end, NOTHING))

    def _stretch(self, at: datetime) -> Interval | None:
        """The open stretch around `at`."""
        begun = bisect_right(self._starts, at)
        return self._open[begun - 1] if begun and at < self._ends[begun - 1] else None

    def _parts(self, stretches: list[Interval], span: Interval) -> tuple[Interval, ...]:
        span = Interval(self._edge(span.start), self._edge(span.end))
        return tuple(part for stretch in stretches[near(stretches, span)] if (part := stretch.overlap(span)))

    def _open_until(self, at: datetime) -> timedelta:
        """The open time from the table's beginning to `at`."""
        at = self._edge(at)
        begun = bisect_right(self._starts, at)
        return self._sums[begun] - max(NOTHING, self._ends[begun - 1] - at) if begun else NOTHING

    def _moment(self, at: datetime) -> datetime:
        """`at` in UTC, if the table knows what happens from `at` on."""
        if (at := self._edge(at)) == self._table.end:
            raise self._outside(str(at))
        return at

    def _edge(self, at: datetime) -> datetime:
        """`at` in UTC, if it is in the table or is its very end, up to which time can be counted."""
        at = _utc(at)
        if not self._table.start <= at <= self._table.end:
            raise self._outside(str(at))
        return at

    def _outside(self, what: str) -> OutsideTable:
        return OutsideTable(f"the calendar knows {self.first} to {self.last} in {self.zone}, not {what}")

    @cached_property
    def _open(self) -> list[Interval]:
        """All open time in order: the regular hours without the closures, and the openings."""
        stretches = self._regular.copy()
        for closure in self.closures:
            touched = near(stretches, closure)
            halves = (((each.start, closure.start), (closure.end, each.end)) for each in stretches[touched])
            stretches[touched] = joined(chain.from_iterable(halves))
        for opening in filter(None, map(self._table.overlap, self.openings)):
            touched = near(stretches, opening)
            stretches[touched] = joined((each.start, each.end) for each in (*stretches[touched], opening))
        return stretches

    @cached_property
    def _starts(self) -> list[datetime]:
        """Apart, because searching plain instants is twice as fast as searching intervals by theirs."""
        return [stretch.start for stretch in self._open]

    @cached_property
    def _ends(self) -> list[datetime]:
        return [stretch.end for stretch in self._open]

    @cached_property
    def _sums(self) -> list[timedelta]:
        """The open time before each open stretch, and, last, that of the whole table."""
        return list(accumulate((stretch.end - stretch.start for stretch in self._open), initial=NOTHING))

    @cached_property
    def _regular(self) -> list[Interval]:
        dated = dict.fromkeys(self.holidays, ()) | dict(self.dates)
        weekly = [
            [tuple((h.opens, h.closes) for h in week if h.weekday == day) for day in range(7)] for week in self._weeks
        ]
        hours = (
            (day, dated.get(day, weekly[bisect_right(self._turns, day)][day.weekday()]))
            for day in _dates(self.first, self.last)
        )
        return joined(self._span(day, *minutes) for day, spans in hours for minutes in spans)

    @cached_property
    def _weeks(self) -> list[tuple[Hours, ...]]:
        return [self.week, *(week for _, week in self.later)]

    @cached_property
    def _turns(self) -> list[date]:
        """The days on which another week begins."""
        return [since for since, _ in self.later]

    @cached_property
    def _table(self) -> Interval:
        return Interval(self.day(self.first).start, self.day(self.last).end)

    @cached_property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    def _span(self, day: date, opens: int = 0, closes: int = DAY) -> Span:
        """The instants at which the wall clock shows so many minutes of `day`."""
        midnight = datetime.combine(day, time(), self._zone)
        # Adding to a local time moves the hands of the clock; only then is the time looked up.
        start, end = (midnight + timedelta(minutes=minutes) for minutes in (opens, closes))
        return start.astimezone(UTC), end.astimezone(UTC)


def _dates(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=n) for n in range((last - first).days + 1))


def _check_minutes(opens: int, closes: int) -> None:
    if not 0 <= opens < closes <= DAY:
        raise ValueError(f"hours open before they close, within minutes 0 to 1440, not {opens} to {closes}")


def _utc(at: datetime) -> datetime:
    # Compared or subtracted in UTC alone: between two zones Python asks both for their offset, each time.
    if at.tzinfo is UTC:
        return at
    if at.utcoffset() is None:
        raise ValueError(f"an instant needs its zone, not {at}")
    return at.astimezone(UTC)


def _checked(duration: timedelta) -> timedelta:
    if duration < NOTHING:
        raise ValueError(f"a duration of open time cannot be negative: {duration}")
    return duration
