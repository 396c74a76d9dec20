"""Events of somebody else's calendar, those that repeat laid out: what takes place between two instants.

Such a text may ask for more than there is time: a rule with no step, or one that never comes true and is looked for
until the year 9999. So the rules have limits, and the events are laid out one after another: whoever takes only so
many of them waits for no more. What is beyond is refused with a ValueError.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import recurring_ical_events
from icalendar import Calendar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from icalendar import Event

MOST, IN_ONE = 200, 5  # events that are repeated: of a calendar, and of one identity
LONGEST = 2_500_000  # days to look through for all of them
EFFORT = {"DAILY": 1.0, "WEEKLY": 1.0, "MONTHLY": 0.1, "YEARLY": 0.1}  # of a day; oftener nobody's leave comes round
FINE = ("BYSECOND", "BYMINUTE", "BYHOUR")
DOUBTFUL = ("BYYEARDAY", "BYWEEKNO", "BYSETPOS")  # with these a rule may never come true
DAYS_OF = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
REPEATS = ("RRULE", "RDATE", "RECURRENCE-ID")


def between(events: Iterable[Event], a: datetime, b: datetime) -> Iterator[Event]:
    """Yield what takes place in [a, b), laid out as it is taken; raises ValueError for what has no end."""
    once: list[Event] = []
    repeated: dict[str, list[Event]] = defaultdict(list)
    for event in events:
        (repeated[str(event.get("UID"))] if any(name in event for name in REPEATS) else once).append(event)
    _limit(list(repeated.values()), b)
    for group in (once, *repeated.values()):
        calendar = Calendar()
        calendar.subcomponents.extend(group)
        yield from recurring_ical_events.of(calendar, components=["VEVENT"]).between(a, b)


def _limit(groups: list[list[Event]], until: datetime) -> None:
    """Refuse what would take for ever."""
    ruled = [[event for event in group if "RRULE" in event] for group in groups]
    if sum(map(len, ruled)) > MOST or any(len(group) > IN_ONE for group in ruled):
        raise ValueError(f"the calendar has more than {MOST} events that are repeated, or {IN_ONE} of one identity")
    if sum(_effort(event, rule, until) for group in ruled for event in group for rule in _rules(event)) > LONGEST:
        raise ValueError("the calendar repeats events for longer than anybody can look through")


def _effort(event: Event, rule: Any, until: datetime) -> float:
    [frequency] = [str(each).upper() for each in rule.get("FREQ", [])] or [""]
    if frequency not in EFFORT or any(part in rule for part in FINE):
        raise ValueError("an event of the calendar comes round more often than once a day")
    if any(int(each) < 1 for each in rule.get("INTERVAL", [])):
        raise ValueError("an event of the calendar comes round in no time at all")
    starts = event.start.date() if isinstance(event.start, datetime) else event.start
    ends = until.date() if _comes_true(rule) else date.max
    return max((ends - starts).days, 1) * EFFORT[frequency]


def _comes_true(rule: Any) -> bool:
    """Whether it surely does, some day soon."""
    months, days = ([int(each) for each in rule.get(part, [])] for part in ("BYMONTH", "BYMONTHDAY"))
    some_day = any(abs(day) <= DAYS_OF[month - 1] for month in months or [1] for day in days or [1] if 1 <= month <= 12)
    return some_day and not any(part in rule for part in DOUBTFUL)


def _rules(event: Event) -> Iterator[Any]:
    found = event.get("RRULE")
    yield from found if isinstance(found, list) else [found]
