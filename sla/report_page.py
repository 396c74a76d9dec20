"""The page of the monthly SLA report, and the files to take away."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, cast

from flask import Blueprint, abort, current_app, g, render_template, request, send_file
from sqlalchemy import select

from desk.door.guard import EVERYBODY, looking, requires
from sla import report_files
from sla.hours import own_zone
from sla.month import Month
from sla.report import Result, monthly
from tickets.people import Customer

if TYPE_CHECKING:
    from sqlalchemy.orm import Session
    from werkzeug import Response

    from desk.db import Database
    from sla.report import Report

sla_report = Blueprint("sla_report", __name__)
sla_report.before_request(requires(*EVERYBODY))
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WORST = 20  # tickets told on the page; the files have all


@sla_report.get("/sla/report")
def page() -> str:
    """A month: which targets were kept for whom, and the tickets that were the latest."""
    with _database().reading() as session:
        month, customer = _asked(session)
        customers = session.scalars(select(Customer).order_by(Customer.name)).all()
        return render_template(
            "sla_report.html",
            month=month,
            around=[month.beside(step) for step in (-1, 1)],
            customer=customer,
            customers=customers,
            report=_report(session, month, customer),
            results=list(Result),
            worst=WORST,
        )


@sla_report.get("/sla/report.<any(csv, xlsx):kind>")
def file(kind: str) -> Response:
    """The same as a file, with every target that was missed."""
    with _database().reading() as session:
        month, customer = _asked(session)
        found, words = _report(session, month, customer), looking().words
        if kind == "csv":
            data = report_files.as_csv(found, month.zone, words).encode()
        else:
            data = report_files.as_xlsx(found, month.zone, words)
    name = "-".join(filter(None, ("sla", month.name, customer.code if customer else "")))
    return send_file(
        BytesIO(data), "text/csv" if kind == "csv" else XLSX, as_attachment=True, download_name=f"{name}.{kind}"
    )


def _asked(session: Session) -> tuple[Month, Customer | None]:
    """Which month, and of whom; 404 for what there is not."""
    zone, named = own_zone(session), request.args.get("month", "")
    try:
        month = Month.named(named, zone) if named else Month.of(g.now, zone)
    except ValueError:
        abort(404)
    code = request.args.get("customer", "")
    customer = session.scalars(select(Customer).where(Customer.code == code)).one_or_none() if code else None
    if code and customer is None:
        abort(404)
    return month, customer


def _report(session: Session, month: Month, customer: Customer | None) -> Report:
    return monthly(session, month.span, g.now, customer.id if customer else None)


def _database() -> Database:
    return cast("Database", current_app.extensions["database"])
