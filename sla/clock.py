"""Clock: runs in the open time of a calendar from an instant on, and stands still in its pauses.

Pauses are instants, kept apart from the calendar: it is shared, and a pause over a weekend takes no open time.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from sla.calendar import BusinessCalendar
from sla.interval import NOTHING, Interval


class Pause(NamedTuple):
    """From when to when the clock stands still, and why; without an end it still does."""

    start: datetime
    end: datetime | None
    why: str


@dataclass(frozen=True)
class Clock:
    """A clock that began at `start`; the pauses are in order and apart, and only the last may have no end."""

    start: datetime
    calendar: BusinessCalendar
    pauses: tuple[Pause, ...] = ()

    def after(self, length: timedelta) -> datetime | None:
        """The instant by which it has run for `length`; None if it stands still before, until nobody knows when."""
        for start, end in self._stretches():
            if end is None or length <= (run := self.calendar.open_between(start, end)):
                return self.calendar.after(start, length)
            length -= run
        return None

    def before(self, end: datetime, length: timedelta) -> datetime:
        """The latest instant from which it runs for `length` until `end`; its start if it has not run so long."""
        for span in reversed(self.runs(end)):
            if length <= (run := self.calendar.open_between(span.start, span.end)):
                return self.calendar.before(span.end, length)
            length -= run
        return self.start

    def run(self, until: datetime) -> timedelta:
        """How long it has run."""
        return sum((self.calendar.open_between(span.start, span.end) for span in self.runs(until)), NOTHING)

    def runs(self, until: datetime) -> tuple[Interval, ...]:
        """When it was not paused, in open hours or not."""
        spans = ((start, min(until, end) if end else until) for start, end in self._stretches())
        return tuple(Interval(start, end) for start, end in spans if start < end)

    def _stretches(self) -> Iterator[tuple[datetime, datetime | None]]:
        """Between the pauses; the last has no end unless a pause has none."""
        start: datetime | None = self.start
        for pause in self.pauses:
            if start is not None and pause.start > start:
                yield start, pause.start
            start = pause.end and max(self.start, pause.end)
        if start is not None:
            yield start, None
