"""A rota resolved week by week: who has which duty in every part of a week in which nothing changes."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from oncall.overrides import seated
from oncall.shifts import Duty, Shift

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from oncall.overrides import Override
    from oncall.rotation import Rotation

A_MONDAY = datetime(1970, 1, 5, tzinfo=UTC)
ONE_WEEK = timedelta(days=7)
AT_ONCE = 53  # weeks resolved together for a question about many: a year costs less than its weeks
KEPT = 520  # weeks remembered by a value; ten years


class Part(NamedTuple):
    """Time in which nothing changes: everybody's duties by lane, and the people in the order of ringing."""

    start: datetime
    end: datetime
    seats: tuple[Duty, ...]
    places: tuple[Duty, ...]  # nobody twice


class Week(NamedTuple):
    """The parts of seven days from a Monday 00:00 UTC, in order and without a break, and their starts."""

    starts: list[datetime]
    parts: list[Part]


@dataclass(frozen=True)
class Weeks:
    """Resolves weeks when they are asked about, and remembers them."""

    rotations: tuple[tuple[Rotation, str], ...]  # the highest first, each with the name of its layer
    overrides: tuple[Override, ...]
    zone: str

    def at(self, t: datetime) -> Part:
        """Return the part in which an instant in UTC lies."""
        number = (t - A_MONDAY) // ONE_WEEK
        week = self._known.get(number) or self._learnt(number, number + 1)
        return week.parts[bisect_right(week.starts, t) - 1]

    def between(self, a: datetime, b: datetime) -> Iterator[Part]:
        """Yield the parts that share time with [a, b), in order; none passes midnight of a Monday."""
        first, end = (a - A_MONDAY) // ONE_WEEK, -((A_MONDAY - b) // ONE_WEEK)
        for number in range(first, end if a < b else first):
            week = self._known.get(number) or self._learnt(number, min(number + AT_ONCE, end))
            for part in week.parts:
                if a < part.end and part.start < b:
                    yield part

    def _learnt(self, number: int, end: int) -> Week:
        """Resolve the weeks from this one to before the end, together, and return this one."""
        if len(self._known) > KEPT:
            self._known.clear()
        weeks = {each: Week([], []) for each in range(number, end)}
        for part in self._resolved([A_MONDAY + each * ONE_WEEK for each in range(number, end + 1)]):
            week = weeks[(part.start - A_MONDAY) // ONE_WEEK]
            week.starts.append(part.start)
            week.parts.append(part)
        self._known.update(weeks)  # only now: another thread may be reading
        return weeks[number]

    def _resolved(self, mondays: list[datetime]) -> Iterator[Part]:
        a, b = mondays[0], mondays[-1]
        lanes = [list(rotation.duties(a, b, layer)) for rotation, layer in self.rotations]
        changes = [override for override in self.overrides if override.start < b and a < override.end]
        edges = {edge for lane in lanes for duty in lane for edge in (duty.start, duty.end)}
        edges.update(edge for change in changes for edge in (change.start, change.end))
        edges.update(mondays)
        for start, end in pairwise(sorted(edge for edge in edges if a <= edge <= b)):
            seats = tuple(_on_duty(lanes, start))
            if changes and (active := [change for change in changes if change.start <= start < change.end]):
                seats = seated(seats, active, self.zone)
            yield Part(start, end, seats, _once(seats))

    @cached_property
    def _known(self) -> dict[int, Week]:
        return {}


def unbroken(parts: Iterable[Part], chosen: Callable[[Part], Sequence[Duty]]) -> list[Shift]:
    """Return the shifts that these duties of the parts make, in the order in which they begin."""
    shifts: list[tuple[datetime, Duty]] = []
    ends: list[datetime] = []
    running: dict[tuple[str, datetime, str], int] = {}
    for part in parts:
        for duty in chosen(part):
            key = duty.lane, duty.start, duty.engineer
            run = running.get(key)
            if run is not None and ends[run] == part.start:
                ends[run] = part.end
            else:
                running[key] = len(ends)
                shifts.append((part.start, duty))
                ends.append(part.end)
    return [Shift(duty.engineer, start, end, duty) for (start, duty), end in zip(shifts, ends, strict=True)]


def _on_duty(lanes: list[list[Duty]], t: datetime) -> Iterator[Duty]:
    """Whom each lane has at t; what is over by then is dropped, for nobody looks back."""
    for lane in lanes:
        while lane and lane[0].end <= t:
            lane.pop(0)
        if lane and lane[0].start <= t:
            yield lane[0]


def _once(seats: tuple[Duty, ...]) -> tuple[Duty, ...]:
    if len({duty.engineer for duty in seats}) == len(seats):
        return seats
    highest: dict[str, Duty] = {}
    for duty in seats:
        highest.setdefault(duty.engineer, duty)
    return tuple(highest.values())
