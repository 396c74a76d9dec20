"""Fair share of a rota: its record, its plan and its rings, counted; and as a table (CSV)."""

from __future__ import annotations

import csv
from dataclasses import dataclass, replace
from io import StringIO
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from desk.cells import safe
from oncall import record as record_
from oncall import rings
from oncall.fairness import Ring, Row, Tally, tally, teams, written
from oncall.measures import Calendar, Measure, Stint
from oncall.paging import Outcome
from sla import holidays

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime
    from fractions import Fraction

    from sqlalchemy.orm import Session

    from oncall.plan import Plan
    from oncall.record import Served
    from oncall.roster import RotaRecord


@dataclass(frozen=True)
class Rung:
    """Somebody was rung about a ticket, and what came of it."""

    engineer: str
    at: datetime
    reference: str
    outcome: str | None


@dataclass(frozen=True)
class Shares:
    """What was served and rung in [start, end), counted; the past is known from `start` on, or nothing is."""

    start: datetime
    end: datetime
    calendar: Calendar
    served: tuple[Served, ...]
    rung: tuple[Rung, ...]
    tally: Tally

    def row(self, engineer: str) -> Row | None:
        """What somebody did and has to do; nothing if they have no part in it."""
        return next((row for row in self.tally.rows if row.engineer == engineer), None)

    def behind(self, engineer: str) -> list[tuple[Served, dict[Measure, Fraction]]]:
        """What somebody served, in order, and what each of it counts."""
        theirs = [one for one in self.served if one.engineer == engineer and one.place is not None]
        return [(one, dict(self.calendar.amounts(_stint(one)))) for one in _unbroken(theirs)]

    def was_on_duty(self, ring: Rung) -> bool:
        """Whether it counts: they were on duty when they were rung."""
        return any(one.engineer == ring.engineer and one.starts <= ring.at < one.ends for one in self.served)

    def rings(self, engineer: str) -> list[Rung]:
        """When somebody was rung at night."""
        return [one for one in self.rung if one.engineer == engineer and self.calendar.is_night(one.at)]


def of(session: Session, record: RotaRecord, plan: Plan, a: datetime, b: datetime, now: datetime) -> Shares:
    """Count [a, b): past duty as it was recorded, what comes as it is planned; nothing from before the record."""
    begins = min((version.published_at for version in record.versions), default=now)
    start = min(max(a, begins), b)
    served = tuple(record_.served(session, record, start, b)) if start < b else ()
    rung = tuple(_rung(session, start, min(b, now)))
    return _counted(session, plan, served, rung, start, b)


def of_plan(session: Session, plan: Plan, a: datetime, b: datetime) -> Shares:
    """Count what a plan would have people serve in [a, b)."""
    return _counted(session, plan, tuple(record_.stretches(plan, a, b)), (), a, b)


def sheet(shares: Shares, names: Mapping[str, str]) -> str:
    """CSV with a heading: a row for every person and measure, what they did, their own share, and the difference."""
    text = StringIO()
    rows = csv.writer(text)
    rows.writerow(("from", "to", "person", "key", "what", "done", "own share", "difference"))
    zone = ZoneInfo(shares.calendar.zone)
    ends = [at.astimezone(zone).isoformat() for at in (shares.start, shares.end)]
    for row in shares.tally.rows:
        for measure in Measure:
            counts = row.done[measure], row.share[measure], row.more(measure)
            who = safe(names.get(row.engineer, row.engineer)), safe(row.engineer)
            rows.writerow((*ends, *who, measure.value, *map(written, counts)))
    return text.getvalue()


def _counted(
    session: Session, plan: Plan, served: Sequence[Served], rung: Sequence[Rung], start: datetime, end: datetime
) -> Shares:
    zone = plan.zone(end)
    calendar = Calendar(start, end, zone, frozenset(holidays.in_force(session)))
    counted = tally(
        map(_stint, served), [Ring(one.engineer, one.at) for one in rung], teams(plan, start, end), calendar
    )
    return Shares(start, end, calendar, tuple(served), tuple(rung), counted)


def _stint(one: Served) -> Stint:
    return Stint(one.engineer, one.lane, one.place, one.starts, one.ends)


def _unbroken(served: Sequence[Served]) -> Iterator[Served]:
    """Pieces of one shift at one place that touch, as one: the record ends somewhere, and the plan goes on."""
    last: Served | None = None
    for one in sorted(served, key=lambda one: one.starts):
        if last and one.follows(last):
            last = replace(last, ends=one.ends)
        else:
            if last:
                yield last
            last = one
    if last:
        yield last


def _rung(session: Session, a: datetime, b: datetime) -> Iterator[Rung]:
    """Every ring that somebody was offered a call by; who was passed over never heard it."""
    for page, engineer, reference in rings.offered(session, a, b):
        if page.outcome != Outcome.SKIPPED:
            yield Rung(engineer, page.rang_at, reference, page.outcome)
