"""Texting: an SMS on its way out of the outbox, and what the carrier reports of it afterwards."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from desk import numbers, outbox
from desk.answer import Done, Failed, Refused
from desk.outbox import Outgoing, State
from tickets.ticket import Ticket

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from desk.answer import Answer
    from oncall.paging import Telephone

KIND = "text"
# Reports carry neither a time nor a number (TWILIO.md §1.10): a later one of lower rank is an old one.
RANK = {
    "accepted": 0,
    "scheduled": 0,
    "queued": 1,
    "sending": 2,
    "sent": 3,
    "delivered": 4,
    "undelivered": 4,
    "failed": 4,
}
NOT_DELIVERED = ("undelivered", "failed")


class Texts:
    """Takes texts to the carrier."""

    def __init__(self, telephone: Telephone, origin: str, sender: str) -> None:
        self.telephone, self.origin, self.sender = telephone, origin, sender

    def find(self, item: Outgoing) -> tuple[str, ...] | Failed:
        """The texts to that number with those words, whatever they came from: that setting may have changed.

        A trial account puts words of its own before ours.
        """
        seen = self.telephone.texts(item.payload["to"], "", item.made_at)
        if isinstance(seen, Failed):
            return seen
        return tuple(text.sid for text in seen if text.body.endswith(item.payload["body"]))

    def send(self, item: Outgoing, before: datetime) -> Answer:
        """Hand it to the carrier."""
        return self.telephone.text(
            item.payload["to"],
            self._sender(item),
            item.payload["body"],
            report_to=f"{self.origin}/voice/text?row={item.id}",
            lasts=timedelta(seconds=item.payload["lasts"]),
            before=before,
        )

    def settled(self, session: Session, item: Outgoing, answer: Answer, now: datetime) -> None:
        """Put it on the ticket's timeline."""
        what, to = item.payload["what"], numbers.shown(item.payload["to"])
        if isinstance(answer, Done):
            _tell(session, item, f"{what} sent by text to {to}", now)
        elif isinstance(answer, Refused):
            _tell(session, item, f"{what} could not be sent by text to {to}: {answer.why}", now)

    def _sender(self, item: Outgoing) -> str:
        return self.sender or str(item.payload["line"])


def post(
    session: Session,
    key: str,
    what: str,
    ticket: Ticket,
    to: str,
    line: str,
    body: str,
    now: datetime,
    lasts: timedelta,
) -> None:
    """Put a text in the outbox, once per key; `line` is the number it comes from unless another is set."""
    payload = {"what": what, "ticket": ticket.id, "to": to, "line": line, "body": body}
    outbox.post(session, key, KIND, payload | {"lasts": int(lasts.total_seconds())}, now, lasts=lasts)


def reported(session: Session, row: int, sid: str, status: str, why: str, now: datetime) -> None:
    """The carrier says how far a text has come; that it says so also proves that it has it."""
    item = _of(session, row, sid)
    if item is None or status not in RANK:
        return
    if item.state == State.DEAD:  # it was given up, and has gone out all the same
        item.state, item.sent_at, item.error = State.SENT, now, None
    item.reference = sid
    if item.report is not None and RANK[status] <= RANK.get(item.report, -1):
        return
    item.report = status
    if status in NOT_DELIVERED:
        item.error = why
        _tell(session, item, f"{item.payload['what']} did not reach {numbers.shown(item.payload['to'])}: {why}", now)


def _of(session: Session, row: int, sid: str) -> Outgoing | None:
    """The row that has that text; or else the one it was sent for, unless that has another.

    Two rows with the same words may have each other's: who found it first has it (desk/delivery.py).
    """
    mine = select(Outgoing).where(Outgoing.reference == sid).with_for_update()
    sent_for = select(Outgoing).where(Outgoing.id == row, Outgoing.reference.is_(None)).with_for_update()
    return session.scalars(mine).one_or_none() or session.scalars(sent_for).one_or_none()


def _tell(session: Session, item: Outgoing, text: str, now: datetime) -> None:
    if ticket := session.get(Ticket, item.payload.get("ticket", 0)):
        ticket.tell("text", text, now, outbox=item.id)
