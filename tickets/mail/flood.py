"""Flood: so many new tickets an hour by mail from one address, and so many from all; what is beyond goes on one ticket.

Counted as tries at any door are (`desk.door.attempts`): exactly, over any number of workers.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import Mapped, mapped_column

from desk.db import Base, index_of_given
from desk.door import attempts
from tickets.mail.addressee import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

WINDOW = timedelta(hours=1)
ALL = "all"
SHOWN = 50  # mails of a flood that its ticket tells one by one; the others are in the list of mails


class Flood(Base):
    """That one address, or all, were too much in the hour that began then; and the ticket that the rest goes on."""

    __tablename__ = "flood"
    __table_args__ = (index_of_given("flood", "ticket_id"),)
    key: Mapped[str] = mapped_column(primary_key=True)
    since: Mapped[datetime]
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"))


@dataclass(frozen=True)
class Limits:
    """How many new tickets an hour."""

    of_one: int
    of_all: int


def of_sender(address: str | None) -> str:
    """The key of a sender; of those who name none, one for all."""
    return f"sender {sha256(plain(address or '').encode()).hexdigest()[:32]}"


def over(session: Session, sender: str | None, limits: Limits, at: datetime, *, known: bool) -> Flood | None:
    """Count one more ticket that is about to be opened; the flood that it belongs to, if it is one too many.

    Whom a customer has told us of is `known`, and no flood of strangers is theirs.
    """
    bounds = [(of_sender(sender), limits.of_one), (ALL, limits.of_all)]
    for key, most in bounds[:1] if known else bounds:
        count, ends = attempts.count(session, f"mail {key}", at, WINDOW)
        if count > most:
            return _flood(session, key, ends - WINDOW)
    return None


def going_on(session: Session, now: datetime) -> Sequence[Flood]:
    """The floods of the last hour."""
    return session.scalars(select(Flood).where(Flood.ticket_id.is_not(None), Flood.since > now - WINDOW)).all()


def _flood(session: Session, key: str, since: datetime) -> Flood:
    """That of the hour which began then; whoever counts for the same key waits, so nobody else makes one."""
    mine = session.get(Flood, key, populate_existing=True)
    if mine is None or mine.since != since:
        mine = session.merge(Flood(key=key, since=since, ticket_id=None))
    return mine
