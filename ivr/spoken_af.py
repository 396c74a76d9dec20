"""Tye en duur: times and lengths as a person would say them on the telephone, in Afrikaans; see spoken.py.

Half past eight is *half nege* here, half on the way to nine: a word-for-word translation would be an hour late.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from datetime import datetime, timedelta

HOURS = ("twaalf", "een", "twee", "drie", "vier", "vyf", "ses", "sewe", "agt", "nege", "tien", "elf")
DAYS = ("Maandag", "Dinsdag", "Woensdag", "Donderdag", "Vrydag", "Saterdag", "Sondag")
MONTHS = (
    *("Januarie", "Februarie", "Maart", "April", "Mei", "Junie"),
    *("Julie", "Augustus", "September", "Oktober", "November", "Desember"),
)


def opening(opens: datetime, now: datetime, zone: str) -> str:
    """ "vandag om nege-uur", "Maandag om half nege", "Maandag 4 Januarie om half nege"."""
    local, today = opens.astimezone(ZoneInfo(zone)), now.astimezone(ZoneInfo(zone)).date()
    days = (local.date() - today).days
    if days == 0:
        return f"vandag om {clock(local)}"
    weekday = DAYS[local.weekday()]
    return f"{weekday if days < 7 else f'{weekday} {_date(local)}'} om {clock(local)}"


def clock(local: datetime) -> str:
    """ "half nege", "nege-uur", "40 minute oor agt", "agtuur in die aand", "twaalfuur die middag", "middernag"."""
    if local.minute == 0 and local.hour % 12 == 0:
        return "twaalfuur die middag" if local.hour else "middernag"
    return f"{_dial(local.hour, local.minute)}{_part_of_the_day(local.hour)}"


def _dial(hour: int, minute: int) -> str:
    this, following = HOURS[hour % 12], HOURS[(hour + 1) % 12]
    named = {
        0: f"{this}{'-' if this.endswith('e') else ''}uur",
        15: f"kwart oor {this}",
        30: f"half {following}",
        45: f"kwart voor {following}",
    }
    return named.get(minute) or f"{minute} minute oor {this}"


def _part_of_the_day(hour: int) -> str:
    if hour < 6:
        return " in die nag"
    if hour < 12:
        return ""
    return " in die middag" if hour < 18 else " in die aand"


def length(waited: timedelta) -> str:
    """ "40 sekondes", "1 minuut", "3 minute"; whole minutes from one on."""
    seconds = max(int(waited.total_seconds()), 1)
    if seconds < 60:
        return f"{seconds} {'sekonde' if seconds == 1 else 'sekondes'}"
    return f"{seconds // 60} {'minuut' if seconds < 120 else 'minute'}"


def news(at: datetime, now: datetime, zone: str) -> str:
    """When something last happened: "vandag om elfuur", "Vrydag om …", "12 November"."""
    local, today = at.astimezone(ZoneInfo(zone)), now.astimezone(ZoneInfo(zone)).date()
    days = (today - local.date()).days
    if days > 6:
        return _date(local)
    day = {0: "vandag", 1: "gister"}.get(days, DAYS[local.weekday()])
    return f"{day} om {clock(local)}"


def _date(local: datetime) -> str:
    return f"{local.day} {MONTHS[local.month - 1]}"
