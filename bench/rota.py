"""Who is on call, and a year of shifts, beside an expansion by dateutil.rrule in the same run.

The workload ROTA-1: fifty people in Johannesburg, start and hand-off Monday 5 January 2026 08:30, highest layer first:
ten weekly, only Monday to Thursday 17:00 to 08:30; ten weekly, only Friday 17:00 to Monday 08:30; fifteen weekly, in
both; fifteen daily, always. `who` at random instants of the year from 1 February 2026, and that year's 521 shifts.

    python -m bench.rota

Times are those of the processor, so that a busy machine matters less; the best of some runs, each with a new value,
of which nothing is known before. The first run of the process is told as well: there zones and hand-offs are new too.
"""

from __future__ import annotations

import sys
from datetime import datetime, timedelta
from random import Random
from time import thread_time
from typing import TYPE_CHECKING, TypeVar

from bench import rota_rrule
from oncall.rota import Layer, Rota, Rotation, Turns, Window, instant

if TYPE_CHECKING:
    from collections.abc import Callable

WHO_LEAST, YEAR_MOST = 12_000, 0.0078  # a second; seconds. A core that does nothing else is meant
ZONE = "Africa/Johannesburg"
START, FROM = datetime(2026, 1, 5, 8, 30), datetime(2026, 2, 1)  # noqa: DTZ001 - wall time
DAYS = timedelta(days=365)
NIGHTS = (
    ("Mon 17:00", "Tue 08:30"),
    ("Tue 17:00", "Wed 08:30"),
    ("Wed 17:00", "Thu 08:30"),
    ("Thu 17:00", "Fri 08:30"),
)
WEEKEND = (("Fri 17:00", "Mon 08:30"),)
PEOPLE = tuple(f"engineer {number}" for number in range(1, 51))
ROTATIONS = [  # name, people, days of a turn, hours
    ("nights", PEOPLE[:10], 7, NIGHTS),
    ("weekends", PEOPLE[10:20], 7, WEEKEND),
    ("both", PEOPLE[20:35], 7, NIGHTS + WEEKEND),
    ("days", PEOPLE[35:], 1, ()),
]
T = TypeVar("T")


def rota() -> Rota:
    """A new value, of which nothing is remembered."""
    return Rota("ROTA-1", tuple(Layer(name, (_rotation(name, *rest),)) for name, *rest in ROTATIONS))


def _rotation(name: str, people: tuple[str, ...], days: int, hours: tuple[tuple[str, str], ...]) -> Rotation:
    return Rotation(name, people, START, Turns.every(days), ZONE, tuple(Window.of(*window) for window in hours))


def main() -> int:
    """Measure both; return 1 if a limit is missed or the two disagree."""
    a, b = instant(FROM, ZONE), instant(FROM + DAYS, ZONE)
    dice = Random(1)  # noqa: S311 - dice
    moments = [a + DAYS * dice.random() for _ in range(20_000)]
    cold = _seconds(lambda: rota().shifts(a, b))
    year = min(_seconds(lambda: rota().shifts(a, b)) for _ in range(30))
    who = min(_seconds(lambda: _ask(rota(), moments)) for _ in range(3)) / len(moments)
    new = min(_seconds(lambda: [rota().who(t) for t in moments[:500]]) for _ in range(3)) / 500
    peers_year = min(
        _seconds(lambda: rota_rrule.Expansion(ROTATIONS, START).shifts(FROM, FROM + DAYS)) for _ in range(10)
    )
    peer = rota_rrule.Expansion(ROTATIONS, START)
    walls = [FROM + (t - a) for t in moments[:200]]  # Johannesburg's clocks never change
    peers_who = _seconds(lambda: [peer.who(t) for t in walls]) / len(walls)

    ours = [(shift.engineer, FROM + (shift.start - a), FROM + (shift.end - a)) for shift in rota().shifts(a, b)]
    plan = rota()
    agree = ours == peer.shifts(FROM, FROM + DAYS) and all(
        plan.who(t)[0].engineer == peer.who(wall) for t, wall in zip(moments, walls, strict=False)
    )
    print(f"  {len(ours)} shifts in the year; both find the same people: {agree}")
    print(f"  who: {1 / who:,.0f} a second, at least {WHO_LEAST:,}; of a new value each time {1 / new:,.0f}")
    print(f"  who by rrule: {1 / peers_who:,.0f} a second; ours is {peers_who / who:,.0f} times as fast")
    print(f"  year: {year * 1000:.1f} ms, at most {YEAR_MOST * 1000} ms; first of the process {cold * 1000:.1f} ms")
    print(f"  year by rrule: {peers_year * 1000:.1f} ms; ours is {peers_year / year:.1f} times as fast")
    return int(not agree or len(ours) != 521 or 1 / who < WHO_LEAST or year > YEAR_MOST)


def _ask(plan: Rota, moments: list[datetime]) -> None:
    for t in moments:
        plan.who(t)


def _seconds(work: Callable[[], object]) -> float:
    before = thread_time()
    work()
    return thread_time() - before


if __name__ == "__main__":
    sys.exit(main())
