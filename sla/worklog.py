"""The worklog: one row per stretch of work, with what it was judged by and the verdict."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import Mapped, mapped_column

from desk.db import Base
from sla.overtime import State, Verdict, judge, seconds_by_band, split

GRACE = timedelta(days=1)  # a month begins at another instant in every zone

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from sla.calendar import BusinessCalendar
    from sla.interval import Interval
    from sla.overtime import Terms
    from sla.stretch import Stretch


class Work(Base):
    """One person's unbroken work on one ticket: interval, bands, consent, versions, verdict.

    A projection of the call's evidence (ARCHITECTURE rule 2): judged again whenever better evidence comes in.
    """

    __tablename__ = "work"
    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(unique=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), index=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id"), index=True)
    starts: Mapped[datetime]
    ends: Mapped[datetime]
    office_seconds: Mapped[int]
    weekday_after_hours_seconds: Mapped[int]
    saturday_seconds: Mapped[int]
    sunday_seconds: Mapped[int]
    public_holiday_seconds: Mapped[int]
    consent: Mapped[bool | None]
    contract_version: Mapped[int | None]
    versions: Mapped[dict[str, Any]]
    state: Mapped[str]
    explanation: Mapped[str]
    judged_at: Mapped[datetime]


@dataclass(frozen=True)
class Rules:
    """What it is judged by: regular hours with their holidays, the contract, and the versions of both."""

    calendar: BusinessCalendar
    terms: Terms | None
    versions: dict[str, int]


def verdict(interval: Interval, rules: Rules, consent: bool | None) -> Verdict:
    """The one answer to "is it overtime": for the live call, the worklog and the simulation alike."""
    bands = seconds_by_band(split(interval.start, interval.end, rules.calendar))
    return judge(bands, rules.terms, consent)


def record(session: Session, stretch: Stretch, rules: Rules, at: datetime) -> Work:
    """Store or renew the row of this stretch."""
    found = verdict(stretch.interval, rules, stretch.consent)
    work = of(session, stretch.source) or Work(source=stretch.source)
    work.ticket_id, work.staff_id, work.customer_id = stretch.ticket_id, stretch.staff_id, stretch.customer_id
    work.starts, work.ends, work.consent = stretch.interval.start, stretch.interval.end, stretch.consent
    for band, seconds in found.bands.items():
        setattr(work, f"{band}_seconds", seconds)
    work.contract_version = rules.terms.version if rules.terms else None
    work.versions, work.state, work.explanation = dict(rules.versions), found.state, found.explanation
    work.judged_at = at
    session.add(work)
    return work


def leave_open(work: Work, why: str) -> None:
    """Something is missing that the verdict needs: never silently free, so billing staff decide."""
    work.state, work.explanation = State.TO_CHECK, why


def open_since(at: datetime) -> datetime:
    """From when on work may still go on a statement: this month, and the one before, which is closed in this one."""
    this_month = (at - GRACE).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return (this_month - GRACE).replace(day=1) - GRACE


def of(session: Session, source: str) -> Work | None:
    """The row made of that source (`page 17`: the bridge that page led to)."""
    return session.scalars(select(Work).where(Work.source == source)).one_or_none()
