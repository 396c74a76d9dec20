"""The crew: what the roster has to know of every colleague before it trusts them with a shift."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from desk import numbers
from desk.staff import Role, Staff
from oncall import leave, verification
from oncall.effect import Crew, Kind

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session


def crew(session: Session, a: datetime, b: datetime) -> Crew:
    """Everybody who works here, who of them would not be reached, and who is away between a and b."""
    proved = verification.proved(session)
    colleagues = session.scalars(select(Staff)).all()
    found = {one.key: why for one in colleagues if (why := obstacle(one, proved))}
    return Crew({one.key: one.name for one in colleagues}, found, leave.absences(session, a, b))


def obstacle(staff: Staff, proved: set[int]) -> tuple[Kind, str] | None:
    """Why somebody would not be reached for certain."""
    if not staff.active or staff.role == Role.BILLING:
        return Kind.DEPARTED, "has left" if not staff.active else "takes no calls"
    if staff.phone is None:
        return Kind.UNREACHABLE, "has no number"
    if not numbers.may_dial(staff.phone):
        return Kind.UNREACHABLE, "has a number that cannot be dialled"
    return None if staff.id in proved else (Kind.UNVERIFIED, "has not proved their number")


def able(session: Session) -> list[Staff]:
    """Those who could take a shift, by name: they work here and can be rung, proved or not."""
    colleagues = session.scalars(select(Staff).order_by(Staff.name)).all()
    fatal = {Kind.DEPARTED, Kind.UNREACHABLE}
    return [one for one in colleagues if (why := obstacle(one, set())) is None or why[0] not in fatal]
