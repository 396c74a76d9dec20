"""Who is on call at an instant, and who holds a place between two instants.

- Instants are aware UTC. A plan (hand-offs, hours) is local wall time with its zone and becomes instants
  late, so a hand-off at 08:30 stays at 08:30 when the clocks change.
- A local time that the clocks skip moves forward by what they skip (one hour; on Lord Howe half an hour); one
  that they show twice means the first time.
- Turns advance in calendar time, also while nobody serves: a daily rotation that serves Monday to Friday only
  has moved on by three people from Friday to Monday.
- Everything is half-open: at the very second of the hand-off the next person has it.
- Overrides act in their order, so the later one wins. A replacement acts on whoever has or had the duty:
  after "Pieter for Thandi", both "Lerato for Thandi" and "Lerato for Pieter" mean Lerato. Two people on duty
  who replace each other change places. Who is removed leaves the place empty, unless a later one fills it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import count, groupby, pairwise, takewhile
from typing import TYPE_CHECKING, Literal, NamedTuple
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
DAY = 24 * 60  # minutes
WEEK = 7 * DAY
Held = tuple[str | None, datetime, datetime]  # whom a place has from when to when; None: nobody
FOREVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Rota:
    """The whole plan: layers, the highest first, and the overrides in the order in which they were made."""

    name: str
    layers: tuple[Layer, ...] = ()
    overrides: tuple[Override, ...] = ()

    def who(self, t: datetime) -> tuple[Duty, ...]:
        """Return everybody on call at t, highest first and nobody twice: [0] rings first, [1] second."""
        t = _utc(t)
        duties = [duty for rotation, layer in self._rotations() if (duty := rotation.duty(t, layer))]
        if active := [override for override in self.overrides if override.start <= t < override.end]:
            duties = _overridden(duties, active, self._zone())
        highest: dict[str, Duty] = {}
        for duty in duties:
            highest.setdefault(duty.engineer, duty)
        return tuple(highest.values())

    def shifts(self, a: datetime, b: datetime, place: int = 0) -> tuple[Shift, ...]:
        """Return who holds a place (0 rings first) between a and b, each unbroken stretch once."""
        return tuple(Shift(who, start, end) for who, start, end in self._held(a, b, place) if who is not None)

    def gaps(self, a: datetime, b: datetime) -> tuple[tuple[datetime, datetime], ...]:
        """Return the stretches between a and b in which nobody is on call."""
        return tuple((start, end) for who, start, end in self._held(a, b, 0) if who is None)

    def _held(self, a: datetime, b: datetime, place: int) -> Iterator[Held]:
        for who, run in groupby(self._stretches(_utc(a), _utc(b), place), key=lambda stretch: stretch[0]):
            stretches = list(run)
            yield who, stretches[0][1], stretches[-1][2]

    def _stretches(self, a: datetime, b: datetime, place: int) -> Iterator[Held]:
        # Between two edges nothing can change, so `who` stays the only judge of who is on call.
        for start, end in pairwise(self._edges(a, b)):
            duties = self.who(start)
            yield duties[place].engineer if place < len(duties) else None, start, end

    def _edges(self, a: datetime, b: datetime) -> list[datetime]:
        if a >= b:
            return []
        edges = {edge for rotation, _ in self._rotations() for edge in rotation.edges(a, b)}
        edges.update(edge for override in self.overrides for edge in (override.start, override.end))
        return [a, *sorted(edge for edge in edges if a < edge < b), b]

    def _rotations(self) -> Iterator[tuple[Rotation, str]]:
        return ((rotation, layer.name) for layer in self.layers for rotation in layer.rotations)

    def _zone(self) -> str:
        return next((rotation.zone for rotation, _ in self._rotations()), "UTC")


class Shift(NamedTuple):
    """One person's unbroken time at one place, [start, end)."""

    engineer: str
    start: datetime
    end: datetime


