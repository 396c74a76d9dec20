"""The desk at which tests open tickets and do things to them at wall times, and read what the worker made of it."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from sqlalchemy import select

from office import at, wall
from sla import mark
from sla.due import Due
from sla.targets import Measure
from tickets.event import Event
from tickets.people import Customer
from tickets.ticket import Priority, Ticket, open_ticket

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from desk.staff import Staff
    from office import Office

FIRST, NEXT, RESOLUTION = Measure


class TicketDesk:
    """Tickets at wall times, and their due times as the worker left them."""

    def __init__(self, office: Office) -> None:
        self.office, self.dice = office, Random(7)

    def opens(self, when: str, priority: str = "normal", of: str | None = "Harbour Foods") -> int:
        self.office.clock.until(at(when))

        def work(session: Session) -> int:
            customer = session.scalars(select(Customer.id).where(Customer.name == of)).one() if of else None
            now = self.office.now
            made = open_ticket(
                session, dice=self.dice, at=now, subject="Till", priority=Priority(priority), customer_id=customer
            )
            return made.id

        number = self.office.do(work)
        self.office.tick()
        return number

    def does(self, when: str, number: int, verb: Callable[[Ticket, Staff, datetime], object]) -> None:
        self.office.clock.until(at(when))

        def work(session: Session) -> None:
            thandi = self.office.staff(session, "thandi")
            verb(session.get_one(Ticket, number), thandi, self.office.now)

        self.office.do(work)
        self.office.tick()

    def at(self, when: str) -> None:
        self.office.clock.until(at(when))
        self.office.tick()

    def row(self, number: int, measure: Measure = FIRST) -> tuple[str, str | None] | None:
        """State, and due time on the wall."""
        with self.office.database.reading() as session:
            found = session.scalars(select(Due).where(Due.ticket_id == number, Due.measure == measure)).first()
            return found and (found.state, found.due and wall(found.due))

    def trace(self, number: int, measure: Measure = FIRST) -> list[str]:
        with self.office.database.reading() as session:
            return session.scalars(select(Due.trace).where(Due.ticket_id == number, Due.measure == measure)).one()

    def marks(self, number: int) -> list[tuple[str, str, str]]:
        with self.office.database.reading() as session:
            found = mark.of(session, session.get_one(Ticket, number))
            return [(one.measure, one.point, wall(one.at)) for one in found]

    def told(self, number: int, kind: str) -> list[str]:
        with self.office.database.reading() as session:
            texts = select(Event.text).where(Event.ticket_id == number, Event.kind == kind).order_by(Event.id)
            return list(session.scalars(texts))
