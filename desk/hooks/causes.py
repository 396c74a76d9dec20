"""Causes: what of a transaction somebody outside wants to know, put into the outbox before the transaction is written.

It looks at rows as they come and change, so that no verb of any noun has to think of it. What the canary does is
nobody's business outside.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import event, inspect
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import get_history

from desk.audit import Entry, What
from desk.hooks import happening
from desk.hooks.endpoint import listening
from desk.hooks.types import Type
from desk.staff import Staff
from ivr.call import Call
from ivr.line import Line
from oncall.paging import Outcome, Page
from tickets import canary
from tickets import event as events
from tickets.canary import Canary
from tickets.event import Event, Kind
from tickets.people import Customer
from tickets.ticket import Ticket

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

    Told = tuple[Type, datetime]
    Facts = dict[str, Any]

OF_TICKETS: Mapping[str, Type] = {
    Kind.OPENED: Type.TICKET_OPENED,
    "acknowledged": Type.TICKET_ACKNOWLEDGED,
    "handed over": Type.TICKET_HANDED_OVER,
    "released": Type.TICKET_RELEASED,
    Kind.PRIORITY: Type.TICKET_PRIORITY,
    Kind.ASKED: Type.TICKET_ASKED,
    Kind.WAITING: Type.TICKET_WAITING,
    Kind.RESUMED: Type.TICKET_RESUMED,
    Kind.RESOLVED: Type.TICKET_RESOLVED,
    Kind.WITHDRAWN: Type.TICKET_WITHDRAWN,
    Kind.REOPENED: Type.TICKET_REOPENED,
    events.MERGED_INTO: Type.TICKET_MERGED,
    "breach": Type.TICKET_BREACHED,
}
OF_ROTAS = {
    What.ROTA_PUBLISHED,
    What.ROTA_RESTORED,
    What.SHIFT_CHANGED,
    What.SHIFTS_IMPORTED,
    What.CHANGE_TAKEN_BACK,
    What.SWAP_ACCEPTED,
    What.SWAP_UNDONE,
    What.COVER_TAKEN,
    What.SHIFTS_HANDED_ON,
}


def listen() -> None:
    """Look at every transaction of this process from now on; said twice, done once."""
    if not event.contains(Session, "before_flush", _tell):
        event.listen(Session, "before_flush", _tell)


def _tell(session: Session, *_: object) -> None:
    rows = [one for one in (*session.new, *session.dirty) if type(one) in CAUSES]
    told = [(one, kind, at) for one in rows for kind, at in CAUSES[type(one)](one)]
    to = listening(session) if told else ()
    for one, kind, at in told if to else ():
        if facts := FACTS[type(one)](session, one):
            priority = facts["ticket"]["priority"] if "ticket" in facts else None
            happening.tell(session, to, kind, facts, at, priority=priority)


# What has happened


def _ticket_s(told: Event) -> Iterator[Told]:
    if told.kind in OF_TICKETS and inspect(told).pending:
        yield OF_TICKETS[told.kind], told.at


def _call_s(call: Call) -> Iterator[Told]:
    if inspect(call).pending:
        yield Type.CALL_BEGAN, call.started_at
    if call.ended_at and _came(call, "ended_at"):
        yield Type.CALL_ENDED, call.ended_at


def _page_s(page: Page) -> Iterator[Told]:
    if page.outcome == Outcome.SKIPPED:
        return
    if inspect(page).pending:
        yield Type.PAGE_RANG, page.rang_at
    if page.accepted_at and _came(page, "accepted_at"):
        yield Type.PAGE_ACCEPTED, page.accepted_at
    if page.ended_at and _came(page, "ended_at"):
        yield Type.PAGE_ENDED, page.ended_at


def _rota_s(entry: Entry) -> Iterator[Told]:
    if entry.what in OF_ROTAS and inspect(entry).pending:
        yield Type.ROTA_CHANGED, entry.at


def _came(one: Call | Page, name: str) -> bool:
    """Whether it is set by this transaction, and was empty before."""
    history = get_history(one, name)
    return bool(history.added) and not any(history.deleted)


# What there is to say of it


def _of_ticket(session: Session, told: Event) -> Facts | None:
    facts = _about(session, told.ticket_id)
    if facts is None:
        return None
    by = session.get(Staff, told.staff_id) if told.staff_id else None
    facts["by"] = by.name if by else None
    if told.kind == Kind.PRIORITY:
        facts["was"] = told.detail["was"]
    return facts


def _of_call(session: Session, call: Call) -> Facts | None:
    facts = _about(session, call.ticket.id if call.ticket else call.ticket_id)
    if facts is None:
        return None
    return facts | {
        "call": {
            "sid": call.sid,
            "direction": _direction(session, call),
            "line": session.get_one(Line, call.line_id).number,
            "language": call.language,
            "started_at": call.started_at.isoformat(),
            "ended_at": call.ended_at.isoformat() if call.ended_at else None,
            "consent": call.consent,
        }
    }


def _direction(session: Session, call: Call) -> str:
    """As the API has it."""
    if call.page_id is None:
        return "incoming"
    return "page" if session.get_one(Page, call.page_id).pursuit_id else "call-back"


def _of_page(session: Session, page: Page) -> Facts | None:
    facts = _about(session, page.ticket_id)
    if facts is None:
        return None
    engineer = session.get_one(Staff, page.staff_id)
    return facts | {
        "page": {
            "engineer": engineer.name,
            "key": engineer.key,
            "rang_at": page.rang_at.isoformat(),
            "accepted_at": page.accepted_at.isoformat() if page.accepted_at else None,
            "ended_at": page.ended_at.isoformat() if page.ended_at else None,
            "outcome": page.outcome,
        }
    }


def _of_rota(_: Session, entry: Entry) -> Facts:
    return {"what": str(entry.what), "about": entry.about, "by": entry.who}


def _about(session: Session, ticket_id: int) -> Facts | None:
    """The ticket as it is now; none of the canary's."""
    ticket = session.get(Ticket, ticket_id)
    if ticket is None or _is_canary(session, ticket_id):
        return None
    customer = session.get(Customer, ticket.customer_id) if ticket.customer_id else None
    owner = session.get(Staff, ticket.owner_id) if ticket.owner_id else None
    into = session.get(Ticket, ticket.merged_into_id) if ticket.merged_into_id else None
    return {
        "ticket": {
            "reference": ticket.reference,
            "state": str(ticket.state),
            "priority": str(ticket.priority),
            "customer": customer.name if customer else None,
            "owner": owner.name if owner else None,
            "opened_at": ticket.opened_at.isoformat(),
            "merged_into": into.reference if into else None,
        }
    }


def _is_canary(session: Session, ticket_id: int) -> bool:
    laid = any(isinstance(one, Canary) and one.ticket_id == ticket_id for one in session.new)
    return laid or canary.is_one(session, ticket_id)


CAUSES: Mapping[type, Callable[[Any], Iterator[Told]]] = {
    Event: _ticket_s,
    Call: _call_s,
    Page: _page_s,
    Entry: _rota_s,
}
FACTS: Mapping[type, Callable[[Session, Any], Facts | None]] = {
    Event: _of_ticket,
    Call: _of_call,
    Page: _of_page,
    Entry: _of_rota,
}
