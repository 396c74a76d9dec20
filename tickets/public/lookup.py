"""Lookup: how a ticket stands, for whoever names it and an address or a number of it; one query, whatever is asked.

A ticket that is not there and one of somebody else's give the same nothing, by the same work.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import false, func, or_, select

from desk import numbers
from desk.numbers import NotANumber
from tickets import inbox
from tickets.event import CONFIRMED, Event, Kind
from tickets.people import Contact
from tickets.ticket import Ticket

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

# What customers may know the time of; a note, a page or a breach is no news to them.
NEWS = (*(kind for kind in Kind if kind != Kind.MISSED), "acknowledged", "handed over", "released", CONFIRMED)


@dataclass(frozen=True)
class Standing:
    """All that is told to whoever has no more than a reference: the ticket that goes on, and when it last moved."""

    reference: str
    state: str
    moved_at: datetime
    is_joined: bool


def find(session: Session, digits: str, contact: str) -> int | None:
    """The number of the ticket of that reference, if this mail address or telephone number belongs to it."""
    named = select(Ticket.id).outerjoin(Contact, Contact.id == Ticket.contact_id).where(Ticket.reference == digits)
    return session.scalars(named.where(_is_theirs(contact))).one_or_none()


def standing(session: Session, number: int) -> Standing | None:
    """How it stands; None if there is none any more."""
    asked = session.get(Ticket, number)
    if asked is None:
        return None
    ticket = inbox.survivor(session, asked)
    news = select(func.max(Event.at)).where(Event.ticket_id == ticket.id, Event.kind.in_(NEWS))
    moved = session.scalar(news) or ticket.opened_at
    return Standing(asked.reference, ticket.state, moved, ticket.id != asked.id)


def _is_theirs(contact: str) -> ColumnElement[bool]:
    if "@" in contact:
        typed = contact.strip().lower()
        return or_(func.lower(Ticket.email) == typed, func.lower(Contact.email) == typed)
    try:
        number = numbers.parse(contact)
    except NotANumber:
        return false()
    return or_(Ticket.caller == number, Contact.phone == number)
