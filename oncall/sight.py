"""A rota as a page shows it: who rings, who rang, what the plan says, and the faces of the people in it.

The past is read from the record, what comes from the same plan as the call reads.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from oncall import record as record_
from oncall import strip
from oncall.face import Face
from oncall.places import until
from oncall.rota import joined
from sla.holidays import in_force

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from oncall.period import Day, Period
    from oncall.plan import Plan
    from oncall.roster import RotaRecord
    from oncall.strip import Block, Stretch

PLACES = 3  # rings first, second, and whoever comes then
BACK = timedelta(days=35)  # so far before a page a recorded shift is looked for that reaches into it
AHEAD = timedelta(days=60)  # so far ahead gaps are told


@dataclass(frozen=True)
class Sight:
    """One rota, looked at now."""

    record: RotaRecord
    plan: Plan
    faces: Mapping[str, Face]
    now: datetime

    @property
    def name(self) -> str:
        """What the rota is called."""
        return self.plan.name

    @property
    def zone(self) -> str:
        """The zone whose clocks the page shows."""
        return self.plan.zone(self.now)

    def face(self, key: str) -> Face:
        """The colleague of that key; whoever is not known any more is called by it."""
        return self.faces.get(key) or Face(key, key, active=False)


class Post(NamedTuple):
    """Who rings at one place now, and until when; None if no end is in sight."""

    place: int
    engineer: str
    until: datetime | None


class Lane(NamedTuple):
    """One row of the strip: `place` of those who really ring; a rotation's `name`; or changes and swaps."""

    kind: str  # final, planned, changes
    place: int
    name: str
    blocks: Sequence[Block]


class DayRow(NamedTuple):
    """One day as a list: its holiday if it is one, who rings first when, and who else rings then."""

    day: Day
    holiday: str | None
    stretches: Sequence[Stretch]
    seconds: Sequence[Sequence[str]]

    def behind(self, one: Stretch) -> Sequence[str]:
        """Who would ring after one of its stretches."""
        return self.seconds[self.stretches.index(one)]

    def concerns(self, engineer: str) -> bool:
        """Whether somebody is on duty then, first or second."""
        return any(one.engineer == engineer for one in self.stretches) or any(engineer in one for one in self.seconds)


def posts(sight: Sight) -> list[Post]:
    """Who rings now, at every place."""
    return [
        Post(n, duty.engineer, until(sight.plan, sight.now, n, AHEAD))
        for n, duty in enumerate(sight.plan.who(sight.now))
    ]


def next_change(sight: Sight) -> Stretch | None:
    """When somebody else, or nobody, rings first; None if not within the next months."""
    ahead = sight.plan.shifts(sight.now, sight.now + AHEAD)
    return strip.next_change([strip.of_shift(one) for one in joined(ahead)], sight.now)


def ahead(sight: Sight) -> list[Stretch]:
    """The next shifts of everybody, to choose from."""
    lanes = sight.plan.lanes(sight.now, sight.now + AHEAD, whole=True)
    found = [strip.of_shift(shift) for lane in lanes.values() for shift in lane]
    return sorted(found, key=lambda one: (one.start, one.engineer or ""))


def gaps_ahead(sight: Sight, until: datetime | None = None) -> list[Stretch]:
    """When nobody will ring though somebody should."""
    return [strip.of_gap(gap) for gap in sight.plan.gaps(sight.now, until or sight.now + AHEAD)]


def places(session: Session, sight: Sight, a: datetime, b: datetime) -> list[list[Stretch]]:
    """Who rings first, second and then between two instants: as it was, and from now on as it is planned."""
    found: list[list[Stretch]] = [[] for _ in range(PLACES)]
    if a < sight.now:
        for one in record_.served(session, sight.record, a - BACK, min(b, sight.now)):
            if one.place is not None and one.place < PLACES and one.ends > a:
                found[one.place].append(strip.of_served(one))
    if b > sight.now:
        for place in range(PLACES):
            found[place] += map(strip.of_shift, sight.plan.shifts(max(a, sight.now), b, place, whole=True))
    return [strip.unbroken(one) for one in found]


def with_gaps(sight: Sight, first: Sequence[Stretch], period: Period) -> list[Stretch]:
    """Who rings first, and when nobody does, in order."""
    gaps = [strip.of_gap(gap) for gap in sight.plan.gaps(period.start, period.end)]
    return sorted([*first, *gaps], key=lambda one: one.start)


def lanes(session: Session, sight: Sight, period: Period) -> list[Lane]:
    """The rows of a strip: who really rings, then the plan behind it, then what was changed."""
    held = places(session, sight, period.start, period.end)
    held[0] = with_gaps(sight, held[0], period)
    real = [Lane("final", n, "", strip.blocks(one, period)) for n, one in enumerate(held) if one or n == 0]
    return [*real, *planned(sight.plan, period), *_changes(sight, period)]


def planned(plan: Plan, period: Period) -> list[Lane]:
    """What every rotation has planned, without any change."""
    each = plan.planned.lanes(period.start, period.end, whole=True)
    return [
        Lane("planned", n, name, strip.blocks(map(strip.of_shift, shifts), period))
        for n, (name, shifts) in enumerate(each.items())
    ]


def forecast(plan: Plan, period: Period) -> Lane:
    """Who would ring first in a period by this plan, and when nobody would."""
    first = [strip.of_shift(one) for one in plan.shifts(period.start, period.end, whole=True)]
    gaps = [strip.of_gap(gap) for gap in plan.gaps(period.start, period.end)]
    return Lane("final", 0, "", strip.blocks(sorted([*first, *gaps], key=lambda one: one.start), period))


def days(session: Session, sight: Sight, period: Period) -> list[DayRow]:
    """The days of a period: who rings first when, and who would ring then."""
    held = places(session, sight, period.start, period.end)
    first, named = with_gaps(sight, held[0], period), holidays(session, period)
    rows = []
    for day in period.days:
        theirs = strip.on_day(first, day)
        behind = [[one.engineer for one in held[1] if one.within(cut.start, cut.end)] for cut in theirs]
        rows.append(DayRow(day, named.get(day.date), theirs, behind))  # type: ignore[arg-type]
    return rows


def holidays(session: Session, period: Period) -> dict[date, str]:
    """The public holidays of a period, by day."""
    return {day: name for day, name in in_force(session).items() if period.first <= day <= period.last}


def _changes(sight: Sight, period: Period) -> list[Lane]:
    acting = map(strip.of_override, sight.plan.overrides)
    rows = strip.tracks(one for one in acting if one.within(period.start, period.end))
    return [Lane("changes", n, "", strip.blocks(row, period)) for n, row in enumerate(rows)]
