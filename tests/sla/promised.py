"""What the tests of targets share: the office, its promises, and timelines written as a person would tell them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import holidays

from sla.calendar import BusinessCalendar, Hours
from sla.targets import Measure, OpenHours, Plan, Target, Within, house
from sla.timeline import Agreement, Happened, Joined, Timeline, What

JOHANNESBURG = "Africa/Johannesburg"
FIRST, LAST = date(2021, 1, 1), date(2028, 12, 31)
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
NAMES = dict(holidays.country_holidays("ZA", years=range(2021, 2029)))
OFFICE_WEEK = tuple(Hours(weekday, 510, 1020) for weekday in range(5))
FIRST_RESPONSE, NEXT_RESPONSE, RESOLUTION = Measure


def at(text: str, zone: str = JOHANNESBURG) -> datetime:
    """`Tue 3 Nov 17:00`, of 2026 unless the year is said; the weekday is there for the reader, and checked."""
    weekday, day, month, *year, clock = text.split()
    local = date(int(*year or ["2026"]), MONTHS.index(month) + 1, int(day))
    assert f"{local:%a}" == weekday, text
    return datetime.combine(local, time.fromisoformat(clock), ZoneInfo(zone)).astimezone(UTC)


def wall(instant: datetime | None) -> str | None:
    """The reverse, for reading."""
    if instant is None:
        return None
    local = instant.astimezone(ZoneInfo(JOHANNESBURG))
    year = "" if local.year == 2026 else f" {local.year}"
    clock = f"{local:%H:%M}" + (f":{local:%S}" if local.second else "")
    return f"{local:%a} {local.day} {local:%b}{year} {clock}"


def office(free: dict[date, str] = NAMES, **more: object) -> BusinessCalendar:
    """Monday to Friday 08:30 to 17:00, less those holidays."""
    usual = {"week": OFFICE_WEEK, "holidays": frozenset(free)}
    return BusinessCalendar(zone=JOHANNESBURG, first=FIRST, last=LAST, **usual | more)


IN_OFFICE_HOURS = OpenHours("in office hours", office(), NAMES)
ROUND_THE_CLOCK = OpenHours("round the clock", BusinessCalendar.always(JOHANNESBURG, FIRST, LAST, frozenset(NAMES)))
SINCE = at("Fri 1 Jan 2021 00:00")
HOUSE = house(IN_OFFICE_HOURS, ROUND_THE_CLOCK, SINCE)


def hours(number: float) -> timedelta:
    return timedelta(hours=number)


def plan(version: int = 1, since: datetime = SINCE, **lengths: float) -> Plan:
    """A contract by its lengths in office hours: `plan(normal_resolution=16)`."""
    targets = {}
    for name, length in lengths.items():
        priority, measure = name.split("_", 1)
        targets[priority, Measure(measure)] = Target(Within(hours(length)), IN_OFFICE_HOURS)
    return Plan("Karoo Clinic", version, since, IN_OFFICE_HOURS, targets)


def told(*lines: str, joined: tuple[Joined, ...] = ()) -> Timeline:
    """Lines such as `Fri 20 Nov 16:30 opened high` or `Mon 23 Nov 09:00 agreed Wed 25 Nov 12:00`."""
    return Timeline(tuple(map(_happened, lines)), joined)


def _happened(line: str) -> Happened:
    when, word, rest = re.fullmatch(r"(\w+ \d+ \w+(?: \d{4})? [\d:.]+) (\w+) ?(.*)", line).groups()
    if (what := What(word)) is What.AGREED:
        return Happened(at(when), what, agreement=Agreement(at(rest), "Thandi Nkosi", "Sister Fatima Adams", 1))
    return Happened(at(when), what, rest or None)
