"""Nights: three that mean different things, each on the clocks of a zone, and each said where it is used.

- The quiet night, 21:00 to 07:00, in which nobody is told what can wait for the morning: notices.
- The deep night, 23:00 to 06:00, which fair share counts and payroll tells apart (BCEA s 17(3)).
- The night of what was agreed on, 18:00 to 06:00 unless other rules say otherwise (BCEA s 17(1)): agreed.py.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta

from oncall.wall import instant, wall

BEGINS, ENDS = time(21), time(7)
DEEP = time(23), time(6)
SOON = timedelta(hours=12)  # what begins within that is told at night too


def is_night(t: datetime, zone: str) -> bool:
    """Whether people sleep there: in the quiet night."""
    return not ENDS <= wall(t, zone).time() < BEGINS


def day(t: datetime, zone: str) -> datetime:
    """The same instant by day; in the quiet night its end."""
    if not is_night(t, zone):
        return t
    local = wall(t, zone)
    morning = datetime.combine(local.date(), ENDS)
    return instant(morning if morning > local else morning + timedelta(days=1), zone)


def may_tell(now: datetime, zone: str, begins: datetime) -> bool:
    """Whether what begins then may be told now."""
    return begins < now + SOON or not is_night(now, zone)
