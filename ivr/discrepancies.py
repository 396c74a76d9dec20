"""Discrepancies: the carrier's calls of a span of time against ours, day by day.

A call belongs to the local day on which it began. What has no price yet is counted apart, and asking again later
fills it in. Calls of which the carrier has no start (they were never dialled) are not in its list.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from ivr import carrier_call
from ivr.call import TERMINAL, Call, Leg
from ivr.carrier_call import DIALLED, CarrierCall
from oncall.paging import Page
from sla.interval import Interval
from tickets import canary

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from datetime import date

    from sqlalchemy.orm import Session

    from sla.month import Month

APART = 2  # seconds that a length may differ: webhooks take time
A_DAY = timedelta(days=1)
DOLLARS = "USD"


class Kind(StrEnum):
    """What does not agree."""

    MISSING = "missing here"  # the carrier has it, we have no record
    UNKNOWN = "unknown there"  # we have it, the carrier does not
    LENGTH = "another length"
    ORPHAN = "no parent"  # a leg, of no call that anybody knows


@dataclass(frozen=True)
class Finding:
    """One thing that does not agree; lengths in seconds, None where one side has none."""

    kind: Kind
    sid: str
    at: str
    ours: int | None = None
    theirs: int | None = None
    ticket_id: int | None = None


@dataclass
class Day:
    """A local day: how many calls and legs the carrier has and we have, and what the carrier takes for them.

    `micros` are millionths of a dollar, of what has a price; `unpriced` has none yet, `foreign` one in other money.
    """

    day: str
    carrier: int = 0
    ours: int = 0
    seconds: int = 0
    micros: int = 0
    unpriced: int = 0
    foreign: int = 0
    findings: int = 0


@dataclass
class Compared:
    """What came of it, in plain values as they are stored."""

    days: list[dict[str, Any]] = field(default_factory=list)
    findings: list[dict[str, Any]] = field(default_factory=list)


def known(session: Session, sids: Collection[str]) -> set[str]:
    """Which of these names of calls and legs we have heard of, in whatever part of the books."""
    found: set[str] = set()
    for column in (Call.sid, Leg.sid, Page.call_sid, Page.leg_sid):
        found.update(sid for sid in session.scalars(select(column).where(column.in_(sids))) if sid)
    return found


def compare(session: Session, month: Month, until: datetime) -> Compared:
    """Hold both lists of a month together, as far as it has gone by then."""
    zone, span = ZoneInfo(month.zone), Interval(month.span.start, min(month.span.end, until))
    theirs, ours = carrier_call.begun(session, span), list(_ours(session, span))
    days = _days(month, span, zone)
    for one in theirs:
        _count(days[one.started_at.astimezone(zone).date()], one)
    for mine in ours:
        days[mine.at.astimezone(zone).date()].ours += 1
    findings = sorted([*_from_theirs(session, theirs), *_from_ours(session, ours)], key=lambda one: (one.at, one.sid))
    for found in findings:
        days[_day(found, zone)].findings += 1
    return Compared([asdict(day) for day in days.values()], [asdict(found) for found in findings])


@dataclass(frozen=True)
class _Ours:
    sid: str
    at: datetime
    seconds: int | None  # None where we never learnt it


def _ours(session: Session, span: Interval) -> Iterator[_Ours]:
    begun = (Call.started_at >= span.start, Call.started_at < span.end, ~Call.sid.startswith(canary.SID))
    for call in session.scalars(select(Call).where(*begun)):
        yield _Ours(call.sid, call.started_at, _between(call.started_at, call.ended_at))
    answered = (Leg.answered_at >= span.start, Leg.answered_at < span.end, ~Leg.call_sid.startswith(canary.SID))
    for leg in session.scalars(select(Leg).where(*answered)):
        if leg.answered_at:
            yield _Ours(leg.sid, leg.answered_at, _between(leg.answered_at, leg.ended_at))


def _between(start: datetime, end: datetime | None) -> int | None:
    return round((end - start).total_seconds()) if end else None


def _from_theirs(session: Session, theirs: Sequence[CarrierCall]) -> Iterator[Finding]:
    heard_of = _in_pieces(session, [one.sid for one in theirs])
    parents = _in_pieces(session, [one.parent for one in theirs if one.parent]) | {one.sid for one in theirs}
    for one in theirs:
        if one.direction == DIALLED:
            if one.parent is None or (one.parent not in parents and session.get(CarrierCall, one.parent) is None):
                yield Finding(Kind.ORPHAN, one.sid, one.started_at.isoformat(), theirs=one.seconds)
        elif one.sid not in heard_of and one.status in TERMINAL:
            yield Finding(
                Kind.MISSING, one.sid, one.started_at.isoformat(), theirs=one.seconds, ticket_id=one.ticket_id
            )


def _from_ours(session: Session, ours: Sequence[_Ours]) -> Iterator[Finding]:
    for mine in ours:
        one = session.get(CarrierCall, mine.sid)
        if one is None:
            yield Finding(Kind.UNKNOWN, mine.sid, mine.at.isoformat(), ours=mine.seconds)
        elif mine.seconds is not None and one.status in TERMINAL and abs(mine.seconds - one.seconds) > APART:
            yield Finding(Kind.LENGTH, mine.sid, mine.at.isoformat(), mine.seconds, one.seconds)


def _in_pieces(session: Session, sids: Sequence[str]) -> set[str]:
    pieces = (sids[at : at + 500] for at in range(0, len(sids), 500))
    return {sid for piece in pieces for sid in known(session, piece)}


def _count(day: Day, one: CarrierCall) -> None:
    day.carrier += 1
    day.seconds += one.seconds
    if one.cost is None:
        day.unpriced += one.status in TERMINAL and one.seconds > 0
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
