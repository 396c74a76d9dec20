"""Wall time and instants: what a plan says in local time, and when that is.

- A local time that the clocks skip moves forward by what they skip (one hour; on Lord Howe half an hour); one
  that they show twice means the first time. Business hours hold the same (sla/calendar.py).
- Instants are aware and go out in UTC; wall time is naive and stands beside its zone.
"""

from __future__ import annotations

from datetime import UTC, datetime, time
from functools import lru_cache
from zoneinfo import ZoneInfo

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
WEEKEND = (5, 6)  # of these, by number
DAY = 24 * 60  # minutes
WEEK = 7 * DAY
FOREVER = datetime.max.replace(tzinfo=UTC)


@lru_cache(maxsize=8192)  # the same few hand-offs are asked for again and again
def instant(local: datetime, zone: str) -> datetime:
    """Return the UTC instant of a wall time: a skipped one moves forward, of a repeated one the first."""
    # PEP 495: fold 0 reads both with the offset from before the change, which is this very rule.
    return local.replace(tzinfo=ZoneInfo(zone), fold=0).astimezone(UTC)


def wall(t: datetime, zone: str) -> datetime:
    """Return what the wall clock of the zone shows at an instant."""
    return t.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0)


def utc(t: datetime) -> datetime:
    """Return the instant in UTC; one without a zone is refused."""
    if t.tzinfo is UTC:
        return t
    if t.tzinfo is None:
        raise ValueError("an instant needs its zone")
    return t.astimezone(UTC)


def minute(text: str) -> int:
    """Return the minute of the local week, from Monday 00:00, of what people write: "Fri 17:00"."""
    weekday, clock = text.split()
    at = time.fromisoformat(clock)
    if at.tzinfo or at.second or at.microsecond:
        raise ValueError(f"{clock!r} is not a time of day such as 08:30")
    return DAYS.index(weekday) * DAY + at.hour * 60 + at.minute


def written(minute: int) -> str:
    """Return a minute of the local week as people write it."""
    return f"{DAYS[minute // DAY]} {minute % DAY // 60:02}:{minute % 60:02}"


def said(t: datetime, zone: str, year: str = "") -> str:
    """Return an instant on the wall of the zone, for a sentence; `year` may be "%Y "."""
    local = t.astimezone(ZoneInfo(zone))
    return f"{local:%a} {local.day} {local:%b} {local.strftime(year)}{local:%H:%M}"
