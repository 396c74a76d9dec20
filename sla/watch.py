"""Watchdog: what nobody would otherwise notice, looked for from the tickets outwards, whatever the rows of due say.

It trusts nothing that the worker writes: an inner join on due times, or a silent scheduler, is how others have
overlooked tickets for months.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import and_, case, exists, func, inspect, select
from sqlalchemy.orm import aliased

from sla import due
from sla.due import FAULTY, UNPROMISED, Due
from sla.mark import Mark, Point
from sla.targets import Measure
from tickets.canary import nobody_s
from tickets.event import Event
from tickets.inbox import UNRESOLVED
from tickets.ticket import Ticket

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from sqlalchemy import ColumnElement, ScalarSelect, Select
    from sqlalchemy.orm import Session

    from sla.book import Book

log = logging.getLogger(__name__)
LATE = timedelta(minutes=2)  # a worker looks every few seconds
QUIET = timedelta(days=7)  # nothing is owed and nothing has happened: forgotten, unless somebody says otherwise
TOLD_FOR = timedelta(hours=12)  # what was put right in the night is still told in the morning
CHUNK = 500  # tickets
ALARM, NEVER = "alarm", -1
SAID = ("state", "runs", "started_at", "aim", "due", "ended_at", "breached_at", "look_at")
_first = aliased(Due)


class Why(StrEnum):
    """Why a ticket may be overlooked, in words for texts and logs; pages have their own by its name."""

    UNJUDGED = "it was never judged"
    UNPROMISED = "nothing is promised for it"
    FAULTY = "it cannot be judged"
    UNSEEN = "something happened to it that was not looked at"
    OVERSLEPT = "its next warning or due time has passed unnoticed"
    UNMARKED = "it is in breach, and no breach is noted"
    DIFFERED = "its due times were not what they should be"
    QUIET = "nothing is due, and nothing has happened for a week"


@dataclass(frozen=True)
class Finding:
    """A ticket that may be overlooked, and why."""

    ticket: Ticket
    why: Why


def findings(session: Session, now: datetime, only: int | None = None) -> list[Finding]:
    """Everything open that has no due time, was not looked at in time, is in breach unnoted, or lies forgotten.

    Of the canary its own alarm tells, and says more. `only` asks of a single ticket.
    """
    looks = {
        Why.UNJUDGED: _first.id.is_(None),
        Why.UNPROMISED: _first.state == UNPROMISED,
        Why.FAULTY: _first.state == FAULTY,
        Why.UNSEEN: _unseen(now),
        Why.OVERSLEPT: _overslept(now),
        Why.UNMARKED: _unmarked(now),
        Why.DIFFERED: _differed(now),
        Why.QUIET: _quiet(now),
    }
    # One question for all of them: a ticket is told of once, for the first reason that there is.
    reasons = list(looks)
    opened = _open(case(*((looks[why], place) for place, why in enumerate(reasons))))
    looked = (opened if only is None else opened.where(Ticket.id == only)).subquery()
    found = select(Ticket, looked.c.first).join(looked, looked.c.id == Ticket.id).where(looked.c.first.is_not(None))
    return [
        Finding(ticket, reasons[place]) for ticket, place in session.execute(found.order_by(looked.c.first, Ticket.id))
    ]


def differences(session: Session, book: Book, numbers: Collection[int], now: datetime) -> list[Finding]:
    """The tickets whose rows are not what their events and promises give now: judged anew, and nothing is kept.

    Rows that a worker is about to renew are left out. The session must be one that only reads.
    """
    with session.no_autoflush:
        due.renew(session, book, set(numbers) - set(due.stale(session, book, now, limit=due.ALL)), now)
        changed = {row.ticket_id for row in (*session.new, *session.deleted) if isinstance(row, Due | Mark)}
        changed |= {row.ticket_id for row in session.dirty if isinstance(row, Due) and _says_another(row)}
        found = [session.get_one(Ticket, number) for number in sorted(changed)]
        session.expunge_all()
    return [Finding(ticket, Why.DIFFERED) for ticket in found]


def recompute(session: Session, book: Book, now: datetime) -> Callable[[Session, datetime], None]:
    """Compute the due times of every open ticket anew, and return what puts right and tells those that differ."""
    numbers = session.scalars(select(Ticket.id).where(Ticket.state.in_(UNRESOLVED)).order_by(Ticket.id)).all()
    chunks = (list(numbers[start : start + CHUNK]) for start in range(0, len(numbers), CHUNK))
    differing = [one.ticket.id for chunk in chunks for one in differences(session, book, chunk, now)]

    def put_right(session: Session, now: datetime) -> None:
        for number in differing:
            ticket = session.get_one(Ticket, number)
            ticket.tell(ALARM, f"{Why.DIFFERED}; they are computed anew", now)
            ticket.judged = NEVER
            log.error("the due times of ticket %s were not what they should be", number)

    return put_right


def _says_another(row: Due) -> bool:
    return any(inspect(row).attrs[name].history.has_changes() for name in SAID)


def _open(first: ColumnElement[int]) -> Select[int, int]:
    joined = and_(_first.ticket_id == Ticket.id, _first.measure == Measure.FIRST_RESPONSE)
    unresolved = select(Ticket.id, first.label("first")).outerjoin(_first, joined)
    return unresolved.where(Ticket.state.in_(UNRESOLVED), nobody_s())


def _newest_event() -> ScalarSelect[datetime]:
    return select(func.max(Event.at)).where(Event.ticket_id == Ticket.id).scalar_subquery()


def _unseen(now: datetime) -> ColumnElement[bool]:
    return and_(Ticket.moves != Ticket.judged, _newest_event() < now - LATE)


def _overslept(now: datetime) -> ColumnElement[bool]:
    return exists().where(Due.ticket_id == Ticket.id, Due.look_at < now - LATE)


def _unmarked(now: datetime) -> ColumnElement[bool]:
    same_clock = and_(Mark.ticket_id == Due.ticket_id, Mark.measure == Due.measure, Mark.since == Due.started_at)
    noted = exists().where(same_clock, Mark.point == Point.BREACH)
    return exists().where(Due.ticket_id == Ticket.id, Due.runs, Due.due < now - LATE, ~noted)


def _differed(now: datetime) -> ColumnElement[bool]:
    return exists().where(Event.ticket_id == Ticket.id, Event.kind == ALARM, Event.at > now - TOLD_FOR)


def _quiet(now: datetime) -> ColumnElement[bool]:
    owed = exists().where(Due.ticket_id == Ticket.id, Due.runs, Due.due.is_not(None))
    return and_(~owed, _newest_event() < now - QUIET)
