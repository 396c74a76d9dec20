"""The night of people: when nobody is told what can wait for the morning."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from oncall.wall import instant, wall

BEGINS, ENDS = time(21), time(7)
SOON = timedelta(hours=12)  # what begins within that is told at night too


def is_night(t: datetime, zone: str) -> bool:
    """Whether people sleep there."""
    return not ENDS <= wall(t, zone).time() < BEGINS


def day(t: datetime, zone: str) -> datetime:
    """The same instant by day; at night the end of the night."""
    if not is_night(t, zone):
        return t
    local = wall(t, zone)
    morning = datetime.combine(local.date(), ENDS)
    return instant(morning if morning > local else morning + timedelta(days=1), zone)


def may_tell(now: datetime, zone: str, begins: datetime) -> bool:
    """Whether what begins then may be told now."""
    return begins < now + SOON or not is_night(now, zone)
