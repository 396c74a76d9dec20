"""Page: every ring of an engineer about a ticket, what came of it, who is busy with one; and the Telephone for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from sqlalchemy import ForeignKey, Index, select, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from desk.db import Base
from desk.staff import Staff

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from sqlalchemy.orm import Session

    from desk.answer import Answer, Failed

# What a leg needs besides ringing: the carrier's five seconds, a whisper heard twice and five forgiven keys.
WHISPER_LEASE = timedelta(minutes=2, seconds=40)
LAST_WORDS = timedelta(seconds=30)  # of a call that has nothing more to ask
LONGEST_BRIDGE = timedelta(hours=4)  # Twilio's limit for a dialled leg, TWILIO.md §3 Dial


class Outcome(StrEnum):
    """What came of a ring. Accepted means that the engineer pressed 1, whatever the carrier calls it."""

    ACCEPTED = "accepted"
    DECLINED = "declined"
    UNACCEPTED = "unaccepted"  # answered by a voicemail, or by somebody who pressed nothing
    BUSY = "busy"
    NO_ANSWER = "no-answer"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Seen:
    """A call, leg or text as the carrier lists it; `ended_at` only of what is over."""

    sid: str
    to: str
    status: str
    made_at: datetime
    ended_at: datetime | None = None
    seconds: int = 0  # for how long it was answered
    body: str = ""


@dataclass(frozen=True)
class Sound:
    """A recording as the carrier lists it."""

    sid: str
    status: str
    seconds: int
    url: str


@dataclass(frozen=True)
class Listed:
    """A call or leg in the carrier's books; `cost` is in millionths of `unit`, None while it has no price yet."""

    sid: str
    parent: str | None
    from_: str
    to: str
    direction: str
    status: str
    started_at: datetime
    seconds: int
    cost: int | None
    unit: str


class Telephone(Protocol):
    """What is asked of the carrier outside a call's own webhooks; nothing here ever raises for its sake.

    What must not be done twice takes `before`: not a byte may leave at that instant or later.
    """

    def text(
        self, to: str, sender: str, body: str, *, report_to: str, lasts: timedelta, before: datetime
    ) -> Answer: ...

    def ring(
        self, to: str, from_: str, url: str, *, fallback: str, seconds: int, report_to: str, before: datetime
    ) -> Answer: ...

    def steer(self, sid: str, url: str) -> Answer: ...

    def end(self, sid: str) -> Answer: ...

    def cancel(self, sid: str) -> Answer:
        """Let a telephone ring no more; whoever has answered goes on."""

    def texts(self, to: str, sender: str, since: datetime) -> Sequence[Seen] | Failed:
        """What was sent, the oldest first."""

    def calls(self, to: str, from_: str, since: datetime) -> Sequence[Seen] | Failed:
        """The calls that we placed, not the legs that were dialled in others; the oldest first."""

    def call(self, sid: str) -> Seen | Failed: ...

    def legs(self, sid: str) -> Sequence[Seen] | Failed:
        """The legs dialled for a call, the oldest first."""

    def begun(self, day: date) -> Sequence[Listed] | Failed:
        """Every call and leg that began on that day in UTC."""

    def recordings(self, call_sid: str) -> Sequence[Sound] | Failed: ...

    def sound(self, recording_sid: str) -> bytes | Failed:
        """The file of a recording."""

    def discard(self, recording_sid: str) -> Answer: ...


