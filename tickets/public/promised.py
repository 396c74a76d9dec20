"""Promised: by when a request is answered, as the company promises it to everybody.

Not as the contract of whoever it names does: what that is, is told to nobody who may only have named them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sla.book import Books, NothingPromised
from sla.standing import standing
from sla.targets import Measure
from sla.timeline import Happened, Timeline, What

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from tickets.ticket import Ticket


def first_answer(session: Session, books: Books, ticket: Ticket) -> datetime | None:
    """By when it is answered first, as it was opened; None where nothing is promised."""
    opened = Happened(ticket.opened_at, What.OPENED, priority=ticket.events[0].detail["priority"])
    try:
        book = books.current(session)
    except NothingPromised:
        return None
    found = standing(Measure.FIRST_RESPONSE, Timeline((opened,), ()), (book.house,), ticket.opened_at)
    return found.due if found else None
