"""Ticket and its verbs; Event, its timeline."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, Session, mapped_column, object_session, relationship

from desk.db import Base
from desk.staff import Staff
from tickets import reference
from tickets.people import Contact, Customer


class Priority(StrEnum):
    """How urgent; in this order."""

    EMERGENCY = "emergency"
    HIGH = "high"
    NORMAL = "normal"
    LOW = "low"


class State(StrEnum):
    """Where a ticket stands. `abandoned` and `merged` are ways of being resolved, told by its last event."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    WAITING = "waiting"
    RESOLVED = "resolved"


class Event(Base):
    """One thing that happened to a ticket; never changed, never deleted."""

    __tablename__ = "event"
    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), index=True)
    at: Mapped[datetime]
    kind: Mapped[str]
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    text: Mapped[str]
    detail: Mapped[dict[str, Any]] = mapped_column(default=dict)


class Ticket(Base):
    """One request for help from its first second to its resolution, whatever way it came in."""

    __tablename__ = "ticket"
    __table_args__ = (
        Index("ix_ticket_caller_open", "caller", "state"),
        Index("ix_ticket_customer_open", "customer_id", "state"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(unique=True)
    state: Mapped[str]
    priority: Mapped[str]
    subject: Mapped[str]
    opened_at: Mapped[datetime]
    caller: Mapped[str | None]
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id"))
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id"))
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"))
    customer: Mapped[Customer | None] = relationship()
    contact: Mapped[Contact | None] = relationship()
    owner: Mapped[Staff | None] = relationship()
    events: Mapped[list[Event]] = relationship(order_by=Event.id)

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to do something about it."""
        return self.state != State.RESOLVED

    def tell(self, kind: str, text: str, at: datetime, by: Staff | None = None, **detail: Any) -> Event:
        """Put an event on the timeline."""
        event = Event(ticket_id=self.id, kind=kind, text=text, at=at, staff_id=by.id if by else None, detail=detail)
        self._session.add(event)
        return event

    def acknowledge(self, by: Staff, at: datetime) -> None:
        """`by` has it: the ticket is theirs, paging stops."""
        self.owner_id = by.id
        if self.state == State.OPEN:
            self.state = State.ACKNOWLEDGED
        self.tell("acknowledged", f"{by.name} has it", at, by)

    def release(self, at: datetime, why: str) -> None:
        """Nobody has it after all."""
        self.owner_id, self.state = None, State.OPEN
        self.tell("released", why, at)

    def raise_to(self, priority: Priority, at: datetime, why: str) -> None:
        """Make it at least this urgent; it never becomes less urgent by this verb."""
        order = list(Priority)
        if order.index(priority) >= order.index(Priority(self.priority)):
            return
        self.tell("priority", f"{self.priority} to {priority}: {why}", at, was=self.priority, now=priority)
        self.priority = priority

    def resolve(self, at: datetime, how: str, by: Staff | None = None) -> None:
        """Nothing is left to do about it."""
        self.state = State.RESOLVED
        self.tell("resolved", how, at, by)

    def reopen(self, at: datetime, why: str) -> None:
        """It was not over after all."""
        self.state = State.ACKNOWLEDGED if self.owner_id else State.OPEN
        self.tell("reopened", why, at)

    def abandon(self, at: datetime, why: str) -> None:
        """Nobody asked for anything: closed, so that no clock runs on it."""
        self.resolve(at, f"abandoned: {why}")

    def merge_into(self, other: Ticket, at: datetime, why: str) -> None:
        """This ticket was about the same thing: the other goes on, this one points to it."""
        self.merged_into_id = other.id
        self.tell("merged", f"merged into {reference.printed(other.reference)}: {why}", at)
        self.resolve(at, f"goes on as {reference.printed(other.reference)}")
        other.tell("joined", f"{reference.printed(self.reference)} joined: {why}", at, reference=self.reference)

    @property
    def _session(self) -> Session:
        session = object_session(self)
        assert session is not None, "a ticket's verbs need the session it was read in"  # noqa: S101
        return session


def open_ticket(
    session: Session,
    *,
    dice: reference.Dice,
    at: datetime,
    subject: str,
    priority: Priority = Priority.NORMAL,
    caller: str | None = None,
    contact_id: int | None = None,
    customer_id: int | None = None,
) -> Ticket:
    """Open a ticket with a reference of its own."""
    ticket = Ticket(
        reference=reference.new(dice),
        state=State.OPEN,
        priority=priority,
        subject=subject,
        opened_at=at,
        caller=caller,
        contact_id=contact_id,
        customer_id=customer_id,
    )
    session.add(ticket)
    session.flush()
    ticket.tell("opened", subject, at)
    return ticket
