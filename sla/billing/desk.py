"""Billing desk: what the pages of billing share: the month and the lines that were asked for, and whose they may be."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from flask import abort, current_app, g, request
from sqlalchemy import select

from desk.staff import Staff
from sla import hours
from sla.billing import charging
from sla.billing.charge_line import NOBODY, Account, ChargeLine
from sla.billing.statements import Wanted
from sla.month import Month
from sla.overtime import State
from tickets.people import Customer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from desk.db import Database
    from ivr.exchange import Exchange

UNKNOWN = "-"  # in an address: callers of whom no customer is known; no customer's code begins so


def database() -> Database:
    """The database of this installation."""
    return cast("Database", current_app.extensions["database"])


def zone(session: Session) -> str:
    """On whose clocks months are counted."""
    return hours.own_zone(session)


def asked_month(session: Session) -> Month:
    """Which month; 404 for what is none."""
    named, own = request.values.get("month", ""), zone(session)
    try:
        return Month.named(named, own) if named else Month.of(g.now, own)
    except ValueError:
        abort(404)


def wanted(session: Session, month: Month) -> Wanted:
    """Which lines of it; 404 for customers, states and engineers that there are not."""
    state = request.args.get("state", "")
    if state and state not in list(State):
        abort(404)
    return Wanted(month.name, _account(session), State(state) if state else None, _engineer(session))


def in_words(session: Session, wanted: Wanted) -> str:
    """Which lines those are, as a file says it."""
    customer = session.get(Customer, wanted.account) if wanted.account else None
    engineer = session.get(Staff, wanted.staff_id) if wanted.staff_id else None
    unknown = "customer not known" if wanted.account == NOBODY else None
    state = wanted.state.replace("_", " ") if wanted.state else None
    said = (customer.name if customer else unknown, state, engineer.name if engineer else None)
    return ", ".join(filter(None, said)) or "all lines"


def customers(session: Session) -> Sequence[Customer]:
    """Everybody whose work may be on a statement."""
    return session.scalars(select(Customer).order_by(Customer.name)).all()


def engineers(session: Session) -> Sequence[Staff]:
    """Everybody who may have worked."""
    return session.scalars(select(Staff).order_by(Staff.name)).all()


def line(session: Session, number: int) -> ChargeLine:
    """The stored line of that number, or 404."""
    return session.get(ChargeLine, number) or abort(404)


def freshen() -> None:
    """Have the lines of a customer who was asked for say what is true now, where no worker has come to it."""
    with database().reading() as session:
        month, account = asked_month(session), _account(session)
    if account is not None:
        charging.renew_stale(database(), g.now, Account.account == account, Account.month == month.name)


def company(session: Session) -> str:
    """Whose files they are."""
    exchange: Exchange = current_app.extensions["exchange"]
    line = next(iter(exchange.boards.current(session).lines.values()), None)
    return line.company if line else ""


def _account(session: Session) -> int | None:
    code = request.args.get("customer", "")
    if code == UNKNOWN:
        return NOBODY
    found = session.scalar(select(Customer.id).where(Customer.code == code)) if code else None
    if code and found is None:
        abort(404)
    return found


def _engineer(session: Session) -> int | None:
    key = request.args.get("engineer", "")
    found = session.scalar(select(Staff.id).where(Staff.key == key)) if key else None
    if key and found is None:
        abort(404)
    return found
