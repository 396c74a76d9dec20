"""Calling back through the line: an engineer is rung, presses 1, and the customer is rung with our caller ID.

The request opens the engineer's Page and puts the ring in the outbox; the worker has the carrier place it. The Call
begins with the carrier's first word of it, whichever comes first: a report, or the question what to play.
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from desk import logs, numbers, outbox
from ivr import twiml
from ivr.call import Call
from oncall import calling, paging
from oncall.paging import Page
from tickets import inbox
from tickets.event import CONSENT, WEB, Event
from tickets.ticket import Ticket

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from sqlalchemy.orm import Session

    from ivr.switchboard import Engineer, LineSetUp, Switchboard

WAIT = timedelta(minutes=3)  # for the carrier; after that the engineer has turned to something else
HANGING_UP = timedelta(seconds=30)  # at most, of an engineer who asked by telephone and is to be rung on it
AFTER_HANGING_UP = timedelta(seconds=2)
ON_THE_LINE = 6  # in an hour: whoever shows an engineer's caller ID could have their telephone ring all night
AN_HOUR = timedelta(hours=1)


class Obstacle(StrEnum):
    """Why a call-back cannot be made, in words for the engineer."""

    NO_PHONE = "you have no number that can be rung"
    NO_NUMBER = "the ticket has no number that can be rung"
    NO_LINE = "no line is set up to call back from"
    OWN_NUMBER = "the ticket's number is your own"
    TOO_OFTEN = "the line was rung for that too often in the last hour"
    BUSY = "you are being rung or on a call already"


class CannotCallBack(Exception):
    """A call-back cannot be made; the message says why."""

    def __init__(self, obstacle: Obstacle) -> None:
        super().__init__(str(obstacle))
        self.obstacle = obstacle


def number_of(ticket: Ticket) -> str | None:
    """The number to call back about a ticket: the one that called, or else its contact's; None without one."""
    known = (ticket.caller, ticket.contact.phone if ticket.contact else None)
    return next((number for number in known if number and numbers.may_dial(number)), None)


def obstacle(session: Session, board: Switchboard, ticket: Ticket, staff_id: int, now: datetime) -> Obstacle | None:
    """What keeps an engineer from calling back about a ticket at this moment; None if nothing does."""
    try:
        _parties(session, board, ticket, staff_id, now)
    except CannotCallBack as error:
        return error.obstacle
    return None


def ask(session: Session, board: Switchboard, ticket: Ticket, staff_id: int, now: datetime, *, on_line: bool) -> Page:
    """Have an engineer rung in order to call back about a ticket; `on_line`: they are still talking to the line.

    Raises CannotCallBack: no number, nobody to ring, the engineer is on another call, or the line was rung for it
    too often; who is signed in is known, and asks as often as there is need.
    """
    ticket = inbox.survivor(session, ticket)
    paging.busy(session, now)  # whose lease has run out is free
    engineer, number, line = _parties(session, board, ticket, staff_id, now)
    if on_line and _asked_on_the_line(session, staff_id, now) >= ON_THE_LINE:
        raise CannotCallBack(Obstacle.TOO_OFTEN)
    page = _page(session, ticket, staff_id, now)
    urls = {
        "url": f"/voice/picked_up/0?page={page.id}{twiml.AGAIN}",
        "fallback": f"/voice/fallback{twiml.AGAIN}",
        "report": f"/voice/rung?page={page.id}{twiml.AGAIN}",
    }
    about = {"page": page.id, "ticket": ticket.id, "what": "the call-back"}
    ring = {"to": engineer.phone, "line": line.number, "seconds": line.policy.ring_seconds}
    after = HANGING_UP if on_line else outbox.AT_ONCE
    outbox.post(session, calling.key(page), calling.KIND, about | ring | urls, now, after=after, lasts=WAIT)
    ticket.tell("call back", f"{engineer.name} asks for {numbers.shown(number)} to be called back", now, page=page.id)
    return page


def hung_up(session: Session, call: Call, now: datetime) -> bool:
    """Whoever was on the line has hung up: ring them now if they are an engineer who asked for that in this call."""
    asked = session.scalars(select(Page).where(Page.asked_in == call.sid)).all()
    for row in (outbox.of(session, calling.key(page)) for page in asked):
        if row and row.attempts == 0:
            row.due_at = min(row.due_at, now + AFTER_HANGING_UP)
    return bool(asked)


