"""Versions of a rota: published for an instant to come, never changed, and any of them put back in force as a new one.

What would let callers reach nobody is refused, unless a manager names the reason; both are kept with the version.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from desk import audit
from desk.audit import What
from oncall import allowed, crew, readiness, roster, swaps
from oncall import record as record_
from oncall.effect import Effect, Hazard, Kind, effect
from oncall.overriding import locked
from oncall.refusals import Conflict, NotAllowed, Side, TooLate, Unsafe
from oncall.roster import RotaRecord, Version
from oncall.wall import said

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from desk.audit import Who
    from oncall.draft import Draft
    from oncall.plan import Plan

SHOWN = timedelta(weeks=4)  # what a preview looks at


def create(session: Session, name: str, draft: Draft, who: Who, now: datetime, note: str = "") -> RotaRecord:
    """A new rota, in force at once; nobody rings by it until a policy names it, so nothing is refused."""
    record = RotaRecord(name=name)
    session.add(record)
    session.flush()
    roster.edition(1, now, draft, roster.Calendars(session))  # has it a reading?
    found = _hazards(session, roster.plan(session, record), draft, now, now)
    _store(session, record, draft, now, who, now, note, found)
    record_.begin(session, record, now)
    return record


def publish(
    session: Session,
    record: RotaRecord,
    draft: Draft,
    *,
    base: int,
    who: Who,
    now: datetime,
    since: datetime | None = None,
    note: str = "",
    reason: str = "",
) -> Version:
    """Let a draft be in force from an instant on, now or later; `base` is the version that the edit began with.

    Raises Conflict if there is a newer one, TooLate for an instant that has passed, Unsafe without a reason,
    NotAllowed if one is named by somebody who may not, ValueError or LookupError for a draft that has no reading.
    """
    return _publish(session, record, draft, base, since, who, now, note, reason)


def restore(
    session: Session,
    record: RotaRecord,
    number: int,
    *,
    base: int,
    who: Who,
    now: datetime,
    since: datetime | None = None,
    reason: str = "",
) -> Version:
    """Publish what an earlier version said, as a new one; raises as `publish` does, or LookupError."""
    old = version(record, number)
    return _publish(session, record, old.draft, base, since, who, now, f"version {number} again", reason, old.number)


def preview(session: Session, record: RotaRecord, draft: Draft, since: datetime | None, now: datetime) -> Effect:
    """What four weeks of this draft would be beside what is planned; its unsafe hazards are those that refuse it."""
    since = since or now
    before = roster.plan(session, record)
    after = _following(session, before, record, draft, since)
    span = since, since + SHOWN
    others = [plan for name, plan in roster.plans(session).items() if name != record.name]
    told = effect(before, after, span, span, crew.crew(session, *span), others)
    refusing = _hazards(session, before, draft, since, now, record)
    warned = [hazard for hazard in told.hazards if not hazard.is_unsafe]
    return Effect(*span, told.before, told.after, told.hours, (*refusing, *warned))


def version(record: RotaRecord, number: int) -> Version:
    """One version; raises LookupError."""
    found = next((each for each in record.versions if each.number == number), None)
    if found is None:
        raise LookupError(f"{record.name} has no version {number}")
    return found


def in_force(record: RotaRecord, at: datetime) -> Version:
    """The version that decides at an instant."""
    begun = [each for each in record.versions if each.since <= at]
    return begun[-1] if begun else record.versions[0]


def _publish(
    session: Session,
    record: RotaRecord,
    draft: Draft,
    base: int,
    since: datetime | None,
    who: Who,
    now: datetime,
    note: str,
    reason: str,
    restores: int | None = None,
) -> Version:
    record = locked(session, record)
    if record.head.number != base:
        began = next((Side.of(each) for each in record.versions if each.number == base), None)
        raise Conflict(began, Side.of(record.head))
    since = since or now
    if since < now:
        raise TooLate("a version takes effect now or later; what has been cannot be changed")
    found = _hazards(session, roster.plan(session, record), draft, since, now, record)
    _insist(session, [each for each in found if each.is_unsafe], who, reason)
    record_.write(session, record, now)
    row = _store(session, record, draft, since, who, now, note, found, reason, restores)
    swaps.review(session, record, who, now)
    return row


def _insist(session: Session, unsafe: list[Hazard], who: Who, reason: str) -> None:
    if unsafe and not reason.strip():
        raise Unsafe(unsafe)
    if unsafe and not allowed.may_manage(session, who):
        raise NotAllowed("only a manager may publish a rota by which callers might reach nobody")


def _hazards(
    session: Session, before: Plan, draft: Draft, since: datetime, now: datetime, record: RotaRecord | None = None
) -> list[Hazard]:
    after = _following(session, before, record, draft, since)
    found = readiness.hazards(session, after, since, since + readiness.AHEAD, draft.people())
    for each in record.versions if record else ():
        if each.since > max(since, now) and each.number not in before.superseded:
            text = f"version {each.number}, planned from {said(each.since, draft.zone)} on, will not come into force"
            found.append(Hazard(Kind.SUPERSEDED, text, each.since))
    return found


def _following(session: Session, before: Plan, record: RotaRecord | None, draft: Draft, since: datetime) -> Plan:
    number = record.head.number + 1 if record else 1
    return before.following(roster.edition(number, since, draft, roster.Calendars(session)))


def _store(
    session: Session,
    record: RotaRecord,
    draft: Draft,
    since: datetime,
    who: Who,
    now: datetime,
    note: str,
    hazards: list[Hazard],
    reason: str = "",
    restores: int | None = None,
) -> Version:
    row = Version(
        rota_id=record.id,
        number=len(record.versions) + 1,
        since=since,
        document=draft.document,
        published_at=now,
        who=who.name,
        staff_id=who.staff_id,
        note=note.strip(),
        restores=restores,
        hazards=[hazard.document for hazard in hazards],
        reason=reason.strip(),
    )
    session.add(row)
    session.flush()
    session.expire(record, ["versions"])
    what = What.ROTA_RESTORED if restores else What.ROTA_PUBLISHED
    detail = {"since": since.isoformat(), "note": row.note, "reason": row.reason, "restores": restores}
    audit.tell(
        session, who, what, f"{record.name}, version {row.number}", now, hazards=[h.text for h in hazards], **detail
    )
    return row
