"""People taking turns: who has which turn, and which shifts that makes.

- Turns advance in calendar time, also while nobody serves: a daily rotation that serves Monday to Friday only has
  moved on by three people from Friday to Monday. With advance "served", turns in which its hours never open use up
  nobody's turn: whoever follows Friday's has Monday.
- A share below 100 per cent gives a member that part of the turns of a full one, spread evenly over the round.
- A planned shift is what of one turn lies in one stretch of the hours.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo

from oncall.served import Served
from oncall.shifts import Duty
from oncall.turns import Course, Turns, order
from oncall.wall import FOREVER, instant, said, wall
from oncall.windows import Hours, Opening, Stretch

if TYPE_CHECKING:
    from collections.abc import Iterator

AHEAD = timedelta(days=15)  # how far a sentence looks for the next opening; weekly hours open sooner


@dataclass(frozen=True)
class Rotation:
    """People taking turns; start and end are wall time in the zone; no hours: always.

    `members` are in their order, `shares` (per cent, 1 to 100) beside them, none: everybody full time. The name is
    what a shift is known by: it stays when anything else is edited.
    """

    name: str
    members: tuple[str, ...]
    start: datetime
    turns: Turns
    zone: str
    hours: tuple[Hours, ...] = ()
    end: datetime | None = None
    advance: Literal["calendar", "served"] = "calendar"
    shares: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a plan that has no reading."""
        ZoneInfo(self.zone)
        if self.name.startswith("+"):
            raise ValueError("the name of a rotation does not begin with +: so the lanes of additions are called")
        if self.start.tzinfo or (self.end and self.end.tzinfo):
            raise ValueError("start and end are wall time: the zone is said once, in zone")
        if self.shares and len(self.shares) != len(self.members):
            raise ValueError("every member has a share, or nobody")
        if not all(1 <= share <= 100 for share in self.shares):
            raise ValueError("a share is 1 to 100 per cent")

    def duties(self, a: datetime, b: datetime, layer: str = "") -> Iterator[Duty]:
        """Yield the planned shifts that share time with [a, b), whole and in order, as the plan's duties."""
        a, b = max(a, self.begins), min(b, self.ends)
        if a >= b or not self.members:
            return
        opened = deque(self._stretches(a, b))
        for turn, since, until in self._turns(a, b):
            who = self._whose(turn)
            while opened and opened[0].end <= since:
                opened.popleft()
            for stretch in opened:
                if stretch.start >= until:
                    break
                start, end = max(since, stretch.start), min(until, stretch.end)
                if a < end and start < b:
                    yield Duty(who, who, layer, self.name, turn, since, until, start, end, self.zone, stretch.hours)

    def duty(self, t: datetime, layer: str = "") -> Duty | None:
        """Return whom the plan has on duty at t, or None outside the rotation's life and hours."""
        return next(self.duties(t, t + timedelta.resolution, layer), None)

    def silence(self, t: datetime) -> str:
        """Say in a sentence why the plan has nobody on duty at t."""
        if not self.members:
            return f"'{self.name}' has nobody in it"
        if t < self.begins:
            return f"'{self.name}' begins {said(self.begins, self.zone, '%Y ')} {self.zone}"
        if t >= self.ends:
            return f"'{self.name}' ended {said(self.ends, self.zone, '%Y ')} {self.zone}"
        unknown = [hours for hours in self._opening.named if hours.until <= t]
        if unknown:
            ends = said(unknown[0].until, self.zone, "%Y ")
            return f"'{self.name}' keeps to {unknown[0]}, which is known only until {ends} {self.zone}"
        ahead = next(self.duties(t, t + AHEAD), None)
        opens = f" until {said(ahead.start, self.zone)}" if ahead else ""
        return f"'{self.name}' is out of its hours{opens}"

    @cached_property
    def begins(self) -> datetime:
        """The instant of its first hand-off."""
        return instant(self.start, self.zone)

    @cached_property
    def ends(self) -> datetime:
        """The instant from which it serves no more; the end of time if none is set."""
        return instant(self.end, self.zone) if self.end else FOREVER

    def _turn(self, t: datetime) -> int:
        turn = self._course.turn(wall(t, self.zone))
        # On a day when the clocks change, the wall may show the hand-off too early or once more.
        while t < self._handoff(turn):
            turn -= 1
        while t >= self._handoff(turn + 1):
            turn += 1
        return max(turn, 0)

    def _handoff(self, turn: int) -> datetime:
        return instant(self._course.handoff(turn), self.zone)

    def _whose(self, turn: int) -> str:
        return self._round[(turn if self.advance == "calendar" else self._served.before(turn)) % len(self._round)]

    def _turns(self, a: datetime, b: datetime) -> Iterator[tuple[int, datetime, datetime]]:
        """The turns that share time with [a, b), each with its part of the rotation's life."""
        turn = self._turn(a)
        since = max(self._handoff(turn), self.begins)
        while since < b:
            until = min(self._handoff(turn + 1), self.ends)
            if since < until:
                yield turn, since, until
            turn, since = turn + 1, until

    def _stretches(self, a: datetime, b: datetime) -> list[Stretch]:
        """The hours that share time with [a, b), whole as far as the turns at both ends go."""
        if self._opening.is_always:
            return [Stretch(self.begins, self.ends, ())]
        if not self._opening.named:  # windows end by themselves
            return self._opening.between(a, b, a, b)
        last = self._turn(b - timedelta.resolution)
        return self._opening.between(a, b, self._handoff(self._turn(a)), self._handoff(last + 1))

    @cached_property
    def _round(self) -> tuple[str, ...]:
        return order(self.members, self.shares or (100,) * len(self.members))

    @cached_property
    def _opening(self) -> Opening:
        return Opening(self.hours, self.zone)

    @cached_property
    def _course(self) -> Course:
        return Course(self.turns, self.start)

    @cached_property
    def _served(self) -> Served:
        return Served(self._course, self._opening, self.begins, self._turn)
