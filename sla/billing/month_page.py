"""The pages of a month's billing: its lines, what stands in the way of closing it, closing and opening it again."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from flask import Blueprint, g, redirect, render_template, request, url_for

from desk.door.guard import looking, requires
from desk.staff import Role
from sla.billing import closing, statement, statements
from sla.billing.asked import TO_BILL
from sla.billing.charge_line import ChargeLine
from sla.billing.closing import NotYet
from sla.billing.desk import ALL, FILTERS, asked_month, company, customers, database, engineers, freshen, wanted, zone
from sla.billing.statements import Place
from sla.phrases import money

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session
    from werkzeug import Response

    from sla.month import Month

billing = Blueprint("billing", __name__)
billing.before_request(requires(Role.BILLING, Role.MANAGER))
billing.add_app_template_global(money)  # amounts on pages as in sentences
ON_A_PAGE = 100
Answer = str | tuple[str, int]


@billing.get("/billing")
def month() -> Answer:
    """A month: its lines, filtered and in pages, what they come to, and whether it can be closed."""
    freshen()
    return _page()


@billing.post("/billing/close")
def close() -> Answer | Response:
    """Close the month."""
    waiver = request.form.get("waiver", "")
    return _do(
        lambda session, month: closing.close(session, month, company(session), looking().who, g.now, waiver), "closed"
    )


@billing.post("/billing/reopening")
def ask_to_reopen() -> Answer | Response:
    """Ask for a closed month to be opened again."""
    reason = request.form.get("reason", "")
    return _do(lambda session, month: closing.ask_to_reopen(session, month, looking().who, reason, g.now), "asked")


@billing.post("/billing/reopening/decision")
def decide() -> Answer | Response:
    """A second person opens it again, or leaves it closed."""
    agreed = request.form.get("agreed") == "yes"
    return _do(lambda session, month: _decide(session, month, agreed=agreed), "opened" if agreed else "left")


def _decide(session: Session, month: Month, *, agreed: bool) -> None:
    row = closing.asked(session, month.name)
    if row is None:
        raise NotYet("nobody has asked for that, or it is decided")
    closing.decide(session, row, looking().who, g.now, agreed=agreed)


def _do(verb: Callable[[Session, Month], object], said: str) -> Answer | Response:
    with database().reading() as session:
        month = asked_month(session)
    try:
        database().write(lambda session: verb(session, month))
    except NotYet as refusal:
        return _page(str(refusal)), 422
    return redirect(url_for("billing.month", month=month.name, said=said), 303)


def _page(fault: str = "") -> str:
    with database().reading() as session:
        shown = asked_month(session)
        filters = {name: request.args.get(name) or None for name in FILTERS}
        filters["state"] = filters["state"] or (ALL if any(filters.values()) else TO_BILL)
        asked = wanted(session, shown, filters["state"])
        rows = list(statements.rows(session, statements.lines(asked), shown.zone, _after(session), ON_A_PAGE + 1))
        return render_template(
            "billing/month.html",
            month=shown,
            around=[f"{shown.beside(step):%Y-%m}" for step in (-1, 1)],
            rows=rows[:ON_A_PAGE],
            more=rows[ON_A_PAGE - 1].id if len(rows) > ON_A_PAGE else None,
            totals=statements.totals(session, asked),
            statement=statement.of(session, shown.name),
            checks=closing.checklist(session, shown, g.now),
            reopening=closing.asked(session, shown.name),
            is_last=statement.last_closed(session) == shown.name,
            customers=customers(session),
            engineers=engineers(session),
            states=statements.by_state(session, asked),
            to_bill=statements.totals(session, replace(asked, state=None, to_bill=True)).lines,
            shares=statements.by_customer(session, asked) if asked.account is None else (),
            filters=filters,
            waiver=request.form.get("waiver", ""),
            reason=request.form.get("reason", ""),
            zone=zone(session),
            fault=fault,
            said=request.args.get("said"),
        )


def _after(session: Session) -> Place | None:
    """The row after which this page goes on; from the beginning if it has gone."""
    number = request.args.get("after", "")
    row = session.get(ChargeLine, int(number)) if number.isascii() and number.isdecimal() and len(number) < 10 else None
    return Place(row.starts, row.id) if row else None
