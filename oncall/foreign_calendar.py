"""Shifts from an iCalendar file of another product: every event is one, of whom it invites, or else names.

Of an event that repeats its times are taken, as far ahead as is asked for.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

import recurring_ical_events
from icalendar import Calendar, vRecur

from oncall.foreign import Fault, Unreadable, Wanted, checked, moment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from icalendar import Component, Event

    from oncall.foreign import People

REPEATS = ("RRULE", "RDATE", "RECURRENCE-ID")
TIMES = ("DTSTART", "DTEND", "DURATION")
UNCLEAR = "from when to when cannot be read"
ODD = (ValueError, TypeError, AttributeError, KeyError, IndexError)  # what the libraries make of odd files


def events(text: str, zone: str, people: People, span: tuple[datetime, datetime]) -> Iterator[Wanted | Fault]:
    """What every event says, but for cancelled ones; those that repeat between two instants."""
    read = [line.strip().upper() for line in text.splitlines()]
    lines = [number for number, line in enumerate(read, 1) if line == "BEGIN:VEVENT"]
    try:
        calendars = Calendar.from_ical(text, multiple=True)
    except ODD as error:
        yield Fault(1, f"this is not a calendar: {error}")
        return
    found = [cast("Event", event) for calendar in calendars for event in calendar.walk("VEVENT")]
    if len(found) != len(lines) or read.count("BEGIN:VCALENDAR") != read.count("END:VCALENDAR"):
        yield Fault(len(read), "this calendar is cut short")
        return
    repeating = {_uid(event): line for line, event in zip(lines, found, strict=True) if _repeats(event)}
    for line, event in zip(lines, found, strict=True):
        if _uid(event) not in repeating:
            yield from _read(line, event, zone, people)
    if busy := [line for line, event in zip(lines, found, strict=True) if _is_endless(event)]:
        yield Fault(busy[0], "this event repeats more often than anybody hands over")
        return
    try:
        times = [event for calendar in calendars for event in _times(calendar, *span)] if repeating else []
    except (*ODD, OverflowError):
        yield Fault(min(repeating.values()), "how this event repeats cannot be read")
        return
    for event in times:
        if _uid(event) in repeating:
            yield from _read(repeating[_uid(event)], event, zone, people)


def _times(calendar: Component, a: datetime, b: datetime) -> Iterator[Event]:
    yield from recurring_ical_events.of(calendar, components=["VEVENT"]).between(a, b)


def _repeats(event: Event) -> bool:
    return any(name in event for name in REPEATS)


def _is_endless(event: Event) -> bool:
    """Whether laying it out would take all the memory there is."""
    rules = event.get("RRULE", [])
    each = rules if isinstance(rules, list) else [rules]
    readable = [rule for rule in each if isinstance(rule, vRecur)]
    fine = any(str(how).upper() in ("SECONDLY", "MINUTELY") for rule in readable for how in rule.get("FREQ", []))
    return fine or any(int(step) < 1 for rule in readable for step in rule.get("INTERVAL", []))


def _uid(event: Event) -> str:
    return str(event.get("UID"))


def _read(line: int, event: Event, zone: str, people: People) -> Iterator[Wanted | Fault]:
    if str(event.get("STATUS", "")).upper() != "CANCELLED":
        try:
            yield checked(_wanted(line, event, zone, people))
        except Unreadable as error:
            yield Fault(line, str(error))


def _wanted(line: int, event: Event, zone: str, people: People) -> Wanted:
    # Without an end, or with one that it cannot read, the library would take one for usual.
    if any(name in TIMES for name, _ in event.errors):
        raise Unreadable(UNCLEAR)
    try:
        start, end = moment(event.start, zone), moment(event.end, zone)
    except (*ODD, OverflowError):
        raise Unreadable(UNCLEAR) from None
    return Wanted(line, _whose(event, people), start, end)


def _whose(event: Event, people: People) -> str:
    """Whom the event invites, if that is one of us, or else whom its summary names."""
    invited = {key for one in event.attendees for text in _called(one) if (key := people.known.get(text.casefold()))}
    return invited.pop() if len(invited) == 1 else people.within(str(event.get("SUMMARY", "")))


def _called(attendee: object) -> tuple[str, str]:
    address = re.sub("^mailto:", "", str(attendee), flags=re.IGNORECASE)
    return address, str(getattr(attendee, "params", {}).get("CN", ""))
