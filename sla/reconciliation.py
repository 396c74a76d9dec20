"""Reconciliation: whether the carrier's list of a month's calls and ours are the same, and what it cost.

Here lies the result, as billing reads it; whoever knows the telephone fills it (ivr/reconcile.py).
"""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from desk.db import Base

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from sla.month import Month
    from sla.worklog import Work


SOURCE = "carrier "


class Reconciliation(Base):
    """One of a month: asked for by somebody, done by the worker day by day, and as often as it is asked for again.

    `next_day` is the day (UTC) that the carrier is asked for next, None once it has told all. `failed` is why the last
    question was not answered, None if it was. `days` has a count of each local day, `findings` what does not agree;
    both are of `done_at`, and stay until they are renewed.
    """

    __tablename__ = "reconciliation"
    month: Mapped[str] = mapped_column(primary_key=True)
    asked_at: Mapped[datetime]
    asked_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    next_day: Mapped[date | None]
    leased_until: Mapped[datetime | None]
    failed: Mapped[str | None]
    done_at: Mapped[datetime | None]
    days: Mapped[list[Any]]
    findings: Mapped[list[Any]]

    @property
    def is_under_way(self) -> bool:
        """Whether the worker still has to do what was asked last."""
        return self.done_at is None or self.done_at < self.asked_at


def source(sid: str) -> str:
    """The name in the worklog of a call that the carrier alone knows of."""
    return f"{SOURCE}{sid}"


def is_nobodys(work: Work) -> bool:
    """Whether it stands there only for billing to decide: of nobody is it known that they did it."""
    return work.source.startswith(SOURCE) and work.starts == work.ends


def of(session: Session, month: Month) -> Reconciliation | None:
    """That of a month, if one was ever asked for."""
    return session.get(Reconciliation, month.name)


def reconciled(session: Session, month: Month) -> datetime | None:
    """When a month was reconciled as a whole: asked for after its end, and done. None if it was not."""
    found = of(session, month)
    if found is None or found.is_under_way or found.asked_at < month.span.end:
        return None
    return found.done_at
