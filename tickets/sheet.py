"""Sheet: a ticket and everything its page tells of it, put together once for every door that shows it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from flask import abort, current_app, g, render_template, request, url_for
from sqlalchemy import select

from desk import logs
from desk.door.guard import looking, may, show_numbers
from desk.staff import Role, Staff
from ivr import history, outgoing
from ivr.recordings import Recording
from sla import mark
from sla.due import Due
from sla.mark import Point
from sla.targets import Measure
from tickets import file, inbox, story, task
from tickets.event import CONFIRMED, SUBJECT, Kind
from tickets.forms import colleagues
from tickets.mail import addressee, letter
from tickets.mail.arrival import Arrival
from tickets.privacy import access
from tickets.reference import is_valid
from tickets.ticket import Priority, Ticket

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from desk.db import Database
    from desk.settings import Settings
    from ivr.exchange import Exchange
    from ivr.switchboard import Switchboard
    from tickets.event import Event

MEASURES = list(Measure)
MAILS = 20  # the newest; the others are in the list of mails


@dataclass(frozen=True)
class Refused:
    """A form that was not carried out: which verb, what was typed, why; after which event it was written."""

    verb: str
    typed: Mapping[str, str]
    why: str = ""
    field: str = ""
    since: int | None = None  # somebody did something after this event


def page(reference: str, refused: Refused | None = None, obstacle: str | None = None) -> str:
    """The page, as the ticket is now; with a form that was refused, or why nobody is called back."""
    with database().reading() as session:
        ticket, board = find(session, reference), exchange().boards.current(session)
        _show_numbers(session, ticket)
        return render_template(
            "ticket.html",
            ticket=ticket,
            newest=newest_event(ticket),
            goes_on=inbox.survivor(session, ticket),
            joined=session.scalars(inbox.joined(ticket)).all(),
            calls=history.calls(session, ticket),
            work=history.work(session, ticket),
            refused=obstacle,
            tasks=task.of(session, ticket),
            files=file.of(session, ticket),
            came=_came(ticket),
            chapters=list(story.chapters(ticket.events)),
            unnamed=_is_unnamed(ticket),
            form=refused,
            meanwhile=happened_since(ticket, refused.since) if refused and refused.since is not None else [],
            instant=datetime.fromisoformat,
            **_clocks(session, ticket),
            **_people(session, ticket),
            **_writing(session, ticket),
            **_calling_back(session, board, ticket),
        )


def _show_numbers(session: Session, ticket: Ticket) -> None:
    """In full to whoever asked for it a while ago, and to whoever has the ticket and has to ring somebody at 02:00."""
    me = looking()
    if me.role == Role.BILLING:
        return
    shown, theirs = access.has_shown(session, me.who, ticket.reference, g.now), ticket.owner_id == me.staff_id
    if not shown and theirs and me.staff_id and ticket.is_open:
        note_access(access.What.NUMBER, ticket.reference, "as whoever has the ticket")
        shown = True
    if shown:
        show_numbers()


def note_access(what: access.What, reference: str | None, about: str) -> None:
    """Note, before it is handed over, that whoever looks has it."""
    who = looking().who
    database().write(lambda session: access.note(session, who, what, reference, about, g.now))


def find(session: Session, reference: str, for_update: bool = False) -> Ticket:
    """The ticket of that reference, held for whoever changes it; 404 if there is none."""
    query = inbox.by_reference(reference)
    query = query.with_for_update() if for_update else query
    found = session.scalars(query).one_or_none() if is_valid(reference) else None
    if found is None:
        abort(404)
    logs.about(ticket=found.id)
    return found


def newest_event(ticket: Ticket) -> int:
    """The token of a form: whatever happens to a ticket leaves an event with a higher number."""
    return max((event.id for event in ticket.events), default=0)


def happened_since(ticket: Ticket, seen: int) -> list[Event]:
    """What people, or the customer, did to it after that event; what only the machine noted hinders nobody."""
    kinds = set(Kind)
    return [event for event in ticket.events if event.id > seen and (event.staff_id or event.kind in kinds)]


def zone_of(session: Session, ticket: Ticket) -> str:
    """The clocks of the line that the ticket belongs to."""
    return _line_zone(session, exchange().boards.current(session), ticket)


def may_act() -> str | None:
    """Why whoever looks cannot do anything to a ticket; None if they can."""
    if not may("handling.call_back"):
        return "ROLE"
    return "DEMONSTRATION" if looking().staff_id is None else None


def _line_zone(session: Session, board: Switchboard, ticket: Ticket) -> str:
    line = outgoing.line_of(session, board, ticket) if board.lines else None
    return line.zone if line else "UTC"


def _came(ticket: Ticket) -> dict[str, Any]:
    """By which way it came and under which name, and whether anybody has shown that the address is theirs."""
    opened = next((event.detail for event in ticket.events if event.kind == Kind.OPENED), {})
    confirmed = any(event.kind == CONFIRMED for event in ticket.events)
    return {"way": opened.get("way"), "name": opened.get("name"), "confirmed": confirmed}


def _is_unnamed(ticket: Ticket) -> bool:
    """Whether it is still called after whoever rang, though somebody has it, or had it, and knows what it is about."""
    opened = next((event.detail for event in ticket.events if event.kind == Kind.OPENED), {})
    if opened.keys() & {"way", "automatic"} or any(event.kind == SUBJECT for event in ticket.events):
        return False
    return ticket.merged_into_id is None and (ticket.owner_id is not None or not ticket.is_open)


def _clocks(session: Session, ticket: Ticket) -> dict[str, Any]:
    rows = session.scalars(select(Due).where(Due.ticket_id == ticket.id)).all()
    current = {(row.measure, row.started_at) for row in rows if row.breached_at}
    breaches = [one for one in mark.of(session, ticket) if one.point == Point.BREACH]
    return {
        "clocks": sorted(rows, key=lambda row: MEASURES.index(Measure(row.measure))),
        # What the clocks as they are now do not tell: rounds that are over, and breaches excused by what came later.
        "breaches": [one for one in breaches if (one.measure, one.since) not in current],
        "agreed": next((event for event in reversed(ticket.events) if event.kind == Kind.AGREED), None),
    }


def _people(session: Session, ticket: Ticket) -> dict[str, Any]:
    done = request.args.get("done", "")
    number = int(done) if done.isdecimal() and len(done) < 10 else 0
    messages = select(Recording).where(Recording.ticket_id.in_(inbox.whole(ticket))).order_by(Recording.taken_at)
    mails = select(Arrival).where(Arrival.ticket_id.in_(inbox.whole(ticket)))
    return {
        "people": {one.id: one.name for one in session.scalars(select(Staff))},
        "colleagues": [one for one in colleagues(session) if one.id != ticket.owner_id],
        "messages": session.scalars(messages).all(),
        "mails": session.scalars(mails.order_by(Arrival.id.desc()).limit(MAILS)).all(),
        "done": next((event for event in ticket.events if event.id == number and event.staff_id), None),
        "may_not": may_act(),
        "priorities": list(Priority),
    }


def _writing(session: Session, ticket: Ticket) -> dict[str, Any]:
    """What was mailed to the customer, and whether what is written now would be: why not, as a name, if not."""
    ours, sent = our_addresses(), letter.of(session, ticket)
    why = "NO_MAIL" if ours is None else getattr(addressee.refusal(session, ticket.address, ours), "name", None)
    told = {one.id: one for one in ticket.events}
    return {"letters": [(one, told[one.event_id]) for one in sent], "not_mailed": why}


def our_addresses() -> frozenset[str] | None:
    """The addresses that are no customer's; None where no mail is sent."""
    settings: Settings = current_app.extensions["settings"]
    return addressee.ours(settings) if settings.mail_host else None


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
    if ticket.merged_into_id:
        return "MERGED"
    if reason := may_act():
        return reason
    found = outgoing.obstacle(session, board, ticket, looking().staff_id or 0, g.now)
    return found.name if found else None


def address(reference: str, **more: Any) -> str:
    """Where the page is."""
    return url_for("tickets.page", reference=reference, **more)


def exchange() -> Exchange:
    """What the telephone knows."""
    return cast("Exchange", current_app.extensions["exchange"])


def database() -> Database:
    """Where it is kept."""
    return cast("Database", current_app.extensions["database"])
