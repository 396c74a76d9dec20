"""A house full of tickets: of several customers and priorities, new and weeks old, most of them open."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select, update

from desk.staff import Role, Staff
from sla import due
from sla.book import write as write_book
from sla.mark import Mark
from tickets.people import Customer
from tickets.ticket import Priority, Ticket, open_ticket

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from random import Random

    from sqlalchemy.orm import Session

    from desk.db import Database

CHUNK = 500
OVER = 10  # for so many open tickets there is one that is over


def fill(database: Database, number: int, now: datetime, dice: Random) -> None:
    """So many open tickets and some that are over, all judged, and whoever has to know was told."""
    for start in range(0, number, CHUNK):
        database.write(lambda session, start=start: _chunk(session, min(CHUNK, number - start), now, dice))  # type: ignore[misc]


def _chunk(session: Session, number: int, now: datetime, dice: Random) -> None:
    customers: list[int | None] = [*session.scalars(select(Customer.id).order_by(Customer.id)), None]
    engineers = session.scalars(select(Staff).where(Staff.role == Role.ENGINEER).order_by(Staff.id)).all()
    made = [_ticket(session, dice.choice(customers), engineers, now, dice) for _ in range(number)]
    for ticket in made[::OVER]:
        other = _ticket(session, ticket.customer_id, engineers, now, dice)
        other.resolve(now, "It works again.", engineers[0])
        made.append(other)
    session.flush()
    due.renew(session, write_book(session), [ticket.id for ticket in made], now)
    session.flush()
    session.execute(update(Mark).values(told_at=now))
    told = session.scalars(select(Ticket.id).where(Ticket.moves != Ticket.judged)).all()  # of a breach, just now
    session.expire_all()
    due.renew(session, write_book(session), told, now)


def _ticket(
    session: Session, customer_id: int | None, engineers: Sequence[Staff], now: datetime, dice: Random
) -> Ticket:
    """Half of them came in a moment ago, the others in the last weeks and were answered; somebody has each."""
    new = dice.random() < 0.5
    at = now - (timedelta(minutes=dice.uniform(0, 20)) if new else timedelta(days=dice.uniform(1, 20)))
    priority = dice.choice(list(Priority))
    ticket = open_ticket(session, dice=dice, at=at, subject="A till", priority=priority, customer_id=customer_id)
    owner = dice.choice(engineers)
    ticket.acknowledge(owner, at)
    if not new:
        ticket.answer(owner, at + timedelta(minutes=5), "We look at it.")
        ticket.hear("Thank you.", at + timedelta(minutes=9))
        ticket.answer(owner, at + timedelta(minutes=15), "You are welcome.")
    return ticket
