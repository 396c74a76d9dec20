"""Entering: work that no line saw, put into the worklog by whoever did it, and judged like any other."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sqlalchemy import select

from desk import typed
from desk.audit import What, tell
from sla import worklog
from sla.billing import charger
from sla.hours import own_zone
from sla.interval import Interval
from sla.money.stretch import Stretch
from sla.phrases import clock, moment
from sla.worklog import Work

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from desk.audit import Who
    from tickets.ticket import Ticket

LONGEST = timedelta(hours=16)
OLDEST = timedelta(days=60)
WORDS = 500
HAND = "hand"


class Unlikely(ValueError):
    """It cannot have been so; the text says why, and `field` what to mend."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field


def enter(
    session: Session,
    ticket: Ticket,
    who: Who,
    starts: datetime,
    ends: datetime,
    done: str,
    consent: bool | None,
    now: datetime,
) -> Work:
    """Somebody worked on a ticket from one instant to another; `consent`: what the customer said to overtime rates.

    Raises Unlikely: for no time at all, for the future, and for time in which they worked already.
    """
    assert who.staff_id is not None, "a stretch of work is somebody's"  # noqa: S101
    words = typed.line(done, WORDS)
    _check(starts, ends, words, now)
    span = Interval(starts, ends)
    _check_free(session, who.staff_id, span)
    evidence = "" if consent is None else f"{'accepted' if consent else 'refused'}, as told to {who.name}"
    source = f"{HAND} {who.staff_id} {starts:%Y-%m-%dT%H:%M:%S}"
    stretch = Stretch(source, ticket.id, who.staff_id, ticket.customer_id, span, consent, evidence)
    work = worklog.record(session, stretch, charger.basis(session, ticket.customer_id, starts), now)
    work.done = words
    tell(session, who, What.WORK_ENTERED, ticket.reference, now, starts=starts.isoformat(), ends=ends.isoformat())
    return work


def _check(starts: datetime, ends: datetime, done: str, now: datetime) -> None:
    if ends <= starts:
        raise Unlikely("ends", "work ends after it begins")
    if ends - starts > LONGEST:
        raise Unlikely("ends", "nobody works for more than 16 hours at a stretch: enter each by itself")
    if ends > now:
        raise Unlikely("ends", "that is still to come: enter work once it is done")
    if starts < now - OLDEST:
        raise Unlikely("starts", "that is more than 60 days ago: tell billing staff")
    if not done:
        raise Unlikely("done", "say what was done, which is what the customer is told")


def _check_free(session: Session, staff_id: int, span: Interval) -> None:
    """Nobody works on two things at once, and a call that is in the worklog is not entered again."""
    theirs = select(Work).where(Work.staff_id == staff_id, Work.starts < span.end, Work.ends > span.start)
    if other := session.scalars(theirs.order_by(Work.starts)).first():
        zone = ZoneInfo(own_zone(session))
        starts, ends = (at.astimezone(zone) for at in (other.starts, other.ends))
        raise Unlikely("starts", f"there is work of yours from {moment(starts)} to {clock(ends)} already")
