"""Comparing: what the same call costs under one version of a contract and under another, and why."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from sla.billing import charger
from sla.calendar import OutsideTable
from sla.hours import own_zone
from sla.money.preview import preview
from sla.phrases import duration, moment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from sqlalchemy.orm import Session

    from sla.calendar import BusinessCalendar
    from sla.money.rates import RateCard
    from sla.money.stretch import Basis

WEEKS = 6  # within which each kind of day comes round, whatever the holidays
SATURDAY, SUNDAY = 5, 6
# The kinds of day, the time of day and the minutes: what callers ring about in the office, after it, and at weekends.
TYPICAL = ((None, 10, 20), (None, 20, 20), (SATURDAY, 10, 20), (SUNDAY, 2, 11))


class Call(NamedTuple):
    """A call, and what it costs by the version until then and by the new one; `was` is "" where there is none.

    `same`: both say the same of it, apart from which version says so.
    """

    when: str
    was: str
    now: str
    same: bool


def calls(
    session: Session, customer_id: int, old: RateCard | None, new: RateCard, since: date, until: date | None
) -> list[Call]:
    """Typical calls soon after a day, to the last day of it; the included hours of their month are untouched yet.

    Raises NoHours.
    """
    zone = ZoneInfo(own_zone(session))
    basis = charger.basis(session, customer_id, datetime.combine(since, time(12), zone).astimezone(UTC))
    try:
        return list(_calls(basis, old, new, since, until, zone))
    except OutsideTable:
        return []


def _calls(
    basis: Basis, old: RateCard | None, new: RateCard, since: date, until: date | None, zone: ZoneInfo
) -> Iterator[Call]:
    for kind, hour, minutes in TYPICAL:
        if (day := _day(basis.calendar, since, kind)) is None or (until and day > until):
            continue
        at, length = datetime.combine(day, time(hour), zone), timedelta(minutes=minutes)
        was, now = _cost(basis, old, at, length) if old else "", _cost(basis, new, at, length)
        renamed = replace(old, name=new.name, version=new.version) if old else None
        same = renamed is not None and _cost(basis, renamed, at, length) == now
        yield Call(f"{moment(at)}, {duration(length)}", was, now, same)


def _cost(basis: Basis, card: RateCard, at: datetime, length: timedelta) -> str:
    asked = replace(basis, card=card)
    text = preview(asked, at.astimezone(UTC), length, consent=True if card.needs_consent else None).text
    return text.removeprefix(f"A call on {moment(at)} for {duration(length)} ")


def _day(calendar: BusinessCalendar, since: date, kind: int | None) -> date | None:
    """The next of that weekday that is no holiday, or the next on which the office works."""
    for step in range(7 * WEEKS):
        day = since + timedelta(days=step)
        works = bool(calendar.regular_hours(calendar.day(day))) and day.weekday() < SATURDAY
        if day not in calendar.holidays and (works if kind is None else day.weekday() == kind):
            return day
    return None
