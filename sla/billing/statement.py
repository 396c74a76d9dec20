"""Statement: a month of all customers, open or closed. Closing is one row; the lines of a closed month never change."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import ForeignKey, Index, func, select, text
from sqlalchemy.orm import Mapped, mapped_column

from desk.db import Base
from sla.month import Month

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

A_DAY, A_YEAR = timedelta(days=1), timedelta(days=366)
UNDECIDED = text("decided_at IS NULL")


class Statement(Base):
    """One month: `closed_at` is when it was closed, and none while it is open.

    `hours` are the business hours as they were then, by which it is charged whatever the office keeps later; `names`
    what company, customers and engineers were called then, as its files say ever after; `checks` what was looked at,
    `totals` what it came to, `files` what was made of it: format, sha256, rows and amount.
    """

    __tablename__ = "statement"
    id: Mapped[int] = mapped_column(primary_key=True)
    month: Mapped[str] = mapped_column(unique=True)
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str | None]
    checks: Mapped[list[Any]]
    hours: Mapped[list[Any]]
    names: Mapped[dict[str, Any]] = mapped_column(default=dict)
    totals: Mapped[dict[str, Any]]
    files: Mapped[list[Any]]


class Reopening(Base):
    """Somebody wants a closed month open again; another decides."""

    __tablename__ = "reopening"
    __table_args__ = (
        Index("ux_reopening_asked", "month", unique=True, sqlite_where=UNDECIDED, postgresql_where=UNDECIDED),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    month: Mapped[str]
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    asked_by: Mapped[str]
    asked_at: Mapped[datetime]
    reason: Mapped[str]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    agreed: Mapped[bool | None]


def of(session: Session, month: str) -> Statement | None:
    """The row of a month, if there was ever anything to bill in it."""
    return session.scalars(select(Statement).where(Statement.month == month)).one_or_none()


def held(session: Session, month: str, *, alone: bool = False) -> Statement:
    """The row of a month, made if need be, and held until the transaction ends: `alone`, or with others who write."""
    query = select(Statement).where(Statement.month == month).with_for_update(read=not alone)
    found = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if found is None:
        found = Statement(month=month, checks=[], hours=[], totals={}, files=[])
        session.add(found)
        session.flush()
    return found


def closed(session: Session, month: str) -> bool:
    """Whether that month is closed."""
    last = last_closed(session)
    return last is not None and month <= last


def last_closed(session: Session) -> str | None:
    """The latest closed month; months are closed one after another, so all before it are."""
    return session.scalar(select(func.max(Statement.month)).where(Statement.closed_at.is_not(None)))


def open_since(session: Session, at: datetime) -> datetime:
    """From when on work may still go on a statement: what is not closed, and always this month and the one before.

    Work of more than a year ago counts as billed, or as never to be: who closes no months must not keep everything.
    """
    this_month = _first(at - A_DAY)
    usual, last = _first(this_month - A_DAY), last_closed(session)
    unclosed = Month.named(last, "UTC").span.end if last else usual
    return max(min(usual, unclosed), _first(at - A_YEAR)) - A_DAY  # a month begins at another instant in every zone


def _first(at: datetime) -> datetime:
    return at.replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def open_month(session: Session, month: str, zone: str) -> Month:
    """Where what is learnt about a month is billed: there, or if it is closed in the first month that is not."""
    last = last_closed(session)
    if last is None or month > last:
        return Month.named(month, zone)
    return Month(Month.named(last, zone).beside(1), zone)
