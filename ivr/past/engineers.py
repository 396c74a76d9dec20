"""What colleagues do: the buttons of a ticket's page, call-backs, texts and links, and work that is entered by hand."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy import select

from desk.audit import Who
from desk.staff import Staff
from ivr import acknowledging, outgoing, replies
from ivr.acknowledging import How
from ivr.outgoing import CannotCallBack
from ivr.past import callers
from sla.billing import entering
from sla.billing.entering import Unlikely
from tickets import inbox, task
from tickets.forms import VERBS, Form, Wrong
from tickets.mail import addressee
from tickets.ticket import NotNow, Ticket

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from ivr.past.stage import Stage

PLACE = "192.0.2.20"  # from where the office's browsers come; kept for documents


def staff(session: Session, key: str) -> Staff:
    """The colleague of that key."""
    return session.scalars(select(Staff).where(Staff.key == key)).one()


def who(session: Session, key: str) -> Who:
    """The same, signed in."""
    found = staff(session, key)
    return Who(found.name, PLACE, found.id)


def presses(on: Stage, number: int, key: str, verb: str, **typed: str) -> bool:
    """Somebody presses a button of a ticket's page; whether it was the moment for it."""
    settings, board, now = on.app.extensions["settings"], on.board, on.clock()

    def work(session: Session) -> None:
        ticket, by = acknowledging.locked(session, session.get_one(Ticket, number)), staff(session, key)
        take = partial(acknowledging.take, session, board, ticket, by, How.PAGE, now)
        form = Form(session, ticket, by, now, "Africa/Johannesburg", typed, take, addressee.ours(settings))
        VERBS[verb].do(form)
        acknowledging.settle(session, board, ticket, now)

    try:
        on.do(work)
    except (NotNow, Wrong):
        return False
    return True


def resolves(on: Stage, number: int, key: str, how: str, subject: str = "") -> bool:
    """Somebody resolves it, and says what it was about; where no address is known they say that there is none."""
    return presses(on, number, key, "resolve", text=how, subject=subject, no_address="1")


def names(on: Stage, number: int, key: str, subject: str) -> bool:
    """Somebody who knows by now what it is about says so."""
    return presses(on, number, key, "subject", subject=subject)


def takes_by(on: Stage, number: int, key: str, how: How) -> None:
    """Somebody who was called takes it by a text, or by the link in one."""
    board, now = on.board, on.clock()

    def work(session: Session) -> None:
        ticket, by = inbox.survivor(session, session.get_one(Ticket, number)), staff(session, key)
        if how == How.TEXT:
            sid = f"SM{ticket.reference:0>32}"
            replies.answered(session, board, by.phone or "", f"1 {ticket.reference[-3:]}", sid, now)
        else:
            acknowledging.take(session, board, ticket, by, how, now)

    on.do(work)


def calls_back(on: Stage, number: int, key: str, talk: float) -> bool:
    """Somebody presses *Call back*, takes the ring, and talks with the customer."""
    board, now = on.board, on.clock()

    def work(session: Session) -> None:
        ticket = session.get_one(Ticket, number)
        outgoing.ask(session, board, ticket, staff(session, key).id, now, on_line=False)

    try:
        on.do(work)
    except CannotCallBack:
        return False
    on.works("between")
    return callers.takes_rings(on, ["accept"], talk) > 0


def enters(on: Stage, number: int, key: str, span: tuple[datetime, datetime], done: str, *, consent: bool) -> bool:
    """Somebody enters work that no line saw, once it is done; on a form one types minutes."""
    now = on.clock()
    starts, ends = (at.replace(second=0, microsecond=0) for at in span)

    def work(session: Session) -> None:
        ticket = inbox.survivor(session, session.get_one(Ticket, number))
        entering.enter(session, ticket, who(session, key), starts, ends, done, consent, now)

    try:
        on.do(work)
    except Unlikely:
        return False
    return True


def owner(on: Stage, number: int) -> str | None:
    """Who has the ticket that goes on for this one."""
    with on.database.reading() as session:
        found = inbox.survivor(session, session.get_one(Ticket, number))
        return found.owner.key if found.owner else None


def is_open(on: Stage, number: int) -> bool:
    """Whether somebody still has to do something about it."""
    with on.database.reading() as session:
        return inbox.survivor(session, session.get_one(Ticket, number)).is_open


def has_missed_call(on: Stage, number: int) -> bool:
    """Whether somebody has to be called back."""
    with on.database.reading() as session:
        ticket = inbox.survivor(session, session.get_one(Ticket, number))
        return any(one.what == task.What.CALL_BACK for one in task.of(session, ticket))
