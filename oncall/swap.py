"""A swap as it is stored: whose shift is asked to be taken, by whom, for which in return, and what came of it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import ForeignKey, or_, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from desk.db import Base
from desk.staff import Staff
from oncall.roster import OverrideRecord, RotaRecord
from oncall.shifts import ShiftId
from oncall.wall import said

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session


class State(StrEnum):
    """Where a swap stands; only the first two may still change."""

    ASKED = "asked"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    INVALID = "invalid"  # its shift was edited meanwhile
    UNDONE = "undone"


class Swap(Base):
    """One request: whose shift, asked of whom (nobody named: all who can), for which shift in return.

    [starts, ends) is what the owner has of the shift; `return_*` the same of the taker's shift.
    """

    __tablename__ = "swap"
    id: Mapped[int] = mapped_column(primary_key=True)
    rota_id: Mapped[int] = mapped_column(ForeignKey("rota.id"), index=True)
    rotation: Mapped[str]
    shift_start: Mapped[datetime]
    starts: Mapped[datetime]
    ends: Mapped[datetime]
    owner_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    to_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"), index=True)
    return_rotation: Mapped[str | None]
    return_shift_start: Mapped[datetime | None]
    return_starts: Mapped[datetime | None]
    return_ends: Mapped[datetime | None]
    state: Mapped[str] = mapped_column(default=State.ASKED, index=True)
    reason: Mapped[str]
    asked_at: Mapped[datetime]
    asked_by: Mapped[str]
    expires_at: Mapped[datetime]
    declined: Mapped[list[Any]]  # the ids of those who said no
    taker_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"), index=True)
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[str | None]
    why: Mapped[str]  # what made it invalid, in a sentence
    override_id: Mapped[int | None] = mapped_column(ForeignKey("rota_override.id"))
    return_override_id: Mapped[int | None] = mapped_column(ForeignKey("rota_override.id"))
    rota: Mapped[RotaRecord] = relationship()
    owner: Mapped[Staff] = relationship(foreign_keys=[owner_id])
    to: Mapped[Staff | None] = relationship(foreign_keys=[to_id])
    taker: Mapped[Staff | None] = relationship(foreign_keys=[taker_id])

    @property
    def shift(self) -> ShiftId:
        """The identity of the shift that is given away."""
        return ShiftId(self.rotation, self.shift_start)

    @property
    def return_shift(self) -> ShiftId | None:
        """The identity of the shift that comes back for it."""
        return ShiftId(self.return_rotation or "", self.return_shift_start) if self.return_shift_start else None

    def about(self, zone: str) -> str:
        """What people call it, with its times in that zone."""
        return (
            f"swap {self.id}: {self.owner.name}, {self.rota.name} {said(self.starts, zone)} to {said(self.ends, zone)}"
        )


def of(session: Session, record: RotaRecord) -> Sequence[Swap]:
    """Every swap of a rota, the latest first."""
    return session.scalars(select(Swap).where(Swap.rota_id == record.id).order_by(Swap.id.desc())).all()


def of_override(session: Session, row: OverrideRecord) -> Swap | None:
    """The accepted swap that put an override into the rota, and still stands; None if it is a change of its own."""
    theirs = or_(Swap.override_id == row.id, Swap.return_override_id == row.id)
    return session.scalars(select(Swap).where(theirs, Swap.state == State.ACCEPTED)).first()


def overrides(session: Session, swap: Swap) -> list[OverrideRecord]:
    """What an accepted swap put into the rota: for the shift, and for the one in return."""
    numbers = [number for number in (swap.override_id, swap.return_override_id) if number]
    query = select(OverrideRecord).where(OverrideRecord.id.in_(numbers))
    return list(session.scalars(query.order_by(OverrideRecord.id)))
