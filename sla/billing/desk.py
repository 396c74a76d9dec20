"""Billing desk: what the pages of billing share: the month and the lines that were asked for, and whose they may be."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from flask import abort, current_app, g, request
from sqlalchemy import select

from desk.staff import Staff
from sla import hours
from sla.billing import asked, charging
from sla.billing.charge_line import Account, ChargeLine
from sla.month import Month
from tickets.people import Customer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from desk.db import Database
    from ivr.exchange import Exchange
    from sla.billing.statements import Wanted

FILTERS = ("customer", "state", "engineer")  # in an address
ALL = "all"  # states, said so: of a month alone the page shows what is to bill or check


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


def wanted(session: Session, month: Month, state: str | None = None) -> Wanted:
    """Which lines of it, in the state that was asked for or in this; 404 for what there is not."""
    customer, asked_for, engineer = (request.args.get(name, "") for name in FILTERS)
    named = asked_for if state is None else state
    try:
        return asked.wanted(session, month.name, customer, "" if named == ALL else named, engineer)
    except asked.Nobody:
        abort(404)


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
        shown = wanted(session, asked_month(session))
    if shown.account is not None:
        charging.renew_stale(database(), g.now, Account.account == shown.account, Account.month == shown.month)


def company(session: Session) -> str:
    """Whose files they are."""
    exchange: Exchange = current_app.extensions["exchange"]
    line = next(iter(exchange.boards.current(session).lines.values()), None)
    return line.company if line else ""
