"""Discrepancies: the carrier's calls of a span of time against ours, day by day.

A call belongs to the local day on which it began. What has no price yet is told, and asking again later fills it in;
so is a price that has become another since it was first read, and one in other money. We have no prices of our own to
hold against the carrier's. Calls of which the carrier has no start (they were never dialled) are not in its list.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from ivr import carrier_call
from ivr.call import TERMINAL, Call, Leg, Visit
from ivr.carrier_call import DIALLED, pieces
from ivr.finding import DOLLARS, Compared, Day, Finding, Kind, of_price, should_cost
from oncall.paging import Page
from sla.interval import Interval
from tickets import canary

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from datetime import date

    from sqlalchemy.orm import Session

    from ivr.carrier_call import CarrierCall
    from sla.month import Month

APART = 2  # seconds that a length may differ: webhooks take time
A_DAY = timedelta(days=1)


def known(session: Session, sids: Collection[str]) -> set[str]:
    """Which of these names of calls and legs we have heard of, in whatever part of the books."""
    columns = (Call.sid, Leg.sid, Page.call_sid, Page.leg_sid)
    found = (select(column).where(column.in_(piece)) for piece in pieces(sids) for column in columns)
    return {sid for query in found for sid in session.scalars(query) if sid}


def compare(session: Session, month: Month, until: datetime) -> Compared:
    """Hold both lists of a month together, as far as it has gone by then."""
    zone, span = ZoneInfo(month.zone), Interval(month.span.start, min(month.span.end, until))
    theirs, ours = carrier_call.begun(session, span), list(_ours(session, span))
    days = _days(month, span, zone)
    for one in theirs:
        _count(days[one.started_at.astimezone(zone).date()], one)
    for mine in ours:
        days[mine.at.astimezone(zone).date()].ours += 1
    found = (*_from_theirs(session, theirs), *_from_ours(session, theirs, ours), *filter(None, map(of_price, theirs)))
    findings = sorted(found, key=lambda one: one.order)
    for finding in findings:
        days[_day(finding, zone)].findings += 1
    return Compared([asdict(day) for day in days.values()], [asdict(finding) for finding in findings])


@dataclass(frozen=True)
class _Ours:
    sid: str
    at: datetime
    seconds: int | None  # None where we never learnt it


def _ours(session: Session, span: Interval) -> Iterator[_Ours]:
    begun = (Call.started_at >= span.start, Call.started_at < span.end, ~Call.sid.startswith(canary.SID))
    # A call that we place begins, for us, with its first ring; the carrier counts its length from the answer, which is
    # when it asks us what to play.
    asked = select(func.min(Visit.at)).where(Visit.sid == Call.sid).scalar_subquery()
    for call, answered_at in session.execute(select(Call, asked).where(*begun)):
        since = answered_at if call.page_id else call.started_at
        yield _Ours(call.sid, call.started_at, _between(since, call.ended_at) if since else None)
    answered = (Leg.answered_at >= span.start, Leg.answered_at < span.end, ~Leg.call_sid.startswith(canary.SID))
    for leg in session.scalars(select(Leg).where(*answered)):
        if leg.answered_at:
            yield _Ours(leg.sid, leg.answered_at, _between(leg.answered_at, leg.ended_at))


def _between(start: datetime, end: datetime | None) -> int | None:
    return round((end - start).total_seconds()) if end else None


def _from_theirs(session: Session, theirs: Sequence[CarrierCall]) -> Iterator[Finding]:
    heard_of, parents = known(session, [one.sid for one in theirs]), _parents(session, theirs)
    for one in theirs:
        if one.direction == DIALLED:
            if one.parent not in parents:
                yield Finding(Kind.ORPHAN, one.sid, one.started_at.isoformat(), theirs=one.seconds)
        elif one.sid not in heard_of and one.status in TERMINAL:
            yield Finding(
                Kind.MISSING, one.sid, one.started_at.isoformat(), theirs=one.seconds, ticket_id=one.ticket_id
            )


def _parents(session: Session, theirs: Sequence[CarrierCall]) -> set[str]:
    """Those calls of which these are legs that either side knows."""
    named = {one.parent for one in theirs if one.parent}
    there = {one.sid for one in carrier_call.stored(session, named - {one.sid for one in theirs})}
    return known(session, named) | {one.sid for one in theirs} | there


def _from_ours(session: Session, theirs: Sequence[CarrierCall], ours: Sequence[_Ours]) -> Iterator[Finding]:
    there = {one.sid: one for one in theirs}  # or, by the carrier's clock, in the month before or after
    there |= {one.sid: one for one in carrier_call.stored(session, {mine.sid for mine in ours} - there.keys())}
    for mine in ours:
        one = there.get(mine.sid)
        if one is None:
            yield Finding(Kind.UNKNOWN, mine.sid, mine.at.isoformat(), ours=mine.seconds)
        elif mine.seconds is not None and one.status in TERMINAL and abs(mine.seconds - one.seconds) > APART:
            yield Finding(Kind.LENGTH, mine.sid, mine.at.isoformat(), mine.seconds, one.seconds)


def _count(day: Day, one: CarrierCall) -> None:
    day.carrier += 1
    day.seconds += one.seconds
    if one.cost is None:
        day.unpriced += should_cost(one)
    elif one.unit == DOLLARS:
        day.micros += one.cost
    else:
        day.foreign += 1


def _days(month: Month, span: Interval, zone: ZoneInfo) -> dict[date, Day]:
    last = (span.end - timedelta(microseconds=1)).astimezone(zone).date()
    days: dict[date, Day] = {}
    day = month.first
    while day <= last:
        days[day] = Day(day.isoformat())
        day += A_DAY
    return days


def _day(found: Finding, zone: ZoneInfo) -> date:
    return datetime.fromisoformat(found.at).astimezone(zone).date()
