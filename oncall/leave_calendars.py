"""Calendars that engineers name: their leave is read from there, every hour, by the worker.

The worker claims one that is due, commits, fetches, and writes down what came of it, so a killed worker's is asked
again later and no transaction waits for somebody else's server.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, or_, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from desk import audit
from desk.audit import WORKER, What
from desk.db import Base
from desk.staff import Staff
from oncall import allowed, leave_import
from oncall.fetching import Fetcher, NotFetched, address_of
from sla.hours import own_zone

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from desk.audit import Who
    from desk.db import Database
    from oncall.leave_import import Away

EVERY = timedelta(hours=1)


class LeaveCalendar(Base):
    """One calendar of one engineer; its address is a secret of theirs."""

    __tablename__ = "leave_calendar"
    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    url: Mapped[str]
    added_at: Mapped[datetime]
    asked_at: Mapped[datetime | None]
    read_at: Mapped[datetime | None]  # when it was last read without a fault
    fault: Mapped[str | None]
    removed_at: Mapped[datetime | None]
    staff: Mapped[Staff] = relationship()

    @property
    def source(self) -> str:
        """How the leave that came from here is known."""
        return f"calendar {self.id}"


def subscribe(session: Session, staff: Staff, url: str, who: Who, now: datetime) -> LeaveCalendar:
    """Read somebody's leave from an address from now on; raises ValueError for one that is never fetched."""
    allowed.only_for(session, who, staff)
    host, _ = address_of(url.strip())
    row = LeaveCalendar(staff=staff, url=url.strip(), added_at=now)
    session.add(row)
    session.flush()
    audit.tell(session, who, What.CALENDAR_ADDED, staff.name, now, host=host, calendar=row.id)
    return row


def remove(session: Session, row: LeaveCalendar, who: Who, now: datetime) -> None:
    """Read it no more; the leave that it told and that lies ahead is withdrawn."""
    allowed.only_for(session, who, row.staff)
    row.removed_at, row.url = now, ""
    leave_import.take_over(session, row.staff, (), row.source, who, now)
    audit.tell(session, who, What.CALENDAR_REMOVED, row.staff.name, now, calendar=row.id)


def of(session: Session, staff: Staff) -> list[LeaveCalendar]:
    """The calendars of one engineer."""
    query = select(LeaveCalendar).where(LeaveCalendar.staff_id == staff.id, LeaveCalendar.removed_at.is_(None))
    return list(session.scalars(query.order_by(LeaveCalendar.id)))


def read_due(database: Database, fetcher: Fetcher, clock: Callable[[], datetime]) -> bool:
    """Read one calendar that is due; whether there was one."""
    claimed = database.write(lambda session: _claim(session, clock()))
    if claimed is None:
        return False
    number, url, zone = claimed
    found: list[Away] = []
    fault = None
    try:
        found = leave_import.leave_in(fetcher.get(url, leave_import.LARGEST), zone, clock())
    except (NotFetched, ValueError) as error:
        fault = str(error)
    database.write(lambda session: _store(session, number, found, fault, clock()))
    return True


def _claim(session: Session, now: datetime) -> tuple[int, str, str] | None:
    """One that is due, its address, and the zone where its days begin."""
    due = or_(LeaveCalendar.asked_at.is_(None), LeaveCalendar.asked_at <= now - EVERY)
    query = select(LeaveCalendar).where(due, LeaveCalendar.removed_at.is_(None)).order_by(LeaveCalendar.id).limit(1)
    row = session.scalars(query.with_for_update(skip_locked=True)).first()
    if row is None:
        return None
    row.asked_at = now
    return row.id, row.url, own_zone(session)


def _store(session: Session, number: int, found: list[Away], fault: str | None, now: datetime) -> None:
    row = session.get_one(LeaveCalendar, number, with_for_update=True)
    if row.removed_at:  # while it was fetched
        return
    if fault is None:
        leave_import.take_over(session, row.staff, found, row.source, WORKER, now)
        row.read_at = now
    row.fault = fault
