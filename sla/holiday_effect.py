"""Holiday effect: what a change of the public-holiday table would change in charge lines, told before it is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sla import charge_effect, holidays
from sla.billing.charge_line import Account
from sla.billing.marking import BESIDE_A_HOLIDAY
from sla.billing.planning import planned

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from sla.charge_effect import Change


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
    near = (Account.month >= first, Account.month <= last)
    return charge_effect.of(session, lambda number: planned(session, number, now, table), *near)
