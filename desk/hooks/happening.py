"""Happening: something that was told to whoever wanted it; Delivery: to one of them; Attempt: what came of one try."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from secrets import token_hex
from typing import TYPE_CHECKING, Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from desk import outbox
from desk.db import Base
from desk.hooks.endpoint import Endpoint, Way
from desk.outbox import Outgoing

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy.orm import Session

KINDS = {Way.WEBHOOK: "webhook", Way.CHAT: "chat message"}  # in the outbox
LASTS = {Way.WEBHOOK: timedelta(days=14), Way.CHAT: timedelta(hours=6)}  # longer than all tries together


class State(StrEnum):
    """Where a delivery stands."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"
    DROPPED = "dropped"


class Happening(Base):
    """One thing that happened; `uid` is the webhook-id, `facts` name what it concerns and hold no numbers or words."""

    __tablename__ = "hook_happening"
    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(unique=True)
    type: Mapped[str]
    at: Mapped[datetime] = mapped_column(index=True)
    facts: Mapped[dict[str, Any]]


class Delivery(Base):
    """One happening for one endpoint; `row` is the key of its latest row in the outbox, `tries` those of that row."""

    __tablename__ = "hook_delivery"
    __table_args__ = (
        UniqueConstraint("happening_id", "endpoint_id"),
        Index("ix_hook_delivery_endpoint_id", "endpoint_id", "id"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    happening_id: Mapped[int] = mapped_column(ForeignKey("hook_happening.id"))
    endpoint_id: Mapped[int] = mapped_column(ForeignKey("hook_endpoint.id"))
    row: Mapped[str] = mapped_column(unique=True)
    state: Mapped[str] = mapped_column(default=State.WAITING)
    tries: Mapped[int] = mapped_column(default=0)
    ended_at: Mapped[datetime | None]
    happening: Mapped[Happening] = relationship()
    endpoint: Mapped[Endpoint] = relationship()
    attempts: Mapped[list[Attempt]] = relationship(order_by="Attempt.id")

    def send_again(self, session: Session, now: datetime) -> None:
        """Somebody wants it sent again, now, under the same id; raises ValueError while it is being sent."""
        row = outbox.of(session, self.row)
        if row and row.state == outbox.State.SENDING:
            raise ValueError("It is being sent at this moment.")
        if row and row.state == outbox.State.WAITING:
            row.due_at = now
            return
        number = int(self.row.rpartition(" ")[2]) + 1
        self.row = f"{self.row.rpartition(' ')[0]} {number}"
        self.state, self.tries, self.ended_at = State.WAITING, 0, None
        session.add(_row(self.row, Way(self.endpoint.way), self.happening.uid, self.endpoint_id, now))


class Attempt(Base):
    """One try; `status` is that of HTTP, `answer` the first of what was said, `fault` why there was none."""

    __tablename__ = "hook_attempt"
    id: Mapped[int] = mapped_column(primary_key=True)
    delivery_id: Mapped[int] = mapped_column(ForeignKey("hook_delivery.id"), index=True)
    at: Mapped[datetime]
    took_ms: Mapped[int]
    status: Mapped[int | None]
    answer: Mapped[str]
    fault: Mapped[str | None]


def tell(
    session: Session,
    to: Iterable[Endpoint],
    kind: str,
    facts: dict[str, Any],
    at: datetime,
    *,
    priority: str | None = None,
) -> None:
    """Put it in the outbox for every one of them that wants it; nothing is written where none does."""
    wanting = [one for one in to if one.wants(kind, priority)]
    if wanting:
        send(session, wanting, kind, facts, at)


def send(session: Session, to: Iterable[Endpoint], kind: str, facts: dict[str, Any], at: datetime) -> None:
    """The same, whether or not they want it."""
    told = Happening(uid=f"msg_{token_hex(16)}", type=kind, at=at, facts=facts)
    session.add(told)
    for one in to:
        key = f"hook {told.uid} {one.id} 1"
        session.add(Delivery(happening=told, endpoint_id=one.id, row=key))
        session.add(_row(key, Way(one.way), told.uid, one.id, at))


def of_row(session: Session, key: str) -> Delivery | None:
    """The delivery that a row of the outbox is for, unless another row is by now."""
    return session.scalars(select(Delivery).where(Delivery.row == key)).one_or_none()


def newest(session: Session, endpoint_id: int, limit: int, before: int | None = None) -> Sequence[Delivery]:
    """The latest deliveries to an endpoint; older than that one if it is given."""
    query = select(Delivery).where(Delivery.endpoint_id == endpoint_id).order_by(Delivery.id.desc()).limit(limit)
    return session.scalars(query.where(Delivery.id < before) if before else query).all()


def _row(key: str, way: Way, uid: str, endpoint_id: int, at: datetime) -> Outgoing:
    # Not by `post`, which looks and writes at once: this may be called while a transaction is being written.
    payload = {"message": uid, "endpoint": endpoint_id}
    return Outgoing(key=key, kind=KINDS[way], payload=payload, made_at=at, due_at=at, expires_at=at + LASTS[way])
