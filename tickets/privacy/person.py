"""Person: who somebody is to us, found by contact, number or address; and what they share with others.

A number or an address that another contact, a colleague or we ourselves have too is not only theirs: it stays, and
what came by it alone is not shown to them. What else was told under their name (another number on their ticket) is a
claim: it is named, and taken in only when somebody who asks for it says so. So is the name with which somebody signs:
one that stands in what the line says to callers is nobody's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, func, or_, select

from desk import numbers, typed
from desk.staff import Staff
from ivr.call import Call
from ivr.line import Line
from ivr.prompts import Prompt
from tickets.event import ADDRESS, Event, Kind
from tickets.mail.addressee import plain
from tickets.mail.arrival import Arrival
from tickets.people import Contact, Customer
from tickets.privacy.folding import plain as as_compared
from tickets.privacy.spelt_names import words_of
from tickets.privacy.traces import Traces
from tickets.ticket import Ticket

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import Session

CONTACT = re.compile(r"contact-(\d{1,9})")
LONGEST = 200  # characters of what somebody looks for
MOST = 20  # people to choose from


@dataclass(frozen=True)
class Found:
    """Somebody to choose: the key by which they are asked for, and what they are called."""

    key: str
    name: str
    customer: str | None = None


@dataclass(frozen=True)
class Person:
    """Somebody outside. `keys` are how they were asked for; `shared` others have too; `beside` was told of them."""

    keys: tuple[str, ...]
    contacts: tuple[int, ...] = ()
    numbers: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    shared: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    mailboxes: tuple[str, ...] = ()  # of which every address with a plus is theirs
    surnames: tuple[str, ...] = ()  # that nobody else has whom we know

    @property
    def traces(self) -> Traces:
        """What of them may stand in others' words."""
        return Traces(self.numbers, self.addresses, self.names, mailboxes=self.mailboxes, surnames=self.surnames)

    @property
    def is_somebody(self) -> bool:
        """Whether there is anything by which they can be told."""
        return bool(self.contacts or self.numbers or self.addresses)


def look_for(session: Session, words: str) -> list[Found]:
    """Whom these words may mean: a contact by number, address, name or key, or a number or address by itself."""
    words = typed.line(words, LONGEST)
    key = _plain(words)
    if key is None:
        return [_found(one, customer) for one, customer in session.execute(_called(words))] if words else []
    contacts = session.execute(_contacts().where(_has(key)).limit(MOST)).all()
    return [_found(one, customer) for one, customer in contacts] or (
        [] if CONTACT.fullmatch(key) else [Found(key, key)]
    )


def of(session: Session, keys: Sequence[str]) -> Person:
    """The person of these keys; raises LookupError for what names nobody."""
    if not keys:
        raise LookupError("nobody is named")
    contacts: dict[int, Contact] = {}
    known: list[str] = []
    for key in dict.fromkeys(keys):
        plain = _plain(key)
        if plain is None:
            raise LookupError(f"{key!r} is no contact, telephone number or mail address")
        if found := CONTACT.fullmatch(plain):
            contact = session.get(Contact, int(found[1]))
            if contact is None:
                raise LookupError(f"there is no contact {found[1]}")
            contacts[contact.id] = contact
        else:
            known.append(plain)
    for one in contacts.values():
        known += [plain for plain in (one.phone, one.email and one.email.lower()) if plain]
    for one in session.scalars(select(Contact).where(or_(*(map(_has, known))))) if known and not contacts else ():
        raise LookupError(f"that is contact-{one.id} ({one.name}): ask for them by that")
    return _whole(session, tuple(keys), contacts, tuple(dict.fromkeys(known)))


def theirs(person: Person) -> ColumnElement[bool]:
    """What is true of their tickets.

    A number that somebody typed into a form makes a ticket theirs only if they rang from it: else anybody could have
    what another asked for by naming that number.
    """
    rang = select(Call.opened_ticket_id).where(Call.caller.in_(person.numbers))
    rang_or_nothing_else = or_(Ticket.email.is_(None), Ticket.id.in_(rang))
    by_number = Ticket.caller.in_(person.numbers) & rang_or_nothing_else
    wrote = func.lower(Ticket.email).in_(person.addresses)
    return or_(Ticket.contact_id.in_(person.contacts), Ticket.contact_id.is_(None) & or_(by_number, wrote))


def _plain(words: str) -> str | None:
    words = words.strip()
    if CONTACT.fullmatch(words.lower()):
        return words.lower()
    if re.fullmatch(r"[^@\s]{1,100}@[^@\s]{1,150}", words):
        return words.lower()
    try:
        return numbers.parse(words)
    except numbers.NotANumber:
        return None


