"""Intake: every stored mail becomes a message on a ticket, a ticket, or a note that everybody can see, once.

Whoever reads a mail claims it first and commits: a mail that kills its reader is claimed again after its lease, and
after `TRIES` it is put aside unread, as a ticket of its own. The claim's number is looked at again in the transaction
that settles the mail, so any number of workers may read. What goes wrong with one mail is that mail's.

A machine's mail is never dropped. It becomes a ticket or a message as any other, and its event says `automatic`, so
that nothing of ours answers it by itself. Only what machines send as answers (we are on holiday, it was not delivered,
it was read) is nobody's question: it is noted on the ticket it answers and moves nothing, or, where it answers none but
comes from somebody to whom we write, stands in the list of mails, from where a person can make a ticket of it.

Nothing that is written in a mail makes it an emergency, and no mail pages anybody.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy.exc import DataError, DBAPIError, OperationalError
from structlog.contextvars import bound_contextvars

from tickets.mail import arrival, settling
from tickets.mail.incoming import Desk
from tickets.mail.received import read

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from desk.db import Database
    from tickets.mail.arrival import Claim
    from tickets.mail.house import House
    from tickets.reference import Dice

log = logging.getLogger(__name__)
TRIES = 3  # of reading one mail
AT_ONCE = 20  # mails in one turn


class Unreadable(Exception):
    """Whoever began to read this mail was stopped each time."""


@dataclass(frozen=True)
class Intake:
    """What the intake works with."""

    database: Database
    house: House
    dice: Dice
    clock: Callable[[], datetime]


def take_some(intake: Intake, stopped: Callable[[], bool]) -> bool:
    """Settle what is stored, for one turn; whether there may be more."""
    with intake.database.reading() as session:  # who only looks takes no lock
        waiting = arrival.waiting(session, intake.clock(), AT_ONCE)
    for one in waiting:
        if stopped():
            return False
        mine = intake.database.write(partial(arrival.claim, wanted=one, now=intake.clock()))
        if mine:
            take(intake, mine)
    return len(waiting) == AT_ONCE


def take(intake: Intake, mine: Claim) -> None:
    """Settle one mail that is claimed; without the database it is left for the next who claims it."""
    with bound_contextvars(mail=mine.number):
        try:
            _settle(intake, mine)
        except DBAPIError as error:
            if isinstance(error, DataError):  # it is this mail's
                _put_aside(intake, mine, type(error).__name__)
            else:
                log.warning("a mail is left for later: %s", type(error.orig).__name__)
        except Exception as error:
            log.exception("a mail cannot be read, and is put aside")
            why = f"{type(error).__name__}: {error}" if isinstance(error, Unreadable) else type(error).__name__
            _put_aside(intake, mine, why)


def _settle(intake: Intake, mine: Claim) -> None:
    if mine.tries > TRIES:
        raise Unreadable(f"it was given up after {TRIES} tries")
    with intake.database.reading() as session:
        stored = session.get_one(arrival.Arrival, mine.number)
        raw = arrival.as_delivered(arrival.raw_of(session, mine.number), stored.facts)
    mail = read(raw, intake.house.lists)
    desk = Desk(intake.house, intake.dice, intake.clock())
    intake.database.write(lambda session: settling.settle(session, desk, mine, mail, raw))


def _put_aside(intake: Intake, mine: Claim, why: str) -> None:
    try:
        intake.database.write(partial(settling.put_aside, dice=intake.dice, mine=mine, why=why))
    except OperationalError as error:
        log.warning("a mail is left for later: %s", type(error.orig).__name__)
