"""Found: what a search finds, of each kind a few, by queries of which none reads a long table from end to end.

References and numbers are looked for by their indexes. Words of a subject have none, so they are looked for among the
newest tickets alone; the list of tickets looks through all of them, for whoever wants to wait for it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import joinedload

from desk.staff import Staff
from ivr.call import Call
from tickets.people import Contact, Customer
from tickets.search import told
from tickets.ticket import Ticket

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import InstrumentedAttribute, Session

    from desk.finder.meant import Meant

FEW = 5  # of a kind, on the page
NEWEST = 20_000  # tickets whose subjects are looked through
Row = TypeVar("Row")


@dataclass(frozen=True)
class Some(Generic[Row]):
    """A few of a kind, and whether there are more."""

    rows: Sequence[Row] = field(default_factory=tuple)
    more: bool = False

    def __bool__(self) -> bool:
        return bool(self.rows)


def exact(session: Session, meant: Meant) -> Ticket | None:
    """The ticket whose reference it names, and no other one."""
    if len(meant.references) != 1:
        return None
    return session.scalars(select(Ticket).where(Ticket.reference == meant.references[0])).one_or_none()


def tickets(session: Session, meant: Meant, few: int = FEW) -> Some[Ticket]:
    """By reference, then those of a number, then by words among the newest; of each the newest first."""
    found: dict[int, Ticket] = {}
    for query in _of_tickets(meant):
        wanted = query.options(joinedload(Ticket.customer), joinedload(Ticket.contact), joinedload(Ticket.owner))
        found |= {one.id: one for one in session.scalars(wanted.limit(few + 1)) if one.id not in found}
    return _some(list(found.values()), few)


def calls(session: Session, meant: Meant, few: int = FEW) -> Some[Call]:
    """Those from a number, or by which it was called back; the latest first."""
    if not meant.numbers:
        return Some()
    query = select(Call).where(Call.caller.in_(meant.numbers)).options(joinedload(Call.ticket))
    return _some(session.scalars(query.order_by(Call.started_at.desc()).limit(few + 1)).all(), few)


def customers(session: Session, meant: Meant, few: int = FEW) -> Some[Customer]:
    """By the words of their name, or by the short one."""
    if not meant.words:
        return Some()
    named = and_(*(_in(word, Customer.name, Customer.code) for word in meant.words))
    query = select(Customer).where(named).order_by(func.lower(Customer.name), Customer.id)
    return _some(session.scalars(query.limit(few + 1)).all(), few)


def contacts(session: Session, meant: Meant, few: int = FEW) -> Some[tuple[Contact, Customer]]:
    """By number, by the words of their name, or by their mail address; each with its customer."""
    query = select(Contact, Customer).join(Customer, Customer.id == Contact.customer_id)
    query = query.where(_person(Contact, meant)).order_by(func.lower(Contact.name), Contact.id)
    return _some([(one, of) for one, of in session.execute(query.limit(few + 1))], few)


def staff(session: Session, meant: Meant, few: int = FEW) -> Some[Staff]:
    """Those who work here, likewise."""
    query = select(Staff).where(Staff.active, _person(Staff, meant)).order_by(Staff.name, Staff.id)
    return _some(session.scalars(query.limit(few + 1)).all(), few)


def _of_tickets(meant: Meant) -> list[Select[Ticket]]:
    # By when they were opened: for the order of their ids a database might read them all.
    latest = select(Ticket).order_by(Ticket.opened_at.desc(), Ticket.id.desc())
    queries = [latest.where(Ticket.reference.in_(meant.references))] if meant.references else []
    if meant.numbers:
        theirs = select(Contact.id).where(Contact.phone.in_(meant.numbers))
        queries += [latest.where(Ticket.caller.in_(meant.numbers)), latest.where(Ticket.contact_id.in_(theirs))]
    if meant.words:
        last = select(func.max(Ticket.id)).scalar_subquery()
        queries.append(select(Ticket).where(Ticket.id > last - NEWEST, told(meant.words)).order_by(Ticket.id.desc()))
    return queries


def _person(model: type[Contact] | type[Staff], meant: Meant) -> ColumnElement[bool]:
    named = [and_(*(_in(word, model.name, model.email) for word in meant.words))] if meant.words else []
    return or_(model.phone.in_(meant.numbers), *named)


def _in(word: str, *columns: InstrumentedAttribute[Any]) -> ColumnElement[bool]:
    return or_(*(column.icontains(word, autoescape=True) for column in columns))


def _some(rows: Sequence[Row], few: int) -> Some[Row]:
    return Some(rows[:few], len(rows) > few)
