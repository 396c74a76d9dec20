"""The months of a past: what is to check is decided, calls are compared with the carrier's list, the month is closed.

After the latest one somebody hears of a public holiday that was declared late; what it changes is a correction.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sqlalchemy import select

from ivr import reconcile
from ivr.past import words
from ivr.past.engineers import staff, who
from sla import holidays
from sla.billing import charging, closing, reviewing
from sla.billing.charge_line import NOBODY, ChargeLine
from sla.billing.closing import NotYet
from sla.billing.month_file import Making, Wish
from sla.billing.reviewing import Gone
from sla.billing.statements import Wanted
from sla.month import Month
from sla.overtime import State
from sla.worklog import Work
from tickets.people import Customer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date
    from random import Random

    from sqlalchemy.orm import Session

    from ivr.past.stage import Stage

CLERK = "bongani"
ZONE = "Africa/Johannesburg"
NO_LIST = "the carrier's list was not to be had"
HOLIDAY = "Day of Mourning"


def happen(on: Stage, dice: Random, begins: datetime, ends: datetime) -> Iterator[datetime]:
    """Every month that is over is closed some days later; of the last one a holiday is declared afterwards."""
    months = _over(begins, ends)
    for month in months:
        yield _day(month, 2, 9)
        _charge(on)
        _review(on, month, dice)
        on.do(lambda session, month=month: reconcile.ask(session, month, staff(session, CLERK), on.clock()))  # type: ignore[misc]
        on.works("night")
        yield _day(month, 3, 11)
        _charge(on)
        _review(on, month, dice)
        _close(on, month)
        if month is months[-1]:
            yield _day(month, 5, 10)
            _declare(on, month)
    yield ends - timedelta(days=4)
    _charge(on)
    _review(on, Month.of(on.clock(), ZONE), dice, most=2)


def _over(begins: datetime, ends: datetime) -> list[Month]:
    """The months that lie at least in part in the span, and were over five days before its end."""
    found, at = [], begins
    while Month.of(at, ZONE).span.end < ends - timedelta(days=6):
        found.append(Month.of(at, ZONE))
        at = found[-1].span.end + timedelta(hours=1)
    return found


def _day(month: Month, days: int, hour: int) -> datetime:
    return month.span.end + timedelta(days=days, hours=hour)


def _charge(on: Stage) -> None:
    while charging.look(on.database, on.clock, lambda: False):
        pass


def _review(on: Stage, month: Month, dice: Random, most: int = 500) -> None:
    """What is to check is decided, with a reason, or it is named whose work it was."""
    with on.database.reading() as session:
        to_check = select(ChargeLine.id).where(ChargeLine.month == month.name, ChargeLine.state == State.TO_CHECK)
        numbers = session.scalars(to_check.order_by(ChargeLine.starts, ChargeLine.id).limit(most)).all()
    for number in numbers:
        on.do(lambda session, number=number: _decide(session, number, dice, on.clock()))  # type: ignore[misc]
        _charge(on)


def _decide(session: Session, number: int, dice: Random, now: datetime) -> None:
    line = session.get(ChargeLine, number)
    if line is None:
        return
    clerk, reason = who(session, CLERK), words.said("reviews", dice)
    state = State.INCLUDED if line.account == NOBODY or dice.random() < 0.4 else State.BILLABLE
    try:
        if line.account == NOBODY and dice.random() < 0.5:
            code = dice.choice(("mill-lane", "kalk-bay"))
            customer = session.scalars(select(Customer).where(Customer.code == code)).one()
            reviewing.name(session, line, customer, clerk, "They rang from another telephone", now)
        else:
            reviewing.decide(session, line, clerk, reason, now, state, None)
    except (Gone, ValueError):
        return


def _close(on: Stage, month: Month) -> None:
    """Close it; without the carrier's list only with the reason why."""
    company = next(iter(on.board.lines.values())).company
    try:
        on.do(lambda session: closing.close(session, month, company, who(session, CLERK), on.clock()))
    except NotYet:
        on.do(lambda session: closing.close(session, month, company, who(session, CLERK), on.clock(), NO_LIST))
    wish = Wish("xlsx", Wanted(month.name), company, "Bongani Zulu", on.clock())
    for _ in Making(on.database, month, wish).pieces():
        pass


def _declare(on: Stage, month: Month) -> None:
    """A workday of the month that is closed turns out to have been a holiday."""
    with on.database.reading() as session:
        day = _busiest(session, month, frozenset(holidays.in_force(session)))
    if day:
        on.do(lambda session: holidays.change(session, day, HOLIDAY, who(session, "naledi"), on.clock()))
        _charge(on)


def _busiest(session: Session, month: Month, known: frozenset[date]) -> date | None:
    """The day with the most work in office hours that somebody would pay for on a holiday."""
    span, zone = month.span, ZoneInfo(ZONE)
    cards = select(Customer.id).where(Customer.code.in_(("harbour", "mill-lane", "baobab", "umhlanga", "kalk-bay")))
    work = select(Work).where(Work.starts >= span.start, Work.starts < span.end, Work.customer_id.in_(cards))
    days = [one.starts.astimezone(zone).date() for one in session.scalars(work.order_by(Work.id)) if one.office_seconds]
    free = [day for day in days if day not in known]
    return max(sorted(set(free)), key=free.count) if free else None
