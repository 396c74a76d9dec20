"""A month of duty as it is stored: what was served, rung and worked, read into one value."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from desk.staff import names
from oncall import duty_rules, duty_work, limits, roster
from oncall.credit import Pay
from oncall.duty import Month
from oncall.duty_standby import StandbyReader
from oncall.spans import span
from sla import holidays
from sla.calendar import BusinessCalendar
from sla.hours import FIRST_DAY, LAST_DAY, own
from sla.interval import Interval

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from sqlalchemy.orm import Session

    from oncall.credit import Block, CallOut
    from oncall.duty import Standby
    from oncall.limits import Warned
    from oncall.period import Period

# Call-outs reach over the edges of a month: a chain of them into it, a week or a working day out of it.
BEFORE, AFTER = timedelta(days=31), timedelta(days=8)


def calendar(session: Session) -> BusinessCalendar:
    """The company's office hours: the first business calendar, whichever line a caller rang.

    What an hour of an engineer is does not hang on the hours of a customer's line. Without one every hour is after
    hours, on the clocks of the first rota.
    """
    hours = own(session)
    days = frozenset(holidays.in_force(session))
    if hours:
        return hours.regular(days)
    zones = [each.head.draft.zone for each in roster.rotas(session)]
    zone = zones[0] if zones else "UTC"
    return BusinessCalendar(zone=zone, week=(), first=FIRST_DAY, last=LAST_DAY, holidays=days, may_never_open=True)


def read(session: Session, period: Period, now: datetime) -> Month:
    """The facts of a month, up to now if it still runs; the period is one of the company's zone."""
    whole = Interval(period.start, period.end)
    pay, until = _pay(session), min(max(now, whole.start), whole.end)
    reader = StandbyReader(session, whole, now, pay.calendar.zone)
    told = [reader.of(each) for each in roster.rotas(session)]
    standby = sorted((one for rows, _ in told for one in rows), key=_in_time)
    work = duty_work.call_outs(session, whole.start - BEFORE, whole.end + AFTER, now)
    been = replace(whole, end=span(whole.start, until).end)
    return Month(
        name=period.address,
        span=whole,
        until=until,
        pay=pay,
        names=names(session),
        standby=standby,
        balances=[one for _, balances in told for one in balances],
        offers=list(duty_work.offers(session, whole.start, until, standby)),
        blocks=[block for key in sorted(work) for block in _blocks(work[key], pay, been)],
        warnings=[one for key in sorted(work) for one in _warnings(key, work[key], whole, pay)],
    )


def _pay(session: Session) -> Pay:
    """What is counted by."""
    hours = calendar(session)
    return Pay(hours, duty_rules.agreement(session, hours.zone))


def _blocks(call_outs: Iterable[CallOut], pay: Pay, been: Interval) -> Iterator[Block]:
    """What of one engineer's blocks lies in what has been of the month."""
    for block in pay.blocks(call_outs):
        if cut := block.within(been):
            yield cut


def _warnings(key: str, call_outs: Iterable[CallOut], whole: Interval, pay: Pay) -> list[Warned]:
    return limits.warnings(key, (one.interval for one in call_outs), whole, pay)


def _in_time(one: Standby) -> tuple[object, ...]:
    return one.interval, one.rota, one.layer, one.lane
