"""Leave: when somebody is away. It changes no rota; it warns whoever plans, and asks who covers.

Its kind and its reason, which may be about somebody's health, are between them and the managers: no warning, request
or change says more than that they are away.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import uuid4

from sqlalchemy import ForeignKey, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from desk import audit
from desk.audit import What
from desk.db import Base
from desk.staff import Staff
from oncall import allowed
from oncall.effect import Absence
from oncall.refusals import TooLate

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from desk.audit import Who

KINDS = ("annual", "sick", "family", "study", "other")
TYPED = ""  # the source of what a person typed


class Leave(Base):
    """Somebody away, [starts, ends); `uid` names it within its `source`, so that it is known when told again."""

    __tablename__ = "leave"
    __table_args__ = (UniqueConstraint("staff_id", "source", "uid"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    starts: Mapped[datetime]
    ends: Mapped[datetime]
    kind: Mapped[str]
    reason: Mapped[str]
    source: Mapped[str]
    uid: Mapped[str]
    told_at: Mapped[datetime]
    told_by: Mapped[str]
    withdrawn_at: Mapped[datetime | None]
    staff: Mapped[Staff] = relationship()


def take(
    session: Session, staff: Staff, starts: datetime, ends: datetime, kind: str, reason: str, who: Who, now: datetime
) -> Leave:
    """Somebody will be away; raises NotAllowed, TooLate, or ValueError with a sentence."""
    allowed.only_for(session, who, staff)
    if kind not in KINDS:
        raise ValueError(f"{kind!r} is no kind of leave; there are {', '.join(KINDS)}")
    if starts >= ends:
        raise ValueError("leave ends after it starts")
    if ends <= now:
        raise TooLate("that time is over")
    row = Leave(staff=staff, starts=starts, ends=ends, kind=kind, reason=reason.strip(), source=TYPED, uid=uuid4().hex)
    row.told_at, row.told_by = now, who.name
    session.add(row)
    session.flush()
    detail = {"from": starts.isoformat(), "to": ends.isoformat(), "kind": kind, "leave": row.id}
    audit.tell(session, who, What.LEAVE_TAKEN, staff.name, now, **detail)
    return row


def withdraw(session: Session, row: Leave, who: Who, now: datetime) -> None:
    """They will be there after all."""
    allowed.only_for(session, who, row.staff)
    session.refresh(row, with_for_update=True)
    if row.withdrawn_at is not None:
        raise TooLate("this leave was withdrawn before")
    row.withdrawn_at = now
    audit.tell(session, who, What.LEAVE_WITHDRAWN, row.staff.name, now, leave=row.id)
    session.flush()


def coming(session: Session, now: datetime, staff: Staff | None = None) -> list[Leave]:
    """The leave that is not over, of one or of all; the next first."""
    query = select(Leave).where(Leave.withdrawn_at.is_(None), Leave.ends > now).order_by(Leave.starts, Leave.id)
    return list(session.scalars(query.where(Leave.staff_id == staff.id) if staff else query))


def absences(session: Session, a: datetime, b: datetime) -> dict[str, tuple[Absence, ...]]:
    """Who is away when, between a and b, by key."""
    query = select(Leave).where(Leave.withdrawn_at.is_(None), Leave.starts < b, Leave.ends > a)
    found: dict[str, list[Absence]] = defaultdict(list)
    for row in session.scalars(query.order_by(Leave.starts, Leave.id)):
        found[row.staff.key].append(Absence(row.starts, row.ends))
    return {key: tuple(theirs) for key, theirs in found.items()}
