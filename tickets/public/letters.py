"""Letters of the public pages: the mails that a visitor can have us send, and nothing in them that was typed.

They are as all our letters: in the language of whoever reads them, as plain text and as simple HTML; and none goes to
an address of ours, or to one from which mail came back. The page does not tell, as whoever asks may be anybody.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from desk import mailing
from desk.door.keys import digest
from tickets import reference
from tickets.mail import addressee, paper, wording
from tickets.mail.paper import Kind, Paragraph
from tickets.public.passes import LIFE

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from tickets.public.house import House
    from tickets.ticket import Ticket


def details(session: Session, house: House, ticket: Ticket, mailbox: str, secret: str, now: datetime) -> None:
    """The link that shows what was said about a ticket."""
    said = _Words(house, ticket, now)
    lines = [said("details"), said.link(f"/help/ticket/{secret}"), said("not_you")]
    said.post(session, secret, mailbox, "details_subject", lines)


def confirm(session: Session, house: House, ticket: Ticket, mailbox: str, secret: str, now: datetime) -> None:
    """The link that has the engineer on standby paged."""
    said = _Words(house, ticket, now)
    lines = [said("confirm"), said.link(f"/help/confirm/{secret}"), *said.ring("quicker"), said("not_you")]
    said.post(session, secret, mailbox, "confirm_subject", lines)


def ring(session: Session, house: House, ticket: Ticket, mailbox: str, secret: str, now: datetime) -> None:
    """To an address that we do not know: who has an emergency has to ring."""
    said = _Words(house, ticket, now)
    opens = [said("ring_opens"), said.link(f"/help/ticket/{secret}"), said("not_you")]
    said.post(session, secret, mailbox, "ring_subject", [said("ring"), *said.ring("ring_us"), *opens])


@dataclass(frozen=True)
class _Words:
    """What is said to one reader about one ticket."""

    house: House
    ticket: Ticket
    now: datetime

    def __call__(self, key: str) -> Paragraph:
        return Paragraph(self._said(key))

    def link(self, path: str) -> Paragraph:
        """An address of ours."""
        return Paragraph(self.house.origin + path, Kind.LINK)

    def ring(self, key: str) -> list[Paragraph]:
        """The numbers to ring, where there are any."""
        return [self(key)] if self.house.lines else []

    def post(self, session: Session, about: str, to: str, subject: str, lines: list[Paragraph]) -> None:
        """Put it in the outbox, if anything may be mailed there."""
        if addressee.refusal(session, to, self.house.ours):
            return
        lines = [*lines, self("company")] if self.house.company else lines
        title, plain = self._said(subject), paper.text(lines)
        html, key = paper.html(self._language, title, lines), f"help {digest(about)}"
        name = self.house.answers.names.message_id(self.ticket.id, key)
        marks = self.house.answers.marks(self.ticket.id, "auto-generated")
        more = {"html": html, "headers": marks, "message_id": name}
        mailing.post(session, key, to, title, plain, self.now, lasts=LIFE, **more)

    @property
    def _language(self) -> str:
        contact, lines = self.ticket.contact, self.house.lines
        return wording.chosen((contact.language if contact else None, *(lines[0].languages if lines else ())))

    def _said(self, key: str) -> str:
        until = (self.now + LIFE).astimezone(ZoneInfo(self.house.zone))
        facts = {"reference": reference.printed(self.ticket.reference), "until": f"{until:%H:%M}"}
        facts |= {"phones": self.house.numbers, "company": self.house.company}
        return wording.said(self._language, key, facts)
