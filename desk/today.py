"""Today: what goes on, what needs action, who rings, and how the line was answered of late."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from desk import chart
from ivr import figures, live
from sla import queue, report, watch
from sla.overtime import State
from sla.worklog import Work
from tickets import task
from tickets.ticket import Ticket

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

NEWEST = 8  # tickets; all of them are in their own list
PRESSING = 5
DAYS = 14  # of the chart of calls
WINDOW = timedelta(days=30)  # of every other figure
FEW = 20  # cases below which a percentage says less than the cases


@dataclass(frozen=True)
class Share:
    """So many of so many; below FEW it is told as cases, else in whole percent rounded down."""

    part: int
    whole: int

    @property
    def percent(self) -> int | None:
        """None where cases say more."""
        return self.part * 100 // self.whole if self.whole >= FEW else None


@dataclass(frozen=True)
class Figures:
    """What the tiles and charts show."""

    days: Sequence[figures.Day]
    speed: figures.Speed
    menu: figures.Menu
    kept: Share

    @property
    def today(self) -> figures.Day:
        """The day that it is."""
        return self.days[-1]

    @property
    def answered(self) -> Share:
        """Callers for whom somebody was rung and who had a person within the prompt time."""
        return Share(self.speed.prompt, self.speed.rung_for)

    @property
    def columns(self) -> chart.Columns:
        """The chart of calls per day."""
        return chart.columns([(day.by_day, day.out_of_hours) for day in self.days])


def figures_of(session: Session, zone: str, now: datetime) -> Figures:
    """The figures of the days up to now."""
    since = now - WINDOW
    return Figures(
        figures.per_day(session, zone, now, DAYS),
        figures.speed(session, since),
        figures.menu(session, since),
        Share(*report.without_a_miss(session, since)),
    )


def shown(session: Session, zone: str, now: datetime, *, managing: bool) -> dict[str, object]:
    """Everything that the page shows but the lines."""
    tickets, to_do = _newest(session), session.scalars(task.pressing(PRESSING)).all()
    ranks = queue.counts(session, now)
    return {
        "live": live.calls(session, now),
        "urgent": queue.page(session, now, queue.needs_action(now), size=PRESSING),
        "waiting": ranks[queue.Rank.WAITING],
        "findings": watch.findings(session, now) if managing else [],
        "to_do": to_do,
        "tasks": task.of_all(session, [ticket.id for ticket in to_do]),
        "tasks_in": task.count(session),
        "tickets": tickets,
        "verdicts": _verdicts(session, tickets),
        "overdue": ranks[queue.Rank.LATE],
        "figures": figures_of(session, zone, now),
        "limits": figures.CLASSES,
    }


def _newest(session: Session) -> list[Ticket]:
    newest = select(Ticket).order_by(Ticket.opened_at.desc(), Ticket.id.desc()).limit(NEWEST)
    return list(session.scalars(newest.options(joinedload(Ticket.customer), joinedload(Ticket.owner))))


def _verdicts(session: Session, tickets: Iterable[Ticket]) -> Mapping[int, State]:
    """The weightiest verdict on each ticket's work; nothing for one that nobody has worked on."""
    work = session.execute(select(Work.ticket_id, Work.state).where(Work.ticket_id.in_([one.id for one in tickets])))
    verdicts: dict[int, State] = {}
    for ticket_id, state in work:
        verdicts[ticket_id] = max(verdicts.get(ticket_id, State.NONE), State(state), key=list(State).index)
    return verdicts
