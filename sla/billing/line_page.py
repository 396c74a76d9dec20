"""The page of one charge line: how it comes about, what was decided about it, and deciding."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from flask import Blueprint, g, redirect, render_template, request, url_for
from sqlalchemy import select

from desk.door.guard import looking, requires
from desk.staff import Role
from sla.billing import charging, reviewing, statement, statements
from sla.billing.charge_line import NOBODY, Account, ChargeLine
from sla.billing.desk import customers, database, line, zone
from sla.overtime import State
from tickets.people import Customer

if TYPE_CHECKING:
    from sqlalchemy.orm import Session
    from werkzeug import Response

    from sla.billing.reviewing import Looked

charge_lines = Blueprint("charge_lines", __name__)
charge_lines.before_request(requires(Role.BILLING, Role.MANAGER))
MINUTES = re.compile(r"\d{1,4}")
REFUSALS = (ValueError, LookupError)
Answer = str | tuple[str, int]


class Place(NamedTuple):
    """A line by its name, which stays while its row may become another."""

    account: int
    source: str
    corrects: str
    month: str
    of_month: str


@charge_lines.get("/billing/lines/<int:number>")
def page(number: int) -> Answer:
    """One line."""
    return _page(number)


@charge_lines.post("/billing/lines/<int:number>/decision")
def decide(number: int) -> Answer | Response:
    """Another state, other minutes or both, with a reason."""
    try:
        state, seconds = _state(), _seconds()
        looked = _looked(number)
        place = database().write(lambda session: _decide(session, number, state, seconds, looked))
    except REFUSALS as refusal:
        return _page(number, str(refusal)), 422
    charging.renew_line(database(), place.account, place.of_month, place.corrects or place.source, g.now)
    return _back(place)


@charge_lines.post("/billing/lines/<int:number>/customer")
def name(number: int) -> Answer | Response:
    """Whose work it was."""
    try:
        looked = _looked(number)
        place = database().write(lambda session: _name(session, number, looked))
    except REFUSALS as refusal:
        return _page(number, str(refusal)), 422
    concerned = (Account.account.in_([place.account, NOBODY]), Account.month == place.of_month)
    charging.renew_stale(database(), g.now, *concerned)  # the months beside it are the worker's
    return _back(place)


def _looked(number: int) -> Looked:
    with database().reading() as session:
        return reviewing.look(session, line(session, number))


def _decide(session: Session, number: int, state: State | None, seconds: int | None, looked: Looked) -> Place:
    row = line(session, number)
    reviewing.decide(session, row, looking().who, request.form.get("reason", ""), g.now, state, seconds, looked)
    return Place(row.account, row.source, row.corrects, row.month, row.of_month)


def _name(session: Session, number: int, looked: Looked) -> Place:
    row, code = line(session, number), request.form.get("customer", "")
    customer = session.scalars(select(Customer).where(Customer.code == code)).one_or_none()
    if customer is None:
        raise LookupError("say which customer it was")
    reviewing.name(session, row, customer, looking().who, request.form.get("reason", ""), g.now, looked)
    return Place(customer.id, row.source, row.corrects, row.month, row.of_month)


def _back(place: Place) -> Response:
    """To the line as it is now; where it has become another, to the month."""
    with database().reading() as session:
        named = (ChargeLine.source == place.source, ChargeLine.corrects == place.corrects)
        query = select(ChargeLine.id).where(ChargeLine.account == place.account, *named).order_by(ChargeLine.id.desc())
        number = session.scalars(query).first()
    if number:
        return redirect(url_for("charge_lines.page", number=number, said="kept"), 303)
    return redirect(url_for("billing.month", month=place.month, said="kept"), 303)


def _state() -> State | None:
    text = request.form.get("state", "")
    if text and text not in list(State):
        raise ValueError("say another state, other minutes or both")
    return State(text) if text else None


def _seconds() -> int | None:
    text = request.form.get("minutes", "").strip()
    if text and not MINUTES.fullmatch(text):
        raise ValueError("minutes are a number from 0 to 1440")
    return int(text) * 60 if text else None


def _page(number: int, fault: str = "") -> str:
    with database().reading() as session:
        row, clocks = line(session, number), zone(session)
        return render_template(
            "billing/line.html",
            line=statements.one(session, row, clocks),
            of_month=row.of_month,
            account=row.account,
            reviews=reviewing.of(session, row),
            is_closed=statement.closed(session, row.month),
            customers=customers(session) if row.account == NOBODY else [],
            states=[State.BILLABLE, State.INCLUDED, State.NONE],
            typed=request.form,
            zone=clocks,
            fault=fault,
            said=request.args.get("said"),
        )
