"""The page of a ticket: who needs what, what was done about it, and *Call back*."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, cast

from flask import Blueprint, abort, current_app, g, redirect, render_template, url_for

from desk import logs
from desk.door.guard import EVERYBODY, looking, may, requires, with_account
from desk.staff import Role
from ivr import history, outgoing
from ivr.outgoing import CannotCallBack, Obstacle
from tickets import inbox
from tickets.reference import is_valid

if TYPE_CHECKING:
    from sqlalchemy.orm import Session
    from werkzeug import Response

    from desk.db import Database
    from ivr.exchange import Exchange
    from ivr.switchboard import Switchboard
    from tickets.ticket import Ticket

tickets = Blueprint("tickets", __name__)
tickets.before_request(requires(*EVERYBODY))
handling = Blueprint("handling", __name__)
handling.before_request(requires(Role.ENGINEER, Role.MANAGER))
PRINTED = re.compile(r"[0-9]{3}-[0-9]{3}-[0-9]{3}")


@tickets.get("/tickets/<reference>")
def page(reference: str) -> str | Response:
    """One ticket; the reference as it is printed leads to the same."""
    if PRINTED.fullmatch(reference):
        return redirect(url_for("tickets.page", reference=reference.replace("-", "")), 301)
    return _page(reference)


@handling.post("/tickets/<reference>/call-back")
def call_back(reference: str) -> Response | tuple[str, int]:
    """Have the telephone of whoever asks rung, and then the customer's."""
    _, staff_id = with_account()
    board = _exchange().renew()
    try:
        _database().write(lambda session: _ask(session, board, reference, staff_id))
    except CannotCallBack as error:
        if not _asked_already(reference, staff_id):  # who presses twice gets the same answer twice
            return _page(reference, error.obstacle), 409
    return redirect(url_for("tickets.page", reference=reference), 303)


def _ask(session: Session, board: Switchboard, reference: str, staff_id: int) -> None:
    outgoing.ask(session, board, _ticket(session, reference), staff_id, g.now, on_line=False)


def _asked_already(reference: str, staff_id: int) -> bool:
    with _database().reading() as session:
        ticket = inbox.survivor(session, _ticket(session, reference))
        return any(one.staff_id == staff_id for one in history.under_way(session, ticket, g.now))


def _page(reference: str, refused: Obstacle | None = None) -> str:
    with _database().reading() as session:
        ticket, board = _ticket(session, reference), _exchange().boards.current(session)
        return render_template(
            "ticket.html",
            ticket=ticket,
            goes_on=inbox.survivor(session, ticket),
            joined=session.scalars(inbox.joined(ticket)).all(),
            calls=history.calls(session, ticket),
            work=history.work(session, ticket),
            refused=refused.name if refused else None,
            **_calling_back(session, board, ticket),
        )


def _calling_back(session: Session, board: Switchboard, ticket: Ticket) -> dict[str, Any]:
    """What the page needs for *Call back*: whom it rings, what goes on already, or why there is no button."""
    goes_on = inbox.survivor(session, ticket)
    me = board.engineer(looking().staff_id or 0)
    line = outgoing.line_of(session, board, ticket) if board.lines else None
    return {
        "zone": line.zone if line else "UTC",
        "line": line,
        "to_ring": outgoing.number_of(goes_on),
        "my_phone": me.phone if me else None,
        "under_way": history.under_way(session, goes_on, g.now),
        "why_not": _why_not(session, board, ticket),
    }


def _why_not(session: Session, board: Switchboard, ticket: Ticket) -> str | None:
    """Why whoever looks cannot call back from this page; None if they can."""
    who = looking()
    if ticket.merged_into_id:
        return "MERGED"
    if not may("handling.call_back"):
        return "ROLE"
    if who.staff_id is None:
        return "DEMONSTRATION"
    found = outgoing.obstacle(session, board, ticket, who.staff_id, g.now)
    return found.name if found else None


def _ticket(session: Session, reference: str) -> Ticket:
    found = session.scalars(inbox.by_reference(reference)).one_or_none() if is_valid(reference) else None
    if found is None:
        abort(404)
    logs.about(ticket=found.id)
    return found


def _exchange() -> Exchange:
    return cast("Exchange", current_app.extensions["exchange"])


def _database() -> Database:
    return cast("Database", current_app.extensions["database"])
