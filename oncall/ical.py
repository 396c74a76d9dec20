"""Calendars as text (iCalendar, RFC 5545 and 7986), for people who subscribe to them and for other products.

Times are UTC: every calendar program shows them on its own clock, and nothing about a time zone can differ between
its table and ours. Events are transparent: who is on call may still be invited.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, cast
from uuid import NAMESPACE_URL, uuid5

from icalendar import TRANSP, Calendar, Event

if TYPE_CHECKING:
    from collections.abc import Iterable

PRODUCT = "-//Afterhours//On call//EN"
REFRESH = timedelta(hours=1)  # what we ask for; Google looks about once a day all the same


@dataclass(frozen=True)
class Entry:
    """One event, [start, end): instants, or days. `name` is what makes it the same event when it has changed."""

    name: str
    start: datetime | date
    end: datetime | date
    summary: str
    description: str = ""
    sequence: int = 0
    modified: datetime | None = None


def written(title: str, origin: str, address: str, entries: Iterable[Entry], at: datetime) -> bytes:
    """The calendar; `origin` and `address` make its events' identities our own; `at` stands for unknown instants."""
    made = Calendar.new(name=title, prodid=PRODUCT, calscale="GREGORIAN", uid=_uid(origin, address))
    made.add("refresh-interval", REFRESH, {"VALUE": "DURATION"})
    made.add("x-published-ttl", "PT1H")  # the same, for Outlook
    for entry in entries:
        made.add_component(_event(entry, _uid(origin, f"{address} {entry.name}"), entry.modified or at))
    return cast("bytes", made.to_ical())


def _event(entry: Entry, uid: str, modified: datetime) -> Event:
    changed = modified.replace(microsecond=0)
    return Event.new(
        uid=uid,
        start=entry.start,
        end=entry.end,
        summary=entry.summary,
        description=entry.description or None,
        sequence=entry.sequence,
        last_modified=changed,
        stamp=changed,  # without a METHOD these two are one (RFC 5545, 3.8.7.2)
        transparency=TRANSP.TRANSPARENT,
    )


def _uid(origin: str, name: str) -> str:
    return f"{uuid5(NAMESPACE_URL, f'{origin} {name}')}@{origin.partition('://')[2]}"
