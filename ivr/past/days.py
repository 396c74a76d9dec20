"""What happens on a day of a past that is made up: who rings or writes, when, and what for; the same for the same day.

Arithmetic apart: seeded by the date, so a day is the same in whatever past it lies.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo

# How many of each there are on a day, on the average: in office hours, and in all hours outside them.
BY_DAY = {"support": 2.4, "emergency": 0.4, "my ticket": 0.4, "gives up": 0.4, "mail": 1.0, "form": 0.5}
BY_NIGHT = {"support": 0.3, "emergency": 0.35, "my ticket": 0.1, "gives up": 0.1, "mail": 0.12, "form": 0.05}
OPEN, SHUT = 8.6, 16.8  # of the office, in hours of the day; nobody rings in the very last minute
QUIET_NIGHT = 0.35  # of what comes outside office hours, this share comes between 23:00 and 06:00


@dataclass(frozen=True, order=True)
class Happening:
    """Somebody wants something of us: `who` counts through those whom we know, None is a stranger."""

    at: datetime
    kind: str
    who: int | None
    seed: int


def of_day(day: date, zone: ZoneInfo, people: int, *, works: bool) -> Sequence[Happening]:
    """What happens on that day, in order; `works` is whether the office opens at all."""
    dice = Random(f"past {day.isoformat()}")  # noqa: S311 - a past that can be told again

    def one(kind: str, *, by_day: bool) -> Happening:
        hour = _hour(dice, by_day=by_day, works=works)
        return Happening(_at(day, zone, hour), kind, _who(dice, people), dice.getrandbits(32))

    wanted = ((True, BY_DAY if works else {}), (False, BY_NIGHT if works else _weekend()))
    rates = [(by_day, *each) for by_day, theirs in wanted for each in theirs.items()]
    return sorted(one(kind, by_day=by_day) for by_day, kind, rate in rates for _ in range(_count(dice, rate)))


def _weekend() -> dict[str, float]:
    return {kind: 1.5 * rate for kind, rate in BY_NIGHT.items()}


def _count(dice: Random, rate: float) -> int:
    """How many, of so many on the average."""
    return sum(dice.random() < rate / 8 for _ in range(8))


def _hour(dice: Random, *, by_day: bool, works: bool) -> float:
    if by_day:  # most ring in the morning
        return min(dice.uniform(OPEN, SHUT), dice.uniform(OPEN, SHUT) + 1.5)
    if dice.random() < QUIET_NIGHT:
        return dice.choice((dice.uniform(0, 6), dice.uniform(23, 23.9)))
    if not works:
        return dice.uniform(7, 22)
    return dice.choice((dice.uniform(6, 8.3), dice.uniform(17.1, 23)))


def _who(dice: Random, people: int) -> int | None:
    return None if dice.random() < 0.07 else int(people * dice.random() ** 1.3)


def _at(day: date, zone: ZoneInfo, hour: float) -> datetime:
    begins = datetime.combine(day, time(), zone).astimezone(UTC)
    return begins + timedelta(seconds=int(3600 * hour))
