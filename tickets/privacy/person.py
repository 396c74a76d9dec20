"""Person: who somebody is to us, found by contact, number or address; and what they share with others.

What a contact was called and had before it was changed is theirs too (tickets.people.Former), and what came by a number
or an address belongs to whoever had it then: telephone numbers and mailboxes are passed on and taken again (spells.py).

A number or an address that another contact, a colleague or we ourselves have too is not only theirs: it stays, and
what came by it alone is not shown to them. What else was told under their name (another number on their ticket) is a
claim: it is named, and taken in only when somebody who asks for it says so. So is what came by their former number
when nobody is known to have had it. So is the name with which somebody signs: one that stands in what the line says to
callers is nobody's.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, or_, select

from ivr.announcement import Announcement
from ivr.call import Call
from ivr.line import Line
from ivr.prompts import Prompt
from tickets.event import ADDRESS, MAIL, WEB, Event, Kind
from tickets.mail.addressee import plain
from tickets.mail.arrival import Arrival
from tickets.people import Contact, Former
from tickets.privacy import tenure
from tickets.privacy.finding import CONTACT, has, key_of
from tickets.privacy.folding import plain as as_compared
from tickets.privacy.spelt_names import words_of
from tickets.privacy.whom import Person
from tickets.ticket import Ticket

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import Session


def of(session: Session, keys: Sequence[str]) -> Person:
    """The person of these keys; raises LookupError for what names nobody."""
    if not keys:
        raise LookupError("nobody is named")
    contacts: dict[int, Contact] = {}
    asked: list[str] = []
    for key in dict.fromkeys(keys):
        plain = key_of(key)
        if plain is None:
            raise LookupError(f"{key!r} is no contact, telephone number or mail address")
        if found := CONTACT.fullmatch(plain):
            contact = session.get(Contact, int(found[1]))
            if contact is None:
                raise LookupError(f"there is no contact {found[1]}")
            contacts[contact.id] = contact
        else:
            asked.append(plain)
    for one in session.scalars(select(Contact).where(or_(*(map(has, asked))))) if asked and not contacts else ():
        raise LookupError(f"that is contact-{one.id} ({one.name}): ask for them by that")
    return _named(session, _reached(session, tuple(keys), contacts, asked), contacts)


def theirs(person: Person) -> ColumnElement[bool]:
    """What is true of their tickets.

    A number that somebody typed into a form makes a ticket theirs only if they rang from it: else anybody could have
    what another asked for by naming that number. So it is with an address that somebody of ours noted on a ticket of a
    caller: it may be mistyped.
    """
    rang = select(Call.opened_ticket_id).where(person.had_then(Call.caller, Call.started_at))
    rang_or_nothing_else = or_(Ticket.email.is_(None), Ticket.id.in_(rang))
    by_number = person.had_then(Ticket.caller, Ticket.opened_at) & rang_or_nothing_else
    by_themselves = select(Event.ticket_id).where(Event.kind == Kind.OPENED, _way().in_((WEB, MAIL)))
    nobody_else = or_(Ticket.caller.is_(None), person.had_then(Ticket.caller, Ticket.opened_at))
    by_address = person.had_then(func.lower(Ticket.email), Ticket.opened_at)
    wrote = by_address & or_(nobody_else, Ticket.id.in_(by_themselves))
    return or_(Ticket.contact_id.in_(person.contacts), Ticket.contact_id.is_(None) & or_(by_number, wrote))


def _way() -> ColumnElement[str]:
    """By which way a ticket came, of the event that tells so."""
    way: ColumnElement[str] = Event.detail["way"].as_string()
    return way


def _reached(session: Session, keys: tuple[str, ...], contacts: Mapping[int, Contact], asked: Sequence[str]) -> Person:
    """By which numbers and addresses, and when; without names."""
    known = tuple(dict.fromkeys([*asked, *_values(contacts.values(), _former(session, contacts))]))
    ever, others = tenure.ever(session), tenure.others(session, contacts)
    mailboxes, in_them = tenure.boxes(ever), {plain(one) for one in asked}
    had = tenure.times(ever, contacts, known, asked)
    boxes = tenure.times(mailboxes, contacts, [plain(one) for one in known if "@" in one], in_them)
    own = tenure.wherever(session, ever, had, contacts)
    return Person(
        keys,
        tuple(contacts),
        tuple(one for one in own if one.startswith("+")),
        tuple(one for one in own if "@" in one),
        mailboxes=tenure.wherever(session, mailboxes, boxes, contacts, box=True),
        shared=tuple(one for one in known if one in others),
        beside=tuple(one for one in known if one not in others and tenure.is_used(session, one, had, contacts)),
        had=had,
        boxes=boxes,
    )


def _named(session: Session, person: Person, contacts: Mapping[int, Contact]) -> Person:
    """The same with names, and with what else was told of them."""
    others = tenure.others(session, contacts)
    former, ours = _former(session, contacts), _said_by_the_line(session)
    signed = (name for name in _names_told(session, person) if " ".join(name.split()).casefold() not in ours)
    called = (one.value for one in former if one.kind == "name")
    told = [*(one.name for one in contacts.values()), *called, *signed]
    names = {" ".join(name.split()): None for name in told if name.strip()}
    alone = tuple(name for name in names if name.casefold() not in others)
    known = {*person.values, *_values(contacts.values(), former), *map(key_of, person.keys), *others}
    beside = (one for one in dict.fromkeys(_told_beside(session, person)) if one not in known)
    surnames = {words[-1]: None for words in map(words_of, alone) if len(words) > 1}
    lasts = {as_compared(words[-1]) for words in map(words_of, others) if words}
    return replace(
        person,
        names=alone,
        beside=(*person.beside, *beside),
        shared=(*person.shared, *(name for name in names if name not in alone)),
        surnames=tuple(one for one in surnames if as_compared(one) not in lasts),
    )


def _former(session: Session, contacts: Collection[int]) -> Sequence[Former]:
    return session.scalars(select(Former).where(Former.contact_id.in_(contacts)).order_by(Former.id)).all()


def _values(contacts: Iterable[Contact], former: Iterable[Former]) -> Iterator[str]:
    for contact in contacts:
        yield from (one.lower() for one in (contact.phone, contact.email) if one)
    yield from (one.value.lower() for one in former if one.kind != "name")


def _said_by_the_line(session: Session) -> str:
    """All that callers hear, by any line in any language; else a From of "Emergency Support" would have it erased."""
    said = [*session.scalars(select(Prompt.text)), *session.scalars(select(Line.announcement))]
    announced = (text for texts in session.scalars(select(Announcement.texts)) for text in texts.values())
    return "\n".join(filter(None, (*said, *announced))).casefold()


def _names_told(session: Session, person: Person) -> Iterator[str]:
    """By which names they signed what they sent."""
    sent = select(Arrival.facts).where(person.had_then(func.lower(Arrival.sender), Arrival.received_at))
    for facts in session.scalars(sent):
        yield str(facts.get("name") or "")
    told = select(Event.detail, Event.at, Ticket.email).join(Ticket, Ticket.id == Event.ticket_id)
    for detail, at, email in session.execute(told.where(Event.kind.in_((Kind.OPENED, Kind.ASKED)), theirs(person))):
        mailbox = detail.get("mailbox") or email  # one may be read by several, who sign with names of their own
        if not isinstance(mailbox, str) or person.had_at(mailbox, at):
            yield str(detail.get("name") or "")


def _told_beside(session: Session, person: Person) -> Iterator[str]:
    """Numbers and addresses on their tickets, and what else wrote from their mailboxes by an address with a plus."""
    for column in (Ticket.email, Arrival.sender) if person.addresses else ():
        written = select(func.lower(column)).where(or_(*map(partial(tenure.is_tagged, column), person.addresses)))
        yield from session.scalars(written.distinct())
    mine = select(Ticket.caller, Ticket.email).where(theirs(person)).distinct()
    for caller, email in session.execute(mine):
        yield from (one for one in (caller, email and email.lower()) if one)
    for detail in session.scalars(_events(person, ADDRESS)):
        if address := str(detail.get("address") or ""):
            yield address.lower()


def _events(person: Person, *kinds: str) -> Select[dict[str, Any]]:
    return select(Event.detail).join(Ticket, Ticket.id == Event.ticket_id).where(Event.kind.in_(kinds), theirs(person))
