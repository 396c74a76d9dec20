"""Rota watch: when a shift begins, and when a gap comes near, told once; by a look of the worker every minute.

What was told is kept with who was on duty then, so a worker that was away tells what has changed meanwhile, once.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import Mapped, mapped_column

from desk import staff
from desk.db import Base
from desk.hooks import happening
from desk.hooks.endpoint import listening
from desk.hooks.types import Type

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session

    from desk.hooks.endpoint import Endpoint
    from oncall.plan import Plan
    from oncall.shifts import Gap

AHEAD = timedelta(days=7)  # a gap is told so long before it begins, or as soon as it comes about


class RotaSeen(Base):
    """What was known of a rota at the last look: who was on duty, by place, and the gaps that were told."""

    __tablename__ = "hook_rota"
    name: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    on_duty: Mapped[list[Any]]
    gaps: Mapped[list[Any]]  # when each begins
    in_gap: Mapped[bool]


def look(session: Session, plans: Mapping[str, Plan], now: datetime) -> None:
    """Tell what is new; where nobody listens nothing is looked at, and nothing of that time is told later."""
    to = listening(session)
    rows = {row.name: row for row in session.scalars(select(RotaSeen))}
    if not to:
        for row in rows.values():
            session.delete(row)
        return
    names = staff.names(session)
    for plan in plans.values():
        _look(session, plan, rows.get(plan.name), to, names, now)
    for name in rows.keys() - plans.keys():
        session.delete(rows[name])


def _look(
    session: Session,
    plan: Plan,
    row: RotaSeen | None,
    to: Sequence[Endpoint],
    names: Mapping[str, str],
    now: datetime,
) -> None:
    on_duty = [duty.engineer for duty in plan.who(now)]
    gaps = plan.gaps(now, now + AHEAD)
    if row is None:  # the first look: who is on duty has been for a while, and what lies ahead is news
        row = RotaSeen(name=plan.name, at=now, on_duty=on_duty, gaps=[], in_gap=False)
        session.add(row)
    for place, key in enumerate(on_duty):
        if row.on_duty[place : place + 1] != [key]:
            facts = {"rota": plan.name, "place": place, "key": key, "name": names.get(key, key)}
            happening.tell(session, to, Type.SHIFT_BEGAN, facts, now)
    for gap in gaps:
        if _is_news(gap, row, now):
            facts = {"rota": plan.name, "starts": gap.start.isoformat(), "ends": gap.end.isoformat()}
            happening.tell(session, to, Type.ROTA_GAP, facts | {"zone": plan.zone(gap.start)}, now)
    row.gaps = [gap.start.isoformat() for gap in gaps if gap.start > now]
    row.at, row.on_duty, row.in_gap = now, on_duty, any(gap.start == now for gap in gaps)


def _is_news(gap: Gap, row: RotaSeen, now: datetime) -> bool:
    if gap.start > now:
        return gap.start.isoformat() not in row.gaps
    begun = any(row.at <= datetime.fromisoformat(start) <= now for start in row.gaps)
    return not row.in_gap and not begun
