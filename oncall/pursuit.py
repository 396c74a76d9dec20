"""Pursuit: an emergency that nobody has is paged until somebody has it. Where that stands, and who was called.

At most one is open per ticket (a partial unique index). A worker claims it by a conditional update with a lease,
commits, and takes the step in a second transaction that holds only while the claim does: the number of claims is
its token. Whoever is killed in between leaves a lease that runs out, and nothing else.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, and_, literal_column, or_, select, text, update
from sqlalchemy.orm import Mapped, mapped_column, relationship

from desk.db import Base
from desk.staff import Staff
from oncall.escalation import Tried
from tickets import inbox
from tickets.ticket import Priority, State, Ticket

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

LEASE = timedelta(seconds=30)  # a step is one short transaction; the worker waits as long for SQLite's lock
SHORTEST_CODE = 3  # digits of a reference that somebody half asleep has to type
REMEMBERED = timedelta(days=1)  # that a late reply to a page is still told who has it


class Pursuit(Base):
    """The escalation of one ticket: `tried` are the marks of this cycle, `round` and `step` the last ring of it."""

    __tablename__ = "pursuit"
    __table_args__ = (
        Index(
            "uq_pursuit_open_ticket_id",
            "ticket_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), index=True)
    policy: Mapped[str]
    cycle: Mapped[int] = mapped_column(default=1)  # how often the whole policy was begun
    round: Mapped[int] = mapped_column(default=0)
    step: Mapped[int | None]
    tried: Mapped[list[Any]] = mapped_column(default=list)
    begun_at: Mapped[datetime]
    next_at: Mapped[datetime]
    claims: Mapped[int] = mapped_column(default=0)
    leased_until: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    outcome: Mapped[str | None]
    ticket: Mapped[Ticket] = relationship()
    summoned: Mapped[list[Summons]] = relationship(order_by="Summons.id")

    @property
    def marks(self) -> list[Tried]:
        """Whom this cycle has passed, as the policy wants to know it."""
        return [Tried(*mark) for mark in self.tried]

    def rings(self, round: int, step: int | None, tried: Sequence[Tried], at: datetime) -> None:  # noqa: A002
        """Somebody is rung: the next step comes when that ring is over."""
        self.round, self.step, self.tried, self.next_at, self.leased_until = round, step, _plain(tried), at, None

    def pauses(self, until: datetime) -> None:
        """Everybody was tried: from the top again at that instant."""
        self.cycle, self.round, self.step, self.tried = self.cycle + 1, 0, None, []
        self.next_at, self.leased_until = until, None

    def end(self, outcome: str, at: datetime) -> None:
        """Nobody is to be paged any more."""
        self.ended_at, self.outcome, self.leased_until = at, outcome, None


class Summons(Base):
    """An engineer who was called to a ticket, and the digits by which they say in a text which ticket they mean."""

    __tablename__ = "summons"
    __table_args__ = (UniqueConstraint("pursuit_id", "staff_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    pursuit_id: Mapped[int] = mapped_column(ForeignKey("pursuit.id"))
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    code: Mapped[str]
    at: Mapped[datetime]
    staff: Mapped[Staff] = relationship()
    pursuit: Mapped[Pursuit] = relationship(back_populates="summoned")


def _plain(tried: Sequence[Tried]) -> list[Any]:
    return [list(mark) for mark in tried]


def is_wanted(ticket: Ticket) -> bool:
    """Whether somebody has to be found for it: an emergency that is open and that nobody has."""
    free = ticket.owner_id is None and ticket.merged_into_id is None
    return free and ticket.state == State.OPEN and ticket.priority == Priority.EMERGENCY


def wanted() -> ColumnElement[bool]:
    """The same, asked of the database; as `ix_ticket_wanted` has it, for it is asked at every tick."""
    state: ColumnElement[str] = literal_column(f"'{State.OPEN}'")
    priority: ColumnElement[str] = literal_column(f"'{Priority.EMERGENCY}'")
    free = and_(Ticket.owner_id.is_(None), Ticket.merged_into_id.is_(None))
    return and_(free, Ticket.state == state, Ticket.priority == priority)


def unpursued(session: Session) -> Sequence[Ticket]:
    """The tickets for which somebody has to be found and nobody is being looked for, from the tickets outwards."""
    running = select(Pursuit.id).where(Pursuit.ticket_id == Ticket.id, Pursuit.ended_at.is_(None)).exists()
    return session.scalars(select(Ticket).where(wanted(), ~running).order_by(Ticket.id)).all()


def open_ones(session: Session) -> Sequence[Pursuit]:
    """Every pursuit that goes on."""
    return session.scalars(select(Pursuit).where(Pursuit.ended_at.is_(None)).order_by(Pursuit.id)).all()


def running(session: Session, ticket: Ticket) -> Pursuit | None:
    """The pursuit of a ticket that goes on, held until the transaction ends."""
    theirs = select(Pursuit).where(Pursuit.ticket_id == ticket.id, Pursuit.ended_at.is_(None))
    return session.scalars(theirs.with_for_update()).one_or_none()


def begin(session: Session, ticket: Ticket, policy: str, at: datetime) -> Pursuit:
    """Look for somebody who has this ticket, by whatever way it came in; begun twice, it goes on as it is.

    Raises IntegrityError where somebody else begins it at the same moment.
    """
    found = running(session, ticket)
    if found is None:
        found = Pursuit(ticket_id=ticket.id, policy=policy, begun_at=at, next_at=at)
        session.add(found)
        session.flush()
        ticket.tell("paging", f"nobody has it, so people are paged by the policy {policy}", at, pursuit=found.id)
    return found


def claim(session: Session, number: int, now: datetime) -> int | None:
    """Take the next step of a pursuit upon oneself, for the length of a lease; the token, or None if it is not due."""
    found = session.get(Pursuit, number)
    if found is None:
        return None
    token = found.claims + 1
    free = or_(Pursuit.leased_until.is_(None), Pursuit.leased_until <= now)
    due = and_(Pursuit.ended_at.is_(None), Pursuit.next_at <= now, free, Pursuit.claims == found.claims)
    mine = update(Pursuit).where(Pursuit.id == number, due).values(claims=token, leased_until=now + LEASE)
    done = session.execute(mine, execution_options={"synchronize_session": False})
    return token if done.rowcount else None  # type: ignore[attr-defined]


def held(session: Session, number: int, token: int, now: datetime) -> Pursuit | None:
    """The pursuit, if the claim of that token still holds; nobody else can change it until the transaction ends."""
    mine = and_(Pursuit.id == number, Pursuit.claims == token, Pursuit.ended_at.is_(None), Pursuit.leased_until > now)
    return session.scalars(select(Pursuit).where(mine).with_for_update()).one_or_none()


def summon(session: Session, pursuit: Pursuit, staff_id: int, now: datetime) -> Summons:
    """Note that somebody was called; their digits stay the same however often they are."""
    theirs = select(Summons).where(Summons.pursuit_id == pursuit.id, Summons.staff_id == staff_id)
    found = session.scalars(theirs).one_or_none()
    if found is None:
        code = _code(pursuit.ticket.reference, [one.pursuit.ticket.reference for one in summonses(session, staff_id)])
        found = Summons(pursuit=pursuit, staff_id=staff_id, code=code, at=now)
        session.add(found)
        session.flush()
    return found


def summonses(session: Session, staff_id: int) -> Sequence[Summons]:
    """What somebody is called to at this time."""
    theirs = select(Summons).join(Pursuit).where(Summons.staff_id == staff_id, Pursuit.ended_at.is_(None))
    return session.scalars(theirs.order_by(Summons.id)).all()


def meant(session: Session, staff_id: int, digits: str, now: datetime) -> Ticket | None:
    """The ticket that somebody means by these last digits (none: the only one they were called to).

    First what they were called to and is still open, then any emergency that is, then what was over lately: who comes
    too late is told so. None where nothing, or more than one thing, may be meant.
    """
    mine = summonses(session, staff_id)
    exact = [one.pursuit.ticket for one in mine if not digits or one.code == digits]
    if len(exact) == 1 or not digits:
        return exact[0] if len(exact) == 1 else None
    for tickets in (
        [one.pursuit.ticket for one in mine],
        [one.ticket for one in open_ones(session)],
        session.scalars(select(Ticket).join(Pursuit).where(Pursuit.ended_at > now - REMEMBERED)).unique().all(),
    ):
        found = {ticket for ticket in tickets if ticket.reference.endswith(digits)}
        if found:
            return inbox.survivor(session, found.pop()) if len(found) == 1 else None
    return None


def _code(reference: str, others: Sequence[str]) -> str:
    """The fewest last digits that no other of their tickets ends in."""
    lengths = range(SHORTEST_CODE, len(reference))
    short = (reference[-length:] for length in lengths)
    return next((code for code in short if not any(other.endswith(code) for other in others)), reference)
