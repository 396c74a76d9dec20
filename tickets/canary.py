"""Canary: a ticket that the machine opens every hour and has to find, page, be answered about and acknowledge itself.

It goes the way of any emergency, and proves that the way is open. Its only colleague is a row of staff that can sign
in nowhere and is rung nowhere. Both are there for seconds and are taken away with all that hangs on them, so that no
list has to leave them out; what only ever counts people and promises does. What stays is a row here: it is also the
measure of how late the worker is.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, and_, delete, exists, insert, select, update
from sqlalchemy.orm import Mapped, mapped_column

from desk import retention
from desk.db import Base
from desk.retention import Kind
from desk.staff import Role, Staff
from tickets.ticket import Priority, Ticket, open_ticket

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from tickets.reference import Dice

KEY, NAME = "(canary)", "Canary"  # no key of a set-up file has brackets
ADDRESS = "client:canary"  # where it is rung: no number, so no mistake can dial or text it
SID = "canary-"  # its calls begin so, and the carrier's do not
SUBJECT = "Canary: this machine proves that emergencies are paged, and takes it away by itself"
EVERY, SOONER = timedelta(hours=1), timedelta(minutes=10)  # after one that was late, the next comes sooner
PATIENCE = timedelta(minutes=5)  # from when it had its chance until it has to be acknowledged
LATE = timedelta(minutes=1)  # a worker looks every few seconds
AWAY = timedelta(minutes=5)  # no worker has looked for so long: the time until then was no chance


class Canary(Base):
    """One canary: when it was laid and since when it had its chance; the ticket while it is out.

    `said` is what the courier of its ring heard last instead of an answer, `failed` why it was given up.
    """

    __tablename__ = "canary"
    id: Mapped[int] = mapped_column(primary_key=True)
    laid_at: Mapped[datetime]
    since: Mapped[datetime]
    looked_at: Mapped[datetime]
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"), unique=True)
    paged_at: Mapped[datetime | None]
    acknowledged_at: Mapped[datetime | None]
    said: Mapped[str | None]
    failed: Mapped[str | None]

    @property
    def lag(self) -> timedelta:
        """How long nobody came to it."""
        return max(self.paged_at - self.since, timedelta(0)) if self.paged_at else timedelta(0)

    @property
    def is_late(self) -> bool:
        """Whether the worker is behind with its work."""
        return self.lag > LATE

    @classmethod
    def through(cls) -> ColumnElement[bool]:
        """Those that came through: acknowledged, and taken away."""
        return and_(cls.acknowledged_at.is_not(None), cls.ticket_id.is_(None), cls.failed.is_(None))

    def is_overdue(self, now: datetime) -> bool:
        """Whether it had its chance."""
        return now > self.since + PATIENCE


def lay(session: Session, dice: Dice, now: datetime) -> Canary:
    """Open one; there must be none out."""
    _colleague(session)
    ticket = open_ticket(session, dice=dice, at=now, subject=SUBJECT, priority=Priority.EMERGENCY)
    laid = Canary(laid_at=now, since=now, looked_at=now, ticket_id=ticket.id)
    session.add(laid)
    session.execute(delete(Canary).where(Canary.laid_at < now - retention.usual(Kind.CANARIES)))
    return laid


def _colleague(session: Session) -> None:
    # Not through the unit of work: whoever is inactive is on no Switchboard, and none has to be built anew.
    if session.scalar(select(Staff.id).where(Staff.key == KEY)) is None:
        session.execute(insert(Staff).values(key=KEY, name=NAME, role=Role.ENGINEER, active=False))


def out(session: Session, *, hold: bool = False) -> Canary | None:
    """The one whose ticket is there; perhaps held until the transaction ends."""
    query = select(Canary).where(Canary.ticket_id.is_not(None))
    return session.scalars(query.with_for_update() if hold else query).one_or_none()


def newest(session: Session, number: int = 1) -> Sequence[Canary]:
    """The last ones, the newest first."""
    return session.scalars(select(Canary).order_by(Canary.id.desc()).limit(number)).all()


def ticket(session: Session) -> int | None:
    """The number of its ticket, while there is one."""
    return session.scalar(select(Canary.ticket_id).where(Canary.ticket_id.is_not(None)))


def heard(session: Session, ticket_id: int, why: str) -> None:
    """Its ring was not answered as it should be."""
    session.execute(update(Canary).where(Canary.ticket_id == ticket_id).values(said=why))


def is_one(session: Session, ticket_id: int) -> bool:
    """Whether that ticket is a canary's."""
    return session.scalar(select(Canary.id).where(Canary.ticket_id == ticket_id)) is not None


def nobody_s() -> ColumnElement[bool]:
    """Of tickets: those of people, and not the canary's."""
    return ~exists().where(Canary.ticket_id == Ticket.id)
