"""Names: what company, customers and engineers are called in the files of a month: of a closed one, as at its close."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from desk.staff import Staff
from sla.billing.charge_line import NOBODY, ChargeLine
from tickets.people import Customer

if TYPE_CHECKING:
    from sqlalchemy.orm import InstrumentedAttribute as Column
    from sqlalchemy.orm import Session

    from sla.billing.statement import Statement
    from sla.billing.statements import Wanted


def as_they_are(session: Session, month: str, company: str) -> dict[str, Any]:
    """What a month that is closed now keeps: the company, and whoever is on its lines, by their numbers."""
    of_month = ChargeLine.month == month
    accounts = select(ChargeLine.account).where(of_month)
    customers = session.execute(select(Customer.id, Customer.name).where(Customer.id.in_(accounts)))
    worked = session.scalars(select(ChargeLine.staff).where(of_month).distinct())
    numbers = {int(number) for one in worked for number in one.split(",") if number}
    staff = session.execute(select(Staff.id, Staff.name).where(Staff.id.in_(numbers)))
    return {
        "company": company,
        "customers": {str(number): name for number, name in customers},
        "staff": {str(number): name for number, name in staff},
    }


def company(row: Statement | None, now: str) -> str:
    """Whose files they are."""
    return str(_kept(row).get("company", now))


def in_words(session: Session, wanted: Wanted, row: Statement | None) -> str:
    """Which lines those are, as a file says it."""
    kept = _kept(row)
    customer = _named(session, Customer.name, Customer.id, wanted.account, kept.get("customers", {}))
    engineer = _named(session, Staff.name, Staff.id, wanted.staff_id, kept.get("staff", {}))
    unknown = "customer not known" if wanted.account == NOBODY else None
    state = wanted.state.replace("_", " ") if wanted.state else "to bill or check" if wanted.to_bill else None
    return ", ".join(filter(None, (customer or unknown, state, engineer))) or "all lines"


def _kept(row: Statement | None) -> dict[str, Any]:
    return row.names if row and row.closed_at else {}


def _named(
    session: Session, name: Column[str], key: Column[int], number: int | None, kept: dict[str, str]
) -> str | None:
    if number and str(number) in kept:
        return kept[str(number)]
    return session.scalar(select(name).where(key == number)) if number else None
