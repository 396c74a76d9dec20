"""Ledger: the local days that a promise went through, and what was counted on each or why nothing was."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from sla import phrases
from sla.interval import NOTHING, Interval
from sla.promise import Promise


@dataclass(frozen=True)
class Entry:
    """A day with what was counted in it, or days in a row without anything, for one reason."""

    first: date
    last: date
    stretches: str  # "08:30 to 10:00"
    length: timedelta
    why: str  # nothing was counted; empty if something was

    @property
    def text(self) -> str:
        """As a sentence."""
        if not self.why:
            return f"{phrases.day(self.first)}, {self.stretches}: {phrases.duration(self.length)}."
        days = phrases.day(self.first)
        if self.last > self.first:
            joint = "and" if (self.last - self.first).days == 1 else "to"
            days = f"{days} {joint} {phrases.day(self.last)}"
        return f"{days}: {self.why}."


def entries(promise: Promise) -> list[Entry]:
    """From the start to the due time, or to where the clock stands still; neighbours without a count are one."""
    book: list[Entry] = []
    for entry in _days(promise):
        if book and entry.why and book[-1].why == entry.why:
            book[-1] = replace(book[-1], last=entry.last)
        else:
            book.append(entry)
    return book


def _days(promise: Promise) -> Iterator[Entry]:
    clock = promise.clock
    end = promise.due or clock.pauses[-1].start
    runs = clock.runs(end)
    for day, part in clock.calendar.days(Interval(clock.start, max(clock.start, end))):
        common = filter(None, (run.overlap(part) for run in runs))
        counted = [stretch for span in common for stretch in clock.calendar.open_hours(span)]
        length = sum((stretch.end - stretch.start for stretch in counted), NOTHING)
        yield Entry(day, day, _told(promise, day, counted), length, "" if counted else _why(promise, day, part))


def _why(promise: Promise, day: date, part: Interval) -> str:
    calendar = promise.clock.calendar
    if missed := calendar.open_hours(part):
        return next(p.why for p in promise.clock.pauses if p.end is None or p.end > missed[0].start) + ", not counted"
    if day in calendar.holidays:
        return f"closed, {promise.hours.holidays.get(day, 'a public holiday')}"
    whole = calendar.day(day)
    if not calendar.open_hours(whole):
        return "closed"
    return "no open hours left" if part.end == whole.end else "no open hours yet"


def _told(promise: Promise, day: date, counted: list[Interval]) -> str:
    zone = ZoneInfo(promise.clock.calendar.zone)
    ends = [(one.start.astimezone(zone), one.end.astimezone(zone)) for one in counted]
    clocks = ((phrases.clock(start), phrases.clock(end) if end.date() == day else "24:00") for start, end in ends)
    return phrases.listed(f"{start} to {end}" for start, end in clocks) if ends else ""
