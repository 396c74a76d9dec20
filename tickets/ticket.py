"""Ticket and its verbs; what happened to it is told by its events."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column, object_session, relationship

from desk.db import Base, index_of_given
from desk.staff import Staff
from tickets import reference
from tickets.event import ADDRESS, MERGED_INTO, SUBJECT, Event, Kind, renaming
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


class NotNow(ValueError):
    """The verb does not fit the state of the ticket; the text says why, to whoever pressed the button."""


FARTHEST = timedelta(days=731)  # a turnaround; what lies further off is a slip of the hand, and off the calendar
TAKEN = ("acknowledged", "handed over")  # events that give it an owner
UNJUDGED = text("moves <> judged")
MERGED = text("merged_into_id IS NOT NULL")
WANTED = text("state = 'open' AND priority = 'emergency' AND owner_id IS NULL")  # an emergency that nobody has


class Ticket(Base):
    """One request for help from its first second to its resolution, whatever way it came in.

    `moves` rises whenever something is told of it, by one however much a transaction tells; `judged` is how far it
    had risen when its due times were computed (sla.due). `email` is where to write to where no contact is known.
    """

    __tablename__ = "ticket"
    __table_args__ = (
        Index("ix_ticket_caller_open", "caller", "state"),
        Index("ix_ticket_customer_open", "customer_id", "state"),
        Index("ix_ticket_merged_into_id", "merged_into_id", sqlite_where=MERGED, postgresql_where=MERGED),
        Index("ix_ticket_wanted", "id", sqlite_where=WANTED, postgresql_where=WANTED),
        Index("ix_ticket_unjudged", "id", sqlite_where=UNJUDGED, postgresql_where=UNJUDGED),
        index_of_given("ticket", "contact_id"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(unique=True)
    state: Mapped[str]
    priority: Mapped[str]
    subject: Mapped[str]
    opened_at: Mapped[datetime]
    caller: Mapped[str | None]
    email: Mapped[str | None]
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id"))
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id"))
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id"))
    moves: Mapped[int] = mapped_column(default=0)
    judged: Mapped[int] = mapped_column(default=-1)
    customer: Mapped[Customer | None] = relationship()
    contact: Mapped[Contact | None] = relationship()
    owner: Mapped[Staff | None] = relationship()
    events: Mapped[list[Event]] = relationship(order_by=Event.id)

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to do something about it."""
        return self.state != State.RESOLVED

    @property
    def had_since(self) -> datetime | None:
        """When whoever has it took it, or was given it; None while nobody has it."""
        if self.owner_id is None:
            return None
        told = select(Event.at).where(Event.ticket_id == self.id, Event.kind.in_(TAKEN))
        return self._session.scalars(told.order_by(Event.id.desc()).limit(1)).first()

    @property
    def address(self) -> str | None:
        """Where to write to, as far as anybody knows."""
        return (self.contact.email if self.contact else None) or self.email

    def tell(self, kind: str, text: str, at: datetime, by: Staff | None = None, **detail: Any) -> Event:
        """Put an event on the timeline."""
        event = Event(ticket_id=self.id, kind=kind, text=text, at=at, staff_id=by.id if by else None, detail=detail)
        self._session.add(event)
        self.moves = Ticket.moves + 1  # counted by the database: two may tell at the same time
        return event

    # Who has it

    def acknowledge(self, by: Staff, at: datetime, how: str = "") -> None:
        """`by` has it: the ticket is theirs, paging stops."""
        self.owner_id = by.id
        if self.state == State.OPEN:
            self.state = State.ACKNOWLEDGED
        self.tell("acknowledged", f"{by.name} has it{', ' if how else ''}{how}", at, by)

    def release(self, at: datetime, why: str) -> None:
        """Nobody has it after all."""
        self.owner_id, self.state = None, State.OPEN
        self.tell("released", why, at)

    def hand_over(self, to: Staff, by: Staff, at: datetime, why: str) -> None:
        """`to` has it from now on."""
        self._only_open("handed over")
        if self.owner_id == to.id:
            raise NotNow(f"{to.name} has it already.")
        self.owner_id = to.id
        if self.state == State.OPEN:
            self.state = State.ACKNOWLEDGED
        self.tell("handed over", f"{by.name} hands it over to {to.name}: {why}", at, by, to=to.key)

    # What is said

    def rename(self, subject: str, by: Staff, at: datetime) -> None:
        """What it is about, in a few words; what it was called before stays in the event."""
        self.tell(SUBJECT, renaming(subject, self.subject), at, by)
        self.subject = subject

    def answer(self, by: Staff, at: datetime, words: str, **detail: Any) -> None:
        """`by` has spoken with the customer, or written to them; whoever answers a ticket that nobody has, has it."""
        if self.is_open and self.owner_id is None:
            self.acknowledge(by, at)
        self.tell(Kind.ANSWERED, words, at, by, **detail)

    def take_answer_back(self, page: int, at: datetime, why: str) -> None:
        """The answer of that ring was none: the two were never joined."""
        self.tell(Kind.NOT_ANSWERED, why, at, page=page)

    def learn_address(self, email: str, by: Staff, at: datetime) -> None:
        """Where to write to: an address of the contact, or of the ticket itself where there is none."""
        if self.contact:
            self.contact.changes(at)
            self.contact.email = email
        else:
            self.email = email
        whose = self.contact.name if self.contact else "whoever called"
        self.tell(ADDRESS, f"the address of {whose} is {email}", at, by, address=email)

    def note(self, by: Staff, at: datetime, words: str) -> None:
        """Something for colleagues; the customer never sees it, and no clock heeds it."""
        self.tell("note", words, at, by)

    def hear(self, words: str, at: datetime, *, wakes: bool = True, **detail: Any) -> Event:
        """The customer said something: we wait for them no more, and what was resolved goes on.

        Unless it `wakes` somebody, an emergency that was over goes on as less: it may be no more than thanks.
        """
        told = self.tell(Kind.ASKED, words, at, **detail)
        if self.state == State.WAITING:
            self.state = State.ACKNOWLEDGED if self.owner_id else State.OPEN
        elif self.state == State.RESOLVED and self.merged_into_id is None:
            if self.priority == Priority.EMERGENCY and not wakes:
                self._change(Priority.HIGH, at, "it was over, and nobody is woken by what is written")
            self.reopen(at, "the customer came back to it")
        return told

    # How it goes on

    def wait(self, by: Staff, at: datetime, for_what: str) -> None:
        """We can do nothing until the customer does something."""
        self._only_open("left to wait")
        if self.state == State.WAITING:
            raise NotNow("We wait for the customer already.")
        self.state = State.WAITING
        self.tell(Kind.WAITING, f"waiting for the customer: {for_what}", at, by, words=for_what)

    def resume(self, by: Staff, at: datetime, why: str) -> None:
        """We go on although the customer has not come back."""
        if self.state != State.WAITING:
            raise NotNow("We do not wait for the customer.")
        self.state = State.ACKNOWLEDGED if self.owner_id else State.OPEN
        self.tell(Kind.RESUMED, why, at, by)

    def agree(self, until: datetime, customer: str, by: Staff, at: datetime) -> None:
        """A turnaround is promised: until when, and with whom it was agreed."""
        self._only_open("promised")
        if until <= at:
            raise NotNow("A turnaround is promised for the future.")
        if until > at + FARTHEST:
            raise NotNow("A turnaround is promised for the next two years at most.")
        words = f"to be done by {until:%Y-%m-%d %H:%M} UTC, agreed with {customer}"
        self.tell(Kind.AGREED, words, at, by, until=until.isoformat(), customer=customer, ours=by.name)

    def raise_to(self, priority: Priority, at: datetime, why: str) -> None:
        """Make it at least this urgent; it never becomes less urgent by this verb."""
        order = list(Priority)
        if order.index(priority) < order.index(Priority(self.priority)):
            self._change(priority, at, why)

    def change_priority(self, priority: Priority, by: Staff, at: datetime, why: str) -> None:
        """Make it more or less urgent."""
        self._only_open("made more or less urgent")
        if priority != self.priority:
            self._change(priority, at, why, by)

    def resolve(self, at: datetime, how: str, by: Staff | None = None) -> None:
        """Nothing is left to do about it."""
        self.state = State.RESOLVED
        self.tell(Kind.RESOLVED, how, at, by)

    def reopen(self, at: datetime, why: str, by: Staff | None = None) -> None:
        """It was not over after all; who has an emergency then is whoever reopened it, or nobody: others may sleep."""
        if self.merged_into_id:
            raise NotNow("It goes on as another ticket; reopen that one.")
        urgent = self.priority == Priority.EMERGENCY
        if urgent:
            self.owner_id = None
        self.state = State.ACKNOWLEDGED if self.owner_id else State.OPEN
        self.tell(Kind.REOPENED, why, at, by)
        if urgent and by:
            self.acknowledge(by, at)

    def withdraw(self, at: datetime, why: str) -> None:
        """Nobody wants an answer here: closed, and no clock runs on."""
        self.state = State.RESOLVED
        self.tell(Kind.WITHDRAWN, why, at)

    def abandon(self, at: datetime, why: str) -> None:
        """Nobody asked for anything."""
        self.withdraw(at, f"abandoned: {why}")

    def merge_into(self, other: Ticket, at: datetime, why: str, *, owed: bool = True, by: Staff | None = None) -> None:
        """This ticket was about the same thing: the other goes on, this one points to it.

        What was `owed` here is owed there, the earlier deadline kept; who only asked how it stands is owed nothing.
        """
        if self.merged_into_id or other.merged_into_id or other.id == self.id:
            raise NotNow("A ticket is merged once, and into another that goes on.")
        self.merged_into_id = other.id
        self.tell(MERGED_INTO, f"merged into {reference.printed(other.reference)}: {why}", at, by)
        self.withdraw(at, f"goes on as {reference.printed(other.reference)}")
        told = f"{reference.printed(self.reference)} joined: {why}"
        other.tell(Kind.JOINED, told, at, by, reference=self.reference, owed=owed)

    def _change(self, priority: Priority, at: datetime, why: str, by: Staff | None = None) -> None:
        self.tell(Kind.PRIORITY, f"{self.priority} to {priority}: {why}", at, by, was=self.priority, now=priority)
        self.priority = priority

    def _only_open(self, done: str) -> None:
        if self.merged_into_id:
            raise NotNow("It goes on as another ticket.")
        if not self.is_open:
            raise NotNow(f"It is resolved. Reopen it before it is {done}.")

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
    email: str | None = None,
    **detail: Any,
) -> Ticket:
    """Open a ticket with a reference of its own; `detail` is what is known of the way in which it came."""
    ticket = Ticket(
        reference=reference.new(dice),
        state=State.OPEN,
        priority=priority,
        subject=subject,
        opened_at=at,
        caller=caller,
        contact_id=contact_id,
        customer_id=customer_id,
        email=email,
    )
    session.add(ticket)
    session.flush()
    ticket.tell(Kind.OPENED, subject, at, priority=priority, **detail)
    return ticket
