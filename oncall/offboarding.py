"""Somebody leaves: what they still have on the rotas, and handing it on, to one colleague or to whoever asks for it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from desk import audit
from desk.audit import What
from oncall import allowed, cover, crew, overriding, roster, swaps, versions
from oncall.changes import Change
from oncall.effect import effect, served
from oncall.overriding import is_still_there
from oncall.refusals import NotAllowed
from oncall.roster import HuntGroup, OverrideRecord, PolicyRecord

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from sqlalchemy.orm import Session

    from desk.audit import Who
    from desk.staff import Staff
    from oncall.cover import CoverRequest
    from oncall.draft import Draft, RotationDraft
    from oncall.effect import Effect
    from oncall.overrides import Override
    from oncall.plan import Plan
    from oncall.roster import RotaRecord
    from oncall.shifts import Shift

AHEAD = timedelta(days=60)


@dataclass(frozen=True)
class Held:
    """What somebody still has: rotations in which they take turns, shifts to come, and where they are named."""

    rotations: tuple[str, ...]
    shifts: tuple[tuple[RotaRecord, Shift], ...]
    named: tuple[str, ...]  # hunt groups and policies; these are changed where they are set up


def held(session: Session, staff: Staff, now: datetime, until: datetime | None = None) -> Held:
    """What would have to be handed on."""
    until = until or now + AHEAD
    records = roster.rotas(session)
    rotations = [
        f"{record.name}: {rotation.name}"
        for record in records
        for rotation in record.head.draft.rotations()
        if staff.key in rotation.members
    ]
    shifts = [
        (record, shift)
        for record in records
        for shift in served(roster.plan(session, record), now, until)
        if shift.engineer == staff.key
    ]
    return Held(tuple(rotations), tuple(shifts), tuple(_named(session, staff)))


def preview(session: Session, staff: Staff, taker: Staff, now: datetime) -> dict[str, Effect]:
    """What handing everything on would do in the next 60 days, by rota; its unsafe hazards are those that refuse it."""
    plans, span = roster.plans(session), (now, now + AHEAD)
    told = {}
    for record in roster.rotas(session):
        draft, before = _turns_of(record, staff, taker), plans[record.name]
        after = _handed_on(session, record, before, staff, taker, now)
        if after == before:
            continue
        others = [plan for name, plan in plans.items() if name != record.name]
        found = effect(before, after, span, span, crew.crew(session, *span), others)
        if draft != record.head.draft:  # a version is refused for all that is unsafe, also what was so before
            published = versions.preview(session, record, draft, now, now).hazards
            warned = [one for one in found.hazards if not one.is_unsafe]
            found = replace(found, hazards=(*(one for one in published if one.is_unsafe), *warned))
        told[record.name] = found
    return told


def hand_on(session: Session, staff: Staff, taker: Staff, who: Who, now: datetime, reason: str) -> Held:
    """Put a colleague into every place of somebody who leaves: same turns, same order, and the shifts they cover.

    Swaps that are agreed on are settled by it: the shifts stay as they were agreed, with the colleague in the place of
    whoever leaves, and nobody undoes what the two made. A manager does it. Raises Unsafe as publishing does if the
    colleague would not be reached and no reason is named.
    """
    _only_managers(session, who)
    records = overriding.locked_all(session)  # from here on nothing changes but by us
    if taker not in crew.able(session) or taker.id == staff.id:
        raise ValueError(f"{taker.name} cannot take these shifts")
    before = held(session, staff, now)
    why = f"{staff.name} leaves, and {taker.name} has all their shifts"
    for record in records:
        theirs = _concerned(session, record, staff, now)
        swaps.settle(session, record, theirs, why, who, now)  # before the new version has them reviewed
        _in_turns(session, record, _turns_of(record, staff, taker), who, now, reason)
        _in_changes(session, record, staff, taker, who, now)
    detail = {"to": taker.name, "shifts": len(before.shifts), "rotations": list(before.rotations), "reason": reason}
    audit.tell(session, who, What.SHIFTS_HANDED_ON, staff.name, now, **detail)
    return before


def ask_for_all(session: Session, staff: Staff, who: Who, now: datetime) -> list[CoverRequest]:
    """Ask who covers each of their shifts of the next 60 days."""
    _only_managers(session, who)
    mine = held(session, staff, now).shifts
    return [cover.ask(session, record, shift, f"{staff.name} leaves", who, now) for record, shift in mine]


def _only_managers(session: Session, who: Who) -> None:
    if not allowed.may_manage(session, who):
        raise NotAllowed("only a manager hands on somebody's shifts")


def _handed_on(session: Session, record: RotaRecord, plan: Plan, staff: Staff, taker: Staff, now: datetime) -> Plan:
    """The plan that comes of it."""
    draft = _turns_of(record, staff, taker)
    if draft != record.head.draft:
        plan = plan.following(roster.edition(record.head.number + 1, now, draft, roster.Calendars(session)))
    rows = _concerned(session, record, staff, now)
    if not rows:
        return plan
    handed = [(row, *_instead(row, staff, taker)) for row in rows]
    values = [_value(row, new, old, now) for row, new, old in handed if new is not old]
    return plan.changed(*values, without=[str(row.id) for row in rows])


def _value(row: OverrideRecord, new: Staff, old: Staff | None, now: datetime) -> Override:
    change = Change(row.kind, new.key, row.starts, row.ends, old.key if old else None, row.rotation, row.below)
    return change.value(now, f"handed on {row.id}")


def _turns_of(record: RotaRecord, staff: Staff, taker: Staff) -> Draft:
    """What the newest version says, with the colleague in every place."""

    def handed(one: RotationDraft) -> RotationDraft:
        return replace(one, members=tuple(taker.key if key == staff.key else key for key in one.members))

    draft = record.head.draft
    layers = (replace(layer, rotations=tuple(map(handed, layer.rotations))) for layer in draft.layers)
    return replace(draft, layers=tuple(layers))


def _in_turns(session: Session, record: RotaRecord, changed: Draft, who: Who, now: datetime, reason: str) -> None:
    if changed != record.head.draft:
        note = "somebody leaves"
        base = record.head.number
        versions.publish(session, record, changed, base=base, who=who, now=now, note=note, reason=reason)


def _in_changes(session: Session, record: RotaRecord, staff: Staff, taker: Staff, who: Who, now: datetime) -> None:
    """Where they stand in for others, the colleague does; where others stand in for them, for the colleague."""
    concerned = _concerned(session, record, staff, now)
    for row in concerned:
        overriding.withdraw(session, record, [row], who, now)
        new, old = _instead(row, staff, taker)
        if new is not old:
            overriding.put(session, record, _again(row, new, old), who, now)
    if concerned:
        swaps.review(session, record, who, now)


def _concerned(session: Session, record: RotaRecord, staff: Staff, now: datetime) -> list[OverrideRecord]:
    rows = session.scalars(
        select(OverrideRecord).where(OverrideRecord.rota_id == record.id).order_by(OverrideRecord.id)
    )
    return [row for row in rows if is_still_there(row, now) and staff.id in (row.staff_id, row.instead_of_id)]


def _instead(row: OverrideRecord, staff: Staff, taker: Staff) -> tuple[Staff, Staff | None]:
    """Who comes then, and for whom, once the colleague has every place."""
    new = row.staff if row.staff_id != staff.id else taker
    return new, row.instead_of if row.instead_of_id != staff.id else taker


def _again(row: OverrideRecord, new: Staff, old: Staff | None) -> OverrideRecord:
    same = {name: getattr(row, name) for name in ("kind", "starts", "ends", "reason", "rotation", "below")}
    return OverrideRecord(staff=new, instead_of=old, **same)


def _named(session: Session, staff: Staff) -> Iterator[str]:
    for group in session.scalars(select(HuntGroup).order_by(HuntGroup.name)):
        if staff.key in group.members:
            yield f"hunt group {group.name}"
    for policy in session.scalars(select(PolicyRecord).order_by(PolicyRecord.name)):
        if any(target.get("engineer") == staff.key for step in policy.steps for target in step):
            yield f"policy {policy.name}"
