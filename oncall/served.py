"""How many turns of a rotation have served: for rotations that advance in served time only.

A turn serves if its hours open within it, by the wall for windows, whatever the clocks do that day, and by the
instants for named hours. Weekly windows come round, so they are counted by arithmetic. Named hours follow no rule:
their turns are listed once for a value, from its start to where they are known, and looked up from then on.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING

from oncall.wall import DAY

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from oncall.turns import Course
    from oncall.windows import Opening

INSTANT = timedelta.resolution


@dataclass(frozen=True)
class Served:
    """Counts the turns that serve; `turn_at` says in which turn an instant lies, before it begins in the first."""

    course: Course
    opening: Opening
    begins: datetime
    turn_at: Callable[[datetime], int]

    def before(self, turn: int) -> int:
        """Return how many of the turns 0 to turn - 1 serve."""
        if turn <= 0 or self.opening.is_always:
            return turn
        first = self._serves_first - self._pattern[0]  # the first turn may begin late, and miss what the others have
        return self._weekly(turn) + first + bisect_left(self._only_named, turn)

    def _weekly(self, turn: int) -> int:
        rounds, rest = divmod(turn, len(self._pattern))
        return rounds * self._sums[-1] + self._sums[rest]

    def _opens(self, turn: int, begins: datetime) -> bool:
        minute = begins.weekday() * DAY + begins.hour * 60 + begins.minute
        length = -((begins - self.course.handoff(turn + 1)) // timedelta(minutes=1))
        return any(window.touches(minute, length) for window in self.opening.weekly)

    @cached_property
    def _serves_first(self) -> bool:
        return self._opens(0, self.course.start)

    @cached_property
    def _pattern(self) -> list[bool]:
        """Whether each turn serves by its windows, until the turns fall on the same times of the week again."""
        return [self._opens(turn, self.course.handoff(turn)) for turn in range(self.course.period)]

    @cached_property
    def _sums(self) -> list[int]:
        return list(accumulate(self._pattern, initial=0))

    @cached_property
    def _only_named(self) -> list[int]:
        """The turns that serve by named hours alone."""
        found: set[int] = set()
        for named in self.opening.named:
            for start, end in named.stretches:
                if self.begins < end:
                    found.update(range(self.turn_at(start), self.turn_at(end - INSTANT) + 1))
        return sorted(turn for turn in found if not self._by_windows(turn))

    def _by_windows(self, turn: int) -> bool:
        return self._pattern[turn % len(self._pattern)] if turn else self._serves_first
