"""Overdue: of each table, which rows may go, by their term and by what holds them.

What hangs on something goes before it: a ticket stays as long as a call, a ring, work, a message or a mail of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from desk import outbox
from desk.hooks.happening import Happening
from desk.outbox import Outgoing
from desk.retention import Kind
from ivr.call import Call, Leg
from ivr.recordings import DISCARD, TAKE_OFF, Recording
from oncall.paging import Page
from oncall.pursuit import Pursuit
from sla.worklog import Work
from tickets import inbox
from tickets.canary import Canary
from tickets.event import Event
from tickets.file import File
from tickets.mail.arrival import Arrival, Raw
from tickets.mail.arrival import State as Came
from tickets.ticket import State, Ticket

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

    from tickets.privacy.holds import Terms

# Sound, mail and files


def recordings(terms: Terms) -> ColumnElement[bool]:
    over = terms.over(Kind.RECORDINGS, Recording.taken_at, Recording.ticket_id)
    return and_(over, terms.free(Recording.ticket_id))


def raw(terms: Terms) -> ColumnElement[bool]:
    over = terms.over(Kind.RAW_MAILS, Arrival.received_at, Arrival.ticket_id)
    mails = select(Arrival.id).where(Arrival.state != Came.STORED, Arrival.ticket_id.is_not(None))
    return Raw.arrival_id.in_(mails.where(over, terms.free(Arrival.ticket_id)))


def files(terms: Terms) -> ColumnElement[bool]:
    came = select(Event.at).where(Event.id == File.event_id).scalar_subquery()
    return and_(terms.over(Kind.FILES, came, File.ticket_id), terms.free(File.ticket_id))


def suppressed(terms: Terms) -> ColumnElement[bool]:
    noted = and_(Arrival.state == Came.SUPPRESSED, Arrival.ticket_id.is_(None))
    return and_(noted, terms.over(Kind.SUPPRESSED, Arrival.received_at))


# Calls, rings and work


def works(terms: Terms) -> ColumnElement[bool]:
    return and_(terms.over(Kind.WORK, Work.ends), terms.free(Work.ticket_id))


def calls(terms: Terms) -> ColumnElement[bool]:
    billed = exists().where(Work.ticket_id.in_([Call.ticket_id, Call.opened_ticket_id]))
    sounds = exists().where(Recording.call_sid == Call.sid)
    free = and_(terms.free(Call.ticket_id), terms.free(Call.opened_ticket_id))
    over = and_(Call.ended_at.is_not(None), terms.over(Kind.CALLS, Call.ended_at, Call.ticket_id))
    return and_(over, free, ~billed, ~sounds)


def rings(terms: Terms) -> ColumnElement[bool]:
    billed = exists().where(Work.ticket_id == Page.ticket_id)
    called = or_(exists().where(Call.page_id == Page.id), exists().where(Leg.page_id == Page.id))
    over = and_(Page.ended_at.is_not(None), terms.over(Kind.RINGS, Page.rang_at))
    return and_(over, terms.free(Page.ticket_id), ~billed, ~called)


# Tickets


def tickets(terms: Terms) -> ColumnElement[bool]:
    """One that goes on as no other, when it and all that joined it may go."""
    blocked = aliased(Ticket)
    stays = select(blocked.merged_into_id.label("id")).where(
        blocked.merged_into_id.is_not(None), ~_may_go(terms, blocked)
    )
    if terms.only is not None:  # asked under the lock: not of every ticket that was ever merged
        stays = stays.where(blocked.id.in_(inbox.wholes(terms.only)))
    along = stays.cte("stays", recursive=True)
    further = aliased(Ticket)
    above = select(further.merged_into_id).where(further.merged_into_id.is_not(None), further.id == along.c.id)
    along = along.union(above)
    alone = and_(Ticket.merged_into_id.is_(None), Ticket.id.not_in(select(along.c.id)))
    return and_(alone, _may_go(terms, Ticket), terms.free(Ticket.id))


def _may_go(terms: Terms, ticket: Any) -> ColumnElement[bool]:
    """It is resolved, its term is over, and nothing of it that has a term of its own is there."""
    last = select(func.max(Event.at)).where(Event.ticket_id == ticket.id).scalar_subquery()
    there = (
        *(exists().where(one.ticket_id == ticket.id) for one in (Recording, File, Call, Page, Work, Canary)),
        exists().where(Call.opened_ticket_id == ticket.id),
        exists().where(Page.pursuit_id == Pursuit.id, Pursuit.ticket_id == ticket.id),
        exists().where(Raw.arrival_id == Arrival.id, Arrival.ticket_id == ticket.id),
        exists().where(Pursuit.ticket_id == ticket.id, Pursuit.ended_at.is_(None)),
    )
    over = terms.over(Kind.TICKETS, func.coalesce(last, ticket.opened_at), ticket.id)
    return and_(ticket.state == State.RESOLVED, over, *(~one for one in there))


# What goes out


def sent(terms: Terms) -> ColumnElement[bool]:
    gone = and_(Outgoing.state == outbox.State.SENT, terms.over(Kind.SENT, Outgoing.sent_at))
    return or_(gone, and_(Outgoing.state == outbox.State.DROPPED, terms.over(Kind.SENT, Outgoing.due_at)))


def dead(terms: Terms) -> ColumnElement[bool]:
    """But for what should have removed a message: that it is still there must not be forgotten."""
    ours = Outgoing.kind.not_in((TAKE_OFF, DISCARD))
    return and_(Outgoing.state == outbox.State.DEAD, ours, terms.over(Kind.DEAD, Outgoing.due_at))


def happenings(terms: Terms) -> ColumnElement[bool]:
    return terms.over(Kind.HOOKS, Happening.at)