def begin(session: Session, board: Switchboard, page_id: int, sid: str, now: datetime) -> Call:
    """The call of that ring, made with the carrier's first word of it; raises LookupError for a ring of no page."""
    page = session.get(Page, page_id, with_for_update=True)
    if page is None:
        raise LookupError(f"page {page_id} is none of ours")
    found = session.get(Call, sid, with_for_update=True)
    if found is None:
        found = _call(session, board, page, sid, now)
    logs.about(call=found.sid, ticket=found.ticket_id)
    return found


def _call(session: Session, board: Switchboard, page: Page, sid: str, now: datetime) -> Call:
    ticket = inbox.survivor(session, session.get_one(Ticket, page.ticket_id))
    line = line_of(session, board, ticket)
    page.placed(sid, now, line.policy.ring_seconds)
    call = Call(
        sid=sid,
        line_id=line.id,
        ticket=ticket,
        opened_ticket_id=ticket.id,
        page_id=page.id,
        caller=number_of(ticket),
        contact_id=ticket.contact_id,
        customer_id=ticket.customer_id,
        consent=_consent(session, ticket),
        language=line.languages[0],
        started_at=now,
        last_heard_at=now,
    )
    session.add(call)
    session.flush()
    if row := outbox.of(session, calling.key(page)):  # that it is reported proves that the carrier has it
        outbox.proved(session, row, sid, now)
    return call


def _parties(
    session: Session, board: Switchboard, ticket: Ticket, staff_id: int, now: datetime
) -> tuple[Engineer, str, LineSetUp]:
    """Who is rung, who is called back, and by which line; raises CannotCallBack."""
    engineer, number, line = board.engineer(staff_id), number_of(ticket), line_of(session, board, ticket)
    if engineer is None or board.obstacle(engineer.key):
        raise CannotCallBack(Obstacle.NO_PHONE)
    if number is None or number in board.lines:
        raise CannotCallBack(Obstacle.NO_NUMBER)
    if number == engineer.phone:
        raise CannotCallBack(Obstacle.OWN_NUMBER)
    if paging.engaged(session, staff_id, now):
        raise CannotCallBack(Obstacle.BUSY)
    return engineer, number, line


def _asked_on_the_line(session: Session, staff_id: int, now: datetime) -> int:
    theirs = select(func.count(Page.id)).where(Page.staff_id == staff_id, Page.rang_at > now - AN_HOUR)
    return session.scalar(theirs.where(Page.asked_in.is_not(None))) or 0


def _page(session: Session, ticket: Ticket, staff_id: int, now: datetime) -> Page:
    try:
        with session.begin_nested():
            return paging.reserve(session, ticket_id=ticket.id, staff_id=staff_id, at=now, lasts=WAIT)
    except IntegrityError:
        raise CannotCallBack(Obstacle.BUSY) from None


def line_of(session: Session, board: Switchboard, ticket: Ticket) -> LineSetUp:
    """The line that the ticket came in by, so that the customer sees the number they rang; raises CannotCallBack."""
    last = select(Call.line_id).where(Call.ticket_id.in_(inbox.whole(ticket))).order_by(Call.started_at.desc()).limit(1)
    line_id = session.scalar(last)
    lines = sorted(board.lines.values(), key=lambda line: line.id != line_id)
    if not lines:
        raise CannotCallBack(Obstacle.NO_LINE)
    return lines[0]


def _consent(session: Session, ticket: Ticket) -> bool | None:
    """What the customer last answered to the overtime notice, about this ticket or one that goes on as it."""
    about = inbox.whole(ticket)
    called = select(Call.started_at, Call.consent).where(Call.ticket_id.in_(about), Call.consent.is_not(None))
    calls = session.execute(called.order_by(Call.started_at.desc()).limit(1)).all()
    said = [*((at, consent) for at, consent in calls), *_confirmed(session, ticket)]
    return max(said, key=lambda one: one[0])[1] if said else None


def _confirmed(session: Session, ticket: Ticket) -> Iterator[tuple[datetime, bool | None]]:
    """The same of what was sent by the web: only what was confirmed by mail is an answer."""
    told = select(Event).where(Event.ticket_id.in_(inbox.whole(ticket)), Event.kind == CONSENT).order_by(Event.id)
    for event in session.scalars(told):
        if event.detail.get("way") == WEB and event.detail["consent"] is not None:
            yield event.at, event.detail["consent"]
