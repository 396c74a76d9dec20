"""Charge effect: what charge lines would become if something were otherwise, told before it is done.

Months that are open are charged anew; what a closed month said becomes a correction in the open one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sqlalchemy import select

from sla.billing.charge_line import Account, ChargeLine, rand
from sla.hours import own_zone
from sla.phrases import clock, day, listed, money

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from decimal import Decimal

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from sla.billing import planning

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


def of(session: Session, plan: Callable[[int], planning.Plan], *which: ColumnElement[bool]) -> list[Change]:
    """What would become other in these customers' months, each by its plan."""
    query = select(Account.id).where(*which).order_by(Account.month, Account.id)
    zone = ZoneInfo(own_zone(session))
    return [change for number in session.scalars(query).all() for change in _of_account(session, plan(number), zone)]


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


def _of_account(session: Session, plan: planning.Plan, zone: ZoneInfo) -> Iterator[Change]:
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
