"""Sending: a request becomes a ticket, at once and once.

The same form sent twice, also at the same moment, is one ticket: the digest of what was sent is the row that both try
to store, and whoever comes second finds what the first has stored. A form that was changed in between is another one.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, delete
from sqlalchemy.orm import Mapped, mapped_column

from desk import retention
from desk.db import Base
from tickets import file, people
from tickets.event import CONSENT, WEB
from tickets.public import bounds, letters, passes
from tickets.public.bounds import TooMany
from tickets.public.passes import To
from tickets.ticket import Priority, open_ticket

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from tickets.people import Contact
    from tickets.public.form import Request
    from tickets.public.house import House
    from tickets.reference import Dice
    from tickets.ticket import Ticket

REMEMBERED = retention.usual(retention.Kind.FORMS)


class SentForm(Base):
    """A form that became a ticket."""

    __tablename__ = "sent_form"
    digest: Mapped[str] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), index=True)
    at: Mapped[datetime] = mapped_column(index=True)


@dataclass(frozen=True)
class Sender:
    """Where requests come in: from which address of the network, and what they are answered with."""

    house: House
    place: str
    dice: Dice

    def send(self, session: Session, request: Request, now: datetime) -> int:
        """The number of the ticket that this form became, now or before; raises TooMany."""
        if earlier := session.get(SentForm, request.digest):
            return earlier.ticket_id
        bounds.count(session, bounds.tickets(self.place, request.email), now)
        session.execute(delete(SentForm).where(SentForm.at < now - REMEMBERED))
        readers = people.reading(session, request.email)
        ticket = self._opened(session, request, readers, now)
        session.add(SentForm(digest=request.digest, ticket_id=ticket.id, at=now))
        said = ticket.hear(request.what, now, way=WEB, name=request.name, mailbox=request.email)
        file.keep(session, said, request.files)
        if request.emergency:
            self._emergency(session, ticket, request, readers, now)
        return ticket.id

    def _opened(self, session: Session, request: Request, readers: list[Contact], now: datetime) -> Ticket:
        """An address is a claim: the ticket stands under whom it names, and says that it is not confirmed."""
        one = people.one_of(readers)
        return open_ticket(
            session,
            dice=self.dice,
            at=now,
            subject=request.subject,
            priority=Priority.HIGH if request.emergency else request.priority,
            caller=request.phone,
            contact_id=one.id if one else None,
            customer_id=one.customer_id if one else None,
            email=request.email,
            way=WEB,
            name=request.name,
            emergency=request.emergency,
        )

    def _emergency(
        self, session: Session, ticket: Ticket, request: Request, readers: list[Contact], now: datetime
    ) -> None:
        """It pages nobody: a mail tells how it will, or that one has to ring; the same work for both."""
        told = "the sender accepted overtime rates on the form, and has not confirmed it"
        ticket.tell(CONSENT, told, now, consent=None, way=WEB)
        if not self.house.mails:
            return
        with suppress(TooMany), session.begin_nested():  # the page says to ring in any case
            bounds.count(session, bounds.mails(self.place, request.email), now)
            secret = passes.make(session, ticket.id, To.PAGE if readers else To.READ, request.email, now)
            letter = letters.confirm if readers else letters.ring
            letter(session, self.house, ticket, request.email, secret, now)
