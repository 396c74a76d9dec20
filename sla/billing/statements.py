"""Statements: the one query of charge lines, by which page, files, API and command show the same rows and totals.

Rows come in the order of their beginning, and are paged by the last row that was seen; they are read as they are
needed, so a million of them take no more memory than a hundred.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Text, and_, cast, func, or_, select

from sla.billing.charge_line import ChargeLine, rand
from sla.money.row import Row
from sla.overtime import State

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Mapping
    from datetime import datetime

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import Session

    from sla.month import Month

AT_ONCE = 1000  # rows that are in memory
FEW = 1000  # different engineers of a line, and different versions, that are remembered as they were read
MANY = 10_000  # different amounts
# As they stand in a row; what is kept as JSON comes as text, of which there are few different ones.
COLUMNS: tuple[Any, ...] = (
    *(ChargeLine.id, ChargeLine.month, ChargeLine.customer_code, ChargeLine.customer, ChargeLine.contract),
    *(ChargeLine.contract_version, ChargeLine.caller, ChargeLine.contact, ChargeLine.reference),
    *(cast(ChargeLine.engineers, Text).label("engineers"), ChargeLine.starts, ChargeLine.ends),
    *(ChargeLine.source, ChargeLine.calls, ChargeLine.office_seconds, ChargeLine.weekday_after_hours_seconds),
    *(ChargeLine.saturday_seconds, ChargeLine.sunday_seconds, ChargeLine.public_holiday_seconds, ChargeLine.holiday),
    *(ChargeLine.state, ChargeLine.billed_seconds, ChargeLine.rate, ChargeLine.price_cents, ChargeLine.amount_cents),
    *(ChargeLine.consent, ChargeLine.explanation, ChargeLine.corrects),
    *(cast(ChargeLine.versions, Text).label("versions"), ChargeLine.changed),
)
_SUMS: tuple[Any, ...] = (
    func.count(),
    func.sum(ChargeLine.billed_seconds),
    func.sum(ChargeLine.amount_cents),
    func.sum((ChargeLine.state == State.TO_CHECK).cast(ChargeLine.calls.type)),
)


@dataclass(frozen=True)
class Wanted:
    """Whose lines of which month, in which state; none of these is all of them. `staff_id`: an engineer's.

    `to_bill`: those alone that are billed or may be, for their state or their amount.
    """

    month: str
    account: int | None = None
    state: State | None = None
    staff_id: int | None = None
    to_bill: bool = False


class Totals(NamedTuple):
    """What lines come to: how many, seconds billed, money excluding VAT, and how many somebody has to look at."""

    lines: int
    billed_seconds: int
    amount: Decimal
    to_check: int


class Share(NamedTuple):
    """What one customer's lines come to; no code: nobody is known."""

    code: str
    customer: str
    totals: Totals


class Place(NamedTuple):
    """Where a row stands among the others."""

    starts: datetime
    id: int


def lines(wanted: Wanted) -> Select[Any]:
    """The query; of columns, for a session would keep an object for every row."""
    return select(*COLUMNS).where(*_conditions(wanted)).order_by(ChargeLine.starts, ChargeLine.id)


def rows(
    session: Session, query: Select[Any], zone: str, after: Place | None = None, limit: int | None = None
) -> Generator[Row, None, None]:
    """The rows of a query, on the clocks of this zone; `after` a row that was seen. Who may stop early closes it."""
    if after:
        later = and_(ChargeLine.starts == after.starts, ChargeLine.id > after.id)
        query = query.where(ChargeLine.starts >= after.starts, or_(ChargeLine.starts > after.starts, later))
    clocks = ZoneInfo(zone)
    read = session.connection().execute(query.limit(limit), execution_options={"yield_per": AT_ONCE})
    with read as found:
        for some in found.partitions():
            yield from _rows(some, clocks)


def totals(session: Session, wanted: Wanted) -> Totals:
    """Of all rows that are wanted, whatever page is shown."""
    return _totals(*session.execute(select(*_SUMS).where(*_conditions(wanted))).one())


def by_state(session: Session, wanted: Wanted) -> dict[State, int]:
    """How many there are in each state, whichever of them is wanted."""
    every = _conditions(replace(wanted, state=None, to_bill=False))
    found = session.execute(select(ChargeLine.state, func.count()).where(*every).group_by(ChargeLine.state))
    return {State(state): number for state, number in found}


def by_customer(session: Session, wanted: Wanted) -> list[Share]:
    """The same apart for each customer, by name; nobody known comes first."""
    names = func.max(ChargeLine.customer_code), func.max(ChargeLine.customer)
    query = select(*names, *_SUMS).where(*_conditions(wanted)).group_by(ChargeLine.account)
    return [Share(code, name, _totals(*sums)) for code, name, *sums in session.execute(query.order_by(names[1]))]


def _totals(number: int, seconds: int | None, amount: int | None, to_check: int | None) -> Totals:
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


def one(session: Session, line: ChargeLine, zone: str) -> Row:
    """The row of one stored line."""
    found = session.connection().execute(select(*COLUMNS).where(ChargeLine.id == line.id)).one()
    return next(_rows([found], ZoneInfo(zone)))


def _rows(some: Iterable[Iterable[Any]], clocks: ZoneInfo) -> Iterator[Row]:
    """Stored lines as staff read them; of a million, so columns are taken by their place in COLUMNS, and as a whole."""
    # fmt: off
    (
        number, month, code, customer, contract, version, caller, contact, reference, engineers, starts, ends,
        source, calls, office, after_hours, saturday, sunday, public, holiday, state, billed, rate, price, amount,
        consent, explanation, corrects, versions, changed,
    ) = zip(*some, strict=True)
    columns = (
        number, month, code, customer, contract, version, caller, contact, reference, map(_names, engineers),
        [at.astimezone(clocks) for at in starts], [at.astimezone(clocks) for at in ends], source, calls,
        map(sum, zip(office, after_hours, saturday, sunday, public, strict=True)),
        office, after_hours, saturday, sunday, public, holiday, state, billed, map(_rate, rate), map(_money, price),
        map(_money, amount), consent, explanation, corrects, map(_numbers, versions), changed,
    )
    # fmt: on
    return map(Row._make, zip(*columns, strict=True))


@lru_cache(maxsize=FEW)
def _rate(written: str | None) -> Decimal | None:
    return None if written is None else Decimal(written)


@lru_cache(maxsize=MANY)
def _money(cents: int | None) -> Decimal | None:
    return None if cents is None else rand(cents)


@lru_cache(maxsize=FEW)
def _names(listed: str) -> tuple[str, ...]:
    return tuple(json.loads(listed))


@lru_cache(maxsize=FEW)
def _numbers(listed: str) -> Mapping[str, int]:
    return MappingProxyType(json.loads(listed))


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    found = [ChargeLine.month == wanted.month]
    if wanted.account is not None:
        found.append(ChargeLine.account == wanted.account)
    if wanted.state is not None:
        found.append(ChargeLine.state == wanted.state)
    if wanted.to_bill:
        found.append(or_(ChargeLine.state.in_((State.BILLABLE, State.TO_CHECK)), ChargeLine.amount_cents != 0))
    if wanted.staff_id is not None:
        found.append(ChargeLine.staff.contains(f",{wanted.staff_id},", autoescape=True))
    return found
