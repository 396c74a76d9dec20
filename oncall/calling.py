"""Calling: a ring that we place ourselves, on its way out of the outbox."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desk.answer import Failed, Refused
from oncall.paging import Outcome, Page
from tickets.ticket import Ticket

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from desk.answer import Answer
    from desk.outbox import Outgoing
    from oncall.paging import Telephone

KIND = "ring"


def key(page: Page) -> str:
    """The name of a page's ring in the outbox."""
    return f"ring page {page.id}"


class Rings:
    """Has the carrier ring a telephone; what it plays and where it reports stand in the row, as paths."""

    def __init__(self, telephone: Telephone, origin: str) -> None:
        self.telephone, self.origin = telephone, origin

    def find(self, item: Outgoing) -> tuple[str, ...] | Failed:
        """The calls that we placed to that telephone."""
        seen = self.telephone.calls(item.payload["to"], item.payload["line"], item.made_at)
        return seen if isinstance(seen, Failed) else tuple(call.sid for call in seen)

    def send(self, item: Outgoing, before: datetime) -> Answer:
        """Have it rung."""
        asked = item.payload
        return self.telephone.ring(
            asked["to"],
            asked["line"],
            self.origin + asked["url"],
            fallback=self.origin + asked["fallback"],
            seconds=asked["seconds"],
            report_to=self.origin + asked["report"],
            before=before,
        )

    def settled(self, session: Session, item: Outgoing, answer: Answer, now: datetime) -> None:
        """Nobody will be rung: free the engineer, and say why on the ticket; without one the row alone says it."""
        page = session.get(Page, item.payload.get("page", 0))
        if not isinstance(answer, Refused) or page is None or page.call_sid:
            return
        page.close(Outcome.FAILED, now)
        page.reason = answer.why
        ticket = session.get_one(Ticket, page.ticket_id)
        ticket.tell("call back", f"{page.staff.name} could not be rung: {answer.why}", now, page=page.id)
