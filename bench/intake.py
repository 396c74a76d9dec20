"""Tickets that come in without a call, with due times of minutes, and what becomes of them meanwhile.

An emergency is paged for; of the others some are answered in time, some late, some wait for the customer, and some
are left alone until every due time of theirs has passed.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from bench.callers import People
from desk.staff import Role, Staff
from tickets.people import Customer
from tickets.ticket import Priority, Ticket, open_ticket

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from sqlalchemy.orm import Session

    from desk.db import Database
    from served import Served
    from simulator.joined import Joined

    Verb = Callable[[Ticket, Staff, datetime], object]

CODE = "two-minutes"


def _acknowledge(ticket: Ticket, staff: Staff, at: datetime) -> None:
    if ticket.owner_id is None and ticket.is_open:
        ticket.acknowledge(staff, at)


def _answer(ticket: Ticket, staff: Staff, at: datetime) -> None:
    ticket.answer(staff, at, "Have you tried another socket?")


def _hear(ticket: Ticket, _staff: Staff, at: datetime) -> None:
    ticket.hear("It still beeps.", at)


def _wait(ticket: Ticket, staff: Staff, at: datetime) -> None:
    ticket.wait(staff, at, "a photograph of the label")


def _resolve(ticket: Ticket, staff: Staff, at: datetime) -> None:
    ticket.resolve(at, "Another socket it was.", staff)


def _raise(ticket: Ticket, _staff: Staff, at: datetime) -> None:
    ticket.raise_to(Priority.HIGH, at, "the whole office waits")


def _lower(ticket: Ticket, staff: Staff, at: datetime) -> None:
    if ticket.is_open:
        ticket.change_priority(Priority.NORMAL, staff, at, "one telephone of ten")


# After how many seconds what is done, and how many tickets of a dozen fare like that.
FATES: tuple[tuple[int, tuple[tuple[float, Verb], ...]], ...] = (
    (3, ()),
    (3, ((10, _acknowledge),)),
    (1, ((15, _answer),)),
    (1, ((10, _answer), (25, _hear))),
    (1, ((95, _answer), (170, _resolve))),
    (1, ((10, _acknowledge), (30, _wait), (80, _hear))),
    (1, ((40, _raise), (75, _acknowledge))),
    (1, ((50, _resolve),)),
)
EMERGENCIES: tuple[tuple[int, tuple[tuple[float, Verb], ...]], ...] = (
    (8, ()),
    (2, ((12, _acknowledge),)),
    (1, ((12, _resolve),)),
    (1, ((12, _lower),)),
)


class Intake(People):
    """Opens tickets, every fourth of them an emergency, and does to each what is in store for it."""

    pause = 0.2
    every = 4.0  # seconds

    def __init__(self, server: Served, joined: Joined, database: Database, dice: Random) -> None:
        super().__init__(server, joined)
        self.database, self.dice = database, dice
        self.opened: set[int] = set()
        self.coming: list[tuple[float, int, Verb]] = []
        self.closed = False  # nothing new comes in; what is in store happens all the same
        self._next = 0.0

    def act(self) -> None:
        now = time.monotonic()
        try:
            if now >= self._next and not self.closed:
                self._open()
                self._next = now + self.every
            for one in [one for one in self.coming if one[0] <= now]:
                self._do(*one[1:])
                self.coming.remove(one)
        except OperationalError:
            return  # on SQLite a worker that is stopped while it writes holds the lock: later again

    def _open(self) -> None:
        emergency = self.acts and len(self.opened) % 4 == 0
        number = self.database.write(self._opening(Priority.EMERGENCY if emergency else None))
        fates = EMERGENCIES if emergency else FATES
        (fate,) = self.dice.choices([fate for _, fate in fates], [weight for weight, _ in fates])
        self.coming += [(time.monotonic() + after, number, verb) for after, verb in fate]
        self.opened.add(number)

    def _opening(self, priority: Priority | None) -> Callable[[Session], int]:
        chosen = priority or self.dice.choice((Priority.HIGH, Priority.NORMAL))
        caller = f"+2784{len(self.opened):07d}"

        def work(session: Session) -> int:
            customer = session.scalars(select(Customer.id).where(Customer.code == CODE)).one()
            at = datetime.now(UTC)
            made = open_ticket(
                session,
                dice=self.dice,
                at=at,
                subject="It beeps",
                priority=chosen,
                caller=caller,
                customer_id=customer,
            )
            return made.id

        return work

    def _do(self, number: int, verb: Verb) -> None:
        def work(session: Session) -> None:
            engineers = session.scalars(select(Staff).where(Staff.role == Role.ENGINEER).order_by(Staff.id)).all()
            ticket = session.get_one(Ticket, number, with_for_update=True)
            verb(ticket, engineers[number % len(engineers)], datetime.now(UTC))

        self.database.write(work)