class Page(Base):
    """One ring of one engineer, or the note that one was passed over; open while `ended_at` is empty.

    `leg_sid` is the leg that was dialled in the call: the engineer's, or in a call-back the customer's.
    """

    __tablename__ = "page"
    __table_args__ = (
        Index(
            "uq_page_open_staff_id",
            "staff_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), index=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    call_sid: Mapped[str | None] = mapped_column(index=True)
    leg_sid: Mapped[str | None]
    rang_at: Mapped[datetime]
    leased_until: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    declined_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    asked_in: Mapped[str | None] = mapped_column(index=True)  # the call in which an engineer asked to be rung
    pursuit_id: Mapped[int | None] = mapped_column(ForeignKey("pursuit.id"), index=True)  # rung for want of an owner
    bridged: Mapped[bool | None]
    outcome: Mapped[str | None]
    reason: Mapped[str | None]
    staff: Mapped[Staff] = relationship()

    def placed(self, call_sid: str, at: datetime, ring_seconds: int) -> None:
        """A reserved ring has been placed, as that call; what comes too late, or twice, changes nothing."""
        if self.call_sid is None and self.waits(at):
            self.leased_until = at + _lease(ring_seconds)
        self.call_sid = self.call_sid or call_sid

    def waits(self, at: datetime) -> bool:
        """Whether it keeps its engineer busy at that instant."""
        return self.ended_at is None and self.leased_until > at

    def accept(self, leg_sid: str | None, at: datetime) -> None:
        """The engineer pressed 1, on that leg if one was dialled for it."""
        self.leg_sid, self.accepted_at = leg_sid, at
        self.leased_until = at + LONGEST_BRIDGE
        if self.ended_at:  # the caller had just left: accepted all the same
            self.outcome = Outcome.ACCEPTED

    def settle_for(self, at: datetime) -> None:
        """The engineer has it and is joined with nobody: free again when the call ends, or soon after at the latest."""
        self.accept(None, at)
        self.bridged, self.leased_until = False, at + LAST_WORDS

    def decline(self, leg_sid: str | None, at: datetime) -> None:
        """The engineer pressed 2."""
        self.leg_sid, self.declined_at = leg_sid, at

    def close(self, outcome: Outcome, at: datetime) -> None:
        """The ring, or the bridge it led to, is over; the engineer is free. The first report counts."""
        if self.ended_at is None:
            self.ended_at, self.outcome = at, self.judged(outcome)

    def judged(self, carrier_says: Outcome) -> Outcome:
        """The outcome by our own record of the keys, which beats the carrier's word for it."""
        if self.accepted_at:
            return Outcome.ACCEPTED
        return Outcome.DECLINED if self.declined_at else carrier_says


def ring(session: Session, *, ticket_id: int, staff_id: int, call_sid: str, at: datetime, ring_seconds: int) -> Page:
    """Open a Page; raises IntegrityError if somebody else has just begun to ring this engineer."""
    return _open(session, Page(ticket_id=ticket_id, staff_id=staff_id, call_sid=call_sid), at, _lease(ring_seconds))


def reserve(
    session: Session, *, ticket_id: int, staff_id: int, at: datetime, lasts: timedelta, pursuit_id: int | None = None
) -> Page:
    """Open a Page for a ring that is yet to be placed; raises IntegrityError as `ring` does.

    Where it is not placed while it lasts, the engineer is free again.
    """
    return _open(session, Page(ticket_id=ticket_id, staff_id=staff_id, pursuit_id=pursuit_id), at, lasts)


def _lease(ring_seconds: int) -> timedelta:
    return timedelta(seconds=ring_seconds) + WHISPER_LEASE


def _open(session: Session, page: Page, at: datetime, lasts: timedelta) -> Page:
    page.rang_at, page.leased_until = at, at + lasts
    session.add(page)
    session.flush()
    return page


def skip(
    session: Session,
    *,
    ticket_id: int,
    staff_id: int,
    at: datetime,
    reason: str,
    call_sid: str | None = None,
    pursuit_id: int | None = None,
) -> None:
    """Record that an engineer was passed over without waiting, and why."""
    session.add(
        Page(
            ticket_id=ticket_id,
            staff_id=staff_id,
            call_sid=call_sid,
            pursuit_id=pursuit_id,
            rang_at=at,
            leased_until=at,
            ended_at=at,
            outcome=Outcome.SKIPPED,
            reason=reason,
        )
    )


def busy(session: Session, at: datetime) -> set[int]:
    """Who has an open Page; a Page whose lease ran out is released first."""
    pages = session.scalars(select(Page).where(Page.ended_at.is_(None))).all()
    release(pages, at)
    return {page.staff_id for page in pages if page.ended_at is None}


def engaged(session: Session, staff_id: int, at: datetime) -> Page | None:
    """The ring or talk that keeps somebody busy; for readers, who release nothing."""
    theirs = select(Page).where(Page.staff_id == staff_id, Page.ended_at.is_(None), Page.leased_until > at)
    return session.scalars(theirs).one_or_none()


def release(pages: Iterable[Page], at: datetime) -> list[Page]:
    """Close the Pages of which no news came while their lease lasted."""
    expired = [page for page in pages if page.ended_at is None and page.leased_until <= at]
    for page in expired:
        page.close(Outcome.NO_ANSWER, page.leased_until)
    return expired


def going_on(session: Session, ticket_ids: Collection[int], at: datetime) -> Sequence[Page]:
    """The rings and talks about these tickets that go on, whoever began them."""
    theirs = select(Page).where(Page.ticket_id.in_(ticket_ids), Page.ended_at.is_(None), Page.leased_until > at)
    return session.scalars(theirs.order_by(Page.id)).all()


def of_call(session: Session, call_sid: str) -> list[Page]:
    """Every Page of a live call, in the order of ringing."""
    return list(session.scalars(select(Page).where(Page.call_sid == call_sid).order_by(Page.id)))
