"""CarrierCall: a call or leg as the carrier lists it, kept without its numbers, to hold ours against and to add up."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, ForeignKey, select
from sqlalchemy.orm import Mapped, mapped_column

from desk.db import Base

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from sqlalchemy.orm import Session

    from sla.interval import Interval

INBOUND = "inbound"
DIALLED = "outbound-dial"  # a leg of a Dial; what REST placed is outbound-api
AT_ONCE = 500  # names in a query


class CarrierCall(Base):
    """One entry of the carrier's list.

    `line_id` is ours that was rung, `staff_id` the engineer whose telephone the leg was. `cost` is in millionths of
    `unit` and None while the carrier has no price yet, `first_cost` what it was when it first had one. `ticket_id` is
    the ticket that was opened because we had no record of it: so one is opened once, however often the list is read.
    It may go before this does.
    """

    __tablename__ = "carrier_call"
    sid: Mapped[str] = mapped_column(primary_key=True)
    parent: Mapped[str | None] = mapped_column(index=True)
    direction: Mapped[str]
    status: Mapped[str]
    started_at: Mapped[datetime] = mapped_column(index=True)
    seconds: Mapped[int]
    cost: Mapped[int | None] = mapped_column(BigInteger)
    first_cost: Mapped[int | None] = mapped_column(BigInteger)
    unit: Mapped[str]
    line_id: Mapped[int | None] = mapped_column(ForeignKey("line.id"))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    ticket_id: Mapped[int | None]
    seen_at: Mapped[datetime]


def begun(session: Session, span: Interval) -> Sequence[CarrierCall]:
    """Those that began in that span, in order."""
    within = (CarrierCall.started_at >= span.start, CarrierCall.started_at < span.end)
    return session.scalars(select(CarrierCall).where(*within).order_by(CarrierCall.started_at, CarrierCall.sid)).all()


def stored(session: Session, sids: Collection[str], *, held: bool = False) -> Iterator[CarrierCall]:
    """Those of these names, in whatever month they began; `held` until the transaction ends."""
    for piece in pieces(sids):
        query = select(CarrierCall).where(CarrierCall.sid.in_(piece)).order_by(CarrierCall.sid)
        yield from session.scalars(query.with_for_update() if held else query)


def joined(session: Session, sids: Collection[str]) -> set[str]:
    """The calls among these in which somebody spoke on a leg."""
    spoken = select(CarrierCall.parent).where(CarrierCall.seconds > 0)
    found = (session.scalars(spoken.where(CarrierCall.parent.in_(piece))) for piece in pieces(sids))
    return {parent for some in found for parent in some if parent}


def pieces(sids: Collection[str]) -> Iterator[list[str]]:
    """The same names, as many at a time as a query takes."""
    names = sorted(sids)
    return (names[at : at + AT_ONCE] for at in range(0, len(names), AT_ONCE))


def legs(session: Session, sid: str) -> Sequence[CarrierCall]:
    """The legs of a call, the longest first."""
    found = select(CarrierCall).where(CarrierCall.parent == sid)
    return session.scalars(found.order_by(CarrierCall.seconds.desc(), CarrierCall.sid)).all()
