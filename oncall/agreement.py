"""What a swap was agreed on, held to what the plan says now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from oncall import crew, leave, roster
from oncall.effect import Effect, effect
from oncall.rota import Override
from oncall.swap import State, Swap
from oncall.wall import said

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from desk.staff import Staff
    from oncall.effect import Absence
    from oncall.plan import Plan
    from oncall.roster import OverrideRecord, RotaRecord
    from oncall.shifts import Shift, ShiftId


def held(plan: Plan, shift: ShiftId, engineer: str, a: datetime) -> Shift | None:
    """The stretch of a shift that somebody has at `a` or first after it; None if they have nothing more of it."""
    duty = plan.shift(shift)
    if duty is None:
        return None
    pieces = plan.lanes(duty.start, duty.end).get(shift.rotation, ())
    return next((one for one in pieces if (one.engineer, one.id) == (engineer, shift) and one.end > a), None)


def difference(plan: Plan, swap: Swap, now: datetime) -> str:
    """What lies ahead and is not as it was agreed, in a sentence; `plan` is without what the swap itself does."""
    given = (swap.shift, swap.owner, swap.starts, swap.ends)
    back = (swap.return_shift, swap.taker or swap.to, swap.return_starts, swap.return_ends)
    for shift, holder, starts, ends in (given, back):
        if (
            shift
            and holder
            and starts
            and ends
            and ends > now
            and (why := _other(plan, shift, holder, starts, ends, now))
        ):
            return why
    return ""


def _other(plan: Plan, shift: ShiftId, holder: Staff, starts: datetime, ends: datetime, now: datetime) -> str:
    zone = plan.zone(starts)
    found = held(plan, shift, holder.key, max(starts, now))
    if plan.shift(shift) is None:
        return f"the shift of {shift.rotation!r} from {said(shift.start, zone)} is not in the rota any more"
    if found is None:
        return f"{holder.name} does not have the shift of {shift.rotation!r} from {said(starts, zone)} any more"
    begins = max(found.start, min(starts, now)) if starts <= now else found.start
    if found.end != ends or begins > max(starts, now) or (starts > now and begins != starts):
        return f"{holder.name}'s shift is now {said(found.start, zone)} to {said(found.end, zone)}"
    return ""


def stands_until(plan: Plan, swap: Swap, row: OverrideRecord, now: datetime) -> datetime:
    """How long an override of a swap that is invalid still means its shift: if that has begun, while it is the same."""
    shift, holder = swap.shift, swap.owner
    if row.id == swap.return_override_id and swap.return_shift and swap.taker:
        shift, holder = swap.return_shift, swap.taker
    found = held(plan, shift, holder.key, now) if row.starts <= now else None
    return found.end if found and found.start <= now else now


def preview(session: Session, swap: Swap, taker: Staff, now: datetime) -> Effect:
    """What would become of the shifts if they took it."""
    plans = roster.plans(session)
    before = plans.pop(swap.rota.name)
    after = before.changed(*_overrides(swap, taker, now))
    span = min(swap.starts, swap.return_starts or swap.starts), max(swap.ends, swap.return_ends or swap.ends)
    return effect(before, after, span, span, crew.crew(session, *span), plans.values())


def _overrides(swap: Swap, taker: Staff, now: datetime) -> Iterator[Override]:
    one, other = taker.key, swap.owner.key
    yield Override("replace", one, max(swap.starts, now), swap.ends, other, swap.rotation, "preview")
    if swap.return_starts and swap.return_ends:
        yield Override(
            "replace", other, swap.return_starts, swap.return_ends, one, swap.return_rotation or "", "return"
        )


def who_can(session: Session, swap: Swap, plans: Mapping[str, Plan] | None = None) -> list[Staff]:
    """Whom to ask: those of the rota who are not on duty then, not away, and can be rung; `plans` is every rota's."""
    return who_is_free(session, swap.rota, swap.starts, swap.ends, apart_from=swap.owner_id, plans=plans)


def who_is_free(
    session: Session,
    record: RotaRecord,
    starts: datetime,
    ends: datetime,
    *,
    apart_from: int,
    plans: Mapping[str, Plan] | None = None,
) -> list[Staff]:
    """Those of a rota who are not on duty in that time, not away, and can be rung; `apart_from` whoever has it."""
    known = roster.plans(session) if plans is None else plans
    away = leave.absences(session, starts, ends)
    able = (one for one in crew.able(session) if one.id != apart_from)
    return [one for one in able if _is_free(one, record.name, starts, ends, known, away)]


def concerning(session: Session, staff: Staff, now: datetime, plans: Mapping[str, Plan] | None = None) -> list[Swap]:
    """The swaps ahead that somebody has asked for, may answer, or has agreed to; the next first."""
    theirs = or_(Swap.owner_id == staff.id, Swap.to_id == staff.id, Swap.taker_id == staff.id, Swap.to_id.is_(None))
    ahead = or_(Swap.ends > now, Swap.return_ends > now)
    query = select(Swap).where(theirs, ahead, Swap.state.in_((State.ASKED, State.ACCEPTED)))
    found = session.scalars(query.order_by(Swap.starts, Swap.id).options(joinedload(Swap.rota))).all()
    mine = {swap.id for swap in found if staff.id in (swap.owner_id, swap.to_id, swap.taker_id)}
    open_ = [swap for swap in found if _is_open_to(swap, staff) and swap.id not in mine]
    if open_ and staff in crew.able(session):  # read once for all of them: this is asked for every page
        plans = roster.plans(session) if plans is None else plans
        away = leave.absences(session, min(swap.starts for swap in open_), max(swap.ends for swap in open_))
        mine |= {swap.id for swap in open_ if _can(swap, staff, plans, away)}
    return [swap for swap in found if swap.id in mine]


def _is_open_to(swap: Swap, staff: Staff) -> bool:
    return swap.state == State.ASKED and swap.to_id is None and staff.id not in swap.declined


def _can(swap: Swap, one: Staff, plans: Mapping[str, Plan], away: Mapping[str, Sequence[Absence]]) -> bool:
    """Whether it is for them at all, and they are free."""
    return one.id != swap.owner_id and _is_free(one, swap.rota.name, swap.starts, swap.ends, plans, away)


def _is_free(
    one: Staff,
    rota: str,
    starts: datetime,
    ends: datetime,
    plans: Mapping[str, Plan],
    away: Mapping[str, Sequence[Absence]],
) -> bool:
    if one.key not in plans[rota].members:
        return False
    if any(absence.start < ends and starts < absence.end for absence in away.get(one.key, ())):
        return False
    served = (shift for plan in plans.values() for lane in plan.lanes(starts, ends).values() for shift in lane)
    return not any(shift.engineer == one.key for shift in served)
