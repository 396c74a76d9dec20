"""Asked: which lines of a month somebody wants, as an address, the API and the command say it in the same words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from desk.staff import Staff
from sla.billing.charge_line import NOBODY
from sla.billing.statements import Wanted
from sla.overtime import State
from tickets.people import Customer

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

TO_BILL = "to_bill"  # what is billed or may be: billable, to check, and what corrects an amount
STATES = (TO_BILL, *(state.value for state in State))
UNKNOWN = "-"  # callers of whom no customer is known; no customer's code begins so


class Nobody(LookupError):
    """There is no such customer, state or engineer; the sentence says which was asked for."""


def wanted(session: Session, month: str, customer: str = "", state: str = "", engineer: str = "") -> Wanted:
    """Of which customer, in which state, of whose work; "" is all of them. Raises Nobody."""
    if state and state not in STATES:
        raise Nobody(f"state: there is no state {state!r}")
    to_bill = state == TO_BILL
    one = State(state) if state and not to_bill else None
    return Wanted(month, account(session, customer), one, _staff(session, engineer), to_bill)


def account(session: Session, customer: str) -> int | None:
    """The account of a customer by code or name, of callers nobody knows by `-`; None for "", which is all of them.

    Raises Nobody.
    """
    if customer in ("", UNKNOWN):
        return NOBODY if customer else None
    for column in (Customer.code, Customer.name):
        if (found := session.scalar(select(Customer.id).where(column == customer).order_by(Customer.id))) is not None:
            return found
    raise Nobody(f"customer: there is no customer {customer!r}")


def _staff(session: Session, engineer: str) -> int | None:
    """Whoever has that key or name, also those who have left: their work stays on statements."""
    if not engineer:
        return None
    for column in (Staff.key, Staff.name):
        if (found := session.scalar(select(Staff.id).where(column == engineer).order_by(Staff.id))) is not None:
            return found
    raise Nobody(f"engineer: there is no engineer {engineer!r}")
