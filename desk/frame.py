"""What every page is made in: the translated words, times as pages write them, and where a page leads on to."""

from __future__ import annotations

import gettext
import re
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from flask import url_for

if TYPE_CHECKING:
    from datetime import date, datetime, timedelta

    from flask.sansio.app import App

CATALOGUES = Path(__file__).parent / "translations"
LANGUAGE = "en"


def safe_next(text: str | None) -> str:
    """Where to go on to: an address on this site, or the first page; nobody is sent to another site."""
    if not text or not re.fullmatch(r"/(?![/\\])[\x21-\x5b\x5d-\x7e]*", text) or len(text) > 2000:
        return url_for("pages.today")
    parts = urlsplit(text)
    return url_for("pages.today") if parts.scheme or parts.netloc else text


def translate(app: App) -> None:
    """Give templates `_()`; without a catalogue the words stay as they are written."""
    words = gettext.translation("messages", CATALOGUES, [LANGUAGE], fallback=True)
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_translations(words, newstyle=True)  # type: ignore[attr-defined]


def written(at: datetime, zone: str, now: datetime) -> str:
    """ "Sun 22 Nov 02:14" on the clocks of `zone`; the year only when it is not this one."""
    local = at.astimezone(ZoneInfo(zone))
    year = "" if local.year == now.astimezone(ZoneInfo(zone)).year else f" {local.year}"
    return f"{local:%a} {local.day} {local:%b}{year} {local:%H:%M}"


def lately(at: datetime, zone: str, now: datetime) -> str:
    """ "02:14" of the day that it is now, else with the date."""
    local = at.astimezone(ZoneInfo(zone))
    return f"{local:%H:%M}" if local.date() == now.astimezone(ZoneInfo(zone)).date() else written(at, zone, now)


def soon(at: datetime, zone: str, now: datetime) -> str:
    """ "Mon 08:30" while the weekday alone says which, else with the date."""
    local = at.astimezone(ZoneInfo(zone))
    days = (local.date() - now.astimezone(ZoneInfo(zone)).date()).days
    return f"{local:%a %H:%M}" if 0 <= days < 7 else written(at, zone, now)


def of_day(day: date, zone: str, now: datetime) -> str:
    """ "Wed 16 Dec"; the year only when it is not this one."""
    year = "" if day.year == now.astimezone(ZoneInfo(zone)).year else f" {day.year}"
    return f"{day:%a} {day.day} {day:%b}{year}"


def roughly(lasts: timedelta) -> str:
    """ "2 d 16 h" from two days on, "3 h 5 min", "12 min": how far off something is, never what is paid."""
    minutes = int(lasts.total_seconds() // 60)
    if minutes >= 2 * 24 * 60:
        return f"{minutes // 1440} d {minutes % 1440 // 60} h"
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min"
