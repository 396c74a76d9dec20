"""Answers: that an engineer spoke with the customer is told to the ticket once, at the first evidence of it.

The first response is met while they still talk: a breach that the worker noted meanwhile could not be undone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy.orm import object_session

from tickets import inbox
from tickets.event import Kind

if TYPE_CHECKING:
    from datetime import datetime

    from ivr.call import Call, Leg
    from oncall.paging import Page
    from tickets.ticket import Ticket


def taken(ticket: Ticket, page: Page, at: datetime) -> None:
    """The key joins the engineer with a caller who waits."""
    if not _told(ticket, page, Kind.ANSWERED):
        ticket.answer(page.staff, at, f"{page.staff.name} was put through to the caller", page=page.id)


def called_back(call: Call, page: Page, leg: Leg) -> None:
    """The customer answered when they were called back."""
    session = object_session(call)
    if leg.answered_at is None or page.accepted_at is None or session is None:
        return
    ticket = inbox.survivor(session, call.ticket)
    if not _told(ticket, page, Kind.ANSWERED):
        ticket.answer(page.staff, leg.answered_at, f"{page.staff.name} was put through to the customer", page=page.id)


def denied(ticket: Ticket, page: Page, at: datetime) -> None:
    """The carrier says that the two were never joined."""
    if _told(ticket, page, Kind.ANSWERED) and not _told(ticket, page, Kind.NOT_ANSWERED):
        ticket.take_answer_back(page.id, at, f"{page.staff.name} was never joined with the customer")


def _told(ticket: Ticket, page: Page, kind: Kind) -> bool:
    return any(event.kind == kind and event.detail.get("page") == page.id for event in ticket.events)
