"""A new request for a swap: one shift, and perhaps one in return, as the plan has them now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from oncall import roster
from oncall.agreement import held
from oncall.refusals import TooLate
from oncall.swap import State, Swap

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from desk.audit import Who
    from desk.staff import Staff
    from oncall.plan import Plan
    from oncall.roster import RotaRecord
    from oncall.shifts import Shift, ShiftId


def new(
    session: Session,
    record: RotaRecord,
    shift: ShiftId,
    owner: Staff,
    to: Staff | None,
    in_return: ShiftId | None,
    reason: str,
    who: Who,
    now: datetime,
) -> Swap:
    """The request, not stored yet; raises LookupError, TooLate or ValueError for a shift that cannot be asked about."""
    if to and to.id == owner.id:
        raise ValueError("nobody swaps with themselves")
    if in_return and not to:
        raise ValueError("a shift in return is somebody's: name the colleague")
    plan = roster.plan(session, record)
    given = _piece(plan, shift, owner, now)
    back = _piece(plan, in_return, to, now) if in_return and to else None
    _refuse_second(session, record, given)
    return Swap(
        rota=record,
        rotation=shift.rotation,
        shift_start=shift.start,
        starts=given.start,
        ends=given.end,
        owner=owner,
        to=to,
        return_rotation=in_return.rotation if in_return else None,
        return_shift_start=in_return.start if in_return else None,
        return_starts=back.start if back else None,
        return_ends=back.end if back else None,
        state=State.ASKED,
        reason=reason.strip(),
        asked_at=now,
        asked_by=who.name,
        expires_at=given.start,
        declined=[],
        why="",
    )


def _piece(plan: Plan, shift: ShiftId, owner: Staff, now: datetime) -> Shift:
    found = held(plan, shift, owner.key, now)
    if found is None:
        raise LookupError(f"{owner.name} has no such shift")
    if found.start <= now:
        raise TooLate("this shift has begun; change it instead, or ring a colleague")
    return found


def _refuse_second(session: Session, record: RotaRecord, given: Shift) -> None:
    same = (Swap.rota_id == record.id, Swap.rotation == given.id.rotation, Swap.starts == given.start)
    if session.scalars(select(Swap.id).where(*same, Swap.state == State.ASKED).limit(1)).first():
        raise ValueError("a swap of this shift has been asked for already")
