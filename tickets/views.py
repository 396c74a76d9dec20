"""The page of a ticket: who needs what, what was done about it, and *Call back*."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flask import Blueprint, g, redirect

from desk.door.guard import EVERYBODY, requires, with_account
from desk.staff import Role
from ivr import history, outgoing
from ivr.outgoing import CannotCallBack
from tickets import inbox, sheet
from tickets.privacy.access import What
from tickets.sheet import address, database, exchange, find

if TYPE_CHECKING:
    from sqlalchemy.orm import Session
    from werkzeug import Response

    from ivr.switchboard import Switchboard

tickets = Blueprint("tickets", __name__)
tickets.before_request(requires(*EVERYBODY))
handling = Blueprint("handling", __name__)
handling.before_request(requires(Role.ENGINEER, Role.MANAGER))
PRINTED = re.compile(r"[0-9]{3}-[0-9]{3}-[0-9]{3}")


@tickets.get("/tickets/<reference>")
def page(reference: str) -> str | Response:
    """One ticket; the reference as it is printed leads to the same."""
    if PRINTED.fullmatch(reference):
        return redirect(address(reference.replace("-", "")), 301)
    return sheet.page(reference)


@handling.post("/tickets/<reference>/call-back")
def call_back(reference: str) -> Response | tuple[str, int]:
    """Have the telephone of whoever asks rung, and then the customer's."""
    _, staff_id = with_account()
    board = exchange().renew()
    try:
        database().write(lambda session: _ask(session, board, reference, staff_id))
    except CannotCallBack as error:
        if not _asked_already(reference, staff_id):  # who presses twice gets the same answer twice
            return sheet.page(reference, obstacle=error.obstacle.name), 409
    return redirect(address(reference), 303)


@handling.post("/tickets/<reference>/numbers")
def numbers(reference: str) -> Response:
    """Show the caller's numbers on its page, to whoever asks; it is noted that they did."""
    with database().reading() as session:
        ticket = find(session, reference).reference
    sheet.note_access(What.NUMBER, ticket, "asked for")
    return redirect(address(ticket), 303)


def _ask(session: Session, board: Switchboard, reference: str, staff_id: int) -> None:
    outgoing.ask(session, board, find(session, reference), staff_id, g.now, on_line=False)


def _asked_already(reference: str, staff_id: int) -> bool:
    with database().reading() as session:
        ticket = inbox.survivor(session, find(session, reference))
        return any(one.staff_id == staff_id for one in history.under_way(session, ticket, g.now))
