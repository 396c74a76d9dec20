"""Owing: the events of tickets that owe a customer a letter by now, and have none; found in one query.

- A person of ours who answered on the page was told whether it goes by mail; only then it does.
- Somebody who learns an address has the reference sent there, unless it was already.
- Whoever is on the line hears the reference there, and the ticket may become another one before they hang up.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import and_, exists, func, literal_column, or_, select
from sqlalchemy.orm import aliased

from ivr.call import Call
from tickets import canary
from tickets.event import ADDRESS, MERGED_INTO, Event, Kind
from tickets.mail.letter import WRITTEN, Letter, LettersSince, What
from tickets.ticket import Ticket

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement, Select

FRESH = timedelta(days=1)  # whoever has not been written to by then has heard otherwise, or never will
JUDGED_WITHIN = timedelta(minutes=1)  # a letter waits that long for the due time that it tells
WHATS = {
    Kind.OPENED: What.RECEIVED,
    ADDRESS: What.RECEIVED,
    Kind.ANSWERED: What.ANSWER,
    Kind.WAITING: What.WAITING,
    Kind.RESOLVED: What.RESOLVED,
    Kind.REOPENED: What.REOPENED,
    MERGED_INTO: What.MERGED,
}
OWING: ColumnElement[bool] = Event.kind.in_([literal_column(f"'{kind}'") for kind in WHATS])  # as `ix_event_letter`


def owed(now: datetime) -> Select[int]:
    """The numbers of the events that owe a letter by now, oldest first."""
    since = select(func.coalesce(func.max(LettersSince.event_id), 0)).scalar_subquery()
    query = select(Event.id).join(Ticket).outerjoin(Letter, Letter.event_id == Event.id)
    query = query.where(OWING, Event.at > now - FRESH, Event.id > since, Letter.id.is_(None), canary.nobody_s())
    return query.where(_is_for_them(), _may_be_told(now)).order_by(Event.id)


def _is_for_them() -> ColumnElement[bool]:
    """An answer only if whoever wrote it was told that it goes by mail; an address only if it has had no letter."""
    to = Event.detail["address"].as_string()
    earlier = aliased(Letter)
    theirs = earlier.ticket_id == Event.ticket_id, func.lower(earlier.to) == func.lower(to)
    had = exists().where(*theirs, earlier.state.in_(WRITTEN))
    answer = and_(Event.kind == Kind.ANSWERED, Event.detail["to"].as_string().is_not(None))
    address = and_(Event.kind == ADDRESS, to.is_not(None), ~had)
    return or_(answer, address, Event.kind.not_in((Kind.ANSWERED, ADDRESS)))


def _may_be_told(now: datetime) -> ColumnElement[bool]:
    """Not while they are still on the line, nor, for a moment, before anybody knows by when they are answered."""
    talks = exists().where(Call.opened_ticket_id == Event.ticket_id, Call.ended_at.is_(None), Call.page_id.is_(None))
    judged = or_(Ticket.judged >= 0, Event.at <= now - JUDGED_WITHIN)
    return or_(Event.kind.not_in((Kind.OPENED, MERGED_INTO)), and_(~talks, judged))
