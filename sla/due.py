"""Due: by when each ticket needs what; one row per ticket and measure, recomputed and never edited.

A projection of the ticket's events and of what was promised. Its inputs are named in it: how many events were known
(`Ticket.judged`), and the `terms` of the promise. Where either has moved on, the row is renewed: by the worker at
its next tick, or by the page that told the event. What was due when is kept apart, in facts (sla.mark).

A resolved ticket keeps its last rows: no later holiday or contract changes what was judged, only a new event does.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from desk.db import Base
from sla import history, mark
from sla.standing import pressing, standings
from sla.targets import Measure
from tickets.inbox import UNRESOLVED
from tickets.ticket import Ticket

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from sqlalchemy.orm import Session

    from sla.book import Book
    from sla.standing import Standing
    from sla.targets import Plan
    from sla.timeline import Timeline

log = logging.getLogger(__name__)
CHUNK = 200  # tickets a transaction: a caller's webhook waits two seconds for SQLite's lock at most
ALL = 1 << 31  # no limit, as a database takes it
POSTPONED = timedelta(minutes=5)
AHEAD = timedelta(minutes=5)  # how far the clocks of several machines may be apart
AN_INSTANT = timedelta(microseconds=1)
UNPROMISED, FAULTY = "unpromised", "faulty"  # states of no clock: both are alarms


class Due(Base):
    """Where a ticket stood against one measure when it was last looked at, and when to look again."""

    __tablename__ = "due"
    __table_args__ = (UniqueConstraint("ticket_id", "measure"), Index("ix_due_look_at", "look_at"))
    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"))
    measure: Mapped[str]
    state: Mapped[str]
    runs: Mapped[bool]
    started_at: Mapped[datetime | None]
    aim: Mapped[datetime | None]
    due: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    breached_at: Mapped[datetime | None]
    look_at: Mapped[datetime | None]  # the next warning, aim or breach; none where nothing comes by itself
    trace: Mapped[list[Any]]
    terms: Mapped[str]
    judged_at: Mapped[datetime]


def stale(session: Session, book: Book, now: datetime, limit: int = CHUNK) -> list[int]:
    """Tickets whose rows do not say what is true now, at most `limit`: what is due first, then news, then new terms."""
    told = select(Ticket.id).where(Ticket.moves != Ticket.judged).order_by(Ticket.id)
    ripe = select(Due.ticket_id).where(Due.look_at <= now).order_by(Due.look_at)
    found: dict[int, None] = {}  # in order
    for query in (ripe, told, *_other_terms(session, book)):
        if len(found) < limit:
            found |= dict.fromkeys(session.scalars(query.limit(limit - len(found))))
    return list(found)


def _other_terms(session: Session, book: Book) -> Iterator[Any]:
    """The unresolved tickets of each customer whose terms have changed since they were judged."""
    open_rows = select(Ticket.customer_id, Due.terms).join(Due).where(Ticket.state.in_(UNRESOLVED)).distinct()
    for customer_id, terms in session.execute(open_rows).all():
        if terms != book.terms_of(customer_id):
            theirs = Ticket.customer_id == customer_id if customer_id else Ticket.customer_id.is_(None)
            yield select(Ticket.id).join(Due).where(theirs, Ticket.state.in_(UNRESOLVED), Due.terms == terms).distinct()


def renew(session: Session, book: Book, numbers: Collection[int], now: datetime) -> None:
    """Judge these tickets anew, and note what has come to pass; one that cannot be judged says so in its row."""
    # How much is known is read before what is known: an event that comes in between makes the rows stale again.
    tickets = session.scalars(select(Ticket).where(Ticket.id.in_(numbers))).all()
    known = {ticket: ticket.moves for ticket in tickets}
    shelf = history.read(session, numbers)
    rows = {(row.ticket_id, row.measure): row for row in session.scalars(select(Due).where(Due.ticket_id.in_(numbers)))}
    clocks: dict[Ticket, list[Standing]] = {}
    for ticket, moves in known.items():
        mine = _Rows(session, ticket.id, rows, book.terms_of(ticket.customer_id), now)
        try:
            timeline = shelf.timeline(ticket)
            found = clocks_of(timeline, book.plans_of(ticket.customer_id), as_of(timeline, now))
        except Exception as error:
            log.exception("ticket %s cannot be judged", ticket.id)
            mine.postpone(error)
        else:
            mine.write(found)
            clocks[ticket] = [one for ones in found.values() for one in ones]
        ticket.judged = moves
    mark.note(session, clocks, now)


def as_of(timeline: Timeline, now: datetime) -> datetime:
    """Now, or a little later: whoever told an event may have a clock that is ahead of ours, and it has happened."""
    told = (*(event.at for event in timeline.events), *(other.at for other in timeline.joined))
    return max(now, timeline.events[0].at, *(at for at in told if at <= now + AHEAD))


def clocks_of(timeline: Timeline, plans: Sequence[Plan], now: datetime) -> dict[Measure, tuple[Standing, ...]]:
    """Every clock of a ticket by its measure, as these plans have them run."""
    return {measure: standings(measure, timeline, plans, now) for measure in Measure}


@dataclass(frozen=True)
class _Rows:
    """The rows of one ticket."""

    session: Session
    ticket_id: int
    stored: Mapping[tuple[int, str], Due]
    terms: str
    now: datetime

    def write(self, found: Mapping[Measure, Sequence[Standing]]) -> None:
        for measure, clocks in found.items():
            if clocks:
                self._put(measure, clocks)
            elif measure is Measure.FIRST_RESPONSE:
                self._alarm(UNPROMISED, "Nothing is promised for this ticket.")
            elif row := self.stored.get((self.ticket_id, measure)):
                self.session.delete(row)

    def postpone(self, error: Exception) -> None:
        """Try it again later; until then nothing comes of it by itself, and the watchdog sounds the alarm."""
        for measure in Measure:
            if row := self.stored.get((self.ticket_id, measure)):
                row.look_at = self.now + POSTPONED
                row.terms = self.terms  # with other terms it would be tried at every tick
        self._alarm(FAULTY, f"This ticket cannot be judged: {error}").look_at = self.now + POSTPONED

    def _put(self, measure: Measure, clocks: Sequence[Standing]) -> None:
        one, row = pressing(clocks), self._row(measure)
        row.state, row.runs = one.state, one.runs
        row.started_at, row.ended_at = one.round.start.at, one.round.end.at if one.round.end else None
        row.aim, row.due, row.breached_at = one.aim, one.due, one.breached_at
        row.trace = list(one.trace)
        row.look_at = min((at for clock in clocks for at in _coming(clock, self.now)), default=None)

    def _alarm(self, state: str, why: str) -> Due:
        row = self._row(Measure.FIRST_RESPONSE)
        row.state, row.runs, row.trace = state, True, [why]
        row.started_at = row.ended_at = row.aim = row.due = row.breached_at = row.look_at = None
        return row

    def _row(self, measure: Measure) -> Due:
        row = self.stored.get((self.ticket_id, measure)) or Due(ticket_id=self.ticket_id, measure=measure)
        row.terms, row.judged_at = self.terms, self.now
        self.session.add(row)
        return row


def _coming(clock: Standing, now: datetime) -> Iterator[datetime]:
    """When something of a running clock comes to pass by itself; at the due instant itself it is still in time."""
    if clock.runs:
        instants = (*clock.warnings, clock.aim, clock.due and clock.due + AN_INSTANT)
        yield from (at for at in instants if at and at > now)
