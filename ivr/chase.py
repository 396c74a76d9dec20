"""The chase: the worker's look for emergencies that nobody has, and who takes the next step of each pursuit when.

It goes from the tickets outwards, so an emergency of whatever origin is found within one tick. As long as a telephone
rings about a ticket (for a caller who waits, for a call-back, for paging), nobody else's does: one after another,
never several at once.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select
from structlog.contextvars import bound_contextvars

from ivr import acknowledging, paging_step
from ivr.call import Call, Visit
from ivr.callflow import INCOMING
from ivr.steps import Connect
from oncall import paging, pursuit
from oncall.pursuit import Pursuit
from tickets import inbox
from tickets.ticket import Ticket

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from ivr.paging_step import Means
    from ivr.switchboard import Switchboard

log = logging.getLogger(__name__)
HUNTING = timedelta(minutes=4)  # longer than a ring and its whisper: a call of which no more is heard rings nobody
RINGING = frozenset(step.name for step in INCOMING if isinstance(step, Connect))


def look(means: Means, stopped: Callable[[], bool]) -> None:
    """Begin what has to be begun, end what is over, take the steps that are due; one that fails harms no other."""
    with means.database.reading() as session:
        board = means.boards.current(session)
        free = [ticket.id for ticket in pursuit.unpursued(session) if not _is_ringing(session, ticket, means.clock())]
    if not board.lines:  # there is nothing to ring from
        return
    for number in free:
        _guarded(means, lambda session, number=number: _begin(session, board, number, means.clock()), number)  # type: ignore[misc]
    with means.database.reading() as session:
        ripe = [one.id for one in pursuit.open_ones(session) if _is_ripe(session, one, means.clock())]
    for number in ripe:
        if stopped():
            return
        _advance(means, board, number)


def _begin(session: Session, board: Switchboard, ticket_id: int, now: datetime) -> None:
    ticket = session.get(Ticket, ticket_id, with_for_update=True)  # a canary may have been taken away
    if ticket and pursuit.is_wanted(ticket) and not _is_ringing(session, ticket, now):
        pursuit.begin(session, ticket, paging_step.line_of(session, board, ticket).policy.name, now)


def _is_ripe(session: Session, one: Pursuit, now: datetime) -> bool:
    """Whether it is over, or its next step is due."""
    if not pursuit.is_wanted(one.ticket):
        return True
    free = one.leased_until is None or one.leased_until <= now
    return one.next_at <= now and free and not _is_ringing(session, one.ticket, now)


def _is_ringing(session: Session, ticket: Ticket, now: datetime) -> bool:
    """Whether somebody is being rung about it, or will be in a moment by a live call that goes through the policy."""
    about = list(session.scalars(inbox.whole(ticket)))
    if paging.going_on(session, about, now):
        return True
    live = select(Call.sid).where(Call.ticket_id.in_(about), Call.ended_at.is_(None), Call.page_id.is_(None))
    return any(_hunts(session, sid) for sid in session.scalars(live.where(Call.last_heard_at > now - HUNTING)))


def _hunts(session: Session, sid: str) -> bool:
    last = select(Visit.path).where(Visit.sid == sid).order_by(Visit.number.desc()).limit(1)
    path = session.scalars(last).first()
    return path is not None and path[-1] in RINGING


def _advance(means: Means, board: Switchboard, number: int) -> None:
    def over(session: Session) -> bool:
        pursued = session.get(Pursuit, number)
        if pursued is None:  # a canary's, that another worker has taken away
            return True
        ticket = acknowledging.held(session, pursued.ticket_id)
        acknowledging.settle(session, board, ticket, means.clock())
        return not pursuit.is_wanted(ticket)

    if _guarded(means, over, number) is not False:
        return
    token = means.database.write(lambda session: pursuit.claim(session, number, means.clock()))
    if token:
        _guarded(means, lambda session: _take(session, means, board, number, token), number)


def _guarded(means: Means, work: Callable[[Session], object], number: int) -> object:
    with bound_contextvars(paging=number):
        try:
            return means.database.write(work)
        except Exception:
            log.exception("the paging could not go on")
            return None


def _take(session: Session, means: Means, board: Switchboard, number: int, token: int) -> None:
    """The step that was claimed, if the claim still holds and the ticket still wants it."""
    now = means.clock()
    ticket = acknowledging.held(session, session.get_one(Pursuit, number).ticket_id)
    pursued = pursuit.held(session, number, token, now)
    if pursued is None or not pursuit.is_wanted(ticket):
        return
    if _is_ringing(session, ticket, now):
        pursued.leased_until = None
        return
    paging_step.of(session, means, board, pursued, ticket, now).take()
