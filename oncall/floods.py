"""Floods: that so much mail comes in that it goes on one ticket is told to every manager, once a flood, by day."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from desk.staff import Role
from oncall import notices
from oncall.notices import Notice
from tickets.mail import flood
from tickets.reference import printed
from tickets.ticket import Ticket

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from oncall.notices import Look
    from oncall.plan import Plan

WORTH = timedelta(hours=12)


def tell(session: Session, look: Look) -> None:
    """Tell every manager of the floods of the last hour."""
    for one in flood.going_on(session, look.now):
        ticket = session.get_one(Ticket, one.ticket_id)
        words = f"{ticket.subject}: what is too much goes on ticket {printed(ticket.reference)}."
        notice = Notice("a flood of mail", words, f"/tickets/{ticket.reference}")
        for reader in look.readers.values():
            if reader.staff.role == Role.MANAGER:
                about = {"kind": "flood", "ticket": ticket.id}
                notices.give(
                    session, look, reader, f"flood {ticket.id} to {reader.staff.id}", notice, about, look.now + WORTH
                )


def is_true(session: Session, _: Mapping[str, Plan], about: Mapping[str, Any], __: datetime) -> bool:
    """Whether nobody has seen to it yet."""
    ticket = session.get_one(Ticket, about["ticket"])
    return ticket.is_open and ticket.owner_id is None
