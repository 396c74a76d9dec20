"""CarrierCall: a call or leg as the carrier lists it, kept without its numbers, to hold ours against and to add up."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, ForeignKey, select
from sqlalchemy.orm import Mapped, mapped_column

from desk.db import Base

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from sla.interval import Interval

INBOUND = "inbound"
DIALLED = "outbound-dial"  # a leg of a Dial; what REST placed is outbound-api


class CarrierCall(Base):
    """One entry of the carrier's list.

    `line_id` is ours that was rung, `staff_id` the engineer whose telephone the leg was. `cost` is in millionths of
    `unit` and None while the carrier has no price yet. `ticket_id` is the ticket that was opened because we had no
    record of it: so one is opened once, however often the list is read. It may go before this does.
    """

    __tablename__ = "carrier_call"
    sid: Mapped[str] = mapped_column(primary_key=True)
    parent: Mapped[str | None] = mapped_column(index=True)
    direction: Mapped[str]
    status: Mapped[str]
    started_at: Mapped[datetime] = mapped_column(index=True)
    seconds: Mapped[int]
    cost: Mapped[int | None] = mapped_column(BigInteger)
    unit: Mapped[str]
    line_id: Mapped[int | None] = mapped_column(ForeignKey("line.id"))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    ticket_id: Mapped[int | None]
    seen_at: Mapped[datetime]


def begun(session: Session, span: Interval) -> Sequence[CarrierCall]:
    """Those that began in that span, in order."""
    within = (CarrierCall.started_at >= span.start, CarrierCall.started_at < span.end)
    return session.scalars(select(CarrierCall).where(*within).order_by(CarrierCall.started_at, CarrierCall.sid)).all()


def legs(session: Session, sid: str) -> Sequence[CarrierCall]:
    """The legs of a call, the longest first."""
    found = select(CarrierCall).where(CarrierCall.parent == sid)
    return session.scalars(found.order_by(CarrierCall.seconds.desc(), CarrierCall.sid)).all()