class Duty(NamedTuple):
    """One person on call at one instant, and what put them there; layer and rotation are empty if added."""

    engineer: str
    turn_of: str  # the engineer the plan names
    layer: str
    rotation: str
    since: datetime  # the turn, or the time added
    until: datetime
    zone: str  # speaks the times; never decides
    window: Window | None = None
    override: Override | None = None

    @property
    def why(self) -> str:
        """Say in one plain sentence why this person is on call."""
        since = f"{_said(self.since, self.zone, '%Y ')} {self.zone}"
        until = _said(self.until, self.zone)
        cover = ""
        if self.override and self.override.kind == "replace":
            ends = _said(self.override.end, self.zone)
            cover = f"instead of {self.override.instead_of} until {ends}, "
        if not self.rotation:
            return f"{self.engineer}: {cover}added from {since} to {until}"
        turn = "turn" if self.engineer == self.turn_of else f"{self.turn_of}'s turn"
        hours = f", in the hours {self.window}" if self.window else ""
        return f"{self.engineer}: {cover}{turn} of '{self.rotation}' since {since}, hands off {until}{hours}"


@dataclass(frozen=True, slots=True)
class Override:
    """A temporary change, [start, end): in for somebody within their duty, added on top, or taken out."""

    kind: Literal["replace", "add", "remove"]
    engineer: str
    start: datetime
    end: datetime
    instead_of: str | None = None

    def __post_init__(self) -> None:
        """Refuse what could never act as meant."""
        if _utc(self.start) >= _utc(self.end):
            raise ValueError("an override must end after it starts")
        if (self.kind == "replace") != (self.instead_of is not None) or self.instead_of == self.engineer:
            raise ValueError("a replacement, and nothing else, names another person whom it is instead of")


def _overridden(planned: list[Duty], active: list[Override], zone: str) -> list[Duty]:
    added = [
        (Duty(o.engineer, o.engineer, "", "", o.start, o.end, zone, override=o), active[after:])
        for after, o in enumerate(active, start=1)
        if o.kind == "add"
    ]
    places = [*reversed(added), *((duty, active) for duty in planned)]
    on_duty = {duty.engineer for duty, _ in places}
    return [held for duty, later in places if (held := _taken(duty, later, on_duty))]


def _taken(duty: Duty, overrides: Sequence[Override], on_duty: set[str]) -> Duty | None:
    held_by, taken = [duty.engineer], duty
    vacant = False
    for override in overrides:
        # After "Pieter for Thandi", "Thandi for Pieter" means Pieter's own place if he has one.
        swap = override.engineer == duty.engineer and override.instead_of in on_duty
        if override.kind == "replace" and override.instead_of in held_by and not swap:
            held_by.append(override.engineer)
            taken, vacant = duty._replace(engineer=override.engineer, override=override), False
        elif override.kind == "remove" and override.engineer == taken.engineer:
            vacant = True
    return None if vacant else taken


@dataclass(frozen=True, slots=True)
class Layer:
    """Rotations of one rank: all of them are on duty, in their order, before any lower layer."""

    name: str
    rotations: tuple[Rotation, ...]


