"""Rings told from the Pages: by which of them a call was offered, and by which engineers had themselves rung."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from desk.staff import Staff
from oncall.paging import Page
from tickets import canary
from tickets.event import Event
from tickets.ticket import Ticket

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from sqlalchemy.orm import Session

CALLED_BACK = "call back"  # the event of a ring that the engineer wanted


def offered(session: Session, a: datetime, b: datetime) -> Iterator[tuple[Page, str, str]]:
    """Yield every Page of [a, b) by which somebody was offered a call, in order; with their key and the reference."""
    wanted = asked_for(session, a, b)
    query = select(Page, Staff.key, Ticket.reference).join(Staff, Staff.id == Page.staff_id)
    query = query.join(Ticket, Ticket.id == Page.ticket_id).where(Page.rang_at >= a, Page.rang_at < b)
    query = query.where(Staff.key != canary.KEY)
    for page, key, reference in session.execute(query.order_by(Page.rang_at, Page.id)):
        if page.id not in wanted:
            yield page, key, reference


def asked_for(session: Session, a: datetime, b: datetime) -> set[int]:
    """The Pages of [a, b) by which engineers had themselves rung, to call somebody back; perhaps others beside them."""
    about = select(Event.detail).join(Page, Page.ticket_id == Event.ticket_id)
    told = about.where(Event.kind == CALLED_BACK, Page.rang_at >= a, Page.rang_at < b)
    return {detail["page"] for detail in session.scalars(told) if "page" in detail}
