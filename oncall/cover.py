"""Cover requests: a shift whose engineer cannot serve it, and the question who will."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from desk.db import Base
from desk.staff import Staff
from oncall.roster import RotaRecord
from oncall.shifts import ShiftId


class State(StrEnum):
    """Where a request stands."""

    OPEN = "open"
    COVERED = "covered"
    CLOSED = "closed"  # nobody is needed any more: the leave was withdrawn, or the shift is somebody else's
    EXPIRED = "expired"  # the shift is over


class CoverRequest(Base):
    """Who covers [starts, ends) of this shift? Open until somebody does, or nobody needs to."""

    __tablename__ = "cover_request"
    id: Mapped[int] = mapped_column(primary_key=True)
    rota_id: Mapped[int] = mapped_column(ForeignKey("rota.id"), index=True)
    rotation: Mapped[str]
    shift_start: Mapped[datetime]
    starts: Mapped[datetime]
    ends: Mapped[datetime]
    engineer_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    leave_id: Mapped[int | None] = mapped_column(ForeignKey("leave.id"), index=True)
    why: Mapped[str]
    state: Mapped[str] = mapped_column(default=State.OPEN, index=True)
    asked_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[str | None]
    taker_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    override_id: Mapped[int | None] = mapped_column(ForeignKey("rota_override.id"))
    rota: Mapped[RotaRecord] = relationship()
    engineer: Mapped[Staff] = relationship(foreign_keys=[engineer_id])
    taker: Mapped[Staff | None] = relationship(foreign_keys=[taker_id])

    @property
    def shift(self) -> ShiftId:
        """The identity of the shift."""
        return ShiftId(self.rotation, self.shift_start)
