"""Register: the customers that were asked for, each with contracts, contacts and what is open."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import and_, func, or_, select

from desk import numbers
from sla import contract, queue
from sla.contract import Contract
from tickets.people import Contact, Customer
from tickets.ticket import Ticket

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from sla.contract import Term

PAGE = 50
LONGEST = 100  # characters of a search


@dataclass(frozen=True)
class Listed:
    """A customer in the list: the version of the day, those to come, and how many tickets are not resolved."""

    customer: Customer
    now: Contract | None
    to_come: Sequence[Contract] = field(default_factory=tuple)
    tickets: int = 0


def page(session: Session, words: str, today: date, skip: int) -> tuple[list[Listed], int]:
    """Some of those whom the words mean, by name, and how many there are of them."""
    meant = _meant(words)
    total = session.scalar(select(func.count(Customer.id)).where(meant)) or 0
    query = select(Customer).where(meant).order_by(func.lower(Customer.name), Customer.id).offset(skip).limit(PAGE)
    found = session.scalars(query).all()
    theirs = [one.id for one in found]
    versions, open_ = _contracts(session, theirs), _unresolved(session, theirs)
    return [_listed(one, versions.get(one.id, []), today, open_.get(one.id, 0)) for one in found], total


def find(session: Session, code: str, *, held: bool = False) -> Customer | None:
    """The customer of that code; `held`: and what is theirs is read and changed by one at a time from here on."""
    query = select(Customer).where(Customer.code == code)
    return session.scalars(query.with_for_update() if held else query).one_or_none()


def contacts(session: Session, customer: Customer) -> Sequence[Contact]:
    """Everybody who rings and writes for them, by name."""
    return session.scalars(select(Contact).where(Contact.customer_id == customer.id).order_by(Contact.name)).all()


def listed(session: Session, customer: Customer, today: date) -> Listed:
    """One customer as in the list."""
    versions = _contracts(session, [customer.id]).get(customer.id, [])
    return _listed(customer, versions, today, unresolved(session, customer))


def unresolved(session: Session, customer: Customer) -> int:
    """How many of their tickets are not resolved."""
    return _unresolved(session, [customer.id]).get(customer.id, 0)


def _listed(customer: Customer, versions: Sequence[Contract], today: date, tickets: int) -> Listed:
    terms: list[Term] = contract.terms_of(versions)
    now = next((term.contract for term in terms if term.holds(today)), None)
    return Listed(customer, now, [term.contract for term in terms if not term.begun(today)], tickets)


def _contracts(session: Session, customers: Sequence[int]) -> dict[int, list[Contract]]:
    found: dict[int, list[Contract]] = {}
    for one in session.scalars(select(Contract).where(Contract.customer_id.in_(customers))):
        found.setdefault(one.customer_id, []).append(one)
    return found


def _unresolved(session: Session, customers: Sequence[int]) -> dict[int, int]:
    theirs = (Ticket.customer_id.in_(customers), queue.unresolved())
    query = select(Ticket.customer_id, func.count(Ticket.id)).where(*theirs).group_by(Ticket.customer_id)
    return {customer: number for customer, number in session.execute(query) if customer is not None}


def _meant(words: str) -> ColumnElement[bool]:
    return or_(*_meanings(words[:LONGEST]))


def _meanings(words: str) -> Iterator[ColumnElement[bool]]:
    with suppress(numbers.NotANumber):
        yield Customer.id.in_(select(Contact.customer_id).where(Contact.phone == numbers.parse(words)))
    yield and_(True, *map(_named, words.split()))


def _named(word: str) -> ColumnElement[bool]:
    """One word, in the name or code of the customer or the name or address of a contact."""
    said = [Contact.name.icontains(word, autoescape=True), Contact.email.icontains(word, autoescape=True)]
    own = [Customer.name.icontains(word, autoescape=True), Customer.code.icontains(word, autoescape=True)]
    return or_(*own, Customer.id.in_(select(Contact.customer_id).where(or_(*said))))
