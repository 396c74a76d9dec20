"""Belongings: the rows that are a person's, table by table, as conditions; with what they have on others' tickets."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, func, or_, select

from desk import numbers as telephone
from desk.door.attempts import Attempts
from desk.outbox import Outgoing
from ivr.call import Call, Visit
from ivr.line import BlockedNumber
from ivr.recordings import Recording
from sla.billing.charge_line import ChargeLine
from sla.due import Due
from sla.mark import Mark
from sla.worklog import Work
from tickets import inbox
from tickets.event import WEB, Event, Kind
from tickets.file import File
from tickets.mail import flood
from tickets.mail.addressee import plain
from tickets.mail.arrival import Arrival, Raw
from tickets.mail.letter import Letter
from tickets.people import Contact, Former
from tickets.privacy import person as people
from tickets.public.passes import LIFE, MailedLink
from tickets.public.sending import SentForm
from tickets.ticket import Ticket

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import Session

    from desk.db import Base
    from tickets.privacy.whom import Person


# What is erased in which order: what others are found by comes last.
TABLES: tuple[type[Base], ...] = (
    *(Raw, Arrival, Visit, Letter, MailedLink, File, SentForm, Due, Mark, flood.Flood, Attempts, BlockedNumber),
    ChargeLine,
    *(Event, Recording, Call, Ticket, Former, Contact),
)


@dataclass(frozen=True)
class Belongings:
    """Numbers of tickets and mails, names of calls, and of what they said on tickets of others the events."""

    tickets: Select[int]
    calls: Select[str]
    arrivals: Select[int]
    events: Select[int]


def of(session: Session, person: Person) -> Belongings:
    """What they have at this instant."""
    tickets = select(Ticket.id).where(people.theirs(person))
    rang = and_(Call.contact_id.is_(None), person.had_then(Call.caller, Call.started_at))
    calls = select(Call.sid).where(or_(Call.contact_id.in_(person.contacts), rang))
    arrivals = select(Arrival.id).where(person.had_then(func.lower(Arrival.sender), Arrival.received_at))
    found = [*_elsewhere(session, tickets, calls, arrivals), *session.scalars(_by_the_web(person, tickets))]
    return Belongings(tickets, calls, arrivals, select(Event.id).where(Event.id.in_(found)))


def sent(mine: Belongings, person: Person) -> ColumnElement[bool]:
    """What is true of the files that they sent themselves: on a ticket of theirs others may send some too.

    Files come by the web alone, with the mailbox under which they were sent. Where that is shared, or nobody noted
    it, it is not known who it was, and the file is not handed over.
    """
    here = or_(Event.ticket_id.in_(mine.tickets), Event.id.in_(mine.events))
    return File.event_id.in_(select(Event.id).where(here, person.had_then(_mailbox(), Event.at)))


def rows(mine: Belongings, person: Person, until: datetime | None = None) -> Mapping[type[Base], ColumnElement[bool]]:
    """What is true of their rows, table by table; of what is written to them on other tickets only that up to then."""
    mailbox = person.had_then(func.lower(MailedLink.mailbox), MailedLink.expires_at, LIFE)
    address = written_to(person)
    if until:
        mailbox, address = and_(mailbox, MailedLink.expires_at <= until + LIFE), and_(address, Letter.at <= until)
    counted = [Attempts.key.endswith(one, autoescape=True) for one in _hashes(person.present)]
    floods = [flood.of_sender(one) for one in person.present if "@" in one]
    of_tickets: dict[type[Base], ColumnElement[bool]] = {
        one: one.ticket_id.in_(mine.tickets) for one in (SentForm, Due, Mark)
    }
    return {
        Raw: Raw.arrival_id.in_(mine.arrivals),
        Arrival: Arrival.id.in_(mine.arrivals),
        Visit: Visit.call_sid.in_(mine.calls),
        Letter: or_(Letter.ticket_id.in_(mine.tickets), address),
        MailedLink: or_(MailedLink.ticket_id.in_(mine.tickets), mailbox),
        File: or_(File.ticket_id.in_(mine.tickets), File.event_id.in_(mine.events)),
        **of_tickets,
        flood.Flood: flood.Flood.key.in_(floods),
        Attempts: or_(Attempts.key.is_(None), *counted),
        BlockedNumber: BlockedNumber.number.in_(person.present),
        ChargeLine: ChargeLine.ticket_id.in_(mine.tickets),
        Event: or_(Event.ticket_id.in_(mine.tickets), Event.id.in_(mine.events)),
        Recording: Recording.call_sid.in_(mine.calls),
        Call: Call.sid.in_(mine.calls),
        Ticket: Ticket.id.in_(mine.tickets),
        Former: Former.contact_id.in_(person.contacts),
        Contact: Contact.id.in_(person.contacts),
    }


def written_to(person: Person) -> ColumnElement[bool]:
    """What is true of letters to them, by the address as it is written: of one mailbox several may have one.

    `Letter.address` has the index.
    """
    boxes = {plain(one) for one in person.values if "@" in one}
    return and_(Letter.address.in_(boxes), person.had_then(func.lower(Letter.to), Letter.at))


def worked(mine: Belongings) -> ColumnElement[bool]:
    """The stretches of work for them, which stay."""
    return Work.ticket_id.in_(mine.tickets)


def posted(
    session: Session,
    mine: Belongings,
    person: Person,
    until: datetime | None = None,
    *where: ColumnElement[bool],
) -> Iterator[Outgoing]:
    """What goes out to them, or about them to a colleague; of what came up after `until` only what is about theirs."""
    tickets, letters = set(session.scalars(mine.tickets)), set(session.scalars(_letters(mine)))
    query = select(Outgoing).where(*where).order_by(Outgoing.id)
    for row in session.scalars(query.execution_options(yield_per=500)):
        about = row.payload.get("ticket") in tickets or row.payload.get("letter") in letters
        in_time = until is None or row.made_at <= until
        if about or (in_time and person.traces_at(row.made_at).out_of_all(row.payload) != row.payload):
            yield row


def _letters(mine: Belongings) -> Select[int]:
    return select(Letter.id).where(Letter.ticket_id.in_(mine.tickets))


def _elsewhere(session: Session, tickets: Select[int], calls: Select[str], arrivals: Select[int]) -> Iterator[int]:
    """What they said on tickets of others, by a call or a mail of theirs."""
    sids, mails = set(session.scalars(calls)), set(session.scalars(arrivals))
    sounds = set(session.scalars(select(Recording.sid).where(Recording.call_sid.in_(calls))))
    on_calls = select(Call.ticket_id).where(Call.sid.in_(calls))
    on_mails = select(Arrival.ticket_id).where(Arrival.id.in_(arrivals), Arrival.ticket_id.is_not(None))
    there = or_(Event.ticket_id.in_(on_calls), Event.ticket_id.in_(on_mails))
    told = select(Event.id, Event.detail).where(there, Event.ticket_id.not_in(tickets))
    for number, detail in session.execute(told.order_by(Event.id)):
        if is_by(detail, sids, mails, sounds):
            yield number


def _by_the_web(person: Person, tickets: Select[int]) -> Select[int]:
    """What they said behind a link to a ticket of theirs that goes on as somebody else's."""
    there = Event.ticket_id.in_(inbox.ahead(tickets)), Event.ticket_id.not_in(tickets)
    about = Event.detail["for"].as_integer().in_(tickets)
    theirs = or_(person.had_then(_mailbox(), Event.at), and_(_mailbox().is_(None), about))
    return select(Event.id).where(*there, Event.kind == Kind.ASKED, Event.detail["way"].as_string() == WEB, theirs)


def _mailbox() -> ColumnElement[str]:
    return func.lower(Event.detail["mailbox"].as_string())


def is_by(detail: Mapping[str, Any], calls: set[str], mails: set[int], sounds: set[str]) -> bool:
    """Whether that event tells of one of these calls, mails or messages."""
    return detail.get("call") in calls or detail.get("mail") in mails or detail.get("recording") in sounds


def _hashes(values: Iterable[str]) -> Iterator[str]:
    """As limits count what somebody typed (attempts.py, tickets.public.bounds)."""
    said = [typed for one in values for typed in (one, plain(one) if "@" in one else telephone.shown(one))]
    said += [one.replace(" ", "") for one in said]
    for one in dict.fromkeys(said):
        yield sha256(one.strip().lower().encode()).hexdigest()[:32]