@dataclass(frozen=True, slots=True)
class Rotation:
    """People taking turns of turn_days days; start (the first hand-off) and end are wall time in the zone."""

    name: str
    members: tuple[str, ...]
    start: datetime
    turn_days: int
    zone: str
    windows: tuple[Window, ...] = ()  # empty: always
    end: datetime | None = None

    def __post_init__(self) -> None:
        """Refuse a plan that has no reading."""
        ZoneInfo(self.zone)
        if self.turn_days < 1:
            raise ValueError("a turn lasts at least one day")
        if self.start.tzinfo or (self.end and self.end.tzinfo):
            raise ValueError("start and end are wall time: the zone is said once, in zone")

    def duty(self, t: datetime, layer: str = "") -> Duty | None:
        """Return who has the turn at t, or None outside the rotation's life and hours."""
        turn, since, until = self._turn(t)
        ends = self._ends()
        if turn < 0 or t >= ends or not self.members:
            return None
        window = self._window(t) if self.windows else None
        if self.windows and not window:
            return None
        who = self.members[turn % len(self.members)]
        return Duty(who, who, layer, self.name, since, min(until, ends), self.zone, window)

    def edges(self, a: datetime, b: datetime) -> Iterator[datetime]:
        """Yield every instant between a and b at which `duty` can change, and a few around them."""
        yield self._ends()
        handoffs = (self._handoff(turn) for turn in count(max(self._turn(a)[0], 0)))
        yield from takewhile(lambda handoff: handoff < b, handoffs)
        for window in self.windows:
            for stretch in window.stretches(self._local(a).date(), self._local(b).date(), self.zone):
                yield from stretch

    def _turn(self, t: datetime) -> tuple[int, datetime, datetime]:
        turn = (self._local(t) - self.start) // timedelta(days=self.turn_days)
        since, until = self._handoff(turn), self._handoff(turn + 1)
        # On a day when the clocks change, the wall may show the hand-off too early or once more.
        if t < since:
            return turn - 1, self._handoff(turn - 1), since
        if t >= until:
            return turn + 1, until, self._handoff(turn + 2)
        return turn, since, until

    def _handoff(self, turn: int) -> datetime:
        return instant(self.start + timedelta(days=turn * self.turn_days), self.zone)

    def _ends(self) -> datetime:
        return instant(self.end, self.zone) if self.end else FOREVER

    def _window(self, t: datetime) -> Window | None:
        today = self._local(t).date()
        return next((window for window in self.windows if window.covers(t, today, self.zone)), None)

    def _local(self, t: datetime) -> datetime:
        return t.astimezone(ZoneInfo(self.zone)).replace(tzinfo=None)


@dataclass(frozen=True, slots=True)
class Window:
    """Weekly hours, [opens, closes) in minutes of the local week from Monday 00:00; equal means all week."""

    opens: int
    closes: int

    @classmethod
    def of(cls, opens: str, closes: str) -> Window:
        """Read hours as people write them: Window.of("Fri 17:00", "Mon 08:30")."""
        return cls(_minute(opens), _minute(closes))

    def __str__(self) -> str:
        return " to ".join(f"{DAYS[m // DAY]} {m % DAY // 60:02}:{m % 60:02}" for m in (self.opens, self.closes))

    def covers(self, t: datetime, today: date, zone: str) -> bool:
        """Say whether the window is open at t, whose local date is today."""
        return any(opens <= t < closes for opens, closes in self.stretches(today, today, zone))

    def stretches(self, first: date, last: date, zone: str) -> Iterator[tuple[datetime, datetime]]:
        """Yield every opening that touches the local dates first to last, and a few around them."""
        length = timedelta(minutes=(self.closes - self.opens) % WEEK or WEEK)
        weekday, minute = divmod(self.opens, DAY)
        # As far back as the window is long, and a day or two more for clocks that change around midnight.
        earliest = first - length - timedelta(days=2)
        day = earliest + timedelta(days=(weekday - earliest.weekday()) % 7)
        while day <= last + timedelta(days=1):
            opens = datetime.combine(day, time(minute // 60, minute % 60))
            yield instant(opens, zone), instant(opens + length, zone)
            day += timedelta(days=7)


@lru_cache(maxsize=8192)  # the same few hand-offs are asked for again and again
def instant(local: datetime, zone: str) -> datetime:
    """Return the UTC instant of a wall time: a skipped one moves forward, of a repeated one the first."""
    # PEP 495: fold 0 reads both with the offset from before the change, which is this very rule.
    return local.replace(tzinfo=ZoneInfo(zone), fold=0).astimezone(UTC)


def _minute(text: str) -> int:
    weekday, clock = text.split()
    at = time.fromisoformat(clock)
    return DAYS.index(weekday) * DAY + at.hour * 60 + at.minute


def _utc(t: datetime) -> datetime:
    if t.tzinfo is None:
        raise ValueError("an instant needs its zone")
    return t.astimezone(UTC)


def _said(t: datetime, zone: str, year: str = "") -> str:
    local = t.astimezone(ZoneInfo(zone))
    return f"{local:%a} {local.day} {local:%b} {local.strftime(year)}{local:%H:%M}"
