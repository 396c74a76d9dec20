"""When a rotation hands off, and whose turn it is.

Hand-offs are local weekdays and times, or every so many days from the start; they become instants elsewhere and
late, so 08:30 stays 08:30 when the clocks change. Nothing is expanded: a turn's number and hand-off are arithmetic.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import cached_property, lru_cache
from itertools import pairwise
from math import gcd
from typing import Self

from oncall.wall import DAY, WEEK, minute, written

CLOSEST = 180  # minutes between two hand-offs: less, and a change of the clocks could turn them around


@dataclass(frozen=True, slots=True)
class Turns:
    """A cycle of local days, and the hand-offs in it in minutes from Monday 00:00; none: one, when the start is.

    The cycle begins on the Monday of the week in which the rotation starts; the first turn is the one that the
    start falls in, and may be short.
    """

    days: int
    handoffs: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what has no reading on the wall."""
        if self.days < 1:
            raise ValueError("a turn lasts at least one day")
        if self.handoffs and self.days % 7:
            raise ValueError("hand-offs on weekdays come round in whole weeks")
        if not all(0 <= each < self.days * DAY for each in self.handoffs):
            raise ValueError("a hand-off lies within its cycle")
        round_again = (*self.handoffs, *(each + self.days * DAY for each in self.handoffs[:1]))
        if any(two - one < CLOSEST for one, two in pairwise(round_again)):
            raise ValueError("hand-offs come in order, at least three hours apart")

    @classmethod
    def every(cls, days: int) -> Self:
        """One hand-off every so many days, the first at the rotation's start: 1 is daily, 7 weekly."""
        return cls(days)

    @classmethod
    def weekly(cls, *handoffs: str, weeks: int = 1) -> Self:
        """Hand-offs at local weekdays and times, "Mon 08:30", "Fri 17:00"; in the first of every so many weeks."""
        if not handoffs:
            raise ValueError("weekly turns name their hand-offs")
        return cls(7 * weeks, tuple(sorted(minute(each) for each in handoffs)))

    def __str__(self) -> str:
        """As people say it."""
        if not self.handoffs:
            return "every day" if self.days == 1 else f"every {self.days} days"
        weeks = "" if self.days == 7 else f", every {self.days // 7} weeks"
        return " and ".join(written(each % WEEK) for each in self.handoffs) + weeks


@dataclass(frozen=True)
class Course:
    """The turns of one rotation in wall time, counted from 0: the one that its start begins or falls in."""

    turns: Turns
    start: datetime

    def handoff(self, turn: int) -> datetime:
        """Return the wall time at which a turn begins, whether or not the rotation had started."""
        cycle, place = divmod(turn + self._first, len(self._places))
        return self._places[place] + cycle * self._cycle

    def turn(self, local: datetime) -> int:
        """Return the turn in which this wall time lies; before the start it is negative."""
        return self._number(local) - self._first

    def begins(self, turn: int) -> datetime:
        """Return the wall time from which a turn serves: its hand-off, of the first the start."""
        return self.handoff(turn) if turn else self.start

    @property
    def period(self) -> int:
        """How many turns it takes until they fall on the same times of the week again."""
        return len(self._places) * (1 if self.turns.days % 7 == 0 else 7)

    def _number(self, local: datetime) -> int:
        cycle, rest = divmod(local - self._anchor, self._cycle)
        return cycle * len(self._places) + bisect_right(self._places, self._anchor + rest) - 1

    @cached_property
    def _first(self) -> int:
        return self._number(self.start)

    @cached_property
    def _anchor(self) -> datetime:
        monday = self.start.date() - timedelta(days=self.start.weekday())
        return datetime.combine(monday, time()) if self.turns.handoffs else self.start

    @cached_property
    def _cycle(self) -> timedelta:
        return timedelta(days=self.turns.days)

    @cached_property
    def _places(self) -> tuple[datetime, ...]:
        """The hand-offs of the first cycle."""
        return tuple(self._anchor + timedelta(minutes=each) for each in self.turns.handoffs or (0,))


@lru_cache(maxsize=256)
def order(members: tuple[str, ...], shares: tuple[int, ...]) -> tuple[str, ...]:
    """Return one whole round of turns: everybody as often as their share (per cent) says, evenly spread.

    Of those who have a turn due, the one who must have it soonest has it; equals go in the order of the members.
    So after any number of turns nobody is a whole turn ahead of their share, or behind it.
    """
    common = gcd(*shares)
    weights = [share // common for share in shares]
    had = [0] * len(weights)
    return tuple(members[_next(turn, weights, had)] for turn in range(sum(weights)))


def _next(turn: int, weights: list[int], had: list[int]) -> int:
    total = sum(weights)
    due = [each for each, weight in enumerate(weights) if had[each] * total // weight <= turn]
    chosen = min(due, key=lambda each: -(-(had[each] + 1) * total // weights[each]))
    had[chosen] += 1
    return chosen
