"""Call, Visit and Leg: where a live call is, what the carrier reported, and the evidence of who spoke when."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import ForeignKey, Index, func, select, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from desk.db import Base, index_of_given
from oncall.paging import Outcome, Page
from sla.interval import Interval
from tickets.ticket import Ticket

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

CROSSING = timedelta(seconds=5)  # a key and the caller's hanging up may pass each other on the line
WRONG_REFERENCE = "wrong reference"


class CarrierStatus(StrEnum):
    """Twilio's words for the state of a leg (TWILIO.md §1.4)."""

    QUEUED = "queued"
    INITIATED = "initiated"
    RINGING = "ringing"
    IN_PROGRESS = "in-progress"
    COMPLETED = "completed"
    BUSY = "busy"
    FAILED = "failed"
    NO_ANSWER = "no-answer"
    CANCELED = "canceled"


TERMINAL = frozenset(list(CarrierStatus)[4:])
# What a leg that nobody accepted came to. `completed` is no acceptance: an engineer's voicemail completes too.
UNACCEPTED = {
    CarrierStatus.BUSY: Outcome.BUSY,
    CarrierStatus.FAILED: Outcome.FAILED,
    CarrierStatus.NO_ANSWER: Outcome.NO_ANSWER,
    CarrierStatus.CANCELED: Outcome.NO_ANSWER,
}


def unaccepted(carrier_says: str) -> Outcome:
    """The outcome of a leg on which nobody pressed 1."""
    return UNACCEPTED.get(carrier_says, Outcome.UNACCEPTED)  # type: ignore[call-overload, no-any-return]


class Call(Base):
    """One call on one of our lines, from its first webhook to its end.

    Either somebody rang us, or an engineer calls somebody back (`page_id`): then the call is the engineer's, and
    `caller` is still the person outside.
    """

    __tablename__ = "call"
    __table_args__ = (
        Index(
            "ix_call_unfinished",
            "last_heard_at",
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        index_of_given("call", "contact_id"),
        Index("ix_call_caller", "caller", "started_at"),
    )
    sid: Mapped[str] = mapped_column(primary_key=True)
    line_id: Mapped[int] = mapped_column(ForeignKey("line.id"))
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), index=True)
    opened_ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), index=True)
    caller: Mapped[str | None]
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id"))
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id"))
    page_id: Mapped[int | None] = mapped_column(ForeignKey("page.id"), index=True)
    language: Mapped[str]
    started_at: Mapped[datetime] = mapped_column(index=True)
    last_heard_at: Mapped[datetime]
    asked_at: Mapped[datetime | None]  # when the carrier was last asked what became of it
    ended_at: Mapped[datetime | None]
    consent: Mapped[bool | None]
    ticket: Mapped[Ticket] = relationship(foreign_keys=[ticket_id])

    def end(self, at: datetime) -> None:
        """The caller is off the line; the first report counts."""
        self.ended_at = self.ended_at or at


class Visit(Base):
    """One webhook of a leg that asked what to do: what was heard, when, and what was answered.

    `(sid, number)` is unique: a second delivery of the same webhook finds the row and gets the same answer.
    `path` names the steps that spoke, `said` their words; `facts` are the values that they and the templates used.
    """

    __tablename__ = "visit"
    __table_args__ = (Index("ix_visit_caller_note", "note", "caller", "at"),)
    sid: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    call_sid: Mapped[str] = mapped_column(ForeignKey("call.sid"), index=True)
    step: Mapped[str]
    heard: Mapped[str]
    at: Mapped[datetime]
    path: Mapped[list[Any]]
    said: Mapped[list[Any]]
    carried: Mapped[str]
    facts: Mapped[dict[str, Any]]
    note: Mapped[str | None]
    caller: Mapped[str | None]


class Leg(Base):
    """A dialled leg as the carrier reports it, in whatever order its reports arrive."""

    __tablename__ = "leg"
    sid: Mapped[str] = mapped_column(primary_key=True)
    call_sid: Mapped[str] = mapped_column(ForeignKey("call.sid"), index=True)
    page_id: Mapped[int | None] = mapped_column(ForeignKey("page.id"), index=True)
    status: Mapped[str]
    sequence: Mapped[int]
    answered_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

    def report(self, status: str, sequence: int, at: datetime, seconds: int = 0) -> bool:
        """Apply a status callback; an older or repeated one, or one after the end, changes nothing.

        `seconds` is how long the leg was answered, told at its end: enough where the report of the answer was lost.
        """
        if self.status in TERMINAL or sequence <= self.sequence:
            return False
        if status == CarrierStatus.IN_PROGRESS:
            self.answered_at = at
        if status in TERMINAL:
            self.ended_at = at
            if seconds and self.status != CarrierStatus.IN_PROGRESS:
                self.answered_at = at - timedelta(seconds=seconds)
        self.status, self.sequence = status, sequence
        return True

    def believe(self, answered_at: datetime) -> None:
        """It must have been answered at about that instant; any report of it, before or after, is better evidence."""
        self.answered_at = self.answered_at or answered_at


def wrong_references(session: Session, caller: str | None, call_sid: str, since: datetime) -> int:
    """How many references were keyed in wrongly by this caller ID since then (of a withheld one: in this call)."""
    whose = Visit.caller == caller if caller else Visit.call_sid == call_sid
    misses = select(func.count()).where(Visit.note == WRONG_REFERENCE, Visit.at > since, whose)
    return session.scalar(misses) or 0


def talk(page: Page, leg: Leg | None, call: Call) -> Interval | None:
    """When the engineer and the person outside spoke, by the carrier's clock; None if they did not.

    A caller waits, so there it is from the key to the end; somebody who is called back has to answer first. The
    leg's own end is the best evidence, then the end of the call, then the arrival of the Dial action.
    """
    began, ended = _began(page, leg, call), _ended(page, leg, call)
    if began is None or ended is None or ended <= began:
        return None
    return Interval(began, ended)


def clocks_disagree(page: Page, leg: Leg | None, call: Call) -> bool:
    """Whether they began to speak, as we are told, well after it was over."""
    began, ended = _began(page, leg, call), _ended(page, leg, call)
    return began is not None and ended is not None and began - ended > CROSSING


def _began(page: Page, leg: Leg | None, call: Call) -> datetime | None:
    if page.accepted_at is None or page.bridged is False:
        return None
    if call.page_id is None:
        return page.accepted_at
    return leg.answered_at if leg else None


def _ended(page: Page, leg: Leg | None, call: Call) -> datetime | None:
    # An engineer who has called back hears that the other has hung up, and only then is the call over.
    told = (leg.ended_at if leg else None, call.ended_at, page.ended_at if call.page_id else None)
    ends = [at for at in told if at]
    return min(ends, default=page.ended_at)


def unfinished(session: Session, before: datetime) -> list[Call]:
    """Calls that nobody has reported the end of and that were last heard of before that instant."""
    return list(session.scalars(select(Call).where(Call.ended_at.is_(None), Call.last_heard_at < before)))
