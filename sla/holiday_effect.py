"""Holiday effect: what a change of the public-holiday table would change in charge lines, told before it is made.

Months that are open are charged anew; what a closed month said becomes a correction in the open one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sqlalchemy import select

from sla import holidays
from sla.billing.charge_line import Account, ChargeLine, rand
from sla.billing.marking import BESIDE_A_HOLIDAY
from sla.billing.planning import planned
from sla.hours import own_zone
from sla.phrases import clock, day, listed, money

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date, datetime
    from decimal import Decimal

    from sqlalchemy.orm import Session

    from sla.billing.planning import Plan

NAME = ("account", "source", "corrects", "month")


@dataclass(frozen=True)
class Change:
    """One line that would be another: whose, of when on the office's clocks, billed in which month, and from what."""

    customer: str
    starts: datetime
    month: str
    of_month: str
    was: str
    now: str
    more: Decimal

    @property
    def text(self) -> str:
        """As a sentence."""
        where = f"in {self.month}" if self.month == self.of_month else f"as a correction in {self.month}"
        when = f"{day(self.starts)} {self.starts.year} {clock(self.starts)}"
        return f"{self.customer or 'Nobody known'}, {when}: {self.was} becomes {self.now}, {where}."


def changes(session: Session, day: date, name: str | None, now: datetime) -> list[Change]:
    """What it would change if that day became a holiday of this name, or with None if it were none any more.

    Raises LookupError where there is none to withdraw.
    """
    known = holidays.in_force(session)
    if name is None and day not in known:
        raise LookupError(f"{day} is no public holiday in the table")
    table = {on: called for on, called in known.items() if on != day}
    return of_table(session, table | ({day: name} if name else {}), [day], now)


def of_table(session: Session, table: Mapping[date, str], days: list[date], now: datetime) -> list[Change]:
    """What another table would change, which differs on these days."""
    if not days:
        return []
    first, last = (f"{each:%Y-%m}" for each in (min(days) - BESIDE_A_HOLIDAY, max(days) + BESIDE_A_HOLIDAY))
    near = select(Account.id).where(Account.month >= first, Account.month <= last).order_by(Account.month, Account.id)
    zone = ZoneInfo(own_zone(session))
    return [
        change
        for number in session.scalars(near).all()
        for change in _of_account(session, planned(session, number, now, table), zone)
    ]


def told(found: list[Change]) -> list[str]:
    """What to know before saying yes: each line, and what they come to."""
    if not found:
        return ["No charge line changes."]
    more: dict[str, Decimal] = {}
    for one in found:
        more[one.month] = more.get(one.month, rand(0)) + one.more
    sums = listed(f"{month} by {money(amount)}" for month, amount in sorted(more.items()))
    number = "One charge line changes" if len(found) == 1 else f"{len(found)} charge lines change"
    return [*(one.text for one in found), f"{number}: {sums}."]


def _of_account(session: Session, plan: Plan, zone: ZoneInfo) -> Iterator[Change]:
    for values in plan.put:
        named = [getattr(ChargeLine, name) == values[name] for name in NAME]
        line = session.scalars(select(ChargeLine).where(*named)).one_or_none()
        before = line.amount_cents if line else 0
        yield Change(
            customer=values["customer"],
            starts=values["starts"].astimezone(zone),
            month=values["month"],
            of_month=values["of_month"],
            was=_amount(line.state, before) if line else "nothing",
            now=_amount(values["state"], values["amount_cents"]),
            more=rand(values["amount_cents"] - before),
        )
    for line in session.scalars(select(ChargeLine).where(ChargeLine.id.in_(plan.gone))):
        starts, was = line.starts.astimezone(zone), _amount(line.state, line.amount_cents)
        more = rand(-line.amount_cents)
        yield Change(line.customer, starts, line.month, line.of_month, was, "nothing", more)


def _amount(state: str, cents: int) -> str:
    return f"{money(rand(cents))} ({state.replace('_', ' ')})"
