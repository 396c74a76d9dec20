"""Instead: what the carrier asks on the other host, and whether it would find there what it should."""

from __future__ import annotations

from datetime import datetime, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING

import requests

from desk.elsewhere import FILES
from ivr.elsewhere import sheets
from ivr.twiml import AGAIN

if TYPE_CHECKING:
    from desk.settings import Settings
    from ivr.switchboard import Switchboard

PATIENCE = 8  # seconds
A_DAY_LATE = timedelta(days=2)  # what is put there every day, and tried for hours


class NotThere(Exception):
    """The carrier would not find it; the text says why."""


def of(settings: Settings, line: str) -> tuple[str, str]:
    """What is asked when a line's answer is none: its address there, and the method of HTTP."""
    if settings.elsewhere_kind == FILES:
        name = sheets.address(line, settings.secret_key.get_secret_value())
        return f"{settings.elsewhere_url}/{name}", "GET"
    return f"{settings.elsewhere_url}/voice/away{AGAIN}", "POST"


def look(settings: Settings, board: Switchboard, now: datetime, age: timedelta = timedelta(0)) -> None:
    """Raise NotThere unless it is there, as it would be made now; a timetable may be of that age."""
    if settings.elsewhere_kind != FILES:
        _is_fresh(settings.elsewhere_url, now - age, now)
        return
    url, key = settings.elsewhere_url, settings.secret_key.get_secret_value()
    for name, document in sheets.of(board, url, key, now).items():
        if _asked(url, name).content != document:
            raise NotThere(f"{_host(url)} still serves another document")


def _is_fresh(url: str, since: datetime, now: datetime) -> None:
    try:
        told = _asked(url, "health").json()
        made_at, until = datetime.fromisoformat(told["made_at"]), datetime.fromisoformat(told["until"])
    except (ValueError, KeyError, TypeError):
        raise NotThere(f"{_host(url)} says nothing of its timetable") from None
    if not (since <= made_at and now < until):
        raise NotThere(f"{_host(url)} still has an earlier timetable")


def _asked(url: str, name: str) -> requests.Response:
    try:
        answer = requests.get(f"{url}/{name}", timeout=PATIENCE, allow_redirects=False)
    except requests.RequestException as error:
        raise NotThere(f"{_host(url)} cannot be reached ({type(error).__name__})") from error
    if answer.status_code != HTTPStatus.OK:
        raise NotThere(f"{_host(url)} answered {answer.status_code}")
    return answer


def _host(url: str) -> str:
    return url.split("/")[2]
