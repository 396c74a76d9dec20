"""Report: of the tickets that came in during a month, which targets were kept, by customer, priority and measure.

- A ticket belongs to the month in which it came in, and to the priority that it has now.
- A measure of a ticket counts once, however often the customer wrote: it was missed if a breach of it was ever noted.
- A breach that was noted stays missed, also where a holiday declared later, or a contract put in for the past, would
  have excused it; the row then says so.
- What somebody withdrew (abandoned, merged into another ticket) is counted apart, and in no percentage.
- It is judged from the rows of due and from the marks, so it says what the pages of the tickets say.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import joinedload

from sla.due import FAULTY, UNPROMISED, Due
from sla.mark import Mark, Point
from sla.standing import State
from sla.targets import PRIORITIES, Measure
from tickets.canary import nobody_s
from tickets.ticket import Ticket

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from sla.interval import Interval

MEASURES = tuple(Measure)
PERCENT = 100


class Result(StrEnum):
    """What became of one measure of one ticket."""

    MET = "met"
    MISSED = "missed"
    RUNNING = "running"
    UNPROMISED = "not promised"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class Line:
    """How many tickets of a customer and a priority met one measure; `customer` is None for callers nobody knows."""

    customer: str | None
    priority: str
    measure: Measure
    counts: Mapping[Result, int]

    @property
    def decided(self) -> int:
        """How many were either met or missed."""
        return self.counts.get(Result.MET, 0) + self.counts.get(Result.MISSED, 0)

    @property
    def percent(self) -> int | None:
        """Met, of those decided, in whole percent rounded down: 100 is said only of all; None if none is decided."""
        return self.counts.get(Result.MET, 0) * PERCENT // self.decided if self.decided else None


@dataclass(frozen=True)
class Missed:
    """One target that was not kept."""

    ticket: Ticket
    measure: Measure
    due: datetime
    ended: datetime | None
    late: timedelta | None  # None: something else was asked since, so when this was answered is told by the timeline
    why: Sequence[str]
    note: str = ""


@dataclass(frozen=True)
class Report:
    """A month."""

    span: Interval
    at: datetime
    lines: Sequence[Line] = field(default=())
    missed: Sequence[Missed] = field(default=())  # the latest first


def monthly(session: Session, span: Interval, now: datetime, customer_id: int | None = None) -> Report:
    """The tickets that came in during `span`, of one customer or of all."""
    came_in = [Ticket.opened_at >= span.start, Ticket.opened_at < span.end, nobody_s()]
    if customer_id:
        came_in.append(Ticket.customer_id == customer_id)
    tickets = session.scalars(select(Ticket).where(*came_in).options(joinedload(Ticket.customer))).all()
    rows = _by_ticket(session.scalars(select(Due).join(Ticket).where(*came_in)))
    marks = _breaches(session, came_in)
    judged = [one for ticket in tickets for one in _judged(ticket, rows[ticket.id], marks[ticket.id], now)]
    missed = [one for _, _, one in judged if one]
    return Report(span, now, _lines(judged), sorted(missed, key=_lateness))


def _judged(
    ticket: Ticket, rows: Mapping[str, Due], marks: Mapping[str, Mark], now: datetime
) -> Iterator[tuple[tuple[str | None, str, Measure], Result, Missed | None]]:
    customer = ticket.customer.name if ticket.customer else None
    for measure in MEASURES:
        row, mark = rows.get(measure), marks.get(measure)
        result = _result(measure, row, mark)
        if result:
            missed = _missed(ticket, measure, row, mark, now) if result is Result.MISSED else None
            yield (customer, ticket.priority, measure), result, missed


def _result(measure: Measure, row: Due | None, mark: Mark | None) -> Result | None:
    if mark or (row and row.state == State.BREACHED):
        return Result.MISSED
    if row is None:  # nobody wrote again, so there was no answer to be late with
        return None if measure is Measure.NEXT_RESPONSE else Result.UNPROMISED
    if row.state in (UNPROMISED, FAULTY, State.TO_AGREE):
        return Result.UNPROMISED
    if row.state == State.WITHDRAWN:
        return Result.WITHDRAWN
    return Result.RUNNING if row.runs else Result.MET


def _missed(ticket: Ticket, measure: Measure, row: Due | None, mark: Mark | None, now: datetime) -> Missed:
    if mark is None:
        assert row is not None, "nothing is missed that is neither noted nor judged"  # noqa: S101
        due = row.breached_at or now
        return Missed(ticket, measure, due, row.ended_at, (row.ended_at or now) - due, row.trace)
    same = row is not None and row.started_at == mark.since
    ended = row.ended_at if same and row else None
    late = (ended or now) - mark.at if same and row and (ended or row.runs) else None
    return Missed(ticket, measure, mark.at, ended, late, mark.trace, _excuse(row) if same and row else "")


def _excuse(row: Due) -> str:
    if row.breached_at or row.state == State.BREACHED:
        return ""
    stands = "kept" if row.state == State.MET else str(row.state).replace("_", " ")
    return f"Noted as missed when it was due. By what was declared or agreed since, it is {stands}."


def _lines(judged: Sequence[tuple[tuple[str | None, str, Measure], Result, Missed | None]]) -> list[Line]:
    counts: dict[tuple[str | None, str, Measure], Counter[Result]] = defaultdict(Counter)
    for key, result, _ in judged:
        counts[key][result] += 1
    return [Line(*key, counts[key]) for key in sorted(counts, key=_place)]


def _place(key: tuple[str | None, str, Measure]) -> tuple[bool, str, int, int]:
    customer, priority, measure = key
    return customer is None, (customer or "").casefold(), PRIORITIES.index(priority), MEASURES.index(measure)


def _lateness(missed: Missed) -> tuple[bool, timedelta, int]:
    return missed.late is None, -(missed.late or timedelta()), missed.ticket.id


def _by_ticket(rows: Iterator[Due] | Sequence[Due]) -> Mapping[int, dict[str, Due]]:
    found: dict[int, dict[str, Due]] = defaultdict(dict)
    for row in rows:
        found[row.ticket_id][row.measure] = row
    return found


def _breaches(session: Session, came_in: Sequence[ColumnElement[bool]]) -> Mapping[int, dict[str, Mark]]:
    """Of each ticket and measure, the first breach that was noted."""
    noted = select(Mark).join(Ticket, Ticket.id == Mark.ticket_id).where(Mark.point == Point.BREACH, *came_in)
    found: dict[int, dict[str, Mark]] = defaultdict(dict)
    for mark in session.scalars(noted.order_by(Mark.at, Mark.id)):
        found[mark.ticket_id].setdefault(mark.measure, mark)
    return found


def without_a_miss(session: Session, since: datetime) -> tuple[int, int]:
    """Of the tickets that came in since then and of which a target is decided: how many missed none, and how many."""
    came_in = (Ticket.opened_at >= since, nobody_s())
    missed = exists().where(Mark.ticket_id == Ticket.id, Mark.point == Point.BREACH)
    met = exists().where(Due.ticket_id == Ticket.id, Due.state == State.MET)
    decided = session.scalar(select(func.count()).select_from(Ticket).where(*came_in, or_(missed, met))) or 0
    late = session.scalar(select(func.count()).select_from(Ticket).where(*came_in, missed)) or 0
    return decided - late, decided
