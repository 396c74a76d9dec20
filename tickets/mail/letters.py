"""Letters: what customers are written, from events outwards: whatever happens to a ticket, nobody calls this.

A worker looks for events that owe somebody a letter and have none, and writes it: the row of the letter and the mail
in the outbox in one transaction. Where none may go, the row says why, and so does the ticket.

- A person of ours who answers is never limited: they know what they do. Neither is what they tell by a button
  (waiting, resolved), though it is marked as automatic; a machine at the other end cannot make them press it.
- All others are limited (quota.py), and none goes to whoever was answered by a machine of theirs, or is one.
- Strangers get none of the words that somebody sent under their address, or our server would be one that sends what
  anybody likes to anybody: neither as a subject nor in the letter.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError
from structlog.contextvars import bound_contextvars

from tickets.event import Event
from tickets.mail import owing
from tickets.mail.letter import Letter
from tickets.mail.owed import Means, Owed
from tickets.ticket import Ticket

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy.orm import Session

__all__ = ["Means", "look"]
log = logging.getLogger(__name__)
OF_A_ROW = (DataError, IntegrityError)  # what a database says of what it is given; all else is about itself
AT_ONCE = 20  # letters of a tick; the worker's other jobs have their turn


def look(means: Means, stopped: Callable[[], bool]) -> bool:
    """Write what is owed; whether there may be more. One that cannot be written says so and is left."""
    with means.database.reading() as session:
        found = session.scalars(owing.owed(means.clock()).limit(AT_ONCE)).all()
    for number in found:
        if stopped():
            return False
        with bound_contextvars(event=number):
            _write(means, number)
    return len(found) == AT_ONCE


def _write(means: Means, number: int) -> None:
    try:
        means.database.write(lambda session: _settle(means, session, number))
    except Exception as error:
        if isinstance(error, DBAPIError) and not isinstance(error, OF_A_ROW):
            raise  # it is not this letter that is at fault
        log.exception("a letter about event %s cannot be written", number)
        why = f"it could not be written ({type(error).__name__})"
        means.database.write(lambda session: _give_up(session, number, why, means.clock()))


def _give_up(session: Session, number: int, why: str, now: datetime) -> None:
    event = session.get_one(Event, number)
    Owed(session, event, session.get_one(Ticket, event.ticket_id), now).withhold(why)


def _settle(means: Means, session: Session, number: int) -> None:
    event = session.get_one(Event, number)
    if session.scalar(select(Letter.id).where(Letter.event_id == number)):
        return  # another worker was faster
    ticket = session.scalars(select(Ticket).where(Ticket.id == event.ticket_id).with_for_update()).one()
    owed = Owed(session, event, ticket, means.clock())
    if why := owed.refusal(means):
        owed.withhold(why)
    else:
        owed.post(means)
