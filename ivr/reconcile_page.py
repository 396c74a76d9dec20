"""The page on which billing has a month's calls held against the carrier's, and sees what came of it."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from flask import Blueprint, g, redirect, render_template, url_for
from sqlalchemy import select

from desk.audit import What, tell
from desk.door.guard import looking, requires
from desk.staff import Role, Staff
from ivr.reconcile import OutOfReach, ask
from sla import reconciliation
from sla.billing import statements
from sla.billing.desk import asked_month, database
from tickets.ticket import Ticket

if TYPE_CHECKING:
    from sqlalchemy.orm import Session
    from werkzeug import Response

    from sla.reconciliation import Reconciliation

reconciling = Blueprint("reconciling", __name__)
reconciling.before_request(requires(Role.BILLING, Role.MANAGER))
MICROS = 1_000_000
NO_PRICE: dict[str, Any] = {"cost": None, "first_cost": None, "unit": ""}
MOST = 200  # findings on the page; the first to be looked at are enough to know that something is amiss


@reconciling.get("/billing/reconciliation")
def page() -> str:
    """A month: what each day's calls cost at the carrier, and what does not agree."""
    return _page()


@reconciling.post("/billing/reconciliation")
def ask_for() -> Response | tuple[str, int]:
    """Have the worker ask the carrier, for the first time or again."""
    who = looking()
    if who.staff_id is None:
        return _page("This is a demonstration: sign in, so that it is known who asked."), 422
    try:
        name = database().write(lambda session: _ask(session, who.staff_id))
    except OutOfReach as error:
        return _page(f"{error}."), 422
    return redirect(url_for("reconciling.page", month=name), 303)


def _ask(session: Session, staff_id: int | None) -> str:
    month = asked_month(session)
    ask(session, month, session.get_one(Staff, staff_id), g.now)
    tell(session, looking().who, What.RECONCILIATION_ASKED, month.name, g.now)
    return month.name


def _page(fault: str = "") -> str:
    with database().reading() as session:
        month = asked_month(session)
        found = reconciliation.of(session, month)
        findings = _findings(found)
        return render_template(
            "reconciliation.html",
            month=month,
            around=[f"{month.beside(step):%Y-%m}" for step in (-1, 1)],
            found=found,
            findings=findings,
            fault=fault,
            whole=reconciliation.reconciled(session, month),
            references=_references(session, findings),
            billed={day.isoformat(): amount for day, amount in statements.billed_by_day(session, month).items()},
            dollars=dollars,
        )


def dollars(micros: int) -> str:
    """Millionths of a dollar with four decimals, as carriers price: 0.0985."""
    return f"{Decimal(micros) / MICROS:.4f}"


def _findings(found: Reconciliation | None) -> list[dict[str, Any]]:
    """Those that are shown, with their instants; what was written down before prices were compared has none."""
    shown = found.findings[:MOST] if found else []
    return [NO_PRICE | one | {"at": datetime.fromisoformat(one["at"])} for one in shown]


def _references(session: Session, findings: list[dict[str, Any]]) -> dict[int, str]:
    """The tickets that were opened for what was missing."""
    wanted = [one["ticket_id"] for one in findings if one["ticket_id"]]
    rows = session.execute(select(Ticket.id, Ticket.reference).where(Ticket.id.in_(wanted)))
    return {number: reference for number, reference in rows}  # noqa: C416 - rows are no pairs to mypy
