"""The outbox: a row for everything that leaves the house, written in the transaction of its cause.

What happens to the rows stands in delivery.py; those that are over go with the nightly purge (tickets.privacy).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import Index, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from desk.db import Base

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

A_DAY = timedelta(days=1)
AT_ONCE = timedelta(0)
ELSEWHERE = "elsewhere"  # what is put on the other host that answers when we do not (ivr.elsewhere)
# Kinds whose couriers speak to servers of others, which take their time.
TO_STRANGERS = ("webhook", "chat message", ELSEWHERE)
CANARY = "canary"  # a kind for which nobody waits: it leaves when nothing else is due


class State(StrEnum):
    """Where a row stands; dead ones wait for a person, what was dropped had lost its point."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    DEAD = "dead"
    DROPPED = "dropped"


class Lane(StrEnum):
    """Who is at a row: the worker's own tick, or what goes beside it to strangers' servers."""

    OURS = "ours"
    STRANGERS = "strangers"


class Outgoing(Base):
    """One effect outside; `key` names it, so that its cause may happen twice and it does not."""

    __tablename__ = "outbox"
    __table_args__ = (Index("ix_outbox_state_due_at", "state", "due_at"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    payload: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(default=State.WAITING)
    made_at: Mapped[datetime]
    due_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    worker: Mapped[str | None]
    leased_until: Mapped[datetime | None]
    unsure: Mapped[bool] = mapped_column(default=False)
    reference: Mapped[str | None] = mapped_column(unique=True)
    sent_at: Mapped[datetime | None]
    report: Mapped[str | None]  # what the other side said of it later
    error: Mapped[str | None]


def post(
    session: Session,
    key: str,
    kind: str,
    payload: dict[str, Any],
    now: datetime,
    *,
    after: timedelta = AT_ONCE,
    lasts: timedelta = A_DAY,
) -> Outgoing:
    """Put an effect in the outbox, once per key: due `after`, and pointless once it has lasted that long."""
    item = of(session, key)
    if item is None:
        item = Outgoing(key=key, kind=kind, payload=payload, made_at=now, due_at=now + after, expires_at=now + lasts)
        session.add(item)
        session.flush()
    return item


def of(session: Session, key: str) -> Outgoing | None:
    """The row of that effect."""
    return session.scalars(select(Outgoing).where(Outgoing.key == key)).one_or_none()


def withdraw(session: Session, key: str) -> bool:
    """Take back an effect that nobody has begun with; False if it may have gone, or was never posted."""
    untouched = Outgoing.key == key, Outgoing.state == State.WAITING, Outgoing.attempts == 0
    return bool(session.execute(delete(Outgoing).where(*untouched)).rowcount)  # type: ignore[attr-defined]


def standing(session: Session, *states: State) -> Sequence[Outgoing]:
    """The rows in those states, the oldest first."""
    return session.scalars(select(Outgoing).where(Outgoing.state.in_(states)).order_by(Outgoing.id)).all()


def proved(session: Session, item: Outgoing, reference: str, now: datetime) -> None:
    """The other side speaks of this row's effect by itself, under that name: so it has it.

    A row that a look-up had given the name to, by mistake, is looked up anew.
    """
    mistaken = session.scalars(select(Outgoing).where(Outgoing.reference == reference, Outgoing.id != item.id)).first()
    if mistaken:
        mistaken.reference, mistaken.sent_at, mistaken.unsure = None, None, True
        mistaken.state, mistaken.due_at = State.WAITING, now
        session.flush()
    item.reference = item.reference or reference


def retry(item: Outgoing, now: datetime) -> None:
    """A person has seen to it: try a dead row again."""
    if item.state != State.DEAD:
        raise ValueError(f"{item.id} is {item.state}; only a dead one can be tried again")
    item.state, item.due_at, item.expires_at = State.WAITING, now, now + A_DAY