def _found(contact: Contact, customer: str) -> Found:
    return Found(f"contact-{contact.id}", contact.name, customer)


def _contacts() -> Select[Contact, str]:
    return select(Contact, Customer.name).join(Customer, Customer.id == Contact.customer_id).order_by(Contact.name)


def _called(words: str) -> Select[Contact, str]:
    """Those in whose name every word stands."""
    stand = (Contact.name.icontains(word, autoescape=True) for word in words.split())
    return _contacts().where(*stand).limit(MOST)


def _has(key: str) -> ColumnElement[bool]:
    if found := CONTACT.fullmatch(key):
        return Contact.id == int(found[1])
    return func.lower(Contact.email) == key if "@" in key else Contact.phone == key


def _whole(session: Session, keys: tuple[str, ...], contacts: dict[int, Contact], known: tuple[str, ...]) -> Person:
    others = _of_others(session, contacts)
    own = [one for one in known if one not in others]
    person = Person(
        keys,
        tuple(contacts),
        tuple(one for one in own if one.startswith("+")),
        tuple(one for one in own if "@" in one),
        shared=tuple(one for one in known if one in others),
    )
    ours = _said_by_the_line(session)
    signed = (name for name in _names_told(session, person) if " ".join(name.split()).casefold() not in ours)
    told = [*(one.name for one in contacts.values()), *signed]
    names = {" ".join(name.split()): None for name in told if name.strip()}
    alone = tuple(name for name in names if name.casefold() not in others)
    beside = tuple(one for one in dict.fromkeys(_told_beside(session, person)) if one not in {*known, *others})
    shared = (*person.shared, *(name for name in names if name not in alone))
    taken = {plain(one) for one in others if "@" in one}
    surnames = {words[-1]: None for words in map(words_of, alone) if len(words) > 1}
    lasts = {as_compared(words[-1]) for words in map(words_of, others) if words}
    return replace(
        person,
        names=alone,
        beside=beside,
        shared=shared,
        mailboxes=tuple(one for one in dict.fromkeys(map(plain, person.addresses)) if one not in taken),
        surnames=tuple(one for one in surnames if as_compared(one) not in lasts),
    )


def _of_others(session: Session, contacts: Collection[int]) -> set[str]:
    """Every number, address and name that another person, a company or we have."""
    found: set[str | None] = set(session.scalars(select(Line.number)))
    for name, phone, email in session.execute(
        select(Contact.name, Contact.phone, Contact.email).where(Contact.id.not_in(contacts))
    ):
        found |= {name.casefold(), phone, email and email.lower()}
    for name, phone, email in session.execute(select(Staff.name, Staff.phone, Staff.email)):
        found |= {name.casefold(), phone, email and email.lower()}
    found |= {
        name.casefold() for query in (select(Customer.name), select(Line.company)) for name in session.scalars(query)
    }
    return {one for one in found if one}


def _said_by_the_line(session: Session) -> str:
    """All that callers hear, by any line in any language; else a From of "Emergency Support" would have it erased."""
    said = [*session.scalars(select(Prompt.text)), *session.scalars(select(Line.announcement))]
    return "\n".join(filter(None, said)).casefold()


def _names_told(session: Session, person: Person) -> Iterator[str]:
    """By which names they signed what they sent."""
    sent = select(Arrival.facts).where(func.lower(Arrival.sender).in_(person.addresses))
    for facts in session.scalars(sent):
        yield str(facts.get("name") or "")
    for detail in session.scalars(_events(person, Kind.OPENED, Kind.ASKED)):
        yield str(detail.get("name") or "")


def _told_beside(session: Session, person: Person) -> Iterator[str]:
    """Numbers and addresses on their tickets, and what else wrote from their mailboxes by an address with a plus."""
    for column in (Ticket.email, Arrival.sender) if person.addresses else ():
        written = select(func.lower(column)).where(or_(*map(partial(_of_mailbox, column), person.addresses)))
        yield from session.scalars(written.distinct())
    mine = select(Ticket.caller, Ticket.email).where(theirs(person)).distinct()
    for caller, email in session.execute(mine):
        yield from (one for one in (caller, email and email.lower()) if one)
    for detail in session.scalars(_events(person, ADDRESS)):
        if address := str(detail.get("address") or ""):
            yield address.lower()


def _of_mailbox(column: Any, address: str) -> ColumnElement[bool]:
    local, _, domain = plain(address).partition("@")
    return and_(column.istartswith(f"{local}+", autoescape=True), column.iendswith(f"@{domain}", autoescape=True))


def _events(person: Person, *kinds: str) -> Select[dict[str, Any]]:
    return select(Event.detail).join(Ticket, Ticket.id == Event.ticket_id).where(Event.kind.in_(kinds), theirs(person))
