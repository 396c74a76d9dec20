"""Due times a second, beside businesstimedelta in the same run; where both were asked, they have to agree.

    python -m bench.business_time [--starts 10000] [--floor 200000]

Four open hours from random starts in 2026: Monday to Friday 08:30-17:00 in Johannesburg less the public holidays of
South Africa, from the table that the product reads (1995 to 2060). Aware datetimes in and out, in UTC as the database
keeps them and in local time as people give them. Status 1 below the floor, or if the two disagree.
"""

from __future__ import annotations

import argparse
import sys
import time
from datetime import UTC, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import businesstimedelta
import holidays
import pytz

from sla.calendar import BusinessCalendar, Hours
from sla.hours import FIRST_DAY, LAST_DAY

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ZONE = "Africa/Johannesburg"
FOUR_HOURS = timedelta(hours=4)
ROUNDS = 7  # of processor time, and the best counts: whatever else the machine does only ever slows a round
PEERS_SHARE = 20  # the peer walks days; a twentieth of the starts says how fast


def office() -> BusinessCalendar:
    """Our calendar, built as the product builds it."""
    days = frozenset(holidays.country_holidays("ZA", years=range(FIRST_DAY.year, LAST_DAY.year + 1)))
    week = tuple(Hours(weekday, 510, 1020) for weekday in range(5))
    return BusinessCalendar(zone=ZONE, week=week, first=FIRST_DAY, last=LAST_DAY, holidays=days)


def peer() -> Callable[[datetime], datetime]:
    """The same question to businesstimedelta."""
    begin, end = datetime(2026, 1, 1, 8, 30).time(), datetime(2026, 1, 1, 17).time()  # noqa: DTZ001 - wall times
    zone = pytz.timezone(ZONE)
    work = businesstimedelta.WorkDayRule(start_time=begin, end_time=end, working_days=[0, 1, 2, 3, 4], tz=zone)
    free = businesstimedelta.HolidayRule(holidays.country_holidays("ZA", years=range(2025, 2035)), tz=zone)
    rules = businesstimedelta.Rules([work, free])
    four_hours = businesstimedelta.BusinessTimeDelta(rules, hours=4)
    return lambda start: start + four_hours


def starts(number: int) -> list[datetime]:
    """Random instants of 2026 in UTC, the same in every run."""
    dice, first = Random(1), datetime(2026, 1, 1, tzinfo=UTC)  # noqa: S311 - no secret
    return [first + timedelta(seconds=dice.randrange(365 * 24 * 3600)) for _ in range(number)]


def a_second(ask: Callable[[datetime], datetime], asked: Sequence[datetime]) -> float:
    """How often it answers in a second, in the best of the rounds."""

    def one_round() -> float:
        began = time.process_time()
        for start in asked:
            ask(start)
        return time.process_time() - began

    return len(asked) / min(one_round() for _ in range(ROUNDS))


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; 1 if we are below the floor or the answers differ."""
    parser = argparse.ArgumentParser(prog="python -m bench.business_time", description=__doc__.partition("\n")[0])
    parser.add_argument("--starts", type=int, default=10_000)
    parser.add_argument("--floor", type=int, default=200_000, help="due times a second, on an idle core")
    given = parser.parse_args(arguments)
    calendar, theirs, utc = office(), peer(), starts(given.starts)
    local = [start.astimezone(ZoneInfo(ZONE)) for start in utc]
    few = local[: max(1, len(local) // PEERS_SHARE)]

    def ours(start: datetime) -> datetime:
        return calendar.after(start, FOUR_HOURS)

    speeds = {"UTC": a_second(ours, utc), "local time": a_second(ours, local)}
    peers = a_second(theirs, few)
    wrong = sum(ours(start) != theirs(start) for start in few)
    for kind, speed in speeds.items():
        print(f"  after, {kind}: {speed:,.0f} a second, {speed / peers:.0f} times businesstimedelta")
    print(f"  businesstimedelta 1.0.1: {peers:,.0f} a second; {wrong} of {len(few)} answers differ")
    return 1 if wrong or min(speeds.values()) < given.floor else 0


if __name__ == "__main__":
    sys.exit(main())
