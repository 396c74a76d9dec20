"""Flood: so many new tickets an hour by mail from one address, and so many from all; what is beyond goes on one ticket.

Counted in the database, exactly over any number of workers: the row of a count is locked until its transaction ends.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, case, delete, null, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from desk.db import Base

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

WINDOW = timedelta(hours=1)
ALL = "all"
SHOWN = 50  # mails of a flood that its ticket tells one by one; the others are in the list of mails


class Flood(Base):
    """The new tickets of one address, or of all, in the hour that began with the first; and the ticket for the rest."""

    __tablename__ = "flood"
    key: Mapped[str] = mapped_column(primary_key=True)
    since: Mapped[datetime]
    count: Mapped[int]
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"))


@dataclass(frozen=True)
class Limits:
    """How many new tickets an hour."""

    of_one: int
    of_all: int


def of_sender(address: str | None) -> str:
    """The key of a sender; of those who name none, one for all."""
    return f"sender {sha256((address or '').lower().encode()).hexdigest()[:32]}"


def over(session: Session, sender: str | None, limits: Limits, at: datetime) -> Flood | None:
    """Count one more ticket that is about to be opened; the flood that it belongs to, if it is one too many."""
    mine = _count(session, of_sender(sender), at)
    if mine.count > limits.of_one:
        return mine
    everybody = _count(session, ALL, at)
    return everybody if everybody.count > limits.of_all else None


def going_on(session: Session, now: datetime) -> Sequence[Flood]:
    """The floods of the last hour."""
    return session.scalars(select(Flood).where(Flood.ticket_id.is_not(None), Flood.since > now - WINDOW)).all()


def _count(session: Session, key: str, at: datetime) -> Flood:
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    over = Flood.since <= at - WINDOW
    statement = insert(Flood).values(key=key, since=at, count=1)
    counted = statement.on_conflict_do_update(
        index_elements=[Flood.key],
        set_={
            "since": case((over, statement.excluded.since), else_=Flood.since),
            "count": case((over, 1), else_=Flood.count + 1),
            "ticket_id": case((over, null()), else_=Flood.ticket_id),
        },
    )
    session.execute(counted)
    return session.scalars(select(Flood).where(Flood.key == key).execution_options(populate_existing=True)).one()
