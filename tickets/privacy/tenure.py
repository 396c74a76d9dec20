"""Tenure: which numbers, addresses and names contacts, colleagues and we ourselves have and had, and when.

What was somebody's for a time alone may have been used at another by whom nobody knows: then it is theirs at that time
only; if not, it is theirs wherever it stands.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, delete, exists, func, or_, select

from desk.staff import Staff
from ivr.call import Call
from ivr.line import Line
from tickets.mail.addressee import plain
from tickets.mail.arrival import Arrival
from tickets.people import Contact, Customer, Former
from tickets.privacy import spells, whom
from tickets.privacy.spells import Spell
from tickets.ticket import Ticket

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from tickets.privacy.whom import Had

Ever = dict[str, list[Spell]]


def ever(session: Session) -> Ever:
    """The spells of all numbers and addresses, in small letters."""
    found: dict[str, list[Spell]] = defaultdict(list)
    for one in (*_of_contacts(session), *_former(session), *_of_ours(session)):
        found[one.what].append(one)
    return found


def boxes(of: Ever) -> Ever:
    """The spells of all mailboxes, whatever stands behind a plus."""
    found: dict[str, list[Spell]] = defaultdict(list)
    for what, those in of.items():
        if "@" in what:
            found[plain(what)] += those
    return found


def times(of: Ever, contacts: Collection[int], known: Iterable[str], asked: Collection[str]) -> Had:
    """When each of these was theirs alone; `asked`: somebody said that it is theirs."""
    return tuple(
        one
        for what in dict.fromkeys(known)
        for one in whom.told(what, spells.alone(of.get(what, []), contacts, asked_for=what in asked))
    )


def wherever(session: Session, of: Ever, had: Had, contacts: Collection[int], *, box: bool = False) -> tuple[str, ...]:
    """Of what they had the ones that are theirs wherever they stand."""
    known = dict.fromkeys(one for one, *_ in had)
    mine = (one for one in known if all(spell.contact in contacts for spell in of.get(one, [])))
    return tuple(one for one in mine if not is_used(session, one, had, contacts, box=box))


def is_used(session: Session, what: str, had: Had, contacts: Collection[int], *, box: bool = False) -> bool:
    """Whether anything came by it at a time when it was not theirs, and is not on their books."""
    when = tuple(one for one in had if one[0] == what)
    if any(not since and not until for _, since, until in when):
        return False
    columns: Sequence[tuple[Any, Any, Any]] = (
        ((Call.caller, Call.started_at, Call.contact_id), (Ticket.caller, Ticket.opened_at, Ticket.contact_id))
        if what.startswith("+")
        else ((Arrival.sender, Arrival.received_at, None), (Ticket.email, Ticket.opened_at, Ticket.contact_id))
    )
    for column, at, contact in columns:
        there = is_of_box(column, what) if box else func.lower(column) == what
        others = [] if contact is None else [or_(contact.is_(None), contact.not_in(contacts))]
        if session.scalar(select(exists().where(there, *_outside(when, at), *others))):
            return True
    return False


def outlive(session: Session, erased: Collection[int], at: datetime, *, gone: bool) -> None:
    """Let go of what they had before; of what others have too it is kept that these did not have it alone.

    Else what came while it was shared, or was somebody else's, would be theirs by and by. `gone`: they go themselves.
    """
    now, before = list(_of_contacts(session)), list(_former(session))
    others = {one.what for one in (*now, *before) if one.contact is not None and one.contact not in erased}
    for one in (*before, *(now if gone else ())):
        if one.contact in erased and one.what in others:
            kind, until = "phone" if one.what.startswith("+") else "email", one.until if one.is_former else at
            session.add(Former(contact_id=None, kind=kind, value=one.what, since=one.since, until=until))
    nobodys = select(Former.id, func.lower(Former.value)).where(Former.contact_id.is_(None))
    stale = [number for number, value in session.execute(nobodys) if value not in others]
    over = delete(Former).where(or_(Former.contact_id.in_(erased), Former.id.in_(stale)))
    session.execute(over.execution_options(synchronize_session=False))


def _outside(when: Had, at: Any) -> Iterator[ColumnElement[bool]]:
    """In none of these spans; the instant at which something was given up is still of its time."""
    for _, since, until in when:
        sides = [at < datetime.fromisoformat(since)] if since else []
        yield or_(*sides, *([at > datetime.fromisoformat(until)] if until else []))


def is_of_box(column: Any, box: str) -> ColumnElement[bool]:
    """Whether that is an address of this mailbox."""
    return or_(func.lower(column) == box, is_tagged(column, box))


def is_tagged(column: Any, address: str) -> ColumnElement[bool]:
    """Whether that is an address of this mailbox with a plus."""
    local, _, domain = plain(address).partition("@")
    return and_(column.istartswith(f"{local}+", autoescape=True), column.iendswith(f"@{domain}", autoescape=True))


def others(session: Session, contacts: Collection[int]) -> set[str]:
    """Every number, address and name that another person, a company or we have; names also that they had.

    A company that is called as the one contact whom it has is that person: its name is theirs, and not another's.
    """
    found: set[str | None] = set(session.scalars(select(Line.number)))
    for name, phone, email in session.execute(
        select(Contact.name, Contact.phone, Contact.email).where(Contact.id.not_in(contacts))
    ):
        found |= {name.casefold(), phone, email and email.lower()}
    formerly = select(Former.value).where(Former.kind == "name", Former.contact_id.not_in(contacts))
    found |= {name.casefold() for name in session.scalars(formerly)}
    for name, phone, email in session.execute(select(Staff.name, Staff.phone, Staff.email)):
        found |= {name.casefold(), phone, email and email.lower()}
    companies = (select(Customer.name).where(~_is_one_person(contacts)), select(Line.company))
    found |= {name.casefold() for query in companies for name in session.scalars(query)}
    return {one for one in found if one}


def _is_one_person(contacts: Collection[int]) -> ColumnElement[bool]:
    """Whether that customer is called as one of these contacts of theirs is or was, and has no other."""
    here = Contact.customer_id == Customer.id
    formerly = exists().where(
        Former.contact_id == Contact.id, Former.kind == "name", func.lower(Former.value) == func.lower(Customer.name)
    )
    called = or_(func.lower(Contact.name) == func.lower(Customer.name), formerly)
    them = exists().where(here, Contact.id.in_(contacts), called)
    return them & ~exists().where(here, Contact.id.not_in(contacts))


def _of_contacts(session: Session) -> Iterator[Spell]:
    numbers = select(Contact.phone, Contact.id, Contact.phone_since)
    mailboxes = select(Contact.email, Contact.id, Contact.email_since)
    for what, contact, since in session.execute(numbers.union_all(mailboxes)):
        if what:
            yield Spell(what.lower(), contact, since)


def _former(session: Session) -> Iterator[Spell]:
    query = select(Former.value, Former.contact_id, Former.since, Former.until).where(Former.kind != "name")
    for value, contact, since, until in session.execute(query):
        yield Spell(value.lower(), contact, since, until, is_former=True)


def _of_ours(session: Session) -> Iterator[Spell]:
    for number in session.scalars(select(Line.number)):
        yield Spell(number, None)
    for row in session.execute(select(Staff.phone, Staff.email)):
        yield from (Spell(one.lower(), None) for one in row if one)
