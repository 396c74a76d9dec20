"""Amiss: what should have gone and has not: by a night that failed, an erasure that stands still, or in old files.

Nobody misses what is kept too long, so managers are told (desk.troubles).
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from desk import troubles
from desk.troubles import Found
from tickets.privacy import compact, night, standstill

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from sqlalchemy.orm import Session

    from desk.chores import Job

AREA = "kept"
NIGHT = timedelta(hours=8)  # from its beginning to its end at the latest


def look(session: Session, now: datetime) -> Job:
    """Look for all of it, and return what notes it."""
    found = [*_nights(session, now), *_erasures(session, now), *_files(session, now)]
    return lambda session, now: troubles.note(session, AREA, found, now)


def _nights(session: Session, now: datetime) -> Iterator[Found]:
    """The newest night has to come to its end, and the newest that did to have removed all that it should."""
    nights = night.newest(session, 2)
    newest, done = next(iter(nights), None), next((one for one in nights if one.done_at), None)
    if newest and newest.began_at < now - (night.A_DAY + NIGHT if newest.done_at else NIGHT):
        since = f"{done.night:%d %B}" if done else "ever"
        yield Found(f"{AREA} nights", f"no night has removed all that was kept long enough since {since}", "/kept")
    if done and done.failed:
        what = ", ".join(f"{name.replace('_', ' ')} ({one['rows'] or 'all'})" for name, one in done.failed.items())
        yield Found(f"{AREA} night", f"what was kept long enough could not be removed: {what}", "/kept")


def _erasures(session: Session, now: datetime) -> Iterator[Found]:
    for one in standstill.still(session, now):
        words = f"erasure {one.id} has not gone on for an hour or more: the worker's log says why"
        yield Found(f"{AREA} erasure {one.id}", words, "/privacy/person")


def _files(session: Session, now: datetime) -> Iterator[Found]:
    if since := compact.overdue(session, now):
        words = f"what was erased on {since:%d %B} is still in the files of the database: run privacy compact"
        yield Found(f"{AREA} files", words, "/privacy/person")
