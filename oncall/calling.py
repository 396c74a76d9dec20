"""Calling: a ring that we place ourselves, on its way out of the outbox."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from desk import outbox
from desk.answer import Done, Failed, Refused
from oncall.paging import Outcome, Page
from tickets import canary
from tickets.ticket import Ticket

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from desk.answer import Answer
    from desk.outbox import Outgoing
    from oncall.paging import Telephone

KIND, HUSH = "ring", "hush"
RINGS_AT_MOST = timedelta(minutes=2)
OVER = 21220  # the carrier's code: the call has ended


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
        ticket.tell(
            item.payload.get("kind", "call back"),
            f"{page.staff.name} could not be rung: {answer.why}",
            now,
            page=page.id,
        )


def hush(session: Session, page: Page, sid: str, now: datetime) -> None:
    """Have a telephone ring no more, once however often it is asked for; whoever has answered is not cut off."""
    if sid.startswith(canary.SID):  # it rings nowhere
        return
    payload = {"sid": sid, "ticket": page.ticket_id, "what": "the end of a ring"}
    outbox.post(session, f"hush page {page.id}", HUSH, payload, now, lasts=RINGS_AT_MOST)


class Hushes:
    """Has the carrier let a telephone ring no more."""

    def __init__(self, telephone: Telephone) -> None:
        self.telephone = telephone

    def find(self, item: Outgoing) -> tuple[str, ...] | Failed:
        """Nothing: to ask for it twice does no harm."""
        return ()

    def send(self, item: Outgoing, before: datetime) -> Answer:
        """Ask for it; a call that is over is as good."""
        answer = self.telephone.cancel(item.payload["sid"])
        over = isinstance(answer, Refused) and answer.code == OVER
        return Done(f"{item.payload['sid']} hushed") if isinstance(answer, Done) or over else answer

    def settled(self, session: Session, item: Outgoing, answer: Answer, now: datetime) -> None:
        """Nothing: the carrier reports the end of the ring by itself."""
