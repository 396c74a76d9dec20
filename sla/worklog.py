"""The worklog: one row per stretch of work, with what it was judged by and the verdict."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import Mapped, mapped_column

from desk.db import Base
from sla.money.bill import Item
from sla.money.pieces import pieces, seconds_by_kind
from sla.overtime import State, Verdict, judge_shares

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from sla.interval import Interval
    from sla.money.stretch import Basis, Stretch


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
    evidence: Mapped[str] = mapped_column(default="")  # how that is known: pressed 1 at 02:00:41
    call: Mapped[str] = mapped_column(default="")  # the call it belongs to: all of one are billed as one
    done: Mapped[str] = mapped_column(default="")  # what was done, of work that somebody entered by hand
    doubt: Mapped[str] = mapped_column(default="")  # what is missing that the verdict needs
    contract_version: Mapped[int | None]
    versions: Mapped[dict[str, Any]]
    state: Mapped[str]
    explanation: Mapped[str]
    judged_at: Mapped[datetime]


def verdict(interval: Interval, basis: Basis, consent: bool | None) -> Verdict:
    """The one answer to "is it overtime": for the live call, the worklog and the simulation alike."""
    found = pieces(interval, basis.card, basis.calendar)
    rules = {piece.kind: piece.rule for piece in found}
    shares = [Item(kind, rules[kind], seconds).share for kind, seconds in seconds_by_kind(found).items()]
    return judge_shares(shares, basis.card.terms if basis.card else None, consent)


def record(session: Session, stretch: Stretch, basis: Basis, at: datetime) -> Work:
    """Store or renew the row of this stretch; a customer whom billing staff have named stays."""
    found = verdict(stretch.interval, basis, stretch.consent)
    work = of(session, stretch.source) or Work(source=stretch.source)
    work.ticket_id, work.staff_id = stretch.ticket_id, stretch.staff_id
    work.customer_id = stretch.customer_id or work.customer_id
    work.starts, work.ends, work.consent = stretch.interval.start, stretch.interval.end, stretch.consent
    work.evidence, work.call, work.doubt = stretch.evidence, stretch.call, ""
    for band, seconds in found.bands.items():
        setattr(work, f"{band}_seconds", seconds)
    work.contract_version = basis.card.version if basis.card else None
    work.versions, work.state, work.explanation = dict(basis.versions), found.state, found.explanation
    work.judged_at = at
    session.add(work)
    return work


def leave_open(work: Work, why: str) -> None:
    """Something is missing that the verdict needs: never silently free, so billing staff decide."""
    work.state, work.explanation, work.doubt = State.TO_CHECK, why, why


def of(session: Session, source: str) -> Work | None:
    """The row made of that source (`page 17`: the bridge that page led to)."""
    return session.scalars(select(Work).where(Work.source == source)).one_or_none()
