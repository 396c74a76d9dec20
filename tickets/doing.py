"""The verbs of a ticket as forms of its page: each is carried out in one transaction with its due times, or refused.

A form carries the number of the newest event that its page showed. If somebody has done something since, nothing is
changed: the page is shown anew with what they did, and with what was typed.

Whatever ends the paging about a ticket ends it in the same transaction: no telephone rings on until a worker looks.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from flask import Blueprint, abort, current_app, g, redirect, render_template, request
from sqlalchemy import select

from desk.door.guard import requires, with_account
from desk.staff import Role, Staff
from ivr import acknowledging
from ivr.acknowledging import How
from sla import due
from sla.book import NothingPromised
from sla.due import Due
from tickets import sheet
from tickets.forms import VERBS, Form, Wrong, goes_on
from tickets.sheet import Refused, address, database, exchange, find, happened_since, newest_event, zone_of
from tickets.ticket import NotNow, Priority, Ticket

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session
    from werkzeug import Response

    from ivr.switchboard import Switchboard

doing = Blueprint("doing", __name__)
doing.before_request(requires(Role.ENGINEER, Role.MANAGER))


class Overtaken(Exception):
    """Somebody has done something to the ticket since the page was shown."""

    def __init__(self, since: int) -> None:
        super().__init__()
        self.since = since


@doing.post("/tickets/<reference>/do/<verb>")
def do(reference: str, verb: str) -> Response | tuple[str, int]:
    """Carry out one verb, and show the ticket that goes on."""
    _, staff_id = with_account()
    if verb not in VERBS:
        abort(404)
    typed = {name: request.form.get(name, "") for name in VERBS[verb].fields}
    board = exchange().renew()
    try:
        onto, event = database().write(lambda session: _do(session, board, reference, verb, staff_id, typed))
    except Overtaken as error:
        return sheet.page(reference, Refused(verb, typed, since=error.since)), 409
    except (NotNow, Wrong) as error:
        return sheet.page(reference, Refused(verb, typed, str(error), getattr(error, "field", ""))), 422
    return redirect(address(onto, done=event), 303)


@doing.get("/tickets/<reference>/merging")
def merging(reference: str) -> str | Response | tuple[str, int]:
    """What would happen if this ticket were merged into another; nothing is changed yet."""
    typed = {name: request.args.get(name, "") for name in VERBS["merge"].fields}
    with database().reading() as session:
        ticket = find(session, reference)
        try:
            other = goes_on(session, ticket, typed["into"])
        except Wrong as error:
            return sheet.page(reference, Refused("merge", typed, str(error), error.field)), 422
        return render_template(
            "merging.html",
            ticket=ticket,
            other=other,
            typed=typed,
            newest=newest_event(ticket),
            zone=zone_of(session, ticket),
            due_of={one.id: _next_due(session, one) for one in (ticket, other)},
            more_urgent=list(Priority).index(Priority(ticket.priority))
            < list(Priority).index(Priority(other.priority)),
        )


def _do(
    session: Session, board: Switchboard, reference: str, verb: str, staff_id: int, typed: Mapping[str, str]
) -> tuple[str, int]:
    ticket, by = find(session, reference, for_update=True), session.get_one(Staff, staff_id)
    take = partial(acknowledging.take, session, board, ticket, by, How.PAGE, g.now)
    form = Form(session, ticket, by, g.now, zone_of(session, ticket), typed, take, sheet.our_addresses())
    seen = _seen(ticket)
    if changed := happened_since(ticket, seen):
        if not VERBS[verb].is_done(changed, form):
            raise Overtaken(seen)
        return ticket.reference, changed[-1].id
    onto = VERBS[verb].do(form)
    acknowledging.settle(session, board, ticket, g.now)
    session.flush()
    session.expire(onto, ["events"])
    told = newest_event(onto)
    _renew(session, {ticket.id, onto.id})
    return onto.reference, told


def _seen(ticket: Ticket) -> int:
    """The newest event that the page of the form showed; 0, before them all, for what never was on a page."""
    sent = request.form.get("seen", "")
    number = int(sent) if re.fullmatch(r"[0-9]{1,9}", sent) else 0
    return number if number <= newest_event(ticket) else 0


def _renew(session: Session, numbers: set[int]) -> None:
    try:
        due.renew(session, current_app.extensions["books"].current(session), sorted(numbers), g.now)
    except NothingPromised:
        return  # there are no hours to count in; the watchdog says so


def _next_due(session: Session, ticket: Ticket) -> Due | None:
    running = select(Due).where(Due.ticket_id == ticket.id, Due.runs, Due.due.is_not(None))
    return session.scalars(running.order_by(Due.due).limit(1)).first()
