"""What the addresses in our texts and pages open: the page with the one button, and the sound of a message.

Whoever follows a link only looks: mail programs, telephones and scanners do so without asking anybody. The button is
what takes the ticket. Both addresses are signed and end by themselves (desk/address.py), so no account is asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, abort, current_app, g, redirect, render_template, url_for

from desk import logs
from desk.address import Opens
from desk.audit import Who
from desk.door.browser import place
from desk.staff import Role, Staff
from ivr import acknowledging, outgoing, page_texts
from ivr.acknowledging import How, Standing
from ivr.recordings import Recording
from ivr.shelf import SOUND, NotThere
from oncall.paging import Page
from tickets.privacy import access
from tickets.privacy.access import What
from tickets.ticket import Ticket

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from desk.address import Addresses
    from desk.db import Database
    from ivr.acknowledging import Answer
    from ivr.exchange import Exchange
    from ivr.shelf import Shelf
    from ivr.switchboard import Switchboard

    Shown = str | tuple[str, int]

having = Blueprint("having", __name__)
messages = Blueprint("messages", __name__)
NOBODY = Who("somebody who was rung", "telephone")


@having.get("/have/<sealed>")
def look(sealed: str) -> Shown:
    """Whose the ticket is, and the button if it is nobody's."""
    with _database().reading() as session:
        found = _opened(session, sealed)
        if found is None:
            return _gone()
        ticket, staff = found
        board = _exchange().boards.current(session)
        standing = acknowledging.standing(session, ticket, staff)
        if _number(standing):
            _note_number(ticket, staff)
        return _page(session, board, standing, staff)


@having.post("/have/<sealed>")
def take(sealed: str) -> Shown | Response:
    """I have it."""
    board = _exchange().renew()

    def work(session: Session) -> bool:
        found = _opened(session, sealed)
        if found:
            acknowledging.take(session, board, *found, How.LINK, g.now)
        return found is not None

    if not _database().write(work):
        return _gone()
    return cast("Response", redirect(url_for("having.look", sealed=sealed), 303))


@messages.get("/message/<sealed>/message.mp3")
def sound(sealed: str) -> Response:
    """A caller's message, for the carrier to play."""
    what = _addresses().read(Opens.MESSAGE, sealed, g.now)
    if what is None:
        abort(404)
    with _database().reading() as session:
        recording = session.get(Recording, what[0])
        file = recording.file if recording else None
        page = session.get(Page, int(what[1])) if len(what) > 1 else None
        ticket = session.get(Ticket, recording.ticket_id) if recording else None
        who = Who(page.staff.name, "telephone", page.staff_id) if page else NOBODY
        reference = ticket.reference if ticket else None
    try:
        kept = cast("Shelf", current_app.extensions["shelf"]).fetch(file or "")
    except NotThere:
        abort(404)
    answer = Response(kept, content_type=SOUND)
    # Somebody is listening on the line meanwhile: it is noted when the answer is out, also where nobody took it.
    database, now = _database(), g.now
    answer.call_on_close(
        lambda: database.note(lambda session: access.note(session, who, What.HEARD, reference, what[0], now))
    )
    return answer


def _opened(session: Session, sealed: str) -> tuple[Ticket, Staff] | None:
    """The ticket and whom it was sent to, while the link lasts and they work here."""
    what = _addresses().read(Opens.TICKET, sealed, g.now)
    if what is None:
        return None
    ticket, staff = session.get_one(Ticket, int(what[0])), session.get_one(Staff, int(what[1]))
    logs.about(ticket=ticket.id)
    return (ticket, staff) if staff.active and staff.role != Role.BILLING else None


def _page(session: Session, board: Switchboard, found: Answer, staff: Staff) -> str:
    line = outgoing.line_of(session, board, found.ticket)
    return render_template(
        "have.html",
        staff=staff,
        ticket=found.ticket,
        customer=page_texts.customer(board, found.ticket),
        standing=found.standing,
        free=found.standing == Standing.WANTED,
        owner=found.owner,
        since=found.since.astimezone(ZoneInfo(line.zone)) if found.since else None,
        number=_number(found),
    )


def _number(found: Answer) -> str | None:
    return found.ticket.caller if found.standing in (Standing.WANTED, Standing.YOURS) else None


def _note_number(ticket: Ticket, staff: Staff) -> None:
    """It is never worth that somebody at night sees nothing."""
    who, about, now = Who(staff.name, place(), staff.id), "by the link in a text or mail", g.now
    _database().note(lambda session: access.note(session, who, What.NUMBER, ticket.reference, about, now))


def _gone() -> tuple[str, int]:
    return render_template("have_gone.html", minutes=page_texts.LINK_LASTS.seconds // 60), 410


def _addresses() -> Addresses:
    return cast("Addresses", current_app.extensions["addresses"])


def _exchange() -> Exchange:
    return cast("Exchange", current_app.extensions["exchange"])


def _database() -> Database:
    return cast("Database", current_app.extensions["database"])
