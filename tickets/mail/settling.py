"""Settling: what becomes of one mail that was read, in the transaction that writes it down."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from tickets import inbox
from tickets.event import LINKED, MAIL, UNREAD, Event, Kind
from tickets.mail import arrival, cutting, flood, machines, threads
from tickets.mail.arrival import Arrival, State
from tickets.mail.automatic import Kind as Machine
from tickets.mail.incoming import FEW_WORDS, SUBJECT, Desk, Incoming, write_down
from tickets.reference import printed
from tickets.ticket import Priority, Ticket, open_ticket

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from tickets.mail.arrival import Claim
    from tickets.mail.flood import Flood
    from tickets.mail.received import Received
    from tickets.reference import Dice

ENDS = (Kind.RESOLVED, Kind.WITHDRAWN)


def settle(session: Session, desk: Desk, mine: Claim, mail: Received, raw: bytes) -> None:
    """A message, a ticket or a note; nothing if somebody else has settled it."""
    row = arrival.claimed(session, mine)
    if row is None:
        return
    incoming = Incoming(session, desk, row, mail, raw)
    write_down(incoming)
    if machines.is_our_own(incoming):
        about = threads.by_thread(session, desk.house.names, mail)
        incoming.settled(State.SUPPRESSED, "a letter of ours came back to us", about)
        return
    ticket = _thread(incoming)
    if ticket:
        follow(incoming, ticket)
    elif (machine := incoming.answer) and (why := machines.answers_us(incoming, machine)):
        incoming.settled(State.SUPPRESSED, why)
    else:
        begin(incoming)


def put_aside(session: Session, dice: Dice, mine: Claim, why: str) -> None:
    """A mail that cannot be read becomes a ticket that says so, urgent as nobody knows what it is."""
    row = arrival.claimed(session, mine)
    if row is None:
        return
    opened = open_ticket(
        session, dice=dice, at=row.received_at, subject="A mail that cannot be read", priority=Priority.HIGH
    )
    event = opened.tell(UNREAD, f"its {row.size:,} bytes are kept as they came: {why}", row.received_at, mail=row.id)
    session.flush()
    row.state, row.why, row.ticket_id, row.event_id = State.QUARANTINED, why, opened.id, event.id


def make_ticket(session: Session, desk: Desk, number: int, mail: Received, raw: bytes, who: str) -> Ticket:
    """Make one of a mail that was only noted, because somebody says so; the ticket it has, if somebody did already."""
    row = session.scalars(select(Arrival).where(Arrival.id == number).with_for_update()).one()
    if row.state != State.SUPPRESSED:
        return inbox.survivor(session, session.get_one(Ticket, row.ticket_id))
    incoming = Incoming(session, desk, row, mail, raw)
    noted = session.get(Ticket, row.ticket_id) if row.ticket_id else None
    ticket = _begun(incoming, f"{who} made a ticket of it")
    if noted:
        link(incoming, ticket, noted, f"was noted on {printed(noted.reference)}")
    return ticket


def follow(incoming: Incoming, found: Ticket) -> None:
    """It is about this ticket, or the one that goes on for it."""
    ticket = inbox.survivor(incoming.session, found)
    incoming.session.refresh(ticket, with_for_update=True)
    if machine := incoming.answer:
        machines.note(incoming, ticket, machine)
    elif not ticket.is_open and _ended(incoming.session, ticket) <= incoming.desk.now - incoming.desk.house.reopens:
        words = f"follows {printed(ticket.reference)}, which was resolved"
        link(incoming, begin(incoming, words), ticket, words)
    else:
        event = _heard(incoming, ticket, incoming.words(), **{"for": found.id})
        incoming.settled(State.THREADED, "", ticket, event)


def begin(incoming: Incoming, why: str = "") -> Ticket:
    """It is about something new: a ticket of its own, or in a flood a message on the ticket of that."""
    sender, limits = incoming.mail.sender.address, incoming.desk.house.limits
    known = threads.contact_of(incoming.session, sender) is not None
    over = flood.over(incoming.session, sender, limits, incoming.desk.now, known=known)
    if over:
        return _in_flood(incoming, over)
    ticket = _begun(incoming, why)
    mentioned = threads.by_subject(incoming.session, incoming.mail)
    if mentioned and not why:
        words = f"mentions {printed(mentioned.reference)}, but its sender is nobody of that ticket"
        link(incoming, ticket, mentioned, words)
    return ticket


def _begun(incoming: Incoming, why: str) -> Ticket:
    ticket = _opened(incoming, incoming.row.title, Priority.NORMAL)
    incoming.settled(State.TICKET, why, ticket, _heard(incoming, ticket, incoming.words()))
    return ticket


def link(incoming: Incoming, ticket: Ticket, other: Ticket, words: str) -> None:
    """Say on both that they have to do with each other."""
    at = incoming.desk.now
    ticket.tell(LINKED, words, at, reference=other.reference)
    other.tell(LINKED, f"{printed(ticket.reference)} came by mail and names this one", at, reference=ticket.reference)


def _thread(incoming: Incoming) -> Ticket | None:
    session, names, mail = incoming.session, incoming.desk.house.names, incoming.mail
    if ticket := threads.by_thread(session, names, mail):
        return ticket
    bounced = mail.automatic and mail.automatic.kind == Machine.BOUNCE
    if bounced and (ticket := threads.returned(session, names, incoming.raw)):
        return ticket
    ticket = threads.by_subject(session, mail)
    return threads.whose(session, ticket, mail.sender.address) if ticket else None


def _heard(incoming: Incoming, ticket: Ticket, words: str, **more: Any) -> Event:
    """Tell it as what the customer says: when it came, but after all that is on the ticket already."""
    newest = incoming.session.scalar(select(func.max(Event.at)).where(Event.ticket_id == ticket.id))
    at = max(incoming.row.received_at, newest or incoming.row.received_at)
    told = ticket.hear(f"wrote: {words}", at, wakes=False, **(incoming.detail | more))
    incoming.session.flush()
    return told


def _opened(incoming: Incoming, subject: str, priority: Priority, *, known: bool = True) -> Ticket:
    contact = threads.contact_of(incoming.session, incoming.mail.sender.address) if known else None
    return open_ticket(
        incoming.session,
        dice=incoming.desk.dice,
        at=incoming.row.received_at,
        subject=cutting.begun(subject, SUBJECT).strip() or "(no subject)",
        priority=priority,
        contact_id=contact.id if contact else None,
        customer_id=contact.customer_id if contact else None,
        email=incoming.sender if known else None,
        way=MAIL,
        name=incoming.mail.sender.name[:SUBJECT] if known else None,
    )


def _in_flood(incoming: Incoming, over: Flood) -> Ticket:
    """One ticket for all that is too much; it tells the first mails one by one and has them all."""
    whose = "everybody" if over.key == flood.ALL else incoming.mail.sender.address or "nobody that it names"
    ticket = incoming.session.get(Ticket, over.ticket_id) if over.ticket_id else None
    if ticket is None:
        ticket = _opened(incoming, f"A flood of mail from {whose}", Priority.HIGH, known=over.key != flood.ALL)
        over.ticket_id = ticket.id
    goes_on = inbox.survivor(incoming.session, ticket)
    told = select(func.count(Arrival.id)).where(Arrival.ticket_id == goes_on.id)
    few = (incoming.session.scalar(told) or 0) < flood.SHOWN
    words = f"{incoming.row.title}: {incoming.words(FEW_WORDS)}"
    event = _heard(incoming, goes_on, words, automatic="a flood is not answered") if few else None
    incoming.settled(State.THREADED, f"too many new tickets in an hour from {whose}", goes_on, event)
    return goes_on


def _ended(session: Session, ticket: Ticket) -> datetime:
    ends = select(func.max(Event.at)).where(Event.ticket_id == ticket.id, Event.kind.in_(ENDS))
    return session.scalar(ends) or ticket.opened_at
