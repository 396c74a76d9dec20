"""The hours to which a rotation keeps: windows of the local week, and named hours that somebody else keeps.

- A window says weekday and time, may pass midnight and Sunday, and keeps its wall times when the clocks change: on
  such a night it is longer or shorter. One whose closing the clocks skip past its opening does not open that week.
- Hours that overlap or touch are one stretch, so a person who serves through both has one shift.
- Named hours (outside office hours, public holidays) come as instants from the business calendar. They are known up
  to an instant; from there on they count as closed, and whoever explains a gap says so.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple, Self

from oncall.wall import DAY, WEEK, instant, minute, wall, written

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ONE_WEEK = timedelta(days=7)
KEPT = 520  # weeks of openings remembered by a value; ten years


@dataclass(frozen=True, slots=True)
class Window:
    """Weekly hours, [opens, closes) in minutes of the local week from Monday 00:00; equal means all week."""

    opens: int
    closes: int

    @classmethod
    def of(cls, opens: str, closes: str) -> Self:
        """Read hours as people write them: Window.of("Fri 17:00", "Mon 08:30")."""
        return cls(minute(opens), minute(closes))

    def __str__(self) -> str:
        """As people write it."""
        return f"{written(self.opens)} to {written(self.closes)}"

    @property
    def minutes(self) -> int:
        """How long it is on the wall."""
        return (self.closes - self.opens) % WEEK or WEEK

    def touches(self, minute: int, length: int) -> bool:
        """Say whether it shares time with so many minutes of the week from that minute on."""
        return (self.opens - minute) % WEEK < length or (minute - self.opens) % WEEK < self.minutes


WEEKENDS = Window(5 * DAY, 0)


@dataclass(frozen=True)
class NamedHours:
    """Hours that somebody else keeps: stretches [start, end) in UTC, in order and apart, known up to `until`."""

    name: str
    stretches: tuple[tuple[datetime, datetime], ...]
    until: datetime

    def __str__(self) -> str:
        """Its name."""
        return self.name

    def near(self, a: datetime, b: datetime) -> Iterator[Stretch]:
        """Yield the stretches that share time with [a, b)."""
        first = bisect_right(self.stretches, a, key=lambda stretch: stretch[1])
        last = bisect_left(self.stretches, b, key=lambda stretch: stretch[0])
        return (Stretch(start, end, (self,)) for start, end in self.stretches[first:last])


Hours = Window | NamedHours


class Stretch(NamedTuple):
    """Time within the hours without a break, and which hours these are."""

    start: datetime
    end: datetime
    hours: tuple[Hours, ...]


@dataclass(frozen=True)
class Opening:
    """When somebody who keeps to these hours in this zone may serve; no hours: always."""

    hours: tuple[Hours, ...]
    zone: str

    @cached_property
    def weekly(self) -> tuple[Window, ...]:
        """The windows, united: none overlaps or touches another."""
        return united([hours for hours in self.hours if isinstance(hours, Window)])

    @cached_property
    def named(self) -> tuple[NamedHours, ...]:
        """The hours that somebody else keeps."""
        return tuple(hours for hours in self.hours if isinstance(hours, NamedHours))

    @cached_property
    def is_always(self) -> bool:
        """Whether the hours leave nothing out of any week."""
        return not self.hours or [window.minutes for window in self.weekly] == [WEEK]

    def between(self, a: datetime, b: datetime, floor: datetime, ceiling: datetime) -> list[Stretch]:
        """Return the stretches that share time with [a, b), whole, in order; beyond floor and ceiling nobody asks."""
        if not self.named:
            return self._near(a, b, a, b)
        reach = ONE_WEEK
        while True:
            from_, to = max(a - reach, floor), min(b + reach, ceiling)
            near = self._near(a, b, from_, to)
            if not near or ((near[0].start > from_ or from_ == floor) and (near[-1].end < to or to == ceiling)):
                return near
            reach *= 4  # named hours may join windows to a stretch that runs on for years; floor and ceiling end it

    def _near(self, a: datetime, b: datetime, from_: datetime, to: datetime) -> list[Stretch]:
        """The stretches that share time with [a, b), joined as far as from_ and to."""
        found = [each for monday in _mondays(from_, to, self.zone) for each in self._opened(monday)]
        found += [each for named in self.named for each in named.near(from_, to)]
        return [each for each in joined(found) if each.start < b and a < each.end]

    def _opened(self, monday: date) -> list[Stretch]:
        """The windows that open in a local week, remembered."""
        if monday not in self._weeks:
            if len(self._weeks) >= KEPT:
                self._weeks.clear()
            self._weeks[monday] = list(self._opening(datetime.combine(monday, time())))
        return self._weeks[monday]

    def _opening(self, monday: datetime) -> Iterator[Stretch]:
        for opens, closes, hours in self._spans:
            start, end = instant(monday + opens, self.zone), instant(monday + closes, self.zone)
            if start < end:
                yield Stretch(start, end, hours)

    @cached_property
    def _spans(self) -> list[tuple[timedelta, timedelta, tuple[Window]]]:
        minutes = ((each.opens, each.opens + each.minutes, (each,)) for each in self.weekly)
        return [(timedelta(minutes=opens), timedelta(minutes=closes), hours) for opens, closes, hours in minutes]

    @cached_property
    def _weeks(self) -> dict[date, list[Stretch]]:
        return {}


def united(windows: Iterable[Window]) -> tuple[Window, ...]:
    """Return the same hours in as few windows as possible, in the order of the week; all week is one that fills it."""
    spans: list[tuple[int, int]] = []
    for window in sorted(windows, key=lambda window: window.opens):
        opens, closes = window.opens, window.opens + window.minutes
        if spans and opens <= spans[-1][1]:
            opens, closes = spans[-1][0], max(spans.pop()[1], closes)
        spans.append((opens, closes))
    while len(spans) > 1 and spans[0][0] + WEEK <= spans[-1][1]:  # the last runs over Sunday into the first
        last = spans.pop()
        spans.append((last[0], max(last[1], spans.pop(0)[1] + WEEK)))
    return tuple(Window(opens, min(closes, opens + WEEK) % WEEK) for opens, closes in spans)


def joined(stretches: Iterable[Stretch]) -> list[Stretch]:
    """Return the stretches in order, those that overlap or touch as one."""
    found: list[Stretch] = []
    for each in sorted(stretches, key=attrgetter("start")):
        if found and each.start <= found[-1].end:
            last = found.pop()
            hours = tuple(dict.fromkeys(last.hours + each.hours))
            found.append(Stretch(last.start, max(last.end, each.end), hours))
        else:
            found.append(each)
    return found


def _mondays(a: datetime, b: datetime, zone: str) -> Iterator[date]:
    """The weeks whose windows can reach into [a, b): a window may have opened in the week before."""
    first, last = wall(a, zone).date(), wall(b, zone).date()
    monday = first - timedelta(days=first.weekday() + 7)
    while monday <= last:
        yield monday
        monday += ONE_WEEK
