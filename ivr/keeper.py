"""The keeper of the canary: has one laid every hour, looks after the one that is out, and takes it away.

One is through when the ticket is the machine's own by its key, no ring of it is open and its due times are judged.
What a killed worker leaves is found by the next look. One that is not through when the next is due is given up; one
to which people have tied something of theirs stays a ticket, resolved.
"""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy import delete, or_, select, update

from desk import chores
from desk.outbox import Outgoing
from desk.staff import Staff
from ivr import acknowledging
from ivr.call import Call, Leg, Visit
from oncall import canary_news
from oncall.paging import Page
from oncall.pursuit import Pursuit, Summons
from sla.due import Due
from sla.mark import Mark
from sla.worklog import Work
from tickets import canary
from tickets.canary import Canary
from tickets.event import Event
from tickets.ticket import Ticket

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime, timedelta

    from sqlalchemy import Delete, Update
    from sqlalchemy.orm import Session

    from desk.db import Database
    from tickets.reference import Dice

log = logging.getLogger(__name__)
CHORE = "canary"


def look(database: Database, dice: Dice, worker: str, now: datetime, *, wanted: bool) -> None:
    """See to the canary; where none is `wanted` (it is off, or no line is set up), no trace of one stays."""
    with database.reading() as session:
        last = next(iter(canary.newest(session)), None)
        out, every = canary.ticket(session), _every(last)
    if not wanted:
        if last:
            database.write(partial(_forget, now=now))
        return
    if out:
        database.write(partial(_follow, now=now))
    chores.run(database, CHORE, every, lambda session, now: _lay(session, dice, now), worker, now)


def _every(last: Canary | None) -> timedelta:
    return canary.SOONER if last and last.is_late else canary.EVERY


def _lay(session: Session, dice: Dice, now: datetime) -> None:
    if left := canary.out(session, hold=True):
        _give_up(session, left, now)
    canary.lay(session, dice, now)


def _follow(session: Session, now: datetime) -> None:
    """Write down how far it is, and take it away once it is through."""
    one = canary.out(session, hold=True)
    if one is None:
        return
    if now - one.looked_at >= canary.AWAY:  # nobody was there: it has its chance now
        one.since = now
    one.looked_at = now
    ticket = acknowledging.held(session, one.ticket_id or 0)
    pages = _pages(session, ticket)
    one.paged_at = pages[0].rang_at if pages else None
    one.acknowledged_at = next((page.accepted_at for page in pages if page.accepted_at), None)
    if canary_news.missing(session, one) in (None, canary_news.BY_HAND):
        _take_away(session, one, ticket, pages, now)


def _give_up(session: Session, one: Canary, now: datetime) -> None:
    if one.is_overdue(now):  # else it had no chance: no worker was there
        one.failed = canary_news.missing(session, one)
    ticket = acknowledging.held(session, one.ticket_id or 0)
    _take_away(session, one, ticket, _pages(session, ticket), now)


def _forget(session: Session, now: datetime) -> None:
    if one := canary.out(session, hold=True):
        _give_up(session, one, now)
    session.execute(delete(Canary))


def _pages(session: Session, ticket: Ticket) -> list[Page]:
    return list(session.scalars(select(Page).where(Page.ticket_id == ticket.id).order_by(Page.id)))


def _take_away(session: Session, one: Canary, ticket: Ticket, pages: list[Page], now: datetime) -> None:
    one.ticket_id = None
    stays = _is_somebody_s(session, ticket)
    if stays and ticket.is_open:
        ticket.resolve(now, "it was the canary, and proves nothing any more")
    session.flush()
    for what in (*_its_own(ticket, pages), *(_unlinked(ticket) if stays else _whole(ticket))):
        session.execute(what, execution_options={"synchronize_session": False})
    session.execute(delete(Staff).where(Staff.key == canary.KEY))
    session.expire_all()
    if stays:
        log.warning("ticket %s was the canary, and people have tied something to it: it stays", ticket.id)


def _its_own(ticket: Ticket, pages: list[Page]) -> Iterator[Delete]:
    """What the machine alone has made of it."""
    numbers = [page.id for page in pages if page.staff.key == canary.KEY]
    keys = [f"{kind} page {number}" for kind in ("ring", "hush", "yours") for number in numbers]
    sids = [f"{canary.SID}{number}" for number in numbers]
    pursuits = select(Pursuit.id).where(Pursuit.ticket_id == ticket.id).scalar_subquery()
    yield delete(Outgoing).where(Outgoing.key.in_(keys))
    yield delete(Visit).where(Visit.call_sid.in_(sids))
    yield delete(Leg).where(Leg.call_sid.in_(sids))
    yield delete(Call).where(Call.sid.in_(sids))
    yield delete(Page).where(Page.id.in_(numbers))
    yield delete(Summons).where(Summons.pursuit_id.in_(pursuits))
    yield delete(Pursuit).where(Pursuit.ticket_id == ticket.id)


def _whole(ticket: Ticket) -> Iterator[Delete]:
    for each in (Due, Mark, Event):
        yield delete(each).where(each.ticket_id == ticket.id)
    yield delete(Ticket).where(Ticket.id == ticket.id)


def _unlinked(ticket: Ticket) -> Iterator[Update]:
    """The ticket goes on without its colleague, who is no person."""
    its = select(Staff.id).where(Staff.key == canary.KEY).scalar_subquery()
    yield update(Event).where(Event.ticket_id == ticket.id, Event.staff_id == its).values(staff_id=None)
    yield update(Ticket).where(Ticket.id == ticket.id, Ticket.owner_id == its).values(owner_id=None)


def _is_somebody_s(session: Session, ticket: Ticket) -> bool:
    """Whether another ticket, a call or work of people refers to it."""
    calls = select(Call.sid).where(or_(Call.ticket_id == ticket.id, Call.opened_ticket_id == ticket.id))
    ties = (
        select(Ticket.id).where(Ticket.merged_into_id == ticket.id),
        calls.where(~Call.sid.startswith(canary.SID)),
        select(Work.id).where(Work.ticket_id == ticket.id),
    )
    return any(session.scalars(each.limit(1)).first() is not None for each in ties)
