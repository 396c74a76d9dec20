"""Missed: a call that ended, or turns out to have ended, before anybody of ours was joined with the caller.

The ticket is told so once per call, dated when it began: what is to be done about it is the ticket's business
(tickets.task). Who only asked how a ticket stands was answered by the line, and a colleague was not after anybody.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from desk import numbers
from ivr.call import Visit
from oncall import paging
from tickets.event import Event, Kind

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy.orm import Session

    from ivr.call import Call

WELCOME = {"welcome", "welcome_closed"}
STATE_TOLD = {"ticket_details", "ticket_state"}
TO_PEOPLE = {"hunt", "nobody_free", "call_back_noted", "support_closed", "overtime_notice", "page", "message"}


def note(session: Session, call: Call) -> None:
    """Tell the ticket of a call that is over, if it was for somebody of ours and reached nobody; told once."""
    if not call.ticket.is_open or reached(session, call) or not wants_somebody(_steps(session, call)):
        return
    told = select(Event.detail).where(Event.ticket_id == call.ticket_id, Event.kind == Kind.MISSED)
    if any(detail["call"] == call.sid for detail in session.scalars(told)):
        return
    who = numbers.shown(call.caller) if call.caller else "a withheld number"
    call.ticket.tell(Kind.MISSED, f"{who} rang and reached nobody", call.started_at, call=call.sid, caller=call.caller)


def reached(session: Session, call: Call) -> bool:
    """Whether an engineer was joined with the caller, as far as is known."""
    return any(page.accepted_at and page.bridged is not False for page in paging.of_call(session, call.sid))


def wants_somebody(steps: Collection[str]) -> bool:
    """Whether a caller who came by these steps was after a person."""
    heard = set(steps)
    return bool(heard & WELCOME) and (not heard & STATE_TOLD or bool(heard & TO_PEOPLE))


def _steps(session: Session, call: Call) -> list[str]:
    paths = session.scalars(select(Visit.path).where(Visit.sid == call.sid).order_by(Visit.number))
    return [step for path in paths for step in path]
