"""A file of another product taken over into a rota: all of it or, if anything is wrong, nothing.

It is prepared without holding anybody up: reading the file and asking the rota needs no lock. Then the changes are
made in one short transaction, unless the set-up has changed in between.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from desk import audit
from desk.audit import What
from desk.db import set_up_version
from desk.staff import Staff
from oncall import crew, foreign_file, overriding, roster, swaps
from oncall.adoption import adopted, ahead
from oncall.effect import effect
from oncall.foreign import People
from oncall.refusals import Unsafe
from oncall.roster import OverrideRecord

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from desk.audit import Who
    from oncall.effect import Hazard
    from oncall.foreign import Fault
    from oncall.overrides import Override
    from oncall.roster import RotaRecord


class Stale(ValueError):
    """What was prepared does not fit any more."""


@dataclass(frozen=True)
class Transfer:
    """What taking a file over means: the overrides, or the faults; what to be warned of; what is left out."""

    rota: str
    zone: str
    version: int
    overrides: tuple[Override, ...]
    faults: tuple[Fault, ...]
    hazards: tuple[Hazard, ...]
    shifts: int
    past: int
    others: int

    @property
    def is_unsafe(self) -> bool:
        """Whether callers might reach nobody by it who would be reached without."""
        return any(hazard.is_unsafe for hazard in self.hazards)


def prepare(session: Session, record: RotaRecord, data: bytes, now: datetime) -> Transfer:
    """What this file would change; nothing is stored."""
    plan = roster.plan(session, record)
    people = People.of((one.key, one.name, one.email) for one in crew.able(session))
    file = foreign_file.read(data, record.name, plan.zone(now), people, now)
    wanted = ahead(file.wanted, now)
    overrides, missing = ([], []) if file.faults else adopted(plan, wanted)
    faults = (*file.faults, *missing)
    return Transfer(
        rota=record.name,
        zone=plan.zone(now),
        version=set_up_version(session),
        overrides=() if faults else tuple(overrides),
        faults=faults,
        hazards=() if faults else tuple(_hazards(session, record, overrides)),
        shifts=len(wanted),
        past=len(file.wanted) - len(wanted),
        others=file.others,
    )


def carry_out(session: Session, transfer: Transfer, source: str, who: Who, now: datetime, reason: str = "") -> None:
    """Make the changes of a faultless transfer; raises Stale if the set-up is not what it was prepared with.

    What is unsafe takes a reason, which the audit keeps; raises Unsafe without one.
    """
    record = overriding.locked(session, roster.named(session, transfer.rota))
    if set_up_version(session) != transfer.version:
        raise Stale("somebody changed the set-up in between; nothing was imported: try again")
    if transfer.is_unsafe and not reason.strip():
        raise Unsafe([hazard for hazard in transfer.hazards if hazard.is_unsafe])
    staff = {one.key: one for one in session.scalars(select(Staff))}
    rows = [_row(one, staff, source) for one in transfer.overrides]
    overriding.put_all(session, record, rows, who, now)
    told: dict[str, object] = {
        "shifts": transfer.shifts,
        "changes": len(rows),
        "warned": [one.text for one in transfer.hazards],
    }
    if transfer.is_unsafe:
        told["reason"] = reason.strip()
    audit.tell(session, who, What.SHIFTS_IMPORTED, f"{record.name} from {source}", now, **told)
    swaps.review(session, record, who, now)


def _row(one: Override, staff: dict[str, Staff], source: str) -> OverrideRecord:
    return OverrideRecord(
        kind=one.kind,
        staff=staff[one.engineer],
        instead_of=staff[one.instead_of] if one.instead_of else None,
        starts=one.start,
        ends=one.end,
        rotation=one.rotation,
        below=one.below,
        reason=f"imported from {source}",
    )


def _hazards(session: Session, record: RotaRecord, overrides: Sequence[Override]) -> Sequence[Hazard]:
    if not overrides:
        return ()
    span = min(one.start for one in overrides), max(one.end for one in overrides)
    before = roster.plan(session, record)
    others = [plan for name, plan in roster.plans(session).items() if name != record.name]
    return effect(before, before.changed(*overrides), span, span, crew.crew(session, *span), others).hazards
