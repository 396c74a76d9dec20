"""Mark: a fact about a clock of a ticket, noted once and never changed: warned at half, at three quarters, breached.

Due times are computed anew whenever something changes; what has come to pass is not. A later holiday may show that
a target was kept after all: the mark of its breach stays, beside the standing that says so.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, select, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from desk.db import Base
from sla.trace import overdue
from tickets.ticket import Ticket

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy.orm import Session

    from sla.standing import Standing


class Point(StrEnum):
    """What came to pass."""

    HALF = "half"
    THREE_QUARTERS = "three_quarters"
    BREACH = "breach"


class Mark(Base):
    """One fact: of the clock that started at `since`, this point was reached `at`; `due` is what held then."""

    __tablename__ = "mark"
    __table_args__ = (
        UniqueConstraint("ticket_id", "measure", "since", "point"),
        Index("ix_mark_untold", "id", sqlite_where=text("told_at IS NULL"), postgresql_where=text("told_at IS NULL")),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"))
    measure: Mapped[str]
    since: Mapped[datetime]
    point: Mapped[str]
    at: Mapped[datetime]
    due: Mapped[datetime | None]
    trace: Mapped[list[Any]]
    noted_at: Mapped[datetime]
    told_at: Mapped[datetime | None]  # when whoever has to know was told
    ticket: Mapped[Ticket] = relationship()


def note(session: Session, clocks: Mapping[Ticket, Sequence[Standing]], now: datetime) -> None:
    """Note what these clocks have come to and was not noted yet; a breach is also an event of the ticket."""
    stored = session.scalars(select(Mark).where(Mark.ticket_id.in_([ticket.id for ticket in clocks])))
    known = {(mark.ticket_id, mark.measure, mark.since, mark.point) for mark in stored}
    for ticket, found in clocks.items():
        for clock, point, since, at in _reached(found, now):
            key = (ticket.id, clock.measure.value, since, point.value)
            if key not in known:
                known.add(key)
                session.add(_mark(key, clock, at, now))
                if clock.breached_at and clock.promise:
                    ticket.tell("breach", overdue(clock.promise, clock.breached_at), now)


def _reached(clocks: Sequence[Standing], now: datetime) -> Iterator[tuple[Standing, Point, datetime, datetime]]:
    """Which clock came to which point, since when it had run, and when."""
    for clock in clocks:
        if clock.breached_at:
            yield clock, Point.BREACH, clock.round.start.at, clock.breached_at
        elif clock.runs and clock.promise:  # a promise that was made later has half and three quarters of its own
            points = zip((Point.HALF, Point.THREE_QUARTERS), clock.warnings, strict=False)
            yield from ((clock, point, clock.promise.clock.start, at) for point, at in points if at <= now)


def _mark(key: tuple[int, str, datetime, str], clock: Standing, at: datetime, now: datetime) -> Mark:
    ticket_id, measure, since, point = key
    mark = Mark(ticket_id=ticket_id, measure=measure, since=since, point=point, at=at, noted_at=now)
    mark.due, mark.trace = clock.due, list(clock.trace)
    return mark


def of(session: Session, ticket: Ticket) -> Sequence[Mark]:
    """What was noted of a ticket, in order."""
    return session.scalars(select(Mark).where(Mark.ticket_id == ticket.id).order_by(Mark.at, Mark.id)).all()
