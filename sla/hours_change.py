"""How business hours are changed: another regular week from a day on, closures, and the switch.

The verbs take the hours alone and no session, so what a change would do is asked of a copy of them. What has been
stays as it was: a week begins on a day to come, a closure from now on, and one that is under way is ended, not undone.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import inspect

from desk.db import Base
from sla.hours import FAR, LAST_DAY, BusinessHours, Closure, Forced, RegularWeek, Switch
from sla.phrases import clock, day

if TYPE_CHECKING:
    from datetime import date

Row = TypeVar("Row", bound=Base)
Week = list[list[int]]


def copied(hours: BusinessHours) -> BusinessHours:
    """The same as values that no database knows, for a change to be tried on."""
    made = _plain(hours)
    made.weeks, made.closures, made.switches = (
        [_plain(one) for one in hours.weeks],
        [_plain(one) for one in hours.closures],
        [_plain(one) for one in hours.switches],
    )
    return made


def stamp(hours: BusinessHours) -> str:
    """A name of the state that they are in: whoever looked at another state decides about what is not so any more."""
    weeks = [(one.since, one.week) for one in hours.later]
    closures = sorted((one.starts, one.ends, one.reason) for one in hours.closures)
    switches = sorted((one.since, str(one.until), one.state) for one in hours.switches)
    said = repr((hours.zone, hours.week, hours.dates, weeks, closures, switches))
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def today(hours: BusinessHours, at: datetime) -> date:
    """The day that it is in the office."""
    return at.astimezone(ZoneInfo(hours.zone)).date()


def week_on(hours: BusinessHours, on: date) -> Week:
    """The regular week that is kept on a day."""
    begun = [one.week for one in hours.later if one.since <= on]
    return begun[-1] if begun else hours.week


def keep_week(hours: BusinessHours, week: Week, since: date, at: datetime, who: str) -> RegularWeek:
    """Another regular week from a day on, until the next that was published; raises ValueError for what cannot be."""
    first = today(hours, at) + timedelta(days=1)
    if since < first:
        raise ValueError(
            f"the hours of today and of days before stay as they were: choose {day(first)} {first.year} or a later day,"
            " and for today close the office for a while, or open it"
        )
    if since > LAST_DAY:
        raise ValueError(f"the calendar ends on {LAST_DAY}")
    _check(week)
    if sorted(week) == sorted(week_on(hours, since)):
        raise ValueError(f"these are the hours of {day(since)} {since.year} already")
    for one in hours.later:
        if one.since == since:
            one.withdrawn_at = at
    made = RegularWeek(since=since, week=sorted(week), who=who, published_at=at, withdrawn_at=None)
    hours.weeks.append(made)
    return made


def take_back(hours: BusinessHours, number: int, at: datetime) -> RegularWeek:
    """A week that has not begun is not to be; raises LookupError where there is none, ValueError once it has."""
    found = next((one for one in hours.later if one.id == number), None)
    if found is None:
        raise LookupError("these hours are not planned any more")
    if found.since <= today(hours, at):
        raise ValueError(f"these hours have held since {day(found.since)}: publish others from a day to come")
    found.withdrawn_at = at
    return found


def close(hours: BusinessHours, starts: datetime, ends: datetime, reason: str, at: datetime, who: str) -> Closure:
    """The company is closed for a while; raises ValueError for what cannot be."""
    if ends <= starts:
        raise ValueError("the office opens again after it was closed, not before")
    if starts < at.replace(second=0, microsecond=0):
        raise ValueError(f"callers heard until now that the office was open: choose {_clock(hours, at)} or later")
    if ends > FAR:
        raise ValueError(f"the calendar ends on {LAST_DAY}")
    same = next((one for one in hours.closures if one.starts == starts), None)
    if same and same.ends > starts:
        raise ValueError(
            f"the office is closed from then on already: {same.reason or 'without a reason'}; end that first"
        )
    if same is None:
        same = Closure(starts=starts)
        hours.closures.append(same)
    same.ends, same.reason, same.who = ends, reason, who
    return same


def to_come(hours: BusinessHours, at: datetime) -> list[Closure]:
    """The closures that are not over, in order."""
    return sorted((one for one in hours.closures if one.ends > max(at, one.starts)), key=lambda one: one.starts)


def reopen(hours: BusinessHours, number: int, at: datetime) -> Closure:
    """A closure ends now, or is not to be; raises LookupError where there is none, or when it is over."""
    found = next((one for one in to_come(hours, at) if one.id == number), None)
    if found is None:
        raise LookupError("this closure is over, or somebody has ended it")
    found.ends = max(at, found.starts)
    return found


def force(
    hours: BusinessHours, state: Forced | None, at: datetime, until: datetime | None, reason: str, who: str = ""
) -> None:
    """Throw the switch; None returns to the regular hours. Whatever was forced before ends at `at`."""
    if until and until <= at:
        raise ValueError(f"that is past: it is {_clock(hours, at)} in the office")
    for switch in hours.switches:
        if switch.until is None or switch.until > at:
            switch.until = max(at, switch.since)
    if state:
        hours.switches.append(Switch(state=state, since=at, until=until, reason=reason, who=who))


def thrown(hours: BusinessHours, at: datetime) -> Switch | None:
    """The switch as it stands; None where nobody has thrown it."""
    return next((one for one in hours.switches if one.since <= at < (one.until or FAR)), None)


def _check(week: Week) -> None:
    if not week:
        raise ValueError("an office that never opens has no hours: close it for a while instead")
    for one, other in zip(sorted(week), sorted(week)[1:], strict=False):
        if one[0] == other[0] and other[1] <= one[2]:
            raise ValueError("two times of one day overlap or touch: write them as one")


def _clock(hours: BusinessHours, at: datetime) -> str:
    return clock((at + timedelta(seconds=59)).astimezone(ZoneInfo(hours.zone)).replace(second=0, microsecond=0))


def _plain(row: Row) -> Row:
    columns: dict[str, Any] = {one.key: getattr(row, one.key) for one in inspect(type(row)).column_attrs}
    return type(row)(**columns)
