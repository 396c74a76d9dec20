"""Shifts from an iCalendar file of another product: every event is one, of whom it invites, or else names.

An event that repeats is refused: which of its days were moved or cancelled, only the other product knows for certain.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

from icalendar import Calendar

from oncall.foreign import Fault, Unreadable, Wanted, checked, moment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from icalendar import Event

    from oncall.foreign import People

REPEATS = ("RRULE", "RDATE", "RECURRENCE-ID")
TIMES = ("DTSTART", "DTEND", "DURATION")
ODD = (ValueError, TypeError, AttributeError, KeyError, IndexError)  # what the library makes of odd files


def events(text: str, zone: str, people: People) -> Iterator[Wanted | Fault]:
    """What every event says, but for cancelled ones."""
    read = [line.strip().upper() for line in text.splitlines()]
    lines = [number for number, line in enumerate(read, 1) if line == "BEGIN:VEVENT"]
    try:
        found = [event for calendar in Calendar.from_ical(text, multiple=True) for event in calendar.walk("VEVENT")]
    except ODD as error:
        yield Fault(1, f"this is not a calendar: {error}")
        return
    if len(found) != len(lines) or read.count("BEGIN:VCALENDAR") != read.count("END:VCALENDAR"):
        yield Fault(len(read), "this calendar is cut short")
        return
    for line, event in zip(lines, found, strict=True):
        if str(event.get("STATUS", "")).upper() == "CANCELLED":
            continue
        try:
            yield checked(_wanted(line, cast("Event", event), zone, people))
        except Unreadable as error:
            yield Fault(line, str(error))


def _wanted(line: int, event: Event, zone: str, people: People) -> Wanted:
    if any(name in event for name in REPEATS):
        raise Unreadable("this event repeats; have the other product write single events")
    if any(name in TIMES for name, _ in event.errors):  # the library would go on with what it takes for usual
        raise Unreadable("from when to when cannot be read")
    try:
        start, end = moment(event.start, zone), moment(event.end, zone)
    except (*ODD, OverflowError):
        raise Unreadable("from when to when cannot be read") from None
    return Wanted(line, _whose(event, people), start, end)


def _whose(event: Event, people: People) -> str:
    """Whom the event invites, if that is one of us, or else whom its summary names."""
    invited = {key for one in event.attendees for text in _called(one) if (key := people.known.get(text.casefold()))}
    return invited.pop() if len(invited) == 1 else people.within(str(event.get("SUMMARY", "")))


def _called(attendee: object) -> tuple[str, str]:
    address = re.sub("^mailto:", "", str(attendee), flags=re.IGNORECASE)
    return address, str(getattr(attendee, "params", {}).get("CN", ""))
