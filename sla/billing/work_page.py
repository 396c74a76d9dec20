"""The page on which an engineer enters work that no line saw."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from flask import Blueprint, g, redirect, render_template, request, url_for
from sqlalchemy import select

from desk.door.guard import requires, with_account
from desk.staff import Role, Staff
from desk.when import instant
from sla.billing import entering
from sla.billing.desk import database, zone
from sla.billing.entering import Unlikely
from sla.worklog import Work
from tickets import inbox
from tickets.event import CONSENT, Event
from tickets.sheet import find

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session
    from werkzeug import Response

    from tickets.ticket import Ticket

handwork = Blueprint("handwork", __name__)
handwork.before_request(requires(Role.ENGINEER, Role.MANAGER))
ANSWERS = {"yes": True, "no": False}


@handwork.get("/tickets/<reference>/work")
def page(reference: str) -> str:
    """The work that there is, and the form for more."""
    return _page(reference)


@handwork.post("/tickets/<reference>/work")
def enter(reference: str) -> str | tuple[str, int] | Response:
    """Enter it."""
    who, _ = with_account()

    def store(session: Session) -> None:
        ticket, own = find(session, reference), zone(session)
        starts, ends = (_at(name, own) for name in ("starts", "ends"))
        consent = ANSWERS.get(request.form.get("consent", ""))
        entering.enter(session, ticket, who.who, starts, ends, request.form.get("done", ""), consent, g.now)

    try:
        database().write(store)
    except Unlikely as fault:
        return _page(reference, fault), 422
    return redirect(url_for("handwork.page", reference=reference, said="kept"), 303)


def _at(name: str, own: str) -> datetime:
    try:
        return instant(request.form.get(name, ""), own)
    except ValueError:
        raise Unlikely(name, "a time is such as 2026-11-22T02:00") from None


def _page(reference: str, fault: Unlikely | None = None) -> str:
    with database().reading() as session:
        ticket, own = find(session, reference), zone(session)
        done = select(Work, Staff.name).join(Staff, Staff.id == Work.staff_id).where(Work.ticket_id == ticket.id)
        return render_template(
            "billing/work.html",
            ticket=ticket,
            work=session.execute(done.order_by(Work.starts, Work.id)).all(),
            fault=fault,
            typed=request.form,
            answered=_answered(session, ticket),
            usual=f"{g.now.astimezone(ZoneInfo(own)):%Y-%m-%dT%H:%M}",
            zone=own,
            said=request.args.get("said"),
        )


def _answered(session: Session, ticket: Ticket) -> str:
    """What the customer last answered to the overtime notice about this ticket, as the form says it."""
    told = select(Event).where(Event.ticket_id.in_(inbox.whole(ticket)), Event.kind == CONSENT).order_by(Event.id)
    said = [event.detail["consent"] for event in session.scalars(told)]
    answers = {answer: name for name, answer in ANSWERS.items()}
    return next((answers[one] for one in reversed(said) if one is not None), "")
