"""Changing a shift: somebody covers for somebody, is added, or is taken out for a time; and taking that back.

Its effect is told before; whoever decides by it hands back what they saw, and is refused if that is not so any more.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from desk import audit
from desk.audit import What
from desk.staff import Staff
from oncall import crew, overriding, roster, swaps
from oncall.effect import Effect, effect
from oncall.overriding import is_still_there, locked
from oncall.refusals import Overtaken, TooLate
from oncall.roster import OverrideRecord
from oncall.rota import Override, instant
from oncall.swap import of_override
from oncall.wall import said, wall

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from desk.audit import Who
    from oncall.plan import Plan
    from oncall.roster import RotaRecord

LONGEST = timedelta(days=366)


@dataclass(frozen=True)
class Change:
    """Somebody replaces somebody, is added or removed, [starts, ends); by their keys; `rotation` limits it."""

    kind: str
    engineer: str
    starts: datetime
    ends: datetime
    instead_of: str | None = None
    rotation: str = ""
    below: bool = False

    def value(self, now: datetime, key: str = "preview") -> Override:
        """Return the override, from now on; raises ValueError for one that could never act, TooLate if it is over."""
        if self.ends <= now:
            raise TooLate("that time is over; what has been cannot be changed")
        if self.ends - max(self.starts, now) > LONGEST:
            raise ValueError(f"a change is for {LONGEST.days} days at most: what stays is said in the rotations")
        return Override(
            self.kind,  # type: ignore[arg-type]
            self.engineer,
            max(self.starts, now),
            self.ends,
            self.instead_of,
            self.rotation,
            key,
            self.below,
        )


def preview(session: Session, record: RotaRecord, change: Change, now: datetime) -> Effect:
    """What this change would do."""
    return preview_all(session, record, [change], now)


def preview_all(session: Session, record: RotaRecord, wanted: Sequence[Change], now: datetime) -> Effect:
    """What these changes, one at least, would do together."""
    plan = roster.plan(session, record)
    values = [change.value(now, f"preview {number}") for number, change in enumerate(wanted)]
    span = min(one.start for one in values), max(one.end for one in values)
    return _effect(session, plan, plan.changed(*values), span)


def preview_without(session: Session, row: OverrideRecord, now: datetime) -> Effect:
    """What taking a change back would do."""
    record = session.get_one(roster.RotaRecord, row.rota_id)
    plan = roster.plan(session, record)
    return _effect(session, plan, plan.changed(without=[str(row.id)]), (max(row.starts, now), max(row.ends, now)))


def make(
    session: Session,
    record: RotaRecord,
    change: Change,
    who: Who,
    now: datetime,
    reason: str = "",
    seen: str | None = None,
) -> OverrideRecord:
    """Change a shift; raises ValueError, LookupError, TooLate, or Overtaken if it does not do what was `seen`."""
    record = locked(session, record)
    staff, instead_of = _staff(session, change.engineer), _staff(session, change.instead_of)
    if staff and change.kind != "remove" and staff not in crew.able(session):
        raise ValueError(f"{staff.name} cannot take this shift")
    told = preview(session, record, change, now)
    if seen is not None and told.seen != seen:
        raise Overtaken(told)
    row = OverrideRecord(
        kind=change.kind,
        staff=staff,
        instead_of=instead_of,
        starts=change.starts,
        ends=change.ends,
        reason=reason.strip(),
        rotation=change.rotation,
        below=change.below,
    )
    overriding.put(session, record, row, who, now)
    _tell(session, record, row, who, What.SHIFT_CHANGED, now, told)
    swaps.review(session, record, who, now)
    return row


def take_back(session: Session, row: OverrideRecord, who: Who, now: datetime) -> None:
    """End a change now, or before it began; raises TooLate if nothing of it lies ahead.

    What a swap has put in is ended by undoing the swap, both of its shifts together; raises ValueError.
    """
    record = locked(session, session.get_one(roster.RotaRecord, row.rota_id))
    session.refresh(row)
    if not is_still_there(row, now):
        raise TooLate("this change is over, or was taken back before")
    if swap := of_override(session, row):
        raise ValueError(f"this is half of swap {swap.id}: undo the swap, and both have their own shifts again")
    told = preview_without(session, row, now)
    overriding.withdraw(session, record, [row], who, now)
    _tell(session, record, row, who, What.CHANGE_TAKEN_BACK, now, told)
    swaps.review(session, record, who, now)


def of(session: Session, record: RotaRecord, a: datetime, b: datetime) -> list[OverrideRecord]:
    """The changes, also those taken back, that were meant for some time between a and b."""
    query = select(OverrideRecord).where(OverrideRecord.rota_id == record.id)
    return list(session.scalars(query.where(OverrideRecord.starts < b, OverrideRecord.ends > a)))


def _effect(session: Session, before: Plan, after: Plan, span: tuple[datetime, datetime]) -> Effect:
    zone = before.zone(span[0])
    window = _month(span[0], zone), _month(span[1], zone, after=True)
    others = [plan for name, plan in roster.plans(session).items() if name != before.name]
    return effect(before, after, span, window, crew.crew(session, *span), others)


def _month(t: datetime, zone: str, *, after: bool = False) -> datetime:
    """The beginning of the local month, or of the next one after it."""
    first = wall(t, zone).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    if after:
        first = first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1)
    return instant(first, zone)


def _staff(session: Session, key: str | None) -> Staff | None:
    if key is None:
        return None
    found = session.scalars(select(Staff).where(Staff.key == key)).one_or_none()
    if found is None:
        raise LookupError(f"there is no colleague {key!r}")
    return found


def _tell(
    session: Session, record: RotaRecord, row: OverrideRecord, who: Who, what: What, now: datetime, told: Effect
) -> None:
    zone = record.head.draft.zone
    about = f"{record.name} {said(row.starts, zone)} to {said(row.ends, zone)}"
    instead = {"instead_of": row.instead_of.name} if row.instead_of else {}
    moves = {key: moved.total_seconds() / 3600 for key, moved in told.moves.items()}
    detail = instead | {"kind": row.kind, "engineer": row.staff.name, "override": row.id, "hours": moves}
    audit.tell(session, who, what, about, now, reason=row.reason, warned=[one.text for one in told.hazards], **detail)
