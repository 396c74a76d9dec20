"""What the company has agreed with its engineers about call-outs: rules, each in force from a local day on.

The Basic Conditions of Employment Act 75 of 1997 (BCEA) does not rule standby; contracts and sector agreements do:

- metal and engineering (MEIBC main agreement, clause 39): a call-out is paid for two hours at least;
- wood and paper: four hours for the first, and a second call inside those four hours begins no block of its own;
- without any agreement nothing is guaranteed, so a call-out counts for as long as it took.

Night work is work after 18:00 and before 06:00 (BCEA s 17(1)); regular work between 23:00 and 06:00 brings duties of
health information (s 17(3)), so that is counted beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from oncall import night
from oncall.spans import common
from oncall.wall import instant, wall
from sla.interval import Interval
from sla.phrases import duration

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from oncall.spans import Spans

Hours = tuple[time, time]
NIGHT: Hours = (time(18), time(6))
ONE_DAY = timedelta(days=1)
LONGEST = timedelta(hours=24)  # of a minimum or a merge window: nobody agrees on more


@dataclass(frozen=True)
class Rules:
    """What holds from the local day `since` on.

    `minimum`: how long a call-out counts at least. `merge`: a call-out that begins no later than this after the end
    of the one before goes on with it, instead of beginning a minimum of its own. `one_block`: so does one that begins
    inside the minimum of the one before. `night`: from what time of day to what time, over midnight or not.
    """

    since: date
    minimum: timedelta = timedelta(0)
    merge: timedelta = timedelta(0)
    one_block: bool = True
    night: Hours = NIGHT

    def __post_init__(self) -> None:
        for name, length in (("a minimum", self.minimum), ("a merge window", self.merge)):
            if not timedelta(0) <= length <= LONGEST:
                raise ValueError(f"{name} lasts from nothing to 24 hours, not {length}")
        if self.night[0] == self.night[1]:
            raise ValueError("a night has a beginning and another end")

    @property
    def words(self) -> str:
        """What they say, in words."""
        parts = [f"a call-out counts for {duration(self.minimum)} at least" if self.minimum else "no minimum"]
        if self.minimum:
            inside = "goes on with it" if self.one_block else "has a minimum of its own"
            parts.append(f"one that begins inside the minimum of another {inside}")
        if self.merge:
            parts.append(f"one that begins within {duration(self.merge)} after another goes on with it")
        return "; ".join([*parts, f"night is {self.night[0]:%H:%M} to {self.night[1]:%H:%M}"])


NOTHING_AGREED = Rules(date.min)


@dataclass(frozen=True)
class Agreement:
    """All rules in the order in which they were made, and the zone of their days."""

    zone: str
    rules: tuple[Rules, ...] = ()

    def on(self, day: date) -> Rules:
        """The rules of a local day: the latest that had begun; of two from the same day the one made later."""
        begun = [(each.since, number) for number, each in enumerate(self.rules) if each.since <= day]
        return self.rules[max(begun)[1]] if begun else NOTHING_AGREED

    def at(self, at: datetime) -> Rules:
        """The rules in force at an instant."""
        return self.on(wall(at, self.zone).date())

    def between(self, span: Interval) -> list[Rules]:
        """Every rule that was in force on a day of a stretch, in the order of their days."""
        first, last = (wall(at, self.zone).date() for at in (span.start, span.end - timedelta.resolution))
        days = {first, *(each.since for each in self.rules if first < each.since <= last)}
        return list(dict.fromkeys(self.on(day) for day in sorted(days)))

    def nights(self, spans: Iterable[Interval]) -> Spans:
        """What of these stretches lies in the night, by the rules of the day on which each night begins."""
        return self._windows(spans, lambda day: self.on(day).night)

    def deep_nights(self, spans: Iterable[Interval]) -> Spans:
        """What of them lies between 23:00 and 06:00."""
        return self._windows(spans, lambda _: night.DEEP)

    def _windows(self, spans: Iterable[Interval], hours: Callable[[date], Hours]) -> Spans:
        spans = tuple(spans)
        days = {day for each in spans for day in self._days(each)}
        return common(spans, filter(None, (_window(day, hours(day), self.zone) for day in sorted(days))))

    def _days(self, span: Interval) -> Iterable[date]:
        """The local days whose night may reach into a stretch: also the day before it."""
        first, last = (wall(at, self.zone).date() for at in (span.start, span.end))
        return (first + n * ONE_DAY for n in range(-1, (last - first).days + 1))


def _window(day: date, hours: Hours, zone: str) -> Interval | None:
    """The instants between two times of day; None if the clocks leave nothing of it."""
    begins, ends = hours
    last = day if begins < ends else day + ONE_DAY
    start, end = instant(datetime.combine(day, begins), zone), instant(datetime.combine(last, ends), zone)
    return Interval(start, end) if start < end else None
