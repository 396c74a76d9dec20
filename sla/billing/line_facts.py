"""Line facts: what a charge line names besides its arithmetic: tickets, callers, customers, engineers, holidays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import select

from desk.staff import Staff
from tickets.people import Contact, Customer
from tickets.ticket import Ticket

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from sqlalchemy.orm import Session

    from sla.money.charge import Line

CHUNK = 500  # numbers of tickets in a query


class OfTicket(NamedTuple):
    """What of a ticket stands on a line."""

    reference: str
    caller: str
    contact: str


@dataclass(frozen=True)
class Facts:
    """For all lines of one customer's month."""

    customer_code: str
    customer: str
    tickets: Mapping[int, OfTicket]
    staff: Mapping[int, str]
    holidays: Mapping[date, str]

    @classmethod
    def read(cls, session: Session, account: int, lines: Iterable[Line], days: Mapping[date, str]) -> Facts:
        """What these lines need."""
        customer = session.get(Customer, account) if account else None
        numbers = sorted({one.ticket_id for line in lines for one in line.stretches})
        names = session.execute(select(Staff.id, Staff.name)).all()
        return cls(
            customer.code if customer else "",
            customer.name if customer else "",
            dict(one for at in range(0, len(numbers), CHUNK) for one in _tickets(session, numbers[at : at + CHUNK])),
            {number: name for number, name in names},  # noqa: C416 - rows are no pairs to mypy
            days,
        )  # fmt: skip


def _tickets(session: Session, numbers: list[int]) -> Iterable[tuple[int, OfTicket]]:
    query = select(Ticket.id, Ticket.reference, Ticket.caller, Contact.name).outerjoin(
        Contact, Contact.id == Ticket.contact_id
    )
    for number, reference, caller, contact in session.execute(query.where(Ticket.id.in_(numbers))):
        yield number, OfTicket(reference, caller or "", contact or "")
