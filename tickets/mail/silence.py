"""Silence: a mailbox that has to be fetched and has not been for a while; managers are told (desk.troubles).

Nobody misses the mails that do not come: customers believe that they have written.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from desk import troubles
from desk.chores import Pulse
from desk.troubles import Found

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from sqlalchemy.orm import Session

    from desk.chores import Job
    from desk.settings import Settings

AREA = "mail"
LONG = timedelta(minutes=15)  # the poller tries again after 5 minutes at the latest
PAGE = "/mail"


def pulse(settings: Settings) -> str:
    """The name under which whoever fetches this mailbox leaves a sign of life, after each look that succeeded."""
    return f"mail {settings.mail_in_user} {settings.mail_in_folder} {settings.mail_in_host}"


def look(session: Session, settings: Settings, now: datetime) -> Job:
    """Look whether mail is fetched, and return what notes it."""
    found = list(_silent(session, settings, now)) if settings.mail_in_host else []
    return lambda session, now: troubles.note(session, AREA, found, now)


def standing(session: Session) -> list[str]:
    """What was noted, in words."""
    return [one.words for one in troubles.standing(session) if one.key.startswith(f"{AREA} ")]


def _silent(session: Session, settings: Settings, now: datetime) -> Iterator[Found]:
    name = pulse(settings)
    heard = session.scalar(select(Pulse.ticked_at).where(Pulse.worker == name))
    if heard is None:  # never, or not for so long that the sign is forgotten; whoever has just begun may yet
        heard = session.scalar(select(func.min(Pulse.started_at)))
    if heard is not None and heard < now - LONG:
        words = f"no mail has been fetched for {settings.mail_in_user} for a quarter of an hour or longer"
        yield Found(f"{AREA} {name}", f"{words}: the log of the mail process says why", PAGE)
