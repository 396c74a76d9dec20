"""Statements: the one query of charge lines, by which page, files, API and command show the same rows and totals.

Rows come in the order of their beginning, and are paged by the last row that was seen; they are read as they are
needed, so a million of them take no more memory than a hundred.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import and_, func, or_, select

from sla.billing.charge_line import ChargeLine, rand
from sla.money.row import Row
from sla.overtime import State

if TYPE_CHECKING:
    from collections.abc import Generator
    from datetime import datetime

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy import Row as Result
    from sqlalchemy.orm import Session

    from sla.month import Month

AT_ONCE = 1000  # rows that are in memory


@dataclass(frozen=True)
class Wanted:
    """Whose lines of which month, in which states; none of these is all of them. `staff_id`: an engineer's."""

    month: str
    account: int | None = None
    state: State | None = None
    staff_id: int | None = None


class Totals(NamedTuple):
    """What lines come to: how many, seconds billed, money excluding VAT, and how many somebody has to look at."""

    lines: int
    billed_seconds: int
    amount: Decimal
    to_check: int


class Place(NamedTuple):
    """Where a row stands among the others."""

    starts: datetime
    id: int


def lines(wanted: Wanted) -> Select[Any]:
    """The query; of columns, for a session would keep an object for every row."""
    return select(*ChargeLine.__table__.columns).where(*_conditions(wanted)).order_by(ChargeLine.starts, ChargeLine.id)


def rows(
    session: Session, query: Select[Any], zone: str, after: Place | None = None, limit: int | None = None
) -> Generator[Row, None, None]:
    """The rows of a query, on the clocks of this zone; `after` a row that was seen. Who may stop early closes it."""
    if after:
        later = and_(ChargeLine.starts == after.starts, ChargeLine.id > after.id)
        query = query.where(ChargeLine.starts >= after.starts, or_(ChargeLine.starts > after.starts, later))
    clocks = ZoneInfo(zone)
    with session.execute(query.limit(limit), execution_options={"yield_per": AT_ONCE}) as found:
        for one in found:
            yield row(one, clocks)


def totals(session: Session, wanted: Wanted) -> Totals:
    """Of all rows that are wanted, whatever page is shown."""
    open_ = func.sum((ChargeLine.state == State.TO_CHECK).cast(ChargeLine.calls.type))
    sums = select(func.count(), func.sum(ChargeLine.billed_seconds), func.sum(ChargeLine.amount_cents), open_)
    number, seconds, amount, to_check = session.execute(sums.where(*_conditions(wanted))).one()
    return Totals(number, int(seconds or 0), rand(int(amount or 0)), int(to_check or 0))


def billed_by_day(session: Session, month: Month) -> dict[date, Decimal]:
    """What the calls that began on each local day of a month are billed for, corrections of other months apart."""
    query = select(ChargeLine.starts, ChargeLine.amount_cents).where(ChargeLine.month == month.name)
    clocks, cents = ZoneInfo(month.zone), Counter[date]()
    for starts, amount in session.execute(
        query.where(ChargeLine.corrects == ""), execution_options={"yield_per": AT_ONCE}
    ):
        cents[starts.astimezone(clocks).date()] += amount
    return {day: rand(amount) for day, amount in cents.items()}


def row(one: ChargeLine | Result[Any], clocks: ZoneInfo) -> Row:
    """A stored line as staff read it."""
    return Row(
        id=one.id,
        month=one.month,
        customer_code=one.customer_code,
        customer=one.customer,
        contract=one.contract,
        contract_version=one.contract_version,
        caller=one.caller,
        contact=one.contact,
        reference=one.reference,
        engineers=tuple(one.engineers),
        starts=one.starts.astimezone(clocks),
        ends=one.ends.astimezone(clocks),
        source=one.source,
        calls=one.calls,
        seconds=_worked(one),
        office=one.office_seconds,
        weekday_after_hours=one.weekday_after_hours_seconds,
        saturday=one.saturday_seconds,
        sunday=one.sunday_seconds,
        public_holiday=one.public_holiday_seconds,
        holiday=one.holiday,
        state=one.state,
        billed_seconds=one.billed_seconds,
        rate=None if one.rate is None else Decimal(one.rate),
        price=None if one.price_cents is None else rand(one.price_cents),
        amount=rand(one.amount_cents),
        consent=one.consent,
        explanation=one.explanation,
        corrects=one.corrects,
        versions=one.versions,
        changed=one.changed,
    )


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    found = [ChargeLine.month == wanted.month]
    if wanted.account is not None:
        found.append(ChargeLine.account == wanted.account)
    if wanted.state is not None:
        found.append(ChargeLine.state == wanted.state)
    if wanted.staff_id is not None:
        found.append(ChargeLine.staff.contains(f",{wanted.staff_id},", autoescape=True))
    return found


def _worked(one: ChargeLine | Result[Any]) -> int:
    bands = (one.office_seconds, one.weekday_after_hours_seconds, one.saturday_seconds, one.sunday_seconds)
    return sum(bands) + one.public_holiday_seconds
