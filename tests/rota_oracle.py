"""Who is on call, found out slowly: everything is laid out one by one and looked at, nothing is clever.

It shares no code with oncall/: every rule is written a second time, in the plainest way there is.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from fractions import Fraction
from itertools import count, pairwise
from math import ceil, floor
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

    from oncall.rota import Duty, Override, Rota, Rotation

SECOND, MINUTE, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(days=1)
WEEK = 7 * 24 * 60  # minutes


def slow_instant(local: datetime, zone: str) -> datetime:
    """Every offset in use around that day is tried; the earliest that reads as `local` is it."""
    around = [(local + n * DAY).replace(tzinfo=UTC) for n in (-1, 1)]
    offsets = [t.astimezone(ZoneInfo(zone)).utcoffset() or timedelta() for t in around]
    read = [(local - offset).replace(tzinfo=UTC) for offset in offsets]
    exact = [t for t in read if t.astimezone(ZoneInfo(zone)).replace(tzinfo=None) == local]
    return min(exact) if exact else read[0]


class Turn(NamedTuple):
    """One turn, by the wall and by the clock, and who has it."""

    wall: tuple[datetime, datetime]
    start: datetime
    end: datetime
    who: str


class Expanded:
    """A rotation laid out whole, from its start to `until`."""

    def __init__(self, plan: Rotation, until: datetime) -> None:
        self.plan = plan
        self.begins = slow_instant(plan.start, plan.zone)
        self.ends = slow_instant(plan.end, plan.zone) if plan.end else None
        self.open_minutes = open_minutes(plan)
        self.stretches = self._stretches(until)
        self.turns = self._turns(until) if plan.members else []

    def who(self, t: datetime) -> str | None:
        """Look through all turns and all hours."""
        if t < self.begins or (self.ends and t >= self.ends):
            return None
        if self.plan.hours and not any(start <= t < end for start, end in self.stretches):
            return None
        begun = [turn for turn in self.turns if turn.start <= t]
        return begun[-1].who if begun else None

    def edges(self) -> set[datetime]:
        """Every instant at which something begins or ends."""
        turns = {edge for turn in self.turns for edge in (turn.start, turn.end)}
        return (
            turns | {edge for stretch in self.stretches for edge in stretch} | {self.begins, self.ends or self.begins}
        )

    def _stretches(self, until: datetime) -> list[tuple[datetime, datetime]]:
        """Walk through the week minute by minute, and lay what is open on every week."""
        runs: list[list[int]] = []
        for minute in range(2 * WEEK):  # twice, for what runs over Sunday
            if not self.open_minutes[minute % WEEK]:
                continue
            if runs and runs[-1][1] == minute:
                runs[-1][1] += 1
            else:
                runs.append([minute, minute + 1])
        # The first run may have begun on the Sunday before; the second time round everything is seen whole.
        whole = [run for run in runs if run[0] > 0 and run[0] < run[1] <= run[0] + WEEK and run[1] < 2 * WEEK]
        found = [stretch for named in self.plan.hours if hasattr(named, "stretches") for stretch in named.stretches]
        if all(self.open_minutes):
            return [(datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))]
        monday = datetime.combine(self.plan.start, time()) - (self.plan.start.weekday() + 28) * DAY
        while monday.replace(tzinfo=UTC) < until + 14 * DAY:
            for opens, closes in whole:
                edges = [slow_instant(monday + minute * MINUTE, self.plan.zone) for minute in (opens, closes)]
                found.append((edges[0], edges[1]))
            monday += 7 * DAY
        return found

    def _turns(self, until: datetime) -> list[Turn]:
        """Walk from hand-off to hand-off, dealing out turns as they come."""
        walls = [self.plan.start]
        while slow_instant(walls[-1], self.plan.zone) < until:
            walls.append(next_handoff(self.plan, walls[-1]))
        found, deal = [], dealt(self.plan)
        waiting = next(deal)
        for one, two in pairwise(walls):
            start, end = slow_instant(one, self.plan.zone), slow_instant(two, self.plan.zone)
            found.append(Turn((one, two), start, end, waiting))
            if self.plan.advance == "calendar" or self._serves(found[-1]):
                waiting = next(deal)
        return found

    def _serves(self, turn: Turn) -> bool:
        minute = turn.wall[0]
        while minute < turn.wall[1]:
            if self.open_minutes[minute.weekday() * 24 * 60 + minute.hour * 60 + minute.minute]:
                return True
            minute += MINUTE
        named = [stretch for hours in self.plan.hours for stretch in getattr(hours, "stretches", ())]
        return not self.plan.hours or any(start < turn.end and turn.start < end for start, end in named)


def open_minutes(plan: Rotation) -> list[bool]:
    """Tick off every minute of the week that a window covers."""
    ticked = [False] * WEEK
    for window in plan.hours:
        if hasattr(window, "opens"):
            minute = window.opens
            while True:
                ticked[minute] = True
                minute = (minute + 1) % WEEK
                if minute == window.closes:
                    break
    return ticked


def next_handoff(plan: Rotation, after: datetime) -> datetime:
    """Go on from the day of the last hand-off until a day has one."""
    if not plan.turns.handoffs:
        return after + plan.turns.days * DAY
    monday = datetime.combine(plan.start, time()) - plan.start.weekday() * DAY
    while True:
        for minute in plan.turns.handoffs:
            if (at := monday + minute * MINUTE) > after:
                return at
        monday += plan.turns.days * DAY


def dealt(plan: Rotation) -> Iterator[str]:
    """Deal turns one by one: of those whose next is due, to the one who must have it soonest."""
    shares = plan.shares or (100,) * len(plan.members)
    part = [Fraction(share, sum(shares)) for share in shares]
    had = [0] * len(part)
    for turn in count():
        due = [n for n in range(len(part)) if floor(had[n] / part[n]) <= turn]
        soonest = min(ceil((had[n] + 1) / part[n]) for n in due)
        chosen = next(n for n in due if ceil((had[n] + 1) / part[n]) == soonest)
        had[chosen] += 1
        yield plan.members[chosen]


class Oracle:
    """A rota laid out whole until an instant."""

    def __init__(self, rota: Rota, until: datetime) -> None:
        self.rota = rota
        self.rotations = [Expanded(each, until) for layer in rota.layers for each in layer.rotations]

    def edges(self) -> set[datetime]:
        """Every instant at which something of the plan or its changes begins or ends."""
        changes = {edge for override in self.rota.overrides for edge in (override.start, override.end)}
        return changes.union(*(each.edges() for each in self.rotations))

    def who(self, t: datetime) -> list[str]:
        """Seat everybody whom the plan names, then act on the overrides one after another."""
        chairs = [Chair(who, each.plan.name) for each in self.rotations if (who := each.who(t))]
        now = [override for override in self.rota.overrides if override.start <= t < override.end]
        everybody = chairs + [Chair(each.engineer, f"+{each.key}") for each in now if each.kind == "add"]
        below: list[Chair] = []
        for override in now:
            if override.kind == "add":
                chair = Chair(override.engineer, f"+{override.key}")
                below.append(chair) if override.below else chairs.insert(0, chair)
                continue
            for chair in chairs + below:
                if override.rotation in ("", chair.lane):
                    act(override, chair, everybody)
        sitting = [chair.sat[-1] for chair in chairs + below]
        return list(dict.fromkeys(name for name in sitting if name))


class Chair:
    """One duty: everybody who ever had it, the one who has it last; an empty name: nobody."""

    def __init__(self, who: str, lane: str) -> None:
        self.sat, self.lane = [who], lane


def act(override: Override, chair: Chair, everybody: list[Chair]) -> None:
    """Let one replacement or removal act on one chair."""
    if override.kind == "remove" and chair.sat[-1] == override.engineer:
        chair.sat.append("")
    others = {other.sat[0] for other in everybody if override.rotation in ("", other.lane)}
    own_place_meant = override.engineer == chair.sat[0] and override.instead_of in others
    if override.kind == "replace" and override.instead_of in chair.sat and not own_place_meant:
        chair.sat.append(override.engineer)


def names(duties: tuple[Duty, ...]) -> list[str]:
    """Who they are, in the order of ringing."""
    return [duty.engineer for duty in duties]


def asked(oracle: Oracle, rota: Rota, a: datetime, b: datetime, number: int, dice: Random) -> list[datetime]:
    """Instants to ask about: a second before, at and after the edges of both, and any others."""
    real = {edge for place in (0, 1) for shift in rota.shifts(a, b, place) for edge in shift[1:3]}
    gaps = {edge for gap in rota.gaps(a, b) for edge in gap[:2]}
    edges = sorted(edge for edge in oracle.edges() | real | gaps if a <= edge <= b)
    near = [edge + n * SECOND for edge in edges for n in (-1, 0, 1)]
    chosen = dice.sample(near, min(len(near), number * 2 // 3))
    return chosen + [a + (b - a) * dice.random() for _ in range(number - len(chosen))]


def differences(
    rota: Rota, a: datetime, b: datetime, number: int, dice: Random
) -> list[tuple[datetime, list[str], list[str]]]:
    """Ask both who is on call at so many instants; return those of which they tell different things."""
    oracle = Oracle(rota, b + 2 * DAY)
    both = ((t, names(rota.who(t)), oracle.who(t)) for t in asked(oracle, rota, a, b, number, dice))
    return [each for each in both if each[1] != each[2]]
