"""Queue: tickets by their next deadline, what needs action first; what the list and Today show.

One query for a page of the list, however many tickets there are. A due time that has passed counts as overdue at
once, whether or not the worker has looked since.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

from sqlalchemy import and_, case, exists, func, or_, select
from sqlalchemy.orm import aliased, joinedload

from sla.due import FAULTY, UNPROMISED, Due
from sla.standing import State as Clock
from sla.targets import Measure
from tickets.inbox import UNRESOLVED
from tickets.ticket import State, Ticket

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, ScalarSelect
    from sqlalchemy.orm import Session

PAGE = 50  # tickets


class Rank(IntEnum):
    """What a ticket needs, the most urgent first."""

    LATE = 0
    UNKNOWN = 1  # nobody knows by when: itself an alarm
    AT_RISK = 2
    OWED = 3  # something is due, or has to be agreed
    IDLE = 4  # open, and nothing is due
    WAITING = 5  # for the customer, and nothing is due
    RESOLVED = 6

    @property
    def needs_action(self) -> bool:
        """Whether we have to do something about it."""
        return self <= Rank.OWED


@dataclass(frozen=True)
class Entry:
    """One ticket of the list: what it needs, by when, and of which clock that is."""

    ticket: Ticket
    rank: Rank
    due: datetime | None
    measure: Measure | None


@dataclass(frozen=True)
class Listed:
    """A page of the list, and how many tickets there are on all its pages."""

    entries: Sequence[Entry]
    total: int


def page(session: Session, now: datetime, *conditions: ColumnElement[bool], skip: int = 0, size: int = PAGE) -> Listed:
    """The tickets of which all this is true, the most pressing first."""
    next_due, clock, rank = _next_due(), aliased(Due), _rank(now)
    pressing = and_(clock.ticket_id == Ticket.id, clock.id == _pressing_id())
    query = select(Ticket, rank, next_due, clock.measure, func.count().over()).outerjoin(clock, pressing)
    query = query.options(joinedload(Ticket.customer), joinedload(Ticket.owner)).where(*conditions)
    order = (rank, next_due.is_(None), next_due, Ticket.opened_at.desc(), Ticket.id.desc())
    rows = session.execute(query.order_by(*order).limit(size).offset(skip)).all()
    entries = [
        Entry(ticket, Rank(rank), due, Measure(measure) if measure else None) for ticket, rank, due, measure, _ in rows
    ]
    return Listed(entries, rows[0][-1] if rows else 0)


def counts(session: Session, now: datetime) -> Mapping[Rank, int]:
    """How many unresolved tickets there are of each rank."""
    rank = _rank(now).label("rank")
    found = session.execute(select(rank, func.count()).where(unresolved()).group_by(rank)).all()
    return {one: dict(found).get(one.value, 0) for one in Rank}


def unresolved() -> ColumnElement[bool]:
    """Somebody still has to do something about it, or to wait."""
    return Ticket.state.in_(UNRESOLVED)


def needs_action(now: datetime) -> ColumnElement[bool]:
    """We have to do something about it."""
    return _rank(now) <= Rank.OWED


def _rank(now: datetime) -> ColumnElement[int]:
    agreed = _has(Due.state == Clock.TO_AGREE)
    return case(
        (Ticket.state == State.RESOLVED, Rank.RESOLVED.value),
        (_has(Due.state == Clock.BREACHED) | _has(Due.due < now), Rank.LATE.value),
        (_has(Due.state.in_((UNPROMISED, FAULTY))) | ~exists().where(Due.ticket_id == Ticket.id), Rank.UNKNOWN.value),
        (_has(Due.state == Clock.AT_RISK), Rank.AT_RISK.value),
        (_has(Due.due.is_not(None)) | and_(agreed, Ticket.state != State.WAITING), Rank.OWED.value),
        (Ticket.state == State.WAITING, Rank.WAITING.value),
        else_=Rank.IDLE.value,
    )


def _has(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether a clock of the ticket runs of which this is true."""
    return exists().where(Due.ticket_id == Ticket.id, Due.runs, condition)


def _next_due() -> ScalarSelect[datetime | None]:
    return select(func.min(Due.due)).where(Due.ticket_id == Ticket.id, Due.runs, _is_open()).scalar_subquery()


def _pressing_id() -> ScalarSelect[int]:
    """The row whose clock is due first."""
    running = select(Due.id).where(Due.ticket_id == Ticket.id, Due.runs, or_(Due.due.is_not(None), _is_agreed()))
    return running.where(_is_open()).order_by(Due.due.is_(None), Due.due, Due.id).limit(1).scalar_subquery()


def _is_open() -> ColumnElement[bool]:
    return Ticket.state != State.RESOLVED


def _is_agreed() -> ColumnElement[bool]:
    return Due.state == Clock.TO_AGREE
