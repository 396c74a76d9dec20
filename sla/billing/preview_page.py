"""The page that answers what a call would cost, before anybody has made it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from flask import Blueprint, g, render_template, request
from sqlalchemy import select

from desk.door.guard import requires
from desk.staff import Role
from desk.when import instant
from sla.billing import charger
from sla.billing.charge_line import NOBODY
from sla.billing.desk import customers, database, zone
from sla.calendar import OutsideTable
from tickets.people import Customer

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from sla.money.preview import Preview

previews = Blueprint("previews", __name__)
previews.before_request(requires(Role.BILLING, Role.MANAGER))
ANSWERS = {"yes": True, "no": False, "": None}
FIRST, LONGEST = 2000, 24 * 60  # the first year that may be asked about, and minutes


@previews.get("/billing/preview")
def page() -> str | tuple[str, int]:
    """A call at that time, of that length: what it costs, and why."""
    with database().reading() as session:
        own, fault, found = zone(session), "", None
        if request.args.get("at"):
            try:
                found = _found(session, own)
            except (ValueError, LookupError, OverflowError) as refusal:
                fault = str(refusal)
        shown = render_template(
            "billing/preview.html",
            found=found,
            fault=fault,
            customers=customers(session),
            typed=request.args,
            usual=f"{g.now.astimezone(ZoneInfo(own)):%Y-%m-%dT%H:%M}",
            zone=own,
        )
    return (shown, 422) if fault else shown


def _found(session: Session, own: str) -> Preview:
    start, length = _start(own), _length()
    code = request.args.get("customer", "")
    customer = session.scalar(select(Customer.id).where(Customer.code == code)) if code else NOBODY
    if customer is None:
        raise LookupError("there is no such customer")
    try:
        return charger.preview(session, customer, start, length, ANSWERS.get(request.args.get("consent", "")))
    except OutsideTable:
        raise ValueError("no business calendar reaches so far") from None


def _start(own: str) -> datetime:
    try:
        found = instant(request.args["at"], own)
    except ValueError:
        raise ValueError("a time is such as 2026-11-22T02:00") from None
    if found.year < FIRST:
        raise ValueError("no business calendar reaches so far")
    return found


def _length() -> timedelta:
    text = request.args.get("minutes", "")
    if not (text.isascii() and text.isdecimal() and 0 < int(text[:5]) <= LONGEST):
        raise ValueError("a call lasts from 1 to 1440 minutes")
    return timedelta(minutes=int(text))
