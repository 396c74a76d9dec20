"""The peer of bench.rota: the same rota as iCalendar events, expanded by dateutil.rrule.

It does less: wall time without a zone, who rings first and nobody else, no reasons.
"""

from __future__ import annotations

from bisect import bisect_right
from datetime import datetime, timedelta
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

from dateutil.rrule import DAILY, WEEKLY, rrule

from oncall.wall import minute

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Event = tuple[datetime, datetime, str]
LONGEST = timedelta(days=8)


class Expansion:
    """Layers of events: each person's turns recur every so many days, each window every week."""

    def __init__(self, rotations: Sequence[tuple], start: datetime) -> None:
        self.layers = [(_turns(start, people, days), _windows(start, hours)) for _, people, days, hours in rotations]

    def who(self, t: datetime) -> str | None:
        """Expand the days before t."""
        return next((who for turns, hours in self.layers if (who := _at(turns, hours, t, t))), None)

    def shifts(self, a: datetime, b: datetime) -> list[tuple[str, datetime, datetime]]:
        """Expand every layer between a and b, and look who is highest between any two edges."""
        layers = [(_events(turns, a, b), _events(hours, a, b) if hours else None) for turns, hours in self.layers]
        lists = [events for layer in layers for events in layer if events is not None]
        edges = {edge for events in lists for event in events for edge in event[:2] if a < edge < b}
        spans = ((_highest(layers, start), start, end) for start, end in pairwise(sorted({a, b} | edges)))
        runs = ((who, list(run)) for who, run in groupby(spans, key=lambda span: span[0]))
        return [(who, run[0][1], run[-1][2]) for who, run in runs if who]


def _turns(start: datetime, people: Sequence[str], days: int) -> list[tuple[rrule, timedelta, str]]:
    every, length = days * len(people), timedelta(days=days)
    return [
        (rrule(DAILY, interval=every, dtstart=start + n * length, cache=True), length, who)
        for n, who in enumerate(people)
    ]


def _windows(start: datetime, hours: Sequence[tuple[str, str]]) -> list[tuple[rrule, timedelta, str]]:
    monday = start.replace(hour=0, minute=0)
    rules = []
    for opens, closes in hours:
        length = timedelta(minutes=(minute(closes) - minute(opens)) % (7 * 24 * 60))
        first = monday + timedelta(minutes=minute(opens))
        rules.append((rrule(WEEKLY, dtstart=first, cache=True), length, ""))
    return rules


def _events(rules: list[tuple[rrule, timedelta, str]], a: datetime, b: datetime) -> list[Event]:
    return sorted(_expanded(rules, a, b))


def _expanded(rules: list[tuple[rrule, timedelta, str]], a: datetime, b: datetime) -> Iterator[Event]:
    for rule, length, who in rules:
        for start in rule.between(a - LONGEST, b, inc=True):
            yield start, start + length, who


def _highest(layers: list[tuple[list[Event], list[Event] | None]], t: datetime) -> str | None:
    for turns, hours in layers:
        if (who := _holder(turns, t)) and (hours is None or _holder(hours, t) is not None):
            return who
    return None


def _at(turns: list, hours: list, a: datetime, b: datetime) -> str | None:
    who = _holder(_events(turns, a, b), b)
    return who if who and (not hours or _holder(_events(hours, a, b), b) is not None) else None


def _holder(events: list[Event], t: datetime) -> str | None:
    begun = bisect_right(events, t, key=lambda event: event[0])
    return events[begun - 1][2] if begun and t < events[begun - 1][1] else None
