"""Threads: which ticket a mail belongs to, by what only those who have our letters or each other's mails can know.

In this order: a name that we gave and sealed (a Message-ID or plus address of ours), a mail of the same thread that
reached us before, a reference in the subject if the sender belongs to that ticket. A reference alone proves nothing
(it is no secret), and neither does a sender, who can be made up: both together are taken for what they are.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from sqlalchemy import exists, func, or_, select

from tickets import canary, inbox, people
from tickets.event import Event
from tickets.mail.arrival import Arrival
from tickets.people import Contact
from tickets.search import reference_in
from tickets.ticket import Ticket

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy.orm import Session

    from tickets.mail.names import Names
    from tickets.mail.received import Received

NEWEST = 200  # mails of a ticket whose people belong to it; a flood has more
IN_SUBJECT = re.compile(r"\[#\s*(\d(?:[\s.-]?\d){8})\s*\]", re.ASCII)  # [#482-913-077], also without hyphens
OUR_MESSAGE = re.compile(rb"<([a-z2-7]{40})@", re.IGNORECASE)
LOOKED_AT = 50  # of what may be names of ours in a bounce; meanwhile others wait to write to the database
OUTBOX = re.compile(rb"<([0-9a-f]{40})@([\w.-]{1,253})>")


def by_thread(session: Session, names: Names, mail: Received) -> Ticket | None:
    """The ticket of a name of ours, else of the newest mail that it follows."""
    for number in _named(names, mail):
        if ticket := session.get(Ticket, number):
            return ticket
    return _of_mails(session, mail.references)


def by_subject(session: Session, mail: Received) -> Ticket | None:
    """The ticket whose reference stands in the subject, whoever wrote it there."""
    for found in IN_SUBJECT.finditer(mail.subject):
        reference = reference_in(found[1])
        ticket = session.scalars(inbox.by_reference(reference)).one_or_none() if reference else None
        if ticket and not canary.is_one(session, ticket.id):
            return ticket
    return None


def whose(session: Session, ticket: Ticket, address: str | None) -> Ticket | None:
    """The ticket, or the one that joined it, on which that sender wrote, was written to, or is of the same customer.

    Who belongs to one that joined is told nothing of the others, nor are these told what they write.
    """
    if not address:
        return None
    lower, wanted = address.lower(), Ticket.id.in_(inbox.whole(ticket))
    whole = session.scalars(select(Ticket).where(wanted).order_by(Ticket.id != ticket.id, Ticket.id)).all()
    named = (one for one in whole if _names(session, one, lower))
    wrote = (one for one in reversed(whole) if _has_mails_of(session, one, lower))  # what joined first: its mails go on
    return next(named, None) or next(wrote, None)


def contact_of(session: Session, address: str | None) -> Contact | None:
    """Whose address that is, exactly; nobody if contacts of several customers share it."""
    return people.one_of(people.reading(session, address)) if address else None


def is_known(session: Session, addresses: Sequence[str]) -> bool:
    """Whether any of these is of a contact, or of a ticket: somebody to whom we may have written."""
    wanted = [address.lower() for address in addresses]
    contact = exists().where(func.lower(Contact.email).in_(wanted))
    ticket = exists().where(func.lower(Ticket.email).in_(wanted))
    return bool(wanted) and bool(session.scalar(select(or_(contact, ticket))))


def returned(session: Session, names: Names, raw: bytes) -> Ticket | None:
    """The ticket of a letter of ours that a bounce brings back, found by its name anywhere in the bounce."""
    for found in islice(OUR_MESSAGE.finditer(raw), LOOKED_AT):
        number = names.ticket_of(f"<{found[1].decode('ascii')}@x>")
        ticket = session.get(Ticket, number) if number is not None else None
        if ticket:
            return ticket
    return None


def of_outbox(raw: bytes) -> list[str]:
    """What may be the names of mails of ours about no ticket (to colleagues), in what a bounce brings back."""
    found = islice(OUTBOX.finditer(raw), LOOKED_AT)
    return [f"<{one[1].decode('ascii')}@{one[2].decode('ascii', 'replace')}>" for one in found]


def _named(names: Names, mail: Received) -> Iterator[int]:
    for reference in reversed(mail.references):
        if (number := names.ticket_of(reference)) is not None:
            yield number
    for address in mail.recipients:
        if (number := names.ticket_of_address(address)) is not None:
            yield number


def _of_mails(session: Session, references: Sequence[str]) -> Ticket | None:
    """The ticket of the newest of these mails that reached us."""
    known = select(Arrival.message_id, Arrival.ticket_id, Event.detail["for"].as_integer())
    known = known.outerjoin(Event, Event.id == Arrival.event_id)
    known = known.where(Arrival.message_id.in_(references), Arrival.ticket_id.is_not(None)).order_by(Arrival.id)
    tickets = {name: said_for or number for name, number, said_for in session.execute(known)}
    newest = next((tickets[one] for one in reversed(references) if one in tickets), None)
    return session.get(Ticket, newest) if newest else None


def _names(session: Session, ticket: Ticket, lower: str) -> bool:
    if lower in {known.lower() for known in (ticket.email, ticket.contact.email if ticket.contact else None) if known}:
        return True
    theirs = select(Contact.id).where(Contact.customer_id == ticket.customer_id, func.lower(Contact.email) == lower)
    return bool(ticket.customer_id and session.scalar(theirs.limit(1)))


def _has_mails_of(session: Session, ticket: Ticket, lower: str) -> bool:
    mails = select(Arrival).where(Arrival.ticket_id == ticket.id).order_by(Arrival.id.desc()).limit(NEWEST)
    return any(lower in _people(mail) for mail in session.scalars(mails))


def _people(mail: Arrival) -> set[str]:
    return {address.lower() for address in (mail.sender, *mail.facts.get("cc", ())) if address}
