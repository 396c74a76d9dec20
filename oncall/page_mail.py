"""The courier of paging by mail: looks once more whether anybody needs it, has it mailed, and tells the ticket.

A mail server may be away for a while; what has lost its point by then is dropped, and nobody is told late to get up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from desk import mailing, outbox
from desk.answer import Done, Pointless, Refused
from desk.staff import Staff
from oncall.pursuit import Pursuit
from tickets.ticket import Ticket

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from sqlalchemy.orm import Session

    from desk.answer import Answer, Failed
    from desk.db import Database
    from desk.delivery import Courier
    from desk.outbox import Outgoing

KIND = "page by mail"


class PageMails:
    """Takes them to the courier of mails."""

    def __init__(self, mails: Courier, database: Database) -> None:
        self.mails, self.database = mails, database

    def find(self, item: Outgoing) -> tuple[str, ...] | Failed:
        """What the other courier finds."""
        return self.mails.find(item)

    def send(self, item: Outgoing, before: datetime) -> Answer:
        """Hand it over, unless nobody needs it any more."""
        if self._is_over(item.payload.get("pursuit")):
            return Pointless("somebody has it, or nobody needs to")
        return self.mails.send(item, before)

    def settled(self, session: Session, item: Outgoing, answer: Answer, now: datetime) -> None:
        """Put it on the ticket's timeline, by the name of whom it went to."""
        ticket, staff = session.get_one(Ticket, item.payload["ticket"]), session.get_one(Staff, item.payload["staff"])
        said = f"{item.payload['what']} %s by mail to {staff.name}"
        if isinstance(answer, Done):
            ticket.tell("mail", said % "sent", now, outbox=item.id)
        elif isinstance(answer, Refused):
            ticket.tell("mail", f"{said % 'could not be sent'}: {answer.why}", now, outbox=item.id)

    def _is_over(self, number: int | None) -> bool:
        if number is None:
            return False
        with self.database.reading() as session:
            return session.get_one(Pursuit, number).ended_at is not None


def post(
    session: Session,
    key: str,
    what: str,
    ticket: Ticket,
    staff: Staff,
    to: str,
    subject: str,
    body: str,
    now: datetime,
    lasts: timedelta,
    about: dict[str, Any],
) -> None:
    """Put it in the outbox, once per key; with a `pursuit` in `about` it is pointless once that is over."""
    payload = mailing.payload(to, subject, body) | {"what": what, "ticket": ticket.id, "staff": staff.id}
    outbox.post(session, key, KIND, payload | about, now, lasts=lasts)
