"""Adding: what somebody does behind a link that was mailed to them: read, say more, confirm an emergency.

That they use the link shows that they read the mail of that address, and the ticket says so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from tickets import file, inbox
from tickets.event import CONFIRMED, CONSENT, WEB, Event, Kind
from tickets.public import bounds, passes
from tickets.public.passes import To
from tickets.ticket import Priority, Ticket

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from tickets.public.form import Message
    from tickets.public.passes import MailedLink

THIS_IS_ONE = "The sender confirmed by mail that this is an emergency, and asks for the engineer on standby."
ACCEPTED = "the sender accepted overtime rates, and confirmed it by mail"


def read(session: Session, secret: str, browser: str, now: datetime) -> MailedLink | None:
    """Use a link to read up in that browser, or open it there again; None if it opens nothing here."""
    first = passes.use(session, secret, To.READ, browser, now)
    found = passes.find(session, secret, To.READ, browser, now)
    if found and first:
        _confirmed(session.get_one(Ticket, found.ticket_id), found.mailbox, now)
    return found


def say(session: Session, link: MailedLink, message: Message, seen: int, now: datetime) -> None:
    """Add a message to the ticket that goes on; sent twice, it is said once. Raises TooMany.

    `seen` is the number of the newest message that the page of the form showed: the same words after it are the same
    message.
    """
    ticket = session.get_one(Ticket, link.ticket_id, with_for_update=True)
    ahead = inbox.survivor(session, ticket)
    if _is_said(session, ahead, ticket, message, seen):
        return
    bounds.count(session, bounds.messages(ticket.id), now)
    told = ahead.hear(message.words, now, wakes=False, way=WEB, mailbox=link.mailbox, **{"for": ticket.id})
    file.keep(session, told, message.files)


def emergency(session: Session, secret: str, browser: str, now: datetime) -> MailedLink | None:
    """Use a link to page up: the ticket is an emergency from now on; None if it opens nothing here."""
    first = passes.use(session, secret, To.PAGE, browser, now)
    found = passes.find(session, secret, To.PAGE, browser, now)
    if found and first:
        ticket = session.get_one(Ticket, found.ticket_id, with_for_update=True)
        ahead = inbox.survivor(session, ticket)
        _confirmed(ticket, found.mailbox, now)
        ahead.hear(THIS_IS_ONE, now, wakes=True, way=WEB, mailbox=found.mailbox, **{"for": ticket.id})
        ahead.tell(CONSENT, ACCEPTED, now, consent=True, way=WEB)
        ahead.raise_to(Priority.EMERGENCY, now, "confirmed by mail")
    return found


def newest(ticket: Ticket) -> int:
    """The number of the newest thing that happened to a ticket, for `say`."""
    return max((event.id for event in ticket.events), default=0)


def _confirmed(ticket: Ticket, mailbox: str, now: datetime) -> None:
    if not any(event.kind == CONFIRMED for event in ticket.events):
        ticket.tell(CONFIRMED, f"whoever reads the mail of {mailbox} confirmed it", now, address=mailbox)


def _is_said(session: Session, ahead: Ticket, ticket: Ticket, message: Message, seen: int) -> bool:
    same = select(Event).where(Event.ticket_id == ahead.id, Event.kind == Kind.ASKED, Event.id > seen)
    for event in session.scalars(same.where(Event.text == message.words)):
        if event.detail.get("for") == ticket.id:
            kept = session.scalars(select(file.File.sha256).where(file.File.event_id == event.id)).all()
            if sorted(kept) == sorted(one.sha256 for one in message.files):
                return True
    return False
