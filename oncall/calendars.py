"""Calendars that engineers subscribe us to: their leave is read from there."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from desk.db import Base
from desk.staff import Staff


class LeaveCalendar(Base):
    """One calendar of one engineer; the address is a secret of theirs."""

    __tablename__ = "leave_calendar"
    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    url: Mapped[str]
    added_at: Mapped[datetime]
    read_at: Mapped[datetime | None]  # when it was last read without a fault
    asked_at: Mapped[datetime | None]
    fault: Mapped[str | None]
    removed_at: Mapped[datetime | None]
    staff: Mapped[Staff] = relationship()
