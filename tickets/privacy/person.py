"""Person: who somebody is to us, found by contact, number or address; and what they share with others.

What a contact was called and had before it was changed is theirs too (tickets.people.Former), and what came by a number
or an address belongs to whoever had it then: telephone numbers and mailboxes are passed on (`had`).

A number or an address that another contact, a colleague or we ourselves have too is not only theirs: it stays, and
what came by it alone is not shown to them. What else was told under their name (another number on their ticket) is a
claim: it is named, and taken in only when somebody who asks for it says so. So is the name with which somebody signs:
one that stands in what the line says to callers is nobody's.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, func, or_, select

from desk.staff import Staff
from ivr.call import Call
from ivr.line import Line
from ivr.prompts import Prompt
from tickets.event import ADDRESS, Event, Kind
from tickets.mail.addressee import plain
from tickets.mail.arrival import Arrival
from tickets.people import Contact, Customer, Former
from tickets.privacy.finding import CONTACT, has, key_of
from tickets.privacy.folding import plain as as_compared
from tickets.privacy.spelt_names import words_of
from tickets.privacy.traces import Traces
from tickets.ticket import Ticket

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from sqlalchemy import ColumnElement, Select, SQLColumnExpression
    from sqlalchemy.orm import Session


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
    had: tuple[tuple[str, str, str], ...] = ()  # numbers and addresses, from when to when; empty is always

    @property
    def traces(self) -> Traces:
        """What of them may stand in others' words."""
        return Traces(self.numbers, self.addresses, self.names, mailboxes=self.mailboxes, surnames=self.surnames)

    @property
    def is_somebody(self) -> bool:
        """Whether there is anything by which they can be told."""
        return bool(self.contacts or self.numbers or self.addresses)

    def had_then(self, column: SQLColumnExpression[Any], at: SQLColumnExpression[datetime]) -> ColumnElement[bool]:
        """Whether what stands there was their number or address at that instant; addresses in small letters."""
        always = [what for what, *when in self.had if not any(when)]
        return or_(column.in_(always), *(_within(column, at, *one) for one in self.had if any(one[1:])))

    def had_at(self, what: str, at: datetime) -> bool:
        """Whether that was theirs at that instant."""
        return any(
            what.lower() == one
            and (not since or at >= datetime.fromisoformat(since))
            and (not until or at < datetime.fromisoformat(until))
            for one, since, until in self.had
        )

    def has_passed_on(self, what: str, at: datetime) -> bool:
        """Whether that was theirs at another time, and somebody else's at that instant."""
        return any(what.lower() == one for one, *_ in self.had) and not self.had_at(what, at)


def of(session: Session, keys: Sequence[str]) -> Person:
    """The person of these keys; raises LookupError for what names nobody."""
    if not keys:
        raise LookupError("nobody is named")
    contacts: dict[int, Contact] = {}
    known: list[str] = []
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
            known.append(plain)
    for one in contacts.values():
        known += [plain for plain in (one.phone, one.email and one.email.lower()) if plain]
    known += [one.value.lower() for one in _former(session, contacts) if one.kind != "name"]
    for one in session.scalars(select(Contact).where(or_(*(map(has, known))))) if known and not contacts else ():
        raise LookupError(f"that is contact-{one.id} ({one.name}): ask for them by that")
    return _whole(session, tuple(keys), contacts, tuple(dict.fromkeys(known)))


def theirs(person: Person) -> ColumnElement[bool]:
    """What is true of their tickets.

    A number that somebody typed into a form makes a ticket theirs only if they rang from it: else anybody could have
    what another asked for by naming that number.
    """
    rang = select(Call.opened_ticket_id).where(person.had_then(Call.caller, Call.started_at))
    rang_or_nothing_else = or_(Ticket.email.is_(None), Ticket.id.in_(rang))
    by_number = person.had_then(Ticket.caller, Ticket.opened_at) & rang_or_nothing_else
    wrote = person.had_then(func.lower(Ticket.email), Ticket.opened_at)
    return or_(Ticket.contact_id.in_(person.contacts), Ticket.contact_id.is_(None) & or_(by_number, wrote))


def _former(session: Session, contacts: Collection[int]) -> Sequence[Former]:
    return session.scalars(select(Former).where(Former.contact_id.in_(contacts)).order_by(Former.id)).all()


def _within(
    column: SQLColumnExpression[Any], at: SQLColumnExpression[datetime], what: str, since: str, until: str
) -> ColumnElement[bool]:
    since_then = [at >= datetime.fromisoformat(since)] if since else []
    until_then = [at < datetime.fromisoformat(until)] if until else []
    return and_(column == what, *since_then, *until_then)


def _whole(session: Session, keys: tuple[str, ...], contacts: dict[int, Contact], known: tuple[str, ...]) -> Person:
    others = _of_others(session, contacts)
    own = [one for one in known if one not in others]
    former = _former(session, contacts)
    person = Person(
        keys,
        tuple(contacts),
        tuple(one for one in own if one.startswith("+")),
        tuple(one for one in own if "@" in one),
        shared=tuple(one for one in known if one in others),
        had=tuple(_times(session, contacts, known, former, others)),
    )
    ours = _said_by_the_line(session)
    signed = (name for name in _names_told(session, person) if " ".join(name.split()).casefold() not in ours)
    called = (one.value for one in former if one.kind == "name")
    told = [*(one.name for one in contacts.values()), *called, *signed]
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


def _times(
    session: Session, contacts: Mapping[int, Contact], known: Sequence[str], former: Sequence[Former], others: set[str]
) -> Iterator[tuple[str, str, str]]:
    """From when to when each number and address was theirs alone: since others gave it up, until they did."""
    given_up: dict[str, list[datetime | None]] = {}
    before = select(Former.value, Former.until).where(Former.contact_id.not_in(contacts), Former.kind != "name")
    for value, until in session.execute(before.where(func.lower(Former.value).in_(known))):
        given_up.setdefault(value.lower(), []).append(until)
    now = {one and one.lower() for contact in contacts.values() for one in (contact.phone, contact.email)}
    ended = {one.value.lower(): one.until for one in former if one.kind != "name"}
    for what in known:
        until = None if what in now else ended.get(what)
        gone = given_up.get(what, [])
        if (what in others and until is None) or None in gone:
            continue  # others have it too, or had, and nobody can say whose it was when
        since = max((one for one in gone if one and (until is None or one < until)), default=None)
        yield what, since.isoformat() if since else "", until.isoformat() if until else ""


def _of_others(session: Session, contacts: Collection[int]) -> set[str]:
    """Every number, address and name that another person, a company or we have."""
    found: set[str | None] = set(session.scalars(select(Line.number)))
    for name, phone, email in session.execute(
        select(Contact.name, Contact.phone, Contact.email).where(Contact.id.not_in(contacts))
    ):
        found |= {name.casefold(), phone, email and email.lower()}
    formerly = select(Former.value).where(Former.kind == "name", Former.contact_id.not_in(contacts))
    found |= {name.casefold() for name in session.scalars(formerly)}
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
    sent = select(Arrival.facts).where(person.had_then(func.lower(Arrival.sender), Arrival.received_at))
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
