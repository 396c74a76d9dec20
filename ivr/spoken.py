"""Times and lengths as a person would say them on the telephone, in English; ivr/tongues.py knows the others."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from datetime import datetime, timedelta

HOURS = ("twelve", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven")
PAST = {15: "quarter past", 30: "half past"}


def opening(opens: datetime, now: datetime, zone: str) -> str:
    """ "today at nine o'clock", "on Monday at half past eight", "on Monday 4 January at half past eight".

    Never "tomorrow": at two in the morning nobody agrees on which day that is.
    """
    local, today = opens.astimezone(ZoneInfo(zone)), now.astimezone(ZoneInfo(zone)).date()
    days = (local.date() - today).days
    if days == 0:
        return f"today at {clock(local)}"
    day = f"{local:%A}" if days < 7 else f"{local:%A} {local.day} {local:%B}"
    return f"on {day} at {clock(local)}"


def clock(local: datetime) -> str:
    """ "half past eight", "nine o'clock", "eight 40", "eight oh 5 in the evening", "midday", "midnight"."""
    if local.minute == 0 and local.hour % 12 == 0:
        return "midday" if local.hour else "midnight"
    return f"{_dial(local.hour, local.minute)}{_part_of_the_day(local.hour)}"


def _dial(hour: int, minute: int) -> str:
    if minute == 0:
        return f"{HOURS[hour % 12]} o'clock"
    if minute in PAST:
        return f"{PAST[minute]} {HOURS[hour % 12]}"
    if minute == 45:
        return f"quarter to {HOURS[(hour + 1) % 12]}"
    return f"{HOURS[hour % 12]} {'oh ' if minute < 10 else ''}{minute}"


def _part_of_the_day(hour: int) -> str:
    """Said only where the morning, when offices open, is not meant."""
    if hour < 6:
        return " at night"
    if hour < 12:
        return ""
    return " in the afternoon" if hour < 18 else " in the evening"


def length(waited: timedelta) -> str:
    """ "40 seconds", "1 minute", "3 minutes"; whole minutes from one on."""
    seconds = max(int(waited.total_seconds()), 1)
    if seconds < 60:
        return _count(seconds, "second")
    return _count(seconds // 60, "minute")


def news(at: datetime, now: datetime, zone: str) -> str:
    """When something last happened: "today at eleven o'clock", "Friday at …", "12 November"."""
    local, today = at.astimezone(ZoneInfo(zone)), now.astimezone(ZoneInfo(zone)).date()
    days = (today - local.date()).days
    if days == 0:
        return f"today at {clock(local)}"
    if days == 1:
        return f"yesterday at {clock(local)}"
    return f"{local:%A} at {clock(local)}" if days < 7 else f"{local.day} {local:%B}"


def _count(number: int, unit: str) -> str:
    return f"{number} {unit}{'' if number == 1 else 's'}"
